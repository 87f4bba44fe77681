// Package emulator runs the tests that the emulator has in its own language.
package emulator

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// update writes the list of constraints in docs/emulator.md anew.
var update = flag.Bool("update", false, "write what the documentation lists anew")

// python runs a program of Python in this folder, leaving nothing in it.
func python(t *testing.T, name string, args ...string) {
	t.Helper()
	run := exec.Command(name, args...)
	everything(t)
	run.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "DOCKER_HOST=unix:///dev/null", "LOG_LEVEL=ERROR",
		"KORA_SCHEMAS="+schemas(t))
	if *update {
		run.Env = append(run.Env, "KORA_UPDATE=1")
	}
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Logf("%s", said)
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
	for _, root := range []string{".", "../testdata/templates", "../../docs/emulator.md"} {
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

func TestTypes(t *testing.T) {
	python(t, tooltest.Mypy(t), "--cache-dir", os.DevNull, "--python-executable", tooltest.Ministack(t), "emulator", "tests")
}
