//go:build linux

package machine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/test/machine/world"
)

func TestUserDataRunsOnce(t *testing.T) {
	t.Parallel()
	began := time.Now()
	m := New(t, Setup{UserData: "#!/bin/bash\necho \"$HOME:$(id -u):$0\" | tee -a /root/ran\nexit 3\n"})
	made := time.Now()
	m.Boot()
	booted := time.Now()
	result := m.UserData(t.Context())
	t.Logf("made in %v, up after %v, user data began after %v and took %v",
		made.Sub(began), booted.Sub(made), result.Began.Sub(made), result.Ended.Sub(result.Began))
	if result.Code != 3 {
		t.Errorf("exit code %d, want 3", result.Code)
	}
	began = time.Now()
	m.Reboot()
	t.Logf("rebooted in %v", time.Since(began))
	m.PowerOff()
	m.Boot()
	m.Run(t.Context(), "systemctl start user-data")
	if got := m.Boots(); got != 3 {
		t.Errorf("%d boots, want 3", got)
	}
	const want = ":0:/var/lib/cloud/instance/scripts/part-001\n"
	for _, path := range []string{"/root/ran", "/var/log/cloud-init-output.log"} {
		if got, _ := m.File(path); got != want {
			t.Errorf("the user data wrote %q to %s, want %q", got, path, want)
		}
	}
}

// As on EC2, a script that was interrupted is not run again: what it began has to be finished by something else.
func TestInterruptedUserDataIsNotRunAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		interrupt func(*Machine)
	}{
		{"power cut", func(m *Machine) { m.Kill(); m.Boot() }},
		{"reboot", (*Machine).Reboot},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := New(t, Setup{UserData: "#!/bin/sh\necho began >>/root/ran\nsleep 60\necho ended >>/root/ran\n"})
			m.Boot()
			m.Await(time.Minute, "user data runs", func() bool { _, found := m.File("/root/ran"); return found })
			tc.interrupt(m)
			if out, code := m.Run(t.Context(), "systemctl start user-data"); code != 0 {
				t.Errorf("user-data.service: %d %s", code, out)
			}
			if got, _ := m.File("/root/ran"); got != "began\n" {
				t.Errorf("the user data wrote %q", got)
			}
		})
	}
}

// A script that reboots the machine itself needs nothing of the test.
func TestMachineReboots(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{UserData: "#!/bin/sh\nreboot\n"})
	m.Boot()
	m.Await(time.Minute, "a second boot", func() bool { return m.Boots() == 2 })
	if _, code := m.Run(t.Context(), "systemctl is-system-running --wait"); code != 0 {
		t.Errorf("is-system-running: %d", code)
	}
}

// setsClock prints whether a process may set the clock (capability 25), which would be that of this machine too.
const setsClock = `#!/usr/bin/python3
for line in open("/proc/self/status"):
    if line.startswith("CapBnd"):
        print(int(line.split()[1], 16) >> 25 & 1)
`

func TestRun(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{Files: []world.File{{Path: "/home/ubuntu/app/hello", Content: []byte("hello\n"), Owner: world.Ubuntu}}})
	m.Boot()
	for _, tc := range []struct {
		name, script string
		args         []string
		output       string
		code         int
	}{
		{"sh without a first line", "echo out; echo error >&2; exit 7", nil, "out\nerror\n", 7},
		{"by the first line", "#!/usr/bin/python3\nimport sys\nprint(sys.argv[1:])", []string{"a b", "$(id)"}, "['a b', '$(id)']\n", 0},
		{"clean environment", "env | sort", nil,
			"LANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\n", 0},
		{"this machine's clock is safe", setsClock, nil, "0\n", 0},
		{"the user ubuntu may be root", "sudo -u ubuntu -H sh -c 'cd ~/app && cat hello && stat -c %U . && sudo id -u'", nil,
			"hello\nubuntu\n0\n", 0},
		{"units work", "systemctl is-active dbus", nil, "active\n", 0},
		{"a daemon stays", "setsid sleep 300 & echo started", nil, "started\n", 0},
		{"and is there", "pgrep -x sleep >/dev/null && echo yes", nil, "yes\n", 0},
		{"redis is there", "systemctl start redis-server && redis-cli ping", nil, "PONG\n", 0},
	} {
		if output, code := m.Run(t.Context(), tc.script, tc.args...); output != tc.output || code != tc.code {
			t.Errorf("%s: %q, %d, want %q, %d", tc.name, output, code, tc.output, tc.code)
		}
	}
	if text, found := m.File("/etc/missing"); found {
		t.Errorf("a missing file has %q", text)
	}
	m.Run(t.Context(), "echo here >/run/here")
	if text, _ := m.File("/var/run/here"); text != "here\n" {
		t.Errorf("a file through a link, in memory: %q", text)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	m := New(t, Setup{})
	m.Boot()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, code := m.Run(ctx, "echo here; sleep 50"); code != -1 {
		t.Errorf("exit code %d, want -1", code)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("ended after %v", d)
	}
	m.Await(time.Minute, "the script is gone", func() bool { _, code := m.Run(t.Context(), "pgrep -x sleep"); return code == 1 })
}

func TestLimits(t *testing.T) {
	t.Parallel()
	t.Run("disk", func(t *testing.T) {
		t.Parallel()
		m := New(t, Setup{Disk: 64 << 20})
		m.Boot()
		out, code := m.Run(t.Context(), "head -c 100M /dev/zero >/big")
		if code == 0 || !strings.Contains(out, "No space left on device") {
			t.Errorf("%q, %d", out, code)
		}
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		m := New(t, Setup{Memory: 128 << 20})
		m.Boot()
		// The kernel kills what is too big, and nothing else.
		out, code := m.Run(t.Context(), `python3 -c 'print(len("x" * 300_000_000))'`)
		if code != 137 {
			t.Errorf("%q, %d, want 137", out, code)
		}
		if out, code := m.Run(t.Context(), "head -c 300M /dev/zero >/big && systemctl is-system-running --wait"); code != 0 {
			t.Errorf("a big file, of which the pages need not stay in memory: %q, %d", out, code)
		}
	})
}
