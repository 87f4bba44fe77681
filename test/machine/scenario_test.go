//go:build linux

package machine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/advise"
	"github.com/korakagazindia/provisioner/internal/config"
	scripts "github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/test/machine/world"
	"github.com/korakagazindia/provisioner/test/policy"
)

const (
	name   = "kora-backend"
	region = "ap-south-1"
	stack  = "KoraBackend"
	domain = "server.korakagazindia.com"
	public = "203.0.113.10"
	secret = "it's a $ecret"
	target = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:targetgroup/kora-backend-targets/0123456789abcdef"
)

// The registry that npm asks is a setting of the machine, as in AWS it is npm's own default. So is its patience with an answer
// that does not come: its own five minutes are longer than a test has.
var npmrc = world.File{Path: "/usr/local/etc/npmrc", Content: []byte("registry=http://npm.test/\nupdate-notifier=false\nfetch-timeout=20000\n")}

// settings are what the stack tells a machine, with changes.
func settings(changes map[string]string) []scripts.Setting {
	all := map[string]string{
		"PORT": "3001", "HEALTH_PATH": "/health", "GRACE": "30", "APP_DIRECTORY": "/home/ubuntu/kora/Backend", "APP_USER": "ubuntu",
		"GIT_REPOSITORY": "http://git.test/app.git", "GIT_REF": "v1", "GIT_CREDENTIALS": "", "DOMAIN": "", "UPLOADS_BUCKET": "", "LOGS": "logs",
		"SERVES": "yes", "PROXY": scripts.Proxy.Packed(), "NODE_ARCHIVE": "http://node.test/dist", "PROXY_OPTIONS": "acme_ca https://acme.test/dir",
	}
	maps.Copy(all, changes)
	var list []scripts.Setting
	for key, value := range all {
		list = append(list, scripts.Setting{Name: key, Value: value})
	}
	return list
}

// stackWorld is the world as the stack makes it for a server.
func stackWorld(r *Repository, settingsOf map[string]string) func(*world.State) {
	return func(s *world.State) {
		s.Parameters = map[string]world.Parameter{
			"/kora-backend/server":             {Value: scripts.Assignments(settings(settingsOf))},
			"/kora-backend/env/SESSION_SECRET": {Value: secret, Secure: true},
			"/kora-backend/env/GREETING":       {Value: "hello"},
		}
		for _, program := range scripts.Programs {
			s.Parameters["/kora-backend/"+program.Name] = world.Parameter{Value: program.Packed()}
		}
		s.Stacks = map[string]world.Stack{stack: {Resources: []string{"Server", "Fleet"}}}
		s.Git.Repositories = map[string]string{"app": r.Dir}
		s.Names = map[string]string{domain: public}
		s.Public = map[string]string{public: world.MachineAddress}
		s.TargetGroups = map[string]world.Target{target: {Port: 3001, Path: "/health"}}
	}
}

// equipped is the image of a server that has Node and pm2, and no app. It says that it has swap, which no machine here can add.
func equipped(t *testing.T) string {
	t.Helper()
	return Prepared(t, "", "node", installNode+`npm install --silent --global pm2
	printf '#!/bin/sh\necho yes\n' >/usr/local/sbin/swapon
	chmod 755 /usr/local/sbin/swapon`)
}

// proxied is that of one which has Caddy too, as its package starts it.
func proxied(t *testing.T) string {
	t.Helper()
	return Prepared(t, equipped(t), "proxy", `set -e
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update
	apt-get -qq install -y --no-install-recommends caddy >/dev/null
	apt-get clean`)
}

// in is a setup in the world as the stack makes it.
func (s Setup) in(r *Repository, settingsOf map[string]string) Setup {
	more := s.World
	s.World = func(state *world.State) {
		stackWorld(r, settingsOf)(state)
		if more != nil {
			more(state)
		}
	}
	s.Files = append(s.Files, npmrc)
	return s
}

// server is a machine with the server's user data, off.
func server(t *testing.T, setup Setup, r *Repository, settingsOf map[string]string) *Machine {
	t.Helper()
	setup.UserData = scripts.ServerUserData(name, region, scripts.Program.Packed)
	return New(t, setup.in(r, settingsOf))
}

// fleetNode is a machine with a fleet node's user data, off.
func fleetNode(t *testing.T, setup Setup, r *Repository, settingsOf map[string]string) *Machine {
	t.Helper()
	all := map[string]string{"NAME": name, "REGION": region, "KIND": "node", "STACK": stack, "RESOURCE": "Fleet", "TARGET_GROUP": target}
	maps.Copy(all, settingsOf)
	setup.UserData = scripts.NodeUserData(settings(all), scripts.Program.Packed)
	return New(t, setup.in(r, nil))
}

// boot turns a machine on, waits for its user data, and prints its steps with their times.
func (m *Machine) boot() world.Result {
	m.t.Helper()
	m.Boot()
	ctx, cancel := context.WithTimeout(m.t.Context(), 3*time.Minute)
	defer cancel()
	result := m.UserData(ctx)
	m.t.Logf("user data took %.1f s:\n%s", result.Ended.Sub(result.Began).Seconds(), m.steps())
	return result
}

