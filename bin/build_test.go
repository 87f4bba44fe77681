package bin

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	goFault   = "kora: needs Go 1.25 or newer, found %s: install it from go.dev/dl, then run this again\n"
	nodeFault = "kora: needs Node 20 or newer, found %s: install it from nodejs.org, then run this again\n"
)

func TestBuildChecksPrerequisites(t *testing.T) {
	tests := []struct {
		name   string
		goLine string // what "go version" prints; "" for no go
		node   string // what "node --version" prints; "" for no node
		want   string // standard error; "" when the app is built
	}{
		{"oldest that serve", "go version go1.25.0 linux/amd64", "v20.0.0", ""},
		{"newer", "go version go1.26.8 darwin/arm64", "v24.11.1", ""},
		{"much newer", "go version go1.100.1 linux/amd64", "v100.0.0", ""},
		{"release candidate", "go version go1.26rc1 linux/amd64", "v20.20.2", ""},
		{"development version", "go version devel go1.27-abc Mon Jan 5 10:00:00 2026 +0000 linux/amd64", "v20.20.2", ""},
		{"nightly node", "go version go1.26.8 linux/amd64", "v26.0.0-nightly2026", ""},
		{"experiments", "go version go1.25.3 X:nodwarf5 linux/amd64", "v20.20.2", ""},

		{"go too old", "go version go1.22.5 linux/amd64", "v20.20.2", fmt.Sprintf(goFault, "go1.22.5")},
		{"go just too old", "go version go1.24.13 linux/amd64", "v20.20.2", fmt.Sprintf(goFault, "go1.24.13")},
		{"go of long ago", "go version go1.9 linux/amd64", "v20.20.2", fmt.Sprintf(goFault, "go1.9")},
		{"go before its release", "go version go1.25rc2 linux/amd64", "v20.20.2", fmt.Sprintf(goFault, "go1.25rc2")},
		{"old development version", "go version devel go1.24-abc Mon linux/amd64", "v20.20.2", fmt.Sprintf(goFault, "go1.24-abc")},
		{"unnumbered development version", "go version devel +abc Mon linux/amd64", "v20.20.2", fmt.Sprintf(goFault, "+abc")},
		{"go missing", "", "v20.20.2", fmt.Sprintf(goFault, "none")},

		{"node too old", "go version go1.25.0 linux/amd64", "v18.20.4", fmt.Sprintf(nodeFault, "v18.20.4")},
		{"node of long ago", "go version go1.25.0 linux/amd64", "v0.12.18", fmt.Sprintf(nodeFault, "v0.12.18")},
		{"node missing", "go version go1.25.0 linux/amd64", "", fmt.Sprintf(nodeFault, "none")},

		{"both too old", "go version go1.19.8 linux/amd64", "v18.20.4",
			fmt.Sprintf(nodeFault, "v18.20.4") + fmt.Sprintf(goFault, "go1.19.8")},
		{"both missing", "", "", fmt.Sprintf(nodeFault, "none") + fmt.Sprintf(goFault, "none")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t, test.goLine, test.node)
			code, out := run(t, tree.command(tree.root, "bin/build.sh"))
			if out != test.want {
				t.Errorf("printed %q, want %q", out, test.want)
			}
			wantCode, wantBuild := 0, tree.root+": -o build/app ./bin/app\n"
			if test.want != "" {
				wantCode, wantBuild = 1, ""
			}
			if code != wantCode {
				t.Errorf("exit code %d, want %d", code, wantCode)
			}
			if got := tree.builds(t); got != wantBuild {
				t.Errorf("builds %q, want %q", got, wantBuild)
			}
		})
	}
}

