//go:build linux

package machine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/test/machine/world"
)

// installNode puts Node into /usr/local, by hand.
var installNode = `set -e
	cd /tmp
	site=http://node.test/dist/v` + NodeVersion + ` file=` + nodeName(NodeVersion) + `.tar.xz
	curl -fsS -O "$site/$file" -O "$site/SHASUMS256.txt"
	grep " $file\$" SHASUMS256.txt | sha256sum -c --quiet
	tar -xJf "$file" -C /usr/local --strip-components=1
	npm config set --global registry http://npm.test/ update-notifier=false
	`

func TestNodeAndNpm(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{Image: equipped(t)})
	m.Boot()
	steps := []struct{ name, script, want string }{
		{"node", "node --version; npm --version", "v" + NodeVersion + "\n" + npmVersion + "\n"},
		{"app", `set -e
			mkdir /srv/app && cd /srv/app
			cat >package.json <<-'END'
				{"dependencies": {"express": "^5.0.0", "express-session": "1.19.0", "connect-redis": "9.0.0", "redis": "^6", "multer": "2"}}
			END
			npm install --omit=dev --no-audit --no-fund --silent
			node -p "require('express/package.json').version"
			for name in multer redis connect-redis express-session; do node -e "require('$name')"; done`, "5.3.0\n"},
		{"missing", "npm view no-such-package 2>&1 | grep -o E404 | head -1", "E404\n"},
	}
	for _, step := range steps {
		began := time.Now()
		out, code := m.Run(t.Context(), step.script)
		t.Logf("%s: %v", step.name, time.Since(began))
		if out != step.want || code != 0 {
			t.Fatalf("%s: %d %s, want %s", step.name, code, out, step.want)
		}
	}
}

// The proxy comes from the distribution's archive, and its certificate from the authority, which finds it by its name.
func TestAptAndProxy(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{World: func(s *world.State) {
		s.Firewall = []world.Rule{{Port: 80}, {Port: 443}, {Port: 3001, From: world.BalancerAddress}}
		s.Names = map[string]string{"api.example.com": world.MachineAddress}
	}})
	m.Boot()
	began := time.Now()
	out, code := m.Run(t.Context(), `export DEBIAN_FRONTEND=noninteractive
		{ apt-get -qq update && apt-get -qq install -y git caddy; } >/var/log/apt.log 2>&1 || cat /var/log/apt.log`)
	t.Logf("caddy: %v", time.Since(began))
	if out != "" || code != 0 {
		t.Fatalf("apt-get: %d %s", code, out)
	}
	if out, code := m.Run(t.Context(), `set -e
		mkdir /srv/www; echo app >/srv/www/index.html
		cd /srv/www; setsid python3 -m http.server 3001 >/dev/null 2>&1 &
		printf '{\n\tacme_ca https://acme.test/dir\n}\napi.example.com {\n\treverse_proxy 127.0.0.1:3001\n}\n' >/etc/caddy/Caddyfile
		systemctl reload caddy && systemctl is-active caddy`); code != 0 || out != "active\n" {
		t.Fatalf("caddy: %d %s", code, out)
	}
	m.Await(time.Minute, "the app through the proxy", func() bool {
		answer, err := m.Get(world.StrangerAddress, "https://api.example.com/")
		return err == nil && answer.Status == 200 && answer.Body == "app\n"
	})
	answer, err := m.Get(world.StrangerAddress, "http://api.example.com/path")
	if err != nil || answer.Status != 308 || answer.Header.Get("Location") != "https://api.example.com/path" {
		t.Errorf("the redirect: %v, %+v", err, answer)
	}
	if _, err := m.Get(world.StrangerAddress, "https://other.example.com/"); err == nil {
		t.Error("a certificate for a host that the proxy doesn't know")
	}
	if answer, err := m.Get(world.BalancerAddress, "http://machine:3001/"); err != nil || answer.Body != "app\n" {
		t.Errorf("the balancer at 3001: %v, %+v", err, answer)
	}
	if answer, err := m.Get(world.StrangerAddress, "http://machine:3001/"); err == nil {
		t.Errorf("a stranger at 3001: %+v", answer)
	}
	m.Change(func(s *world.State) { s.Firewall = nil })
	if _, err := m.Get(world.StrangerAddress, "http://machine:3001/"); err != nil {
		t.Errorf("a stranger at 3001 without a firewall: %v", err)
	}
}