// steps are the lines of the log that say what was done.
func (m *Machine) steps() string {
	text, _ := m.File("/var/log/kora-backend/boot.log")
	var steps strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, " "+name+": ") {
			steps.WriteString(line)
		}
	}
	return steps.String()
}

// signalled is what CloudFormation was told, each as "Server SUCCESS".
func (m *Machine) signalled() string {
	m.t.Helper()
	var all []string
	for _, s := range m.Signals() {
		if s.Stack != stack || s.UniqueID != "i-0123456789abcdef0" {
			m.t.Errorf("a signal of %+v", s)
		}
		all = append(all, s.Resource+" "+s.Status)
	}
	return strings.Join(all, ", ")
}

// revise does what the association does on a server when gitRef changes.
func (m *Machine) revise(settingsOf map[string]string) (string, int) {
	m.t.Helper()
	m.Change(func(s *world.State) {
		s.Parameters["/kora-backend/server"] = world.Parameter{Value: scripts.Assignments(settings(settingsOf))}
	})
	ctx, cancel := context.WithTimeout(m.t.Context(), 3*time.Minute)
	defer cancel()
	output, code := m.Run(ctx, scripts.RevisionCommand(name, region))
	if code < 0 {
		doing, _ := m.Run(m.t.Context(), "ps axfo pid,stat,wchan:20,etime,args | cut -c1-150; ss -tnp; tail -n 30 \"$(ls -t /home/ubuntu/.npm/_logs/* | head -1)\"")
		m.t.Logf("it did not end; the machine does:\n%s", doing)
	}
	return output, code
}

// revision is what the app says it runs, by way of an address and URL.
func (m *Machine) revision(from, url string) string {
	m.t.Helper()
	answer, err := m.Get(from, url)
	if err != nil {
		return err.Error()
	}
	var health struct{ Revision string }
	if err := json.Unmarshal([]byte(answer.Body), &health); err != nil {
		return fmt.Sprint(answer.Status, " ", answer.Body)
	}
	return health.Revision
}

// requests asks the app 50 times a second from the machine itself until stopped, and tells how many were lost: refused,
// broken off, or not answered in half a minute. What waits for memory is slow.
func (m *Machine) requests(url string) (stop func() (sent, lost int)) {
	m.t.Helper()
	m.Run(m.t.Context(), `cat >/root/requests.py <<'EOF'
import os, socket, sys, time
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
request = f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n".encode()

def ask():
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head[:13] or b"content-length: %d\r\n" % len(body) not in head.lower() + b"\r\n":
        raise ValueError(answer)

sent = lost = 0
while not os.path.exists("/root/stop"):
    sent += 1
    try:
        ask()
    except Exception as error:
        lost += 1
        print(error, file=sys.stderr, flush=True)
    time.sleep(0.02)
open("/root/requests", "w").write(f"{sent} {lost}")
EOF
rm -f /root/stop /root/requests
setsid python3 /root/requests.py "$1" >/dev/null 2>/root/lost &`, url)
	return func() (sent, lost int) {
		m.Run(m.t.Context(), "touch /root/stop")
		var text string
		m.Await(time.Minute, "the requests end", func() (found bool) {
			text, found = m.File("/root/requests")
			return found && text != ""
		})
		fmt.Sscan(text, &sent, &lost)
		if lost > 0 {
			why, _ := m.File("/root/lost")
			m.t.Logf("lost: %s", tail(why))
		}
		return sent, lost
	}
}

