//go:build linux

package machine

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	scripts "github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/test/machine/world"
)

// house is a machine that many backends share, each with a user, a port and a pm2 of its own: what needs no boot and no AWS
// is tried there. Its proxy's ports are taken, so that no backend sets one up.
type house struct {
	*Machine
	t     *testing.T
	mutex sync.Mutex
	count int
}

const (
	landlord = "#!/bin/sh\npython3 -m http.server 80 >/dev/null 2>&1 &\n"

	// In the place of AWS: a backend's settings, an empty environment, and a balancer that is content unless told otherwise. It
	// notes what it was asked.
	noAWS = `#!/bin/sh
echo "$*" >>"/opt/$NAME/calls"
case "$2" in
GetParameter) cat "/opt/$NAME/settings" ;;
DescribeTargetHealth) echo "<State>${UNHEALTHY:+un}healthy</State><Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [404]</Description>" ;;
instance-id) echo i-1 ;;
esac
`
)

func newHouse(t *testing.T) *house {
	t.Helper()
	m := New(t, Setup{Image: equipped(t), UserData: landlord, Files: []world.File{npmrc}})
	m.Boot()
	return &house{Machine: m, t: t}
}

// tenant is one backend there.
type tenant struct {
	*house
	t          *testing.T
	name, port string
	home       string
	settings   map[string]string
	*Repository
}

// tenant moves a backend in: its app is the folder Backend of its repository, at ~/kora, unless settings say otherwise. The origin
// is a file:// on the machine's own disk, where the app's user owns it: git reads no other's.
func (h *house) tenant(t *testing.T, settings map[string]string) *tenant {
	t.Helper()
	h.mutex.Lock()
	h.count++
	n := h.count
	h.mutex.Unlock()
	b := &tenant{house: h, t: t, name: fmt.Sprint("tenant", n), port: fmt.Sprint(4000 + 20*n), Repository: NewRepository(t)}
	b.home = "/home/" + b.name
	b.settings = map[string]string{"PORT": b.port, "APP_USER": b.name, "APP_DIRECTORY": b.home + "/kora/Backend", "GRACE": "8",
		"GIT_REPOSITORY": "file://" + b.home + "/origin"}
	maps.Copy(b.settings, settings)
	b.do("useradd --create-home --shell /bin/bash "+b.name+" && mkdir -p /opt/"+b.name+" && install -m 755 /dev/stdin /opt/"+b.name+"/aws", noAWS)
	b.do("cat >/opt/"+b.name+"/boot", scripts.Whole())
	t.Cleanup(func() { b.Run(context.Background(), "pkill -KILL -u "+b.name+"; loginctl terminate-user "+b.name) })
	return b
}

// do runs a script as root that must succeed, with what it reads.
func (b *tenant) do(script, input string) string {
	b.t.Helper()
	out, code := b.Run(b.t.Context(), script+" <<'END OF INPUT'\n"+input+"\nEND OF INPUT\n")
	if code != 0 {
		b.t.Fatalf("%s: %d %s", script, code, out)
	}
	return strings.TrimSpace(out)
}

// as runs a script as the backend's user, at home.
func (b *tenant) as(script string) string {
	b.t.Helper()
	return b.do("runuser -u "+b.name+" -- env -i -C "+b.home+" HOME="+b.home+" PATH=$PATH PORT="+b.port+" bash -es", script)
}

// commit writes and pushes a revision.
func (b *tenant) commit(tag string, files map[string]string) string {
	b.t.Helper()
	hash := b.Commit(files)
	b.push(tag)
	return hash
}

// push tags what was committed last, and brings it to the origin on the machine.
func (b *tenant) push(tag string) {
	b.t.Helper()
	b.Git("tag", "-f", tag)
	bundle := filepath.Join(b.t.TempDir(), "bundle")
	b.Git("bundle", "create", "-q", bundle, "--all")
	text, err := os.ReadFile(bundle)
	if err != nil {
		b.t.Fatal(err)
	}
	b.as(fmt.Sprintf("[ -d origin ] || git init -q --bare origin\nbase64 -d >bundle <<<%s\ngit -C origin -c maintenance.auto=false fetch -q --force ../bundle '+refs/*:refs/*'", encode(text)))
}