func TestGit(t *testing.T) {
	t.Parallel()
	repository := NewRepository(t)
	first := repository.Commit(map[string]string{"app.js": "1", "deep/file": "x"})
	second := repository.Commit(map[string]string{"app.js": "2"})
	repository.Git("tag", "v1", first)
	m := New(t, Setup{World: func(s *world.State) { s.Git.Repositories = map[string]string{"app": repository.Dir} }})
	m.Boot()
	const clone = `rm -rf /tmp/app; GIT_TERMINAL_PROMPT=0 git clone -q "$1" /tmp/app 2>&1 && cd /tmp/app && git rev-parse HEAD v1`
	want := second + "\n" + first + "\n"
	if out, code := m.Run(t.Context(), clone, "http://git.test/app.git"); out != want || code != 0 {
		t.Errorf("clone: %d %s, want %s", code, out, want)
	}
	const bare = "git clone -q --bare http://git.test/app.git /srv/app.git && "
	if out, code := m.Run(t.Context(), bare+clone, "file:///srv/app.git"); out != want || code != 0 {
		t.Errorf("clone of a file: %d %s, want %s", code, out, want)
	}
	const fetch = `cd /tmp/app; git fetch -q http://git.test/app.git "$1" && git cat-file -t FETCH_HEAD`
	if out, code := m.Run(t.Context(), fetch, first); out != "commit\n" {
		t.Errorf("fetch of a commit: %d %s", code, out)
	}
	m.Change(func(s *world.State) { s.Git.User, s.Git.Password = "deploy", "p@ss" })
	for url, want := range map[string]string{
		"http://deploy:p%40ss@git.test/app.git":  want,
		"https://deploy:p%40ss@git.test/app.git": want,
		"http://git.test/app.git":                "terminal prompts disabled",
		"http://deploy:wrong@git.test/app.git":   "Authentication failed",
		"http://deploy:p%40ss@git.test/no.git":   "not found",
	} {
		if out, _ := m.Run(t.Context(), clone, url); !strings.Contains(out, want) {
			t.Errorf("clone of %s: %s, want %s", url, out, want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{})
	m.Boot()
	const ask = `status=$(curl -s -m 1 -o /dev/null -w '%{http_code}' http://npm.test/pm2); echo "$? $status"`
	for _, tc := range []struct {
		name  string
		fault world.Fault
		want  string // curl's exit code and the status
	}{
		{"none", world.Fault{}, "0 200"},
		{"refuses", world.Fault{Refuse: true}, "7 000"},
		{"fails", world.Fault{Status: 503}, "0 503"},
		{"fails elsewhere", world.Fault{Status: 503, Path: "/other"}, "0 200"},
		{"hangs", world.Fault{Hang: true}, "28 000"},
		{"is slow", world.Fault{Delay: 2 * time.Second}, "28 000"},
		{"is slower", world.Fault{Delay: 10 * time.Millisecond}, "0 200"},
		{"fails at first", world.Fault{Status: 500, First: 2}, "0 500,0 500,0 200"},
		{"is back", world.Fault{}, "0 200"},
	} {
		m.Change(func(s *world.State) { s.Faults = map[string]world.Fault{"npm": tc.fault} })
		var got []string
		for range strings.Count(tc.want, ",") + 1 {
			out, _ := m.Run(t.Context(), ask)
			got = append(got, strings.TrimSpace(out))
		}
		if got := strings.Join(got, ","); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	if out, _ := m.Run(t.Context(), "curl -s -o /dev/null -w '%{http_code}' http://deb.test/Packages"); out != "200" {
		t.Errorf("another service: %s", out)
	}
	calls := m.Calls()
	if got := fmt.Sprint(calls[0].Service, calls[0].From, calls[0].Method, calls[0].Path, calls[0].Status); got != "npm10.77.0.2GET/pm2200" {
		t.Errorf("the first call: %s", got)
	}
}