func TestFreshServerServesItsUsers(t *testing.T) {
	t.Parallel()
	r := app(t)
	m := server(t, Setup{World: func(s *world.State) { s.Firewall = serverRules(t) }}, r, map[string]string{"DOMAIN": domain})
	if result := m.boot(); result.Code != 0 {
		t.Errorf("exit code %d", result.Code)
	}
	if got := m.signalled(); got != "Server SUCCESS" {
		t.Errorf("signalled %q", got)
	}
	first := r.Git("rev-parse", "v1^{commit}")
	if got := m.revision(world.StrangerAddress, "https://"+domain+"/health"); got != first {
		t.Errorf("users get %q by HTTPS, want %q", got, first)
	}
	answer, err := m.Get(world.StrangerAddress, "http://"+domain+"/health")
	if err != nil || answer.Status != 308 || answer.Header.Get("Location") != "https://"+domain+"/health" {
		t.Errorf("HTTP: %+v, %v, want a redirect to HTTPS", answer, err)
	}
	if answer, err := m.Get(world.StrangerAddress, "http://machine:3001/health"); err == nil {
		t.Errorf("a stranger reaches the app's own port: %+v", answer)
	}
	if got := m.revision(world.BalancerAddress, "http://machine:3001/health"); got != first {
		t.Errorf("the balancer gets %q, want %q", got, first)
	}

	t.Run("secrets stay where they belong", func(t *testing.T) {
		out, _ := m.Run(t.Context(), `stat -c '%U %a' /etc/kora-backend/env; runuser -u ubuntu -- grep -c . /etc/kora-backend/env
			runuser -u nobody -- cat /etc/kora-backend/env 2>&1 | tail -c 18
			stat -c %a /home/ubuntu/.pm2/dump.pm2; ls /etc/kora-backend /opt/kora-backend
			ps axww | grep -c '[$]ecret'; grep -rlF '$ecret' /var/log /opt /home/ubuntu/kora /var/lib/cloud 2>/dev/null`)
		if want := "ubuntu 400\n8\nPermission denied\n600\n/etc/kora-backend:\nbuilt\ncheckout\nenv\nwritten\n\n/opt/kora-backend:\napp.config.cjs\nask\naws\nboot\nnone\nproxy\nrun\nserver\n0\n"; out != want {
			t.Errorf("got %q, want %q", out, want)
		}
		out, _ = m.Run(t.Context(), `runuser -u ubuntu -- env HOME=/home/ubuntu pm2 jlist 2>/dev/null | python3 -c 'import json,sys; e=json.load(sys.stdin)[0]["pm2_env"]; print(e["SESSION_SECRET"], e["GREETING"], e["PORT"], e["NODE_ENV"])'`)
		if want := secret + " hello 3001 production\n"; out != want {
			t.Errorf("the app's environment is %q, want %q", out, want)
		}
	})
	t.Run("running it again changes nothing", func(t *testing.T) {
		before, _ := m.Run(t.Context(), "pgrep -u ubuntu -f kora-example; stat -c %Y /etc/caddy/Caddyfile")
		if out, code := m.revise(map[string]string{"DOMAIN": domain}); code != 0 {
			t.Errorf("%d %s", code, out)
		}
		if after, _ := m.Run(t.Context(), "pgrep -u ubuntu -f kora-example; stat -c %Y /etc/caddy/Caddyfile"); after != before {
			t.Errorf("processes and proxy were %q, are %q", before, after)
		}
	})
	t.Run("the weekly look", func(t *testing.T) {
		out, code := m.Run(t.Context(), scripts.Weekly("ubuntu"))
		var report struct {
			Apps []struct {
				Name, Status, Revision string
				Restarts, MemoryMib    int
			}
			Memory struct{ TotalMib int }
			Disk   struct{ UsedPercent float64 }
			Errors struct{ Files []string }
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
			t.Fatalf("%d %v: %s", code, err, out)
		}
		if len(report.Apps) != 1 || report.Apps[0].Status != "online" || report.Apps[0].Revision != first || report.Apps[0].MemoryMib == 0 ||
			report.Memory.TotalMib == 0 || report.Disk.UsedPercent == 0 || len(report.Errors.Files) == 0 {
			t.Errorf("got %+v", report)
		}
		if look := advise.Weekly("i-1", out); look.Unknown != "" || len(look.Stand) != 1 || !strings.Contains(look.Stand[0], "error logs") || look.Apps[0].MemoryMiB != report.Apps[0].MemoryMib {
			t.Errorf("got %+v", look)
		}
	})
	t.Run("the look before a first revision", func(t *testing.T) {
		const state = "pgrep -f 'God Daemon'; stat -c %Y /home/ubuntu/kora/Backend/.git/index /home/ubuntu/.pm2 /root/.pm2 2>&1"
		before, _ := m.Run(t.Context(), state)
		out, code := m.Run(t.Context(), scripts.Look(3001, "/health", "/home/ubuntu/kora/Backend"))
		l, err := adopt.ParseLook(out)
		if err != nil || code != 0 {
			t.Fatalf("%d %v: %s", code, err, out)
		}
		c, err := config.Unruled(map[string]any{"appDirectory": "/home/ubuntu/kora/Backend"})
		if err != nil {
			t.Fatal(err)
		}
		d := adopt.LookAt(l, c, nil)
		if l.Answer != 200 || l.Checkout.Commit != first || !slices.Contains(l.Proxies, "caddy") || len(l.Apps) != 1 || len(d.Stops()) > 0 {
			t.Errorf("got %+v, %+v", l, d.Findings)
		}
		if after, _ := m.Run(t.Context(), state); after != before {
			t.Errorf("the machine was %q, is %q", before, after)
		}
	})
	t.Run("after a reboot", func(t *testing.T) {
		m.Reboot()
		m.Await(30*time.Second, "users are served", func() bool {
			return m.revision(world.StrangerAddress, "https://"+domain+"/health") == first
		})
		if got := m.signalled(); got != "Server SUCCESS" {
			t.Errorf("signalled %q", got)
		}
	})
}

// revisionCase is a revision that a server is told to bring, in a grace of so many seconds, and what serves then.
type revisionCase struct{ ref, grace, serves, says string }

func TestRevisionsOfAServer(t *testing.T) {
	t.Parallel()
	bringRevisions(t, app(t), equipped(t), []revisionCase{
		{"v2", "8", "v2", "serves"},
		{"crashes", "8", "v2", "failed to: try"},
		{"uninstallable", "8", "v2", "failed to: install the dependencies"},
		{"nowhere", "8", "v2", "failed to: fetch nowhere"},
		{"v1", "8", "v1", "serves"},
	})
}

