package adopt_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// sound is what the look shows of a server on which a first revision may run.
const sound = `{"listening": [{"port": 22, "outside": true}, {"port": 80, "outside": true}, {"port": 443, "outside": true}, {"port": 3001, "outside": true}],
 "answer": 200, "apps": [{"user": "ubuntu", "name": "kora", "status": "online", "mode": "cluster_mode", "directory": "/srv/app"}], "pm2Users": ["ubuntu"],
 "checkout": {"there": true, "owner": "ubuntu", "commit": "0123456789abcdef0123456789abcdef01234567", "origin": "https://github.com/x/y.git",
 "changed": [], "changes": 0, "ecosystem": true, "ecosystemNames": ["kora"], "env": ["DATABASE_URL"]}, "proxies": ["nginx"], "roots": ["/var/www/html"],
 "memory": {"total": 957, "free": 300, "swap": 0, "swapFree": 0}, "diskFreeMib": 4000, "agentFiles": [], "system": "Ubuntu 22.04.5 LTS"}`

// Each thing that stands against a first revision is found, and nothing of a sound server is.
func TestLookAt(t *testing.T) {
	for _, tc := range []struct {
		name      string
		path      string // of the value that differs from the sound server's
		value     any
		want      []string
		keys, not string
	}{
		{"sound", "", nil, nil, "gitRef 0123456789abcdef0123456789abcdef01234567", ""},
		{"it does not answer", "answer", 0, []string{"stop not-healthy 3001/health"}, "", "gitRef"},
		{"it answers an error", "answer", 503, []string{"stop not-healthy 3001/health"}, "", "gitRef"},
		{"no checkout", "checkout", map[string]any{"there": false}, []string{"stop not-there /srv/app"}, "", "gitRef"},
		{"no git", "checkout.commit", "", []string{"stop not-there /srv/app"}, "", "gitRef"},
		{"no ecosystem", "checkout.ecosystem", false, []string{"stop no-ecosystem /srv/app"}, "", "gitRef"},
		{"no origin", "checkout.origin", "", []string{"stop no-origin /srv/app"}, "", "gitRef"},
		{"changed files", "checkout.changes", 2, []string{"stop changed-files /srv/app"}, "", "gitRef"},
		{"another name", "checkout.ecosystemNames", []string{"api"}, []string{"stop pm2-names ubuntu"}, "", "gitRef"},
		{"a worker beside it", "checkout.ecosystemNames", []string{"kora", "worker"}, []string{"stop pm2-names ubuntu"}, "", "gitRef"},
		{"root's pm2 too", "pm2Users", []string{"root", "ubuntu"}, []string{"stop pm2-user ubuntu"}, "", "gitRef"},
		{"nobody's pm2", "pm2Users", []string{}, []string{"stop pm2-user ubuntu"}, "", "gitRef"},
		{"another's pm2", "pm2Users", []string{"node"}, []string{"stop pm2-user ubuntu"}, "appUser node", "gitRef"},
		{"nginx in the checkout", "roots", []string{`"/srv/app/public"`}, []string{"stop nginx-root /srv/app/public"}, "", "gitRef"},
		{"nginx beside it", "roots", []string{"/srv/app-static"}, nil, "gitRef", ""},
		{"fork mode", "apps.0.mode", "fork_mode", []string{"warn fork-mode kora"}, "gitRef", ""},
		{"short of memory", "memory.free", 150, []string{"warn memory memory"}, "gitRef", ""},
		{"swap is memory too", "memory", map[string]any{"total": 957, "free": 150, "swap": 1024, "swapFree": 900}, nil, "gitRef", ""},
		{"short of disk", "diskFreeMib", 900, []string{"warn disk /"}, "gitRef", ""},
		{"an agent of theirs", "agentFiles", []string{"/opt/a.json"}, []string{"warn agent-files /opt/a.json"}, "gitRef", ""},
		{"443 alone", "listening", []any{map[string]any{"port": 443, "outside": true}}, nil, "publicPorts 443", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var said any
			if err := json.Unmarshal([]byte(sound), &said); err != nil {
				t.Fatal(err)
			}
			if tc.path != "" {
				put(said, strings.Split(tc.path, "."), tc.value)
			}
			written, err := json.Marshal(said)
			if err != nil {
				t.Fatal(err)
			}
			l, err := adopt.ParseLook(string(written))
			if err != nil {
				t.Fatal(err)
			}
			context := map[string]any{"appDirectory": "/srv/app"}
			c, err := config.Unruled(context)
			if err != nil {
				t.Fatal(err)
			}
			d := adopt.LookAt(l, c, context)
			expect(t, d, tc.want...)
			var keys []string
			for _, key := range d.Keys {
				keys = append(keys, key.Name+" "+key.Spelled())
			}
			if all := strings.Join(keys, "; "); !strings.Contains(all, tc.keys) || tc.not != "" && strings.Contains(all, tc.not) {
				t.Errorf("keys %s: want %q in it, and not %q", all, tc.keys, tc.not)
			}
		})
	}
}

// put sets a value in JSON.
func put(in any, path []string, value any) {
	if list, is := in.([]any); is {
		put(list[0], path[1:], value)
		return
	}
	object := in.(map[string]any)
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	put(object[path[0]], path[1:], value)
}

func TestParseLook(t *testing.T) {
	for written, want := range map[string]string{
		"":                          "the server's answer is not what the look writes: unexpected end of JSON input",
		strings.Repeat("[", 24_000): "the server's answer was cut at 24000 characters",
	} {
		if _, err := adopt.ParseLook(written); err == nil || err.Error() != want {
			t.Errorf("%.20s: %v", written, err)
		}
	}
}

// The script is one that may be given in a command: 64 KB with all around it (Systems Manager's quotas), and it writes nothing.
func TestLookScript(t *testing.T) {
	script := machine.Look(3001, "/health?a='b'", "/srv/app")
	if len(script) > 32<<10 || !strings.Contains(script, `python3 - 3001 '/health?a='\''b'\''' /srv/app <<'LOOK'`) {
		t.Errorf("%d characters: %.80s", len(script), script)
	}
	for _, writes := range []string{`"w"`, `"a"`, "os.remove", "os.mkdir", "os.rename", "shutil.move", "shutil.copy"} {
		if strings.Contains(script, writes) {
			t.Errorf("the script has %s", writes)
		}
	}
}
