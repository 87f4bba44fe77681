package emulator

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// options are those of this project, once the emulator can be run.
func options(t *testing.T) Options {
	t.Helper()
	tooltest.Ministack(t)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Root: p.Root, Region: "ap-south-1", Log: t.Output()}
}

// ownCache gives the test a cache folder of its own for what is known of emulators; the tools stay where they are.
func ownCache(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	return dir
}

func TestStartAndStop(t *testing.T) {
	cache := ownCache(t)
	e, err := Start(t.Context(), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	}
	if e.Healthy(t.Context()) == nil {
		t.Error("it still answers")
	}
	noFiles(t, cache)
}

// A program that ends at once is reported with its last words.
func TestStartOfWhatFails(t *testing.T) {
	o := options(t)
	o.extension = broken(t, "raise SystemExit('no way')")
	_, err := Start(t.Context(), o)
	if got, want := fmt.Sprint(err), "the emulator ended before it was ready: no way"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

// broken is a folder whose extension is that Python program.
func broken(t *testing.T, python string) string {
	t.Helper()
	root := t.TempDir()
	home := filepath.Join(root, "extension")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "__main__.py"), []byte(python), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

// A test process that is killed takes its emulator with it.
func TestEmulatorDiesWithItsParent(t *testing.T) {
	const variable = "EMULATOR_OF_A_KILLED_PROCESS"
	if file := os.Getenv(variable); file != "" {
		e, err := Start(t.Context(), options(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file+".tmp", []byte(strconv.Itoa(e.process.cmd.Process.Pid)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".tmp", file); err != nil {
			t.Fatal(err)
		}
		select {} // until it is killed
	}
	options(t)
	file := filepath.Join(t.TempDir(), "pid")
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), variable+"="+file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(eventually(t, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	gone(t, pid)
}

// eventually waits for the file at path and returns what it says.
func eventually(t *testing.T, path string) string {
	t.Helper()
	for range 6000 {
		if text, err := os.ReadFile(path); err == nil {
			return string(text)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s didn't appear", path)
	return ""
}

// gone waits until there is no such process, or only what is left of one that nobody waited for.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		if syscall.Kill(pid, 0) != nil || zombie(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}

func noFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// nothing is what a seed does that seeds nothing.
func nothing(*State) error { return nil }

func TestDetachFindAndEnd(t *testing.T) {
	cache := ownCache(t)
	o := options(t)
	state, err := Detach(t.Context(), o, func(s *State) error {
		s.Facts = map[string]string{"imageId": "ami-1"}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = End(o.Root) })
	if err := (&Client{URL: state.URL}).Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	found, err := Find(o.Root)
	if err != nil {
		t.Fatal(err)
	}
	if found.URL != state.URL || found.PID != state.PID || found.Facts["imageId"] != "ami-1" {
		t.Errorf("found %+v, want %+v", found, state)
	}
	if _, err := Detach(t.Context(), o, nothing); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second one: error %v", err)
	}
	if _, err := Find(t.TempDir()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("another project: error %v", err)
	}
	if err := End(o.Root); err != nil {
		t.Fatal(err)
	}
	gone(t, state.PID)
	noFiles(t, cache)
	if err := End(o.Root); !errors.Is(err, ErrNotRunning) {
		t.Errorf("ended twice: error %v", err)
	}
}

// What fails to be seeded, or is broken off, does not go on.
func TestDetachUndoesItself(t *testing.T) {
	tests := []struct {
		name, extension string
		seed            func(*State) error
		want            string
	}{
		{"no seed", "", func(*State) error { return errors.New("no zone") }, "no zone"},
		{"ends", broken(t, "raise SystemExit('no way')"), nothing, "the emulator ended before it was ready: no way"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cache := ownCache(t)
			o := options(t)
			o.extension = test.extension
			_, err := Detach(t.Context(), o, test.seed)
			if got := fmt.Sprint(err); got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
			if _, err := Find(o.Root); !errors.Is(err, ErrNotRunning) {
				t.Errorf("found after all: %v", err)
			}
			noFiles(t, cache)
		})
	}
}

// One whose start was broken off is not taken for ready, and can be ended.
func TestBrokenOff(t *testing.T) {
	cache := ownCache(t)
	o := options(t)
	state, err := Detach(t.Context(), o, func(*State) error {
		if _, err := Find(o.Root); err == nil || !strings.Contains(err.Error(), "broken off") {
			t.Errorf("error %v while it is being seeded", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := filesOf(o.Root)
	if err != nil {
		t.Fatal(err)
	}
	state.Ready = false // as a killed kora would leave it
	if err := f.write(state); err != nil {
		t.Fatal(err)
	}
	if err := End(o.Root); err != nil {
		t.Error(err)
	}
	gone(t, state.PID)
	noFiles(t, cache)
}

// An emulator that was killed leaves a state that is recognised and cleaned.
func TestStaleState(t *testing.T) {
	cache := ownCache(t)
	o := options(t)
	state, err := Detach(t.Context(), o, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(state.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	found := error(nil)
	for range 1000 { // its last thread lets go of the lock
		if _, found = Find(o.Root); found != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !errors.Is(found, ErrNotRunning) {
		t.Errorf("error %v, want %v", found, ErrNotRunning)
	}
	noStateFiles(t, cache)
}

// noStateFiles leaves aside what the emulator itself wrote before it was killed.
func noStateFiles(t *testing.T, cache string) {
	t.Helper()
	for _, pattern := range []string{"*.json", "*.lock", "*.log"} {
		if left, _ := filepath.Glob(filepath.Join(cache, "kora-provisioner", "local", pattern)); left != nil {
			t.Errorf("%v are left", left)
		}
	}
}

// What a killed ministack wrote goes when the next one starts, and what a living one wrote stays.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for name, pid := range map[string]string{"ministack-1.pid": "999999999", "ministack-2.pid": strconv.Itoa(os.Getpid()), "other.pid": "999999999"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(pid), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweep(dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(left, []string{filepath.Join(dir, "ministack-2.pid"), filepath.Join(dir, "other.pid")}); diff != "" {
		t.Errorf("(-left +want):\n%s", diff)
	}
}