func TestSlowRevisionsOfAServer(t *testing.T) {
	t.Parallel()
	bringRevisions(t, slim(t), proxied(t), []revisionCase{
		{"sick", "8", "v1", "failed to: try"},
		{"deaf", "8", "v1", "failed to: try"},
		{"late", "4", "v1", "failed to: try"},
		{"late", "30", "late", "serves"},
		{"v1", "8", "v1", "serves"},
	})
}

// bringRevisions brings one revision after the other to a server that begins with v1. Its users lose no request.
func bringRevisions(t *testing.T, r *Repository, image string, cases []revisionCase) {
	t.Helper()
	m := server(t, Setup{Image: image}, r, nil)
	m.boot()
	const users = "http://any.example/health"
	commit := func(tag string) string { return r.Git("rev-parse", tag+"^{commit}") }
	if got := m.revision(world.StrangerAddress, users); got != commit("v1") {
		t.Fatalf("without a domain users get %q on port 80, want %q", got, commit("v1"))
	}
	stop := m.requests("http://127.0.0.1:3001/")
	for _, tc := range cases {
		began := time.Now()
		out, code := m.revise(map[string]string{"GIT_REF": tc.ref, "GRACE": tc.grace})
		t.Logf("%s took %.1f s", tc.ref, time.Since(began).Seconds())
		last := lastWords(out)
		if tc.says == "serves" {
			tc.says = "kora-backend: serves " + commit(tc.ref)
		}
		if (code == 0) != strings.Contains(tc.says, "serves") || !strings.Contains(last, tc.says) {
			t.Errorf("%s: exit code %d, last line %q, want %q", tc.ref, code, last, tc.says)
		}
		if got := m.revision(world.StrangerAddress, users); got != commit(tc.serves) {
			t.Errorf("after %s users get %q, want %s", tc.ref, got, tc.serves)
		}
		if out, _ := m.Run(t.Context(), "ls -d /home/ubuntu/kora/*; ss -Hltn 'sport >= :3002 and sport <= :3010' | wc -l"); out != "/home/ubuntu/kora/Backend\n0\n" {
			t.Errorf("after %s there is left %q", tc.ref, out)
		}
	}
	if sent, lost := stop(); lost > 0 || sent < 500 {
		t.Errorf("%d of %d requests were lost", lost, sent)
	} else {
		t.Logf("%d requests, none lost", sent)
	}
	t.Log(m.steps())
	m.Reboot()
	m.Await(30*time.Second, "users are served after a reboot", func() bool { return m.revision(world.StrangerAddress, users) == commit("v1") })
	if got := m.signalled(); got != "Server SUCCESS" {
		t.Errorf("signalled %q: neither a revision nor a reboot is CloudFormation's to wait for", got)
	}
}

// A revision that eats the machine's memory, when it is installed or when it is tried, is what the kernel ends.
func TestRevisionOutOfMemory(t *testing.T) {
	t.Parallel()
	r := slim(t)
	m := server(t, Setup{Image: proxied(t), Memory: 600 << 20}, r, nil)
	m.boot()
	stop := m.requests("http://127.0.0.1:3001/")
	for _, tc := range []struct{ ref, says string }{
		{"greedy", "failed to: install the dependencies"},
		{"gluttonous", "failed to: try"},
	} {
		out, code := m.revise(map[string]string{"GIT_REF": tc.ref, "GRACE": "8"})
		if code == 0 || !strings.Contains(out, tc.says) {
			t.Errorf("%s: %d %s, want %q", tc.ref, code, out, tc.says)
		}
		if adjustment, _ := m.File("/tmp/" + tc.ref); adjustment != "1000\n" {
			t.Errorf("%s: the kernel adds %q to the score by which it ends processes, want 1000", tc.ref, adjustment)
		}
		if got, want := m.revision(world.StrangerAddress, "http://any.example/health"), r.Git("rev-parse", "v1^{commit}"); got != want {
			t.Errorf("after %s users get %q, want %q", tc.ref, got, want)
		}
	}
	if sent, lost := stop(); lost > 0 || sent < 300 {
		t.Errorf("%d of %d requests were lost", lost, sent)
	} else {
		t.Logf("%d requests, none lost", sent)
	}
	if out, _ := m.Run(t.Context(), `runuser -u ubuntu -- env HOME=/home/ubuntu pm2 jlist | python3 -c 'import json,sys; print([a["pm2_env"]["restart_time"] for a in json.load(sys.stdin)])'`); out != "[0]\n" {
		t.Errorf("the app that serves was restarted: %s", out)
	}
}

// What is cloned over HTTPS with credentials, of which none stay.
func TestPrivateRepository(t *testing.T) {
	t.Parallel()
	r := slim(t)
	m := server(t, Setup{Image: proxied(t), World: func(s *world.State) {
		s.Git.User, s.Git.Password = "deploy", "t:ken $x"
		s.Parameters["/kora-backend/git"] = world.Parameter{Value: "deploy:t:ken $x", Secure: true}
	}}, r, map[string]string{"GIT_REPOSITORY": "https://git.test/app.git", "GIT_CREDENTIALS": "/kora-backend/git"})
	if result := m.boot(); result.Code != 0 || m.signalled() != "Server SUCCESS" {
		t.Errorf("exit code %d, signalled %q", result.Code, m.signalled())
	}
	if out, _ := m.Run(t.Context(), `grep -rlF 't:ken' /var/log /opt /etc/kora-backend /home /var/lib/cloud 2>/dev/null`); out != "" {
		t.Errorf("the credentials stayed in %s", out)
	}
}

