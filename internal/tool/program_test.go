package tool

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// scripted is a program that the shell script installs, in the program's folder.
func scripted(script string) Program {
	return Program{
		name:    "sample",
		version: "1.0",
		steps: func(string) ([][]string, error) {
			return [][]string{{"sh", "-c", script}}, nil
		},
		files:  []string{"sample"},
		remedy: "install the sample",
	}
}

// counting installs the program and adds a line to the file at log.
func counting(log string) Program {
	return scripted(fmt.Sprintf("echo installed >>'%s'; touch sample", log))
}

func TestProvideInstallsWhatIsMissing(t *testing.T) {
	tests := []struct {
		name   string
		before func(t *testing.T, p Program, root string)
		want   int // installations in all
	}{
		{"nothing there", func(*testing.T, Program, string) {}, 1},
		{"complete", provideOnce, 1},
		{"no marker", func(t *testing.T, p Program, root string) {
			provideOnce(t, p, root)
			remove(t, root, "sample-1.0", markerFile)
		}, 2},
		{"half-made", func(t *testing.T, _ Program, root string) {
			write(t, "half", root, "sample-1.0", "sample", "leftover")
		}, 1},
		{"program gone", func(t *testing.T, p Program, root string) {
			provideOnce(t, p, root)
			remove(t, root, "sample-1.0", "sample")
		}, 2},
		{"other requirements", func(t *testing.T, p Program, root string) {
			p.requirements = "sample==0.9"
			provideOnce(t, p, root)
			if name := p.folder(); name == "sample-1.0" { // another checkout may use it at this moment
				t.Errorf("it shares the folder %s", name)
			}
		}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
			p := counting(log)
			test.before(t, p, root)
			provideOnce(t, p, root)
			if got := lines(t, log); got != test.want {
				t.Errorf("%d installations, want %d", got, test.want)
			}
		})
	}
}

func TestProvideInstallsOnceForAllCallers(t *testing.T) {
	root, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := counting(log).provide(root, nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := lines(t, log); got != 1 {
		t.Errorf("%d installations, want 1", got)
	}
}

func TestFailedInstallationLeavesNothing(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"command fails", "touch sample; echo trying; echo no room; exit 3",
			"no sample 1.0: sh: exit status 3: no room: install the sample, then try again"},
		{"silent", "exit 3",
			"no sample 1.0: sh: exit status 3: install the sample, then try again"},
		{"pip's error", "echo 'ERROR: no match'; echo see the log; exit 1",
			"no sample 1.0: sh: exit status 1: ERROR: no match: install the sample, then try again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			_, err := scripted(test.script).provide(root, nil)
			if got := fmt.Sprint(err); got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
			if _, err := os.Stat(filepath.Join(root, "sample-1.0")); !os.IsNotExist(err) {
				t.Errorf("the folder is still there: %v", err)
			}
		})
	}
}

func TestInstallationWithoutTheProgramFails(t *testing.T) {
	if path, err := scripted("true").provide(t.TempDir(), nil); err == nil {
		t.Errorf("provided %s, want an error", path)
	}
}

// The killed process's command is still at work when the next one comes.
func TestKilledInstallationIsRedone(t *testing.T) {
	const variable = "KILLED_INSTALLATION_ROOT"
	if root := os.Getenv(variable); root != "" {
		_, err := scripted("touch started; sleep 1; touch sample ../ended").provide(root, nil)
		t.Fatalf("not killed: %v", err)
	}
	root := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), variable+"="+root)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, filepath.Join(root, "sample-1.0", "started"))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed

	provideOnce(t, scripted("test -e ../ended && touch sample"), root)
	if _, err := os.Stat(filepath.Join(root, "sample-1.0", "started")); !os.IsNotExist(err) {
		t.Errorf("the killed installation's files are still there: %v", err)
	}
}

func TestPythonProgramSaysWhatToInstall(t *testing.T) {
	const remedy = "apt-get install python3-venv"
	tests := []struct{ name, python, want string }{
		{"no python", "", "no Python 3.10 or newer with venv found"},
		{"python too old or without venv", "exit 1", "no Python 3.10 or newer with venv found"},
		{"venv fails", `case $2 in venv) echo one; echo two; exit 1;; esac; echo "$0"`, "exit status 1: two"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if test.python != "" {
				write(t, "#!/bin/sh\n"+test.python+"\n", folder, "python3")
			}
			t.Setenv("PATH", folder)
			_, err := Python("sample", "1.0", "").provide(t.TempDir(), nil)
			got := fmt.Sprint(err)
			if !strings.Contains(got, test.want) || !strings.Contains(got, remedy) {
				t.Errorf("error %q, want %q and %q in it", got, test.want, remedy)
			}
			if strings.Contains(got, "\n") {
				t.Errorf("error %q, want one line", got)
			}
		})
	}
}

func TestCDKSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := cdkProgram("1.0").provide(t.TempDir(), nil)
	want := "no cdk 1.0: npm not found: install Node 20 or newer with npm" +
		" and let npm reach its registry, then try again"
	if got := fmt.Sprint(err); got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

// provideOnce provides p and checks that it is there.
func provideOnce(t *testing.T, p Program, root string) {
	t.Helper()
	path, err := p.provide(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(root, p.folder(), "sample"); path != want {
		t.Fatalf("path %s, want %s", path, want)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}

// write makes an executable file of that content, and its folders.
func write(t *testing.T, content string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// remove removes the file at path.
func remove(t *testing.T, path ...string) {
	t.Helper()
	if err := os.Remove(filepath.Join(path...)); err != nil {
		t.Fatal(err)
	}
}

// lines counts the lines of the file at path.
func lines(t *testing.T, path string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(content), "\n")
}

// await waits for the file at path, for at most 10 seconds.
func await(t *testing.T, path string) {
	t.Helper()
	for range 1000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s didn't appear", path)
}

func TestMinistackIsPinned(t *testing.T) {
	if pin := "\nministack==" + ministackVersion + " \\\n"; !strings.Contains(ministackRequirements, pin) {
		t.Errorf("ministack.txt lacks the line %q", pin)
	}
}

// Of all callers, the one that installs says so.
func TestInstallationIsAnnounced(t *testing.T) {
	root, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	var said []string
	for range 2 {
		if _, err := counting(log).provide(root, func(what string) { said = append(said, what) }); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(said, ", "); got != "sample 1.0" {
		t.Errorf("announced %q, want sample 1.0 once", got)
	}
}