func TestBuildRunsFromAnyDirectory(t *testing.T) {
	tests := []struct{ name, directory, script string }{
		{"root", ".", "bin/build.sh"},
		{"the script's folder", "bin", "build.sh"},
		{"a folder beside it", "other", "../bin/build.sh"},
		{"absolute", "/", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t, "go version go1.25.0 linux/amd64", "v20.0.0")
			directory, script := filepath.Join(tree.root, test.directory), test.script
			if script == "" {
				directory, script = "/", filepath.Join(tree.root, "bin/build.sh")
			}
			cmd := tree.command(directory, script)
			cmd.Env = append(cmd.Env, "CDPATH="+t.TempDir()+":/")
			code, out := run(t, cmd)
			if code != 0 || out != "" {
				t.Errorf("exit code %d and output %q, want 0 and none", code, out)
			}
			if got, want := tree.builds(t), tree.root+": -o build/app ./bin/app\n"; got != want {
				t.Errorf("builds %q, want %q", got, want)
			}
		})
	}
}

// onTerminal is a Python program that runs a command on a terminal of its own,
// with the first argument as PATH.
const onTerminal = `
import os, pty, sys
os.environ["PATH"] = sys.argv[1]
pty.spawn(sys.argv[2:])`

func TestBuildAnnouncesTheFirstOnATerminal(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		const why = "no python3 to make a terminal with: install Python 3.10 or newer"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	tree := newTree(t, "go version go1.25.0 linux/amd64", "v20.0.0")
	for _, want := range []string{"kora: compiling the app (about a minute the first time)\r\n", ""} {
		cmd := exec.Command(python, "-c", onTerminal, tree.path, "/bin/sh", "bin/build.sh")
		cmd.Dir = tree.root
		if _, got := run(t, cmd); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	}
}

func TestBuildPassesTheCompilersFailureOn(t *testing.T) {
	tree := newTree(t, "go version go1.25.0 linux/amd64", "v20.0.0")
	tree.executable(t, "go", `[ "$1" = version ] && echo go version go1.25.0 && exit; echo broken >&2; exit 7`)
	code, out := run(t, tree.command(tree.root, "bin/build.sh"))
	if code != 7 || out != "broken\n" {
		t.Errorf("exit code %d and output %q, want 7 and the compiler's", code, out)
	}
}

// tree is a copy of the script in a repository of its own, with a go and a
// node that only say their version. That go writes down what it builds.
type tree struct {
	root string
	path string // the folder with go and node
	log  string
}

func newTree(t *testing.T, goLine, node string) tree {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tr := tree{
		root: filepath.Join(folder, "a repository"),
		path: filepath.Join(folder, "path"),
		log:  filepath.Join(folder, "log"),
	}
	for _, dir := range []string{tr.path, filepath.Join(tr.root, "bin"), filepath.Join(tr.root, "other"), filepath.Join(tr.root, "build")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script, err := os.ReadFile("build.sh")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tr.root, "bin", "build.sh"), script, 0o644); err != nil {
		t.Fatal(err)
	}
	if goLine != "" {
		tr.executable(t, "go", fmt.Sprintf(`case $1 in
version)
	[ "$GOTOOLCHAIN" = local ] || exit 1
	echo '%s'
	;;
build)
	shift
	echo "$PWD: $*" >>'%s'
	: >"$2"
	;;
esac`, goLine, tr.log))
	}
	if node != "" {
		tr.executable(t, "node", "echo "+node)
	}
	return tr
}

// executable puts a shell script of that name on the tree's path.
func (tr tree) executable(t *testing.T, name, script string) {
	t.Helper()
	content := "#!/bin/sh\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(tr.path, name), []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// command runs the script from directory, with nothing but the tree's go and
// node on its path.
func (tr tree) command(directory, script string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", script)
	cmd.Dir = directory
	cmd.Env = []string{"PATH=" + tr.path}
	return cmd
}

// builds returns a line for each build, with its directory and arguments.
func (tr tree) builds(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(tr.log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(content)
}

// run returns the command's exit code and what it printed, on either stream.
func run(t *testing.T, cmd *exec.Cmd) (int, string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}