// An image of a server that serves: the server from it, and the fleet's nodes, which need neither network nor npm.
func TestImages(t *testing.T) {
	t.Parallel()
	r := revisions(t, "Backend/", slimApp(t))
	first := r.Git("rev-parse", "v1^{commit}")
	m := server(t, Setup{Image: proxied(t)}, r, map[string]string{"REPOSITORY_DIRECTORY": "/home/ubuntu/kora"})
	m.boot()
	m.Run(t.Context(), "rm -rf /opt/kora-backend /var/log/kora-backend /etc/kora-backend")
	m.PowerOff()
	image := m.Image()
	nothing := func(s *world.State) {
		s.Faults = map[string]world.Fault{"git": {Refuse: true}, "npm": {Refuse: true}, "deb": {Refuse: true}, "node": {Refuse: true}}
	}
	second := r.Git("rev-parse", "v2^{commit}")
	for _, tc := range []struct {
		name     string
		node     bool
		settings map[string]string
		world    func(*world.State)
		serves   string
	}{
		{"server with the image alone", false, map[string]string{"GIT_REPOSITORY": "", "GIT_REF": ""}, nothing, first},
		{"server of a newer revision", false, map[string]string{"GIT_REF": "v2"}, nil, second},
		{"node that holds the revision", true, map[string]string{"GIT_REF": first}, nothing, first},
		{"node that runs the image as it is", true, map[string]string{"GIT_REPOSITORY": "", "GIT_REF": ""}, nothing, first},
		{"node of a newer revision", true, map[string]string{"GIT_REF": "v2"}, nil, second},
		{"node by the image's own origin", true, map[string]string{"GIT_REPOSITORY": "", "GIT_REF": "v2"}, nil, second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			make, signal := server, "Server SUCCESS"
			if tc.node {
				make, signal = fleetNode, "Fleet SUCCESS"
			}
			m := make(t, Setup{Image: image, World: tc.world}, r, tc.settings)
			if result := m.boot(); result.Code != 0 || m.signalled() != signal {
				t.Errorf("exit code %d, signalled %q", result.Code, m.signalled())
			}
			serves := func() bool { return m.revision(world.BalancerAddress, "http://machine:3001/health") == tc.serves }
			if !serves() {
				t.Errorf("the app is not %s", tc.serves)
			}
			m.Reboot()
			m.Await(30*time.Second, "the app serves after a reboot", serves)
			if got := m.signalled(); got != signal {
				t.Errorf("after a reboot signalled %q", got)
			}
		})
	}
}

// Node that nvm installed for the app's user alone is found, though no shell here is interactive.
func TestNvm(t *testing.T) {
	t.Parallel()
	r := slim(t)
	image := Prepared(t, equipped(t), "nvm", `set -e
		to=/home/ubuntu/.nvm/versions/node/current
		mkdir -p "$to/bin" "$to/lib"
		mv /usr/local/bin/* "$to/bin/"; mv /usr/local/lib/node_modules "$to/lib/"
		echo 'PATH="$HOME/.nvm/versions/node/current/bin:$PATH"' >/home/ubuntu/.nvm/nvm.sh
		echo registry=http://npm.test/ >/home/ubuntu/.npmrc
		chown -R ubuntu:ubuntu /home/ubuntu/.nvm /home/ubuntu/.npmrc`)
	m := fleetNode(t, Setup{Image: image, World: func(s *world.State) { s.Faults = map[string]world.Fault{"node": {Refuse: true}} }}, r, nil)
	if result := m.boot(); result.Code != 0 || m.signalled() != "Fleet SUCCESS" {
		t.Errorf("exit code %d, signalled %q", result.Code, m.signalled())
	}
	if out, _ := m.Run(t.Context(), "command -v node || echo none"); out != "none\n" {
		t.Errorf("there is another Node, %s", out)
	}
}

// A node is told of the fleet's cache and keeps its sessions there, after a reboot too.
func TestNodeKeepsSessionsInTheCache(t *testing.T) {
	t.Parallel()
	r := app(t)
	cache := []world.File{alongside, {Path: "/etc/systemd/system/alongside.service", Content: []byte("[Service]\nExecStart=/usr/bin/redis-server\n")}}
	m := fleetNode(t, Setup{Image: equipped(t), Files: cache}, r, map[string]string{"REDIS_HOST": "127.0.0.1", "REDIS_PORT": "6379", "REDIS_TLS": ""})
	if result := m.boot(); result.Code != 0 || m.signalled() != "Fleet SUCCESS" {
		t.Errorf("exit code %d, signalled %q", result.Code, m.signalled())
	}
	kept := func() bool {
		answer, err := m.Get(world.BalancerAddress, "http://machine:3001/health")
		return err == nil && strings.Contains(answer.Body, `"sessions":"redis"`)
	}
	if !kept() {
		t.Error("the app does not keep its sessions in the cache")
	}
	m.Reboot()
	m.Run(t.Context(), "systemctl start alongside")
	m.Await(30*time.Second, "the app keeps its sessions in the cache", kept)
}

