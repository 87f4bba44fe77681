//go:build linux

package machine

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// victimVariable, set, makes TestKilledTestLeavesNothing the test that is killed.
const victimVariable = "RIG_VICTIM"

func TestKilledTestLeavesNothing(t *testing.T) {
	t.Parallel()
	if os.Getenv(victimVariable) != "" {
		m := New(t, Setup{UserData: "#!/bin/sh\nsetsid sleep 1000 &\nsleep 1000\n", Memory: 1 << 30})
		m.Boot()
		m.Await(time.Minute, "user data runs", func() bool { _, code := m.Run(t.Context(), "pgrep -x sleep"); return code == 0 })
		fmt.Println("scratch", filepath.Dir(m.socket))
		time.Sleep(time.Minute)
		t.Fatal("not killed")
	}
	require(t, false)
	base(t) // not in the victim's minute
	victim := exec.Command("/proc/self/exe", "-test.run=^TestKilledTestLeavesNothing$")
	victim.Env = append(os.Environ(), victimVariable+"=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	scratch := ""
	for lines := bufio.NewScanner(out); scratch == "" && lines.Scan(); {
		scratch, _ = strings.CutPrefix(lines.Text(), "scratch ")
	}
	pids := descendants(victim.Process.Pid)
	held := namespacesOf(pids)
	if scratch == "" || len(pids) < 5 || len(held) < 5 {
		t.Errorf("in %q run %v in %v", scratch, pids, held)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	_ = victim.Wait() // it was killed
	var left string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left = leftovers(victim.Process.Pid, scratch, held); left == "" {
			t.Logf("%d processes and %d namespaces were gone after %v", len(pids), len(held), time.Since(killed))
			return
		}
	}
	t.Errorf("left over: %s", left)
}

// leftovers names something of a machine that is still there.
func leftovers(pid int, scratch string, held []string) string {
	for _, namespace := range namespacesOf(processes()) {
		if slices.Contains(held, namespace) {
			return namespace
		}
	}
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err != nil || strings.Contains(string(mounts), scratch) {
		return "a mount"
	}
	if _, err := os.Stat(scratch); !os.IsNotExist(err) {
		return scratch
	}
	groups, _ := filepath.Glob(fmt.Sprintf("/sys/fs/cgroup/*/rig-%d-*", pid)) // the pattern is right
	return strings.Join(groups, " ")
}

// processes lists all of this machine's.
func processes() (pids []string) {
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	for _, folder := range folders {
		pids = append(pids, filepath.Base(folder))
	}
	return pids
}

// descendants lists a process's children, their children and so on.
func descendants(pid int) []string {
	parents := map[string]string{}
	for _, id := range processes() {
		if text, err := os.ReadFile("/proc/" + id + "/stat"); err == nil {
			// After the program's name, which may hold anything: state, parent.
			fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
			parents[id] = fields[1]
		}
	}
	var found []string
	for id := range parents {
		for up := parents[id]; up != "" && up != "0"; up = parents[up] {
			if up == fmt.Sprint(pid) {
				found = append(found, id)
				break
			}
		}
	}
	return found
}

// namespacesOf lists the namespaces that processes are in and this one is not.
func namespacesOf(pids []string) (held []string) {
	for _, kind := range []string{"mnt", "net", "pid", "ipc", "uts"} {
		own, _ := os.Readlink("/proc/self/ns/" + kind) // "" is no namespace
		for _, pid := range pids {
			link, err := os.Readlink("/proc/" + pid + "/ns/" + kind)
			if err == nil && link != own && !slices.Contains(held, link) {
				held = append(held, link)
			}
		}
	}
	return held
}
