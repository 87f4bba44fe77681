package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// shellExceptions are the findings of shellcheck that stand in what travels; in the files a directive beside the line
// says the same, but comments stay at home.
var shellExceptions = []exception{
	{"SC2034", "node's user data", "the settings are read by boot, which is sourced"},
	{"SC1091", "node's user data", "boot is checked itself"},
	{"SC1091", "boot", "revision is checked itself, and a server's settings are assignments only"},
	{"SC2016", "boot", "the inner shell expands it"},
	{"SC2034", "boot", "revision uses it"},
	{"SC2016", "node's user data", "what travels packed may hold a $"},
	{"SC2034", "revision", "boot reads the cause, and wait_until the end"},
	{"SC2154", "proxy", "the names of boot, which sources it"},
	{"SC2016", "adopted server's", "what is packed has dollars, and nothing to expand"},
	{"SC2154", "revision", "the names of boot, which sources it"},
	{"SC2016", "revision", "git's askpass and node expand it"},
}

// shellcheck finds nothing in the shell of the repository, nor in the scripts as machines get them.
func TestShell(t *testing.T) {
	scripts := scriptsIn(t, regexp.MustCompile(`^#!.*\b(ba|da)?sh\b`), ".sh")
	for _, path := range []string{"internal/machine/boot.sh", "internal/machine/revision.sh", "internal/machine/server.sh", "internal/machine/node.sh"} {
		if scripts[path] == "" {
			t.Errorf("%s was not looked at", path)
		}
	}
	maps.Copy(scripts, travelling())
	var findings []finding
	for name, script := range scripts {
		findings = append(findings, shellcheck(t, name, script)...)
	}
	judge(t, findings, shellExceptions)
}

// travelling is what the machines run, without its comments.
func travelling() map[string]string {
	node := []machine.Setting{{Name: "NAME", Value: "kora-backend"}, {Name: "REGION", Value: "ap-south-1"}, {Name: "KIND", Value: "node"}}
	scripts := map[string]string{
		"server's user data": machine.ServerUserData("kora-backend", "ap-south-1", machine.Program.Packed),
		"node's user data":   machine.NodeUserData(node, machine.Program.Packed),
		"adopted server's":   machine.AdoptedCommand("kora-backend", "ap-south-1", machine.Program.Packed),
	}
	for _, program := range append(machine.Programs, machine.Proxy) {
		scripts[program.Name] = program.Text()
	}
	delete(scripts, "aws") // Python
	return scripts
}

// shellcheck returns all that it says of a script; one that names no interpreter is bash.
func shellcheck(t *testing.T, name, script string) []finding {
	t.Helper()
	args := []string{"--norc", "--format", "json1", "-"}
	if !strings.HasPrefix(script, "#!") {
		args = append([]string{"--shell", "bash"}, args...)
	}
	command := exec.Command(tooltest.Shellcheck(t), args...)
	command.Stdin = strings.NewReader(script)
	out, failure := command.Output() // 1 when it found something
	var report struct {
		Comments []struct {
			Line, Code int
			Message    string
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("shellcheck: %v: %v\n%s", failure, err, out)
	}
	var findings []finding
	for _, c := range report.Comments {
		findings = append(findings, finding{fmt.Sprintf("SC%d", c.Code), name, fmt.Sprintf("line %d: %s", c.Line, c.Message)})
	}
	return findings
}

// The Python that machines run is Python 3.10's, which Ubuntu 22.04 has: an adopted server may be as old.
func TestPython(t *testing.T) {
	programs := scriptsIn(t, regexp.MustCompile(`^#!.*\bpython3?\b`), ".py")
	if programs["internal/machine/aws.py"] == "" {
		t.Error("internal/machine/aws.py was not looked at")
	}
	programs["aws"] = machine.Programs[0].Text()
	python := filepath.Join(filepath.Dir(tooltest.Shellcheck(t)), "python3") // 3.10 or newer
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		parse := exec.Command(python, "-c", parse310)
		parse.Stdin = strings.NewReader(programs[name])
		if out, err := parse.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

const parse310 = `
import ast, sys
try:
    ast.parse(sys.stdin.read(), feature_version=(3, 10))
except SyntaxError as error:
    sys.exit(str(error))`

// scriptsIn returns the repository's files that have an extension, or whose first line fits, by their paths with slashes.
func scriptsIn(t *testing.T, firstLine *regexp.Regexp, extension string) map[string]string {
	t.Helper()
	scripts := map[string]string{}
	err := filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root(), path)
		if err != nil {
			return err
		}
		switch name = filepath.ToSlash(name); {
		case slices.Contains([]string{".git", "build", "cdk.out", "test/testdata"}, name): // what .gitignore names, and goldens
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another test's, gone by now
		}
		if err == nil && (filepath.Ext(path) == extension || firstLine.Match(text)) {
			scripts[name] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return scripts
}