// What goes wrong, the signal that it gives, and the step that it names.
func TestFailures(t *testing.T) {
	t.Parallel()
	r := slim(t)
	for _, tc := range []struct {
		name     string
		node     bool
		bare     bool // without Node and pm2
		settings map[string]string
		world    func(*world.State)
		files    []world.File
		disk     int64
		memory   int64
		signal   string
		says     string
	}{
		{name: "app crashes", settings: map[string]string{"GIT_REF": "crashes", "GRACE": "8"}, signal: "FAILURE", says: "failed to: answer /health"},
		{name: "no name of a variable", world: func(s *world.State) { s.Parameters["/kora-backend/env/NOT-A-NAME"] = world.Parameter{Value: "x"} },
			signal: "FAILURE", says: "failed to: write the environment"},
		{name: "Node archive away", bare: true, world: fault("node", world.Fault{Status: 404}), signal: "FAILURE", says: "failed to: install Node v24.21.0"},
		{name: "package manager's lock held", settings: map[string]string{"GRACE": "40"},
			files: []world.File{alongside, {Path: "/etc/systemd/system/alongside.service", Content: []byte(
				"[Service]\nExecStart=/usr/bin/python3 -c \"import fcntl,time; f=[open(p,'w') for p in ('/var/lib/dpkg/lock-frontend','/var/lib/apt/lists/lock')]; [fcntl.lockf(x,fcntl.LOCK_EX) for x in f]; time.sleep(25)\"\n")}},
			signal: "SUCCESS", says: "serves "},
		{name: "disk full", bare: true, disk: 100 << 20, signal: "FAILURE", says: "failed to: install Node v24.21.0"},
		{name: "out of memory during install", memory: 600 << 20, settings: map[string]string{"GIT_REF": "greedy"}, signal: "FAILURE", says: "failed to: install the dependencies"},
		{name: "balancer never healthy", node: true, settings: map[string]string{"GRACE": "25"}, world: func(s *world.State) {
			s.TargetGroups = map[string]world.Target{target: {Port: 3001, Path: "/health", Pinned: "unhealthy"}}
		}, signal: "FAILURE", says: "failed to: wait for the balancer to call this node healthy:  3001 unhealthy Target.FailedHealthChecks Health checks failed "},
		{name: "port taken by a service of the image", node: true,
			files: []world.File{alongside, {Path: "/etc/systemd/system/alongside.service", Content: []byte(
				"[Service]\nExecStart=/usr/bin/python3 -m http.server 3001\n")}},
			signal: "SUCCESS", says: "is not of pm2: root alongside.service /usr/bin/python3 -m http.server 3001"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			make, resource := server, "Server"
			if tc.node {
				make, resource = fleetNode, "Fleet"
			}
			setup := Setup{World: tc.world, Files: tc.files, Disk: tc.disk, Memory: tc.memory}
			if !tc.bare {
				setup.Image = equipped(t)
			}
			m := make(t, setup, r, tc.settings)
			if tc.disk > 0 { // on which the rig's own notes have no room either
				m.Boot()
				m.Await(time.Minute, "a signal", func() bool { return len(m.Signals()) > 0 })
			} else if result := m.boot(); (result.Code == 0) != (tc.signal == "SUCCESS") {
				t.Errorf("exit code %d", result.Code)
			}
			if got, want := m.signalled(), resource+" "+tc.signal; got != want {
				t.Errorf("signalled %q, want %q", got, want)
			}
			if tc.signal == "FAILURE" {
				m.wroteWhy(tc.says)
			}
			if log := m.steps(); tc.disk == 0 && !strings.Contains(log, tc.says) {
				t.Errorf("the log does not say %q:\n%s", tc.says, log)
			}
		})
	}
}

// A proxy that does not start ends the run at its step, with the cause in its own words. It keeps no app from its balancer: what
// serves goes on at its own port.
func TestProxyThatDoesNotStart(t *testing.T) {
	t.Parallel()
	r := slim(t)
	wrong := map[string]string{"PROXY_OPTIONS": "no_such_option"}
	m := server(t, Setup{Image: equipped(t)}, r, wrong)
	const says = "unrecognized global option: no_such_option"
	if result := m.boot(); result.Code == 0 || m.signalled() != "Server FAILURE" {
		t.Errorf("exit code %d, signalled %q", result.Code, m.signalled())
	}
	m.wroteWhy("failed to: set the proxy up")
	m.wroteWhy(says)
	if out, code := m.revise(nil); code != 0 {
		t.Errorf("with a proxy that starts: %d %s", code, tail(out))
	}
	m.Run(t.Context(), "systemctl stop caddy")
	out, code := m.revise(map[string]string{"GIT_REF": "v2", "PROXY_OPTIONS": "no_such_option"})
	if last := lastWords(out); code == 0 || !strings.HasPrefix(last, "failed to: set the proxy up") || !strings.Contains(last, says) {
		t.Errorf("a proxy that was stopped: %d, at last it said %q", code, last)
	}
	if got, want := m.revision(world.BalancerAddress, "http://machine:3001/health"), r.Git("rev-parse", "v1^{commit}"); got != want {
		t.Errorf("at its own port the app is %q, want %q", got, want)
	}
}

