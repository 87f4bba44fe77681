//go:build linux

package machine

import (
	"context"
	"strings"
	"testing"
	"time"

	scripts "github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/test/machine/world"
)

// byHand sets the app up as its owners did: a checkout with a file of secrets, pm2 started in a shell, a proxy of their own, and
// a file that their user data wrote.
const byHand = `set -e
apt-get -qq update && apt-get -qq install -y git >/dev/null
runuser -u ubuntu -- env -i HOME=/home/ubuntu USER=ubuntu PATH="$PATH" bash -ec '
	git clone -q http://git.test/app.git ~/kora/Backend
	cd ~/kora/Backend
	git checkout -q v1
	echo SECRET=1 >.env
	npm ci --omit=dev --no-audit --no-fund >/dev/null
	PORT=3001 pm2 -s start ecosystem.config.js'
mkdir -p /srv/site /etc/nginx
echo 'root /srv/site;' >/etc/nginx/site
printf '#!/bin/sh\ncat /etc/nginx/site\n' >/usr/local/bin/nginx
chmod 755 /usr/local/bin/nginx
setsid python3 -m http.server -d /srv/site 80 >/dev/null 2>&1 &
until curl -fs -o /dev/null http://127.0.0.1:3001/health && curl -fs -o /dev/null http://127.0.0.1/; do sleep 0.2; done`

// adoptedServer is a machine whose user data was another's, with the app on it that was set up by hand.
func adoptedServer(t *testing.T, r *Repository) *Machine {
	t.Helper()
	setup := Setup{Image: equipped(t)}
	setup.UserData = "#!/bin/bash\necho ran >>/root/foreign\n"
	m := New(t, setup.in(r, nil))
	m.Boot()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	m.UserData(ctx)
	if out, code := m.Run(ctx, byHand); code != 0 {
		t.Fatalf("by hand: %d %s", code, out)
	}
	return m
}

// revisesAdopted does what the association of an adopted server does.
func (m *Machine) revisesAdopted(changes map[string]string) (string, int) {
	m.t.Helper()
	all := map[string]string{"GIT_REPOSITORY": "", "SERVES": "", "ADOPTED": "yes"}
	for key, value := range changes {
		all[key] = value
	}
	m.Change(func(s *world.State) {
		s.Parameters["/kora-backend/server"] = world.Parameter{Value: scripts.Assignments(settings(all))}
	})
	ctx, cancel := context.WithTimeout(m.t.Context(), 3*time.Minute)
	defer cancel()
	return m.Run(ctx, scripts.AdoptedCommand(name, region, scripts.Program.Packed))
}

// An adopted server gets its revisions like a born one, the first one too, though nothing of ours was on it; what else serves there
// is left alone, and no request is lost.
func TestAdoptedServer(t *testing.T) {
	t.Parallel()
	r := app(t)
	m := adoptedServer(t, r)
	const left = `cd /home/ubuntu/kora/Backend; cat .env /etc/nginx/site /root/foreign; curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1/; ls -d /etc/caddy 2>&1 | tail -c 26`
	before, _ := m.Run(t.Context(), left)
	stop := m.requests("http://127.0.0.1:3001/")
	for _, ref := range []string{"v1", "v2", "v1"} {
		out, code := m.revisesAdopted(map[string]string{"GIT_REF": ref})
		if code != 0 {
			t.Fatalf("%s: %d %s", ref, code, tail(out))
		}
		if got, want := m.revision(world.BalancerAddress, "http://machine:3001/health"), r.Git("rev-parse", ref+"^{commit}"); got != want {
			t.Errorf("after %s the app says %q, want %q", ref, got, want)
		}
	}
	if out, code := m.revisesAdopted(map[string]string{"GIT_REF": "sick", "GRACE": "8"}); code == 0 || !strings.Contains(out, "failed to: try") {
		t.Errorf("a sick revision: %d %s", code, tail(out))
	}
	if sent, lost := stop(); lost > 0 || sent < 300 {
		t.Errorf("%d of %d requests were lost", lost, sent)
	} else {
		t.Logf("%d requests, none lost", sent)
	}
	if after, _ := m.Run(t.Context(), left); after != before {
		t.Errorf("there was %q, there is %q", before, after)
	}
	if boot, _ := m.File("/opt/kora-backend/boot"); boot == "" || strings.Contains(boot, "part-001") {
		t.Error("what another wrote as user data may run again")
	}
	if got := m.signalled(); got != "" {
		t.Errorf("signalled %q", got)
	}
	m.Reboot()
	if foreign, _ := m.File("/root/foreign"); foreign != "ran\n" {
		t.Errorf("the other's user data ran as %q", foreign)
	}
}

// A first revision of a server that is not as expected is refused with a line, and leaves commit, files and processes as they were.
func TestAdoptedServerRefuses(t *testing.T) {
	t.Parallel()
	r := slim(t)
	m := adoptedServer(t, r)
	const as = `runuser -u ubuntu -- env -i HOME=/home/ubuntu PATH="$PATH" `
	const state = `cd /home/ubuntu/kora/Backend; ` + as + `git rev-parse HEAD; cat .env app.js ecosystem.config.js | md5sum; pgrep -u ubuntu -f kora-example; ls -d /home/ubuntu/kora/*`
	for _, tc := range []struct{ name, before, after, ref, port, says string }{
		{"another port", "", "", "v2", "3009", "/health on port 3009 answers nothing, not 200"},
		{"another app in that pm2", as + `env -C /home/ubuntu pm2 -s start --name worker --no-autorestart "sleep 1000"`, as + "pm2 -s delete worker", "v2", "3001",
			"pm2 runs kora-example, worker, and /home/ubuntu/kora/Backend/ecosystem.config.js has kora-example"},
		{"no ecosystem", "mv /home/ubuntu/kora/Backend/ecosystem.config.js /root/", "mv /root/ecosystem.config.js /home/ubuntu/kora/Backend/", "v2", "3001", "Cannot find module"},
		{"a proxy that serves files of the checkout", "echo '  root /home/ubuntu/kora/Backend/public;' >>/etc/nginx/site", "sed -i 2d /etc/nginx/site", "v2", "3001",
			"nginx serves /home/ubuntu/kora/Backend/public"},
		{"changes made by hand", "echo '// mine' >>/home/ubuntu/kora/Backend/app.js", "cd /home/ubuntu/kora/Backend; " + as + "git checkout -q app.js", "v2", "3001", "not as committed: app.js"},
		{"no checkout", "mv /home/ubuntu/kora/Backend/.git /root/", "mv /root/.git /home/ubuntu/kora/Backend/", "v2", "3001", "not a git repository"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if out, code := m.Run(t.Context(), "set -e\n"+tc.before); code != 0 {
				t.Fatalf("%d %s", code, out)
			}
			before, _ := m.Run(t.Context(), state)
			out, code := m.revisesAdopted(map[string]string{"GIT_REF": tc.ref, "PORT": tc.port})
			if code == 0 || !strings.Contains(out, tc.says) {
				t.Errorf("%d %s, want %q", code, tail(out), tc.says)
			}
			if after, _ := m.Run(t.Context(), state); after != before {
				t.Errorf("it was %q, it is %q", before, after)
			}
			m.Run(t.Context(), tc.after)
		})
	}
	if out, code := m.revisesAdopted(map[string]string{"GIT_REF": "v2"}); code != 0 {
		t.Errorf("as expected at last: %d %s", code, tail(out))
	}
}
