// Package emulator runs the tests that the emulator has in its own language.
package emulator

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// extension is the emulator's own half, beside the Go that runs it.
const extension = "../../internal/emulator/extension"

// python runs a program of Python in this folder, leaving nothing in it, and returns what it prints.
func python(t *testing.T, name string, args ...string) string {
	t.Helper()
	run := exec.Command(name, args...)
	everything(t)
	run.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="+filepath.Dir(extension), "MYPYPATH="+filepath.Dir(extension), "DOCKER_HOST=unix:///dev/null", "LOG_LEVEL=ERROR",
		"KORA_SCHEMAS="+schemas(t))
	var said bytes.Buffer
	run.Stderr = &said
	printed, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, printed, said.String())
	}
	t.Logf("%s", said.String())
	return string(printed)
}

// schemas returns the folder of AWS's registry schemas, which cfn-lint brings with it.
func schemas(t *testing.T) string {
	t.Helper()
	venv := filepath.Dir(filepath.Dir(tooltest.CfnLint(t)))
	found, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages", "cfnlint", "data", "schemas"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the schemas of cfn-lint are not below %s: %v %v", venv, found, err)
	}
	return found[0]
}

// everything is read, so that Go's cache of test results knows what they depend on.
func everything(t *testing.T) {
	t.Helper()
	for _, root := range []string{".", extension, "../testdata/templates", "../../docs/emulator.md"} {
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				_, err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Each rule of CloudFormation, and of a service, that the emulator claims has a test there that names its page.
func TestRules(t *testing.T) {
	python(t, tooltest.Ministack(t), "-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", ".")
}

// What is only documented is listed with what holds it.
func TestConstraints(t *testing.T) {
	golden.Section(t, "../../docs/emulator.md", "<!-- constraints: go test ./test/emulator -run TestConstraints -update -->",
		"<!-- end of constraints -->", python(t, tooltest.Ministack(t), "-m", "tests.constraints"))
}

// Nobody lays Python out by hand: ruff does, at the width of ruff.toml.
func TestPythonIsFormatted(t *testing.T) {
	ruff := tooltest.Ruff(t)
	for _, folder := range []string{extension, "tests", ".."} {
		for _, path := range pythonIn(t, folder, folder != "..") {
			format := exec.Command(ruff, "format", "--no-cache", "--stdin-filename", path, "-")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			format.Stdin, format.Stderr = bytes.NewReader(text), &said
			formatted, err := format.Output()
			if err != nil {
				t.Fatalf("%s: %v\n%s", path, err, said.String())
			}
			golden.File(t, path, string(formatted))
		}
	}
}

// pythonIn lists the files of Python in a folder, and, where asked, below it.
func pythonIn(t *testing.T, folder string, below bool) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != folder && !below {
			return filepath.SkipDir
		}
		if err == nil && filepath.Ext(path) == ".py" {
			all = append(all, path)
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files of Python in %s: %v", len(all), folder, err)
	}
	return all
}

func TestTypes(t *testing.T) {
	python(t, tooltest.Mypy(t), "--cache-dir", os.DevNull, "--python-executable", tooltest.Ministack(t), extension, "tests")
}