// fault is a world in which one service has one.
func fault(service string, f world.Fault) func(*world.State) {
	return func(s *world.State) { s.Faults = map[string]world.Fault{service: f} }
}

// What AWS does to a machine, one case after the other on the same: the first at its first boot, the others when its user data
// is run again, which leaves all as it was.
func TestTroubleWithAWS(t *testing.T) {
	t.Parallel()
	r := slim(t)
	const settings = "/kora-backend/server"
	for outcome, group := range map[string]struct {
		says  string
		cases []trouble
	}{
		"SUCCESS": {"serves ", []trouble{
			{"role arrives late", func(s *world.State) { s.Metadata.RoleLate = 2 }},
			{"metadata service slow", fault("metadata", world.Fault{Delay: 300 * time.Millisecond})},
			{"Systems Manager fails twice", fault("ssm", world.Fault{Status: 503, First: 2})},
			{"clock wrong", func(s *world.State) { s.Clock = 20 * time.Minute }},
		}},
		"FAILURE": {"failed to: read the settings", []trouble{
			{"settings missing", func(s *world.State) { delete(s.Parameters, settings) }},
			{"settings not allowed", func(s *world.State) {
				s.Policy = append(s.Policy, policy.Deny("ssm:GetParameter", "arn:aws:ssm:ap-south-1:123456789012:parameter"+settings))
			}},
		}},
	} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			m := server(t, Setup{Image: proxied(t)}, r, nil)
			for _, tc := range group.cases {
				m.bears(t, tc, outcome, group.says)
			}
		})
	}
}

type trouble struct {
	name  string
	world func(*world.State)
}

// bears runs the user data while a trouble lasts, which must give one signal more and a line of the log.
func (m *Machine) bears(t *testing.T, tc trouble, outcome, says string) {
	t.Helper()
	state, steps, signals := m.state, m.steps(), len(m.Signals())
	m.Change(func(s *world.State) {
		s.Parameters = maps.Clone(s.Parameters)
		tc.world(s)
	})
	code := 0
	if m.Boots() == 0 {
		code = m.boot().Code
	} else {
		_, code = m.Run(t.Context(), "/var/lib/cloud/instance/scripts/part-001")
	}
	m.Change(func(s *world.State) { *s = state })
	if got, want := m.signalled(), strings.Repeat(", Server "+outcome, signals+1)[2:]; got != want || (code == 0) != (outcome == "SUCCESS") {
		t.Errorf("%s: exit code %d, signalled %q, want %q", tc.name, code, got, want)
	}
	if said := strings.TrimPrefix(m.steps(), steps); !strings.Contains(said, says) {
		t.Errorf("%s: the log does not say %q:\n%s", tc.name, says, said)
	}
}

// wroteWhy fails unless the machine wrote why it failed to the stack's log group before it signalled that it did.
func (m *Machine) wroteWhy(says string) {
	m.t.Helper()
	written := false
	for _, call := range m.Calls() {
		switch {
		case call.Action == "PutLogEvents" && call.Status == 200:
			written = call.Fields["logGroupName"] == "logs" && call.Fields["logStreamName"] == "i-0123456789abcdef0/failure" &&
				strings.Contains(call.Fields["logEvents"], says)
		case call.Action == "SignalResource" && !written:
			m.t.Errorf("a failure was signalled before CloudWatch Logs was told %q", says)
		}
	}
	if !written {
		m.t.Errorf("CloudWatch Logs was not told %q", says)
	}
}

// alongside starts a service before the user data.
var alongside = world.File{Path: "/etc/systemd/system/user-data.service.d/alongside.conf", Content: []byte("[Unit]\nWants=alongside.service\nAfter=alongside.service\n")}

// Two runs at once wait for each other, and both end well.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	r := slim(t)
	m := server(t, Setup{Image: proxied(t)}, r, map[string]string{"PROXY_OPTIONS": ""}) // as in AWS
	m.boot()
	m.Change(func(s *world.State) {
		s.Parameters["/kora-backend/server"] = world.Parameter{Value: scripts.Assignments(settings(map[string]string{"GIT_REF": "v2", "PROXY_OPTIONS": ""}))}
	})
	out, code := m.Run(t.Context(), "("+scripts.RevisionCommand(name, region)+") & ("+scripts.RevisionCommand(name, region)+"); a=$?; wait $!; echo codes $a $?")
	if code != 0 || !strings.Contains(out, "codes 0 0") {
		t.Errorf("%d %s", code, out)
	}
	if got, want := m.revision(world.StrangerAddress, "http://any.example/health"), r.Git("rev-parse", "v2^{commit}"); got != want {
		t.Errorf("users get %q, want %q", got, want)
	}
}

