//go:build linux

package machine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What the image started has the port of a node: it is named, and stopped for good where that can be done.
func TestWhoHasThePort(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const node = "/usr/local/bin/node "
	unit := func(b *tenant, name, start string) string {
		return fmt.Sprintf("cat >/etc/systemd/system/%s.service <<'EOF'\n[Service]\n%s\n[Install]\nWantedBy=multi-user.target\nEOF\nsystemctl -q enable --now %[1]s\n", name, start)
	}
	starts := func(user, home string) string {
		return fmt.Sprintf("HOME=/srv pm2 -s startup systemd -u %s --hp %s >/dev/null\nsystemctl start pm2-%[1]s\n", user, home)
	}
	for _, tc := range []struct {
		name  string
		start func(b *tenant, old string) string // a script that starts the old app
		says  string                             // of who has the port, after "is not of pm2: "
		stays string                             // why a node fails
	}{
		{"pm2 of root", func(b *tenant, old string) string {
			return starts("root", "/root") + "HOME=/root pm2 -s start " + old
		}, "root pm2-root.service node OLD", ""},
		{"pm2 of another user, in cluster mode", func(b *tenant, old string) string {
			return "useradd --create-home other\n" + starts("other", "/home/other") +
				"runuser -u other -- env -C /home/other HOME=/home/other pm2 -s start " + old + " -i 1"
		}, "other pm2-other.service PM2 v6.0.14: God Daemon (/home/other/.pm2)", ""},
		{"a unit of this machine", func(b *tenant, old string) string {
			return unit(b, b.name+"-old", "Environment=PORT="+b.port+"\nRestart=always\nExecStart="+node+old)
		}, "root NAME-old.service " + node + "OLD", ""},
		{"a unit that leaves its processes", func(b *tenant, old string) string {
			return unit(b, b.name+"-old", "KillMode=process\nType=oneshot\nRemainAfterExit=yes\nEnvironment=PORT="+b.port+"\nExecStart=/bin/sh -c '"+node+old+" &'")
		}, "root NAME-old.service " + node + "OLD", ""},
		{"a shell", func(b *tenant, old string) string {
			return "systemd-run -q --scope --unit=session-" + b.port + " sh -c '" + node + old + " >/dev/null 2>&1 &'"
		}, "root session-PORT.scope " + node + "OLD", ""},
		{"a shell that starts it again", func(b *tenant, old string) string {
			return "systemd-run -q --scope --unit=session-" + b.port + " sh -c 'while :; do " + node + old + "; done >/dev/null 2>&1 &'"
		}, "root session-PORT.scope " + node + "OLD", ""},
		{"what another program starts at each boot", func(b *tenant, old string) string {
			return "systemd-run -q --unit=" + b.name + "-cron -E PORT=" + b.port + " " + node + old
		}, "root NAME-cron.service " + node + "OLD", "take it out of the image"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := h.tenant(t, map[string]string{"KIND": "node", "GRACE": "60"})
			b.settings["REPOSITORY_DIRECTORY"] = b.home + "/kora"
			one := b.commit("one", backend("one", forked))
			old := b.home + "/old/app.js"
			b.do("mkdir -m 755 "+b.home+"/old; chmod 755 "+b.home+"; cat >"+old, code("old"))
			b.do("PORT="+b.port+" bash -es", tc.start(b, old))
			b.Await(time.Minute, "the old app answers", func() bool { return b.answers() == "old" })
			says := strings.NewReplacer("OLD", old, "NAME", b.name, "PORT", b.port).Replace(tc.says)
			if tc.stays != "" {
				out := b.wants("one", "old", tc.stays, b.settings)
				if !strings.Contains(out, "failed to: stop what the image started: process") || !strings.Contains(out, says) {
					t.Errorf("it is not said who has the port, %q:\n%s", says, out)
				}
				return
			}
			out := b.wants("one", "one", "serves "+one, b.settings)
			if !strings.Contains(out, "is not of pm2: "+says) {
				t.Errorf("it is not said who had the port, %q:\n%s", says, out)
			}
			if enabled, _ := b.Run(t.Context(), "ls /etc/systemd/system/multi-user.target.wants"); strings.Contains(enabled, strings.Fields(says)[1]) {
				t.Errorf("it would be back after a reboot: %s", enabled)
			}
		})
	}
}