// run brings the backend to a revision, as a server unless told otherwise, and gives what was said.
func (b *tenant) run(ref string, changes map[string]string) (string, int) {
	b.t.Helper()
	all := map[string]string{"GIT_REF": ref, "RUN": "revision", "LOGS": "the-group", "BREAK": ""}
	maps.Copy(all, b.settings)
	maps.Copy(all, changes)
	b.do("cat >/opt/"+b.name+"/settings", scripts.Assignments(settings(all)))
	kind := "server"
	if changes["KIND"] != "" {
		kind = changes["KIND"]
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer cancel()
	return b.Run(ctx, fmt.Sprintf("export NAME=%s REGION=x KIND=%s STACK=X RESOURCE=Y TARGET_GROUP=z\nset -a\n. /opt/%[1]s/settings\n[ -z \"$BREAK\" ] || exec unshare -m bash -c \"$BREAK; exec bash -c '. /opt/%[1]s/boot'\"\nexec bash -c '. /opt/%[1]s/boot'", b.name, kind))
}

// answers is what the app says on its port.
func (b *tenant) answers() string {
	b.t.Helper()
	out, _ := b.Run(b.t.Context(), "curl -s -m 5 http://127.0.0.1:"+b.port+"/health")
	return out
}

// wants runs a revision, which must serve with what its code says, or be refused for a reason while what serves goes on.
func (b *tenant) wants(ref, code, says string, changes map[string]string) string {
	b.t.Helper()
	before := b.processes()
	out, status := b.run(ref, changes)
	if got := b.answers(); got != code {
		b.t.Errorf("after %s the app answers %q, want %q:\n%s", ref, got, code, out)
	}
	if last := lastWords(out); !strings.Contains(last, says) || (status == 0) != strings.HasPrefix(says, "serves") {
		b.t.Errorf("%s: %d, at last it said %q, want %q:\n%s", ref, status, last, says, out)
		if log, found := b.File("/var/log/" + b.name + "/boot.log"); found {
			b.t.Log(tail(log))
		}
	}
	if after := b.processes(); status != 0 && after != before {
		b.t.Errorf("%s: the processes were %s, are %s", ref, before, after)
	}
	return out
}

// wantsSignal fails unless CloudFormation was told so, once.
func (b *tenant) wantsSignal(status string) {
	b.t.Helper()
	calls, _ := b.File("/opt/" + b.name + "/calls")
	if want := "cloudformation SignalResource StackName=X LogicalResourceId=Y UniqueId=i-1 Status=" + status + "\n"; strings.Count(calls, "SignalResource") != 1 || !strings.Contains(calls, want) {
		b.t.Errorf("AWS was told, want one %s:\n%s", want, calls)
	}
}

// lastWords is what a run said at last: which commit serves, or why it failed.
func lastWords(out string) string {
	if at := strings.LastIndex(out, "failed to: "); at >= 0 {
		return out[at:]
	}
	return out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]
}

// processes are those of the backend's user, but for pm2's own.
func (b *tenant) processes() string {
	b.t.Helper()
	out, _ := b.Run(b.t.Context(), "pgrep -u "+b.name+" -a | grep -v 'God Daemon' | sort")
	return out
}

// code is an app that says what code it is.
func code(says string) string {
	return fmt.Sprintf("require('http').createServer((request, response) => response.end('%s')).listen(process.env.PORT)\n", says)
}

// ecosystem is one of one app.
func ecosystem(app string) string { return "module.exports = { apps: [" + app + "] }\n" }

const (
	forked    = "{ name: 'app', script: 'app.js' }"
	clustered = "{ name: 'app', script: 'app.js', exec_mode: 'cluster' }"
	manifest  = `{ "name": "app", "version": "1.0.0", "private": true }` + "\n"
)

// backend is a repository whose app is its folder Backend, with a decoy at its top.
func backend(says, app string) map[string]string {
	return map[string]string{"Backend/app.js": code(says), "Backend/ecosystem.config.js": ecosystem(app), "Backend/package.json": manifest,
		"app.js": code("the top"), "ecosystem.config.js": ecosystem(forked), "package.json": manifest}
}