// A reboot in the middle of the first boot is a failure that is told, not one that runs out the time.
func TestRebootHalfWay(t *testing.T) {
	t.Parallel()
	r := slim(t)
	m := server(t, Setup{Image: proxied(t), World: fault("npm", world.Fault{Hang: true})}, r, nil)
	m.Boot()
	m.Await(60*time.Second, "npm hangs", func() bool { return strings.Contains(m.steps(), "install the dependencies") })
	m.Reboot()
	if got := m.signalled(); got != "Server FAILURE" {
		t.Errorf("signalled %q, want a failure", got)
	}
}

// A power cut in the first boot, and more of them: the next boot goes on from whatever is on the disk.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	r := revisions(t, "Backend/", exampleApp(t))
	first := r.Git("rev-parse", "v1^{commit}")
	type cut struct {
		hangs   string // of npm's registry
		reached func(*Machine) bool
	}
	pm2 := cut{"/pm2", func(m *Machine) bool { return strings.Contains(m.steps(), "install pm2") }}
	proxy := cut{"/express", func(m *Machine) bool { _, unpacked := m.File("/var/lib/dpkg/info/caddy.list"); return unpacked }}
	dependencies := cut{"/express", func(m *Machine) bool {
		some, _ := m.Run(t.Context(), "ls /home/ubuntu/kora.next/tree/Backend/node_modules 2>/dev/null")
		return some != ""
	}}
	for _, tc := range []struct {
		name               string
		make               func(*testing.T, Setup, *Repository, map[string]string) *Machine
		setup              Setup
		signal, users, url string
		cuts               []cut
	}{
		{"server", server, Setup{}, "Server SUCCESS", world.StrangerAddress, "https://" + domain + "/health", []cut{pm2, proxy, dependencies}},
		{"node", fleetNode, Setup{Image: equipped(t)}, "Fleet SUCCESS", world.BalancerAddress, "http://machine:3001/health", []cut{dependencies}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := tc.make(t, tc.setup, r, map[string]string{"GIT_REF": first, "DOMAIN": domain, "REPOSITORY_DIRECTORY": "/home/ubuntu/kora"})
			for i, cut := range tc.cuts {
				m.Change(func(s *world.State) { s.Faults = map[string]world.Fault{"npm": {Hang: true, Path: cut.hangs}} })
				m.Boot()
				m.Await(time.Minute, fmt.Sprint("where cut ", i, " is made"), func() bool { return cut.reached(m) })
				m.Kill()
			}
			m.Change(func(s *world.State) { s.Faults = nil })
			m.Boot()
			m.Await(time.Minute, "a signal", func() bool { return m.signalled() != "" })
			t.Log(m.steps())
			serves := func() bool { return m.revision(tc.users, tc.url) == first }
			if got := m.signalled(); got != tc.signal || !serves() {
				t.Errorf("signalled %q, want %q; users are served: %t", got, tc.signal, serves())
			}
			m.Reboot()
			m.Await(30*time.Second, "the app serves after a reboot", serves)
			if _, found := m.File("/var/lib/cloud/scripts/per-boot/" + name); found || m.signalled() != tc.signal {
				t.Errorf("what has ended is run again: %q", m.signalled())
			}
		})
	}
}

// A cut before a server has fetched its programs is what nothing goes on from, until someone runs the user data again.
func TestPowerCutBeforeThePrograms(t *testing.T) {
	t.Parallel()
	m := server(t, Setup{Image: proxied(t), World: func(s *world.State) { s.Faults = map[string]world.Fault{"ssm": {Hang: true}} }}, slim(t), nil)
	m.Boot()
	m.Await(time.Minute, "the user data runs", func() bool {
		return slices.ContainsFunc(m.Calls(), func(c world.Call) bool { return c.Service == "metadata" })
	})
	m.Kill()
	m.Change(func(s *world.State) { s.Faults = nil })
	m.Boot()
	if out, code := m.Run(t.Context(), "systemctl start user-data"); code != 0 || m.signalled() != "" {
		t.Errorf("%d %s, signalled %q", code, out, m.signalled())
	}
	if out, code := m.Run(t.Context(), "/var/lib/cloud/instance/scripts/part-001"); code != 0 || m.signalled() != "Server SUCCESS" {
		t.Errorf("by hand: %d %s, signalled %q", code, out, m.signalled())
	}
}

// serverRules are what the golden template of single lets in, and of horizontal for the balancer.
func serverRules(t *testing.T) []world.Rule {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "templates", "horizontal.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	type rule struct {
		FromPort, ToPort int
		CidrIp           string
	}
	var template struct {
		Resources map[string]struct {
			Properties struct {
				rule
				SecurityGroupIngress []rule
			}
		}
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	var rules []world.Rule
	for _, r := range template.Resources["PublicSecurityGroup"].Properties.SecurityGroupIngress {
		if r.CidrIp != "0.0.0.0/0" || r.FromPort != r.ToPort {
			t.Fatalf("a rule that this firewall does not know: %+v", r)
		}
		rules = append(rules, world.Rule{Port: r.FromPort})
	}
	fromBalancer := template.Resources["LoadBalancerSecurityGroupToBackend"].Properties
	return append(rules, world.Rule{Port: cmp.Or(fromBalancer.FromPort, 1), From: world.BalancerAddress})
}
