// Package emulator runs the tests that the emulator has in its own language.
package emulator

import (
	"os"
	"os/exec"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool"
)

// python runs a program of Python in this folder, leaving nothing in it.
func python(t *testing.T, name string, args ...string) {
	t.Helper()
	run := exec.Command(name, args...)
	run.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "DOCKER_HOST=unix:///dev/null", "LOG_LEVEL=ERROR")
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Logf("%s", said)
}

// Each rule of CloudFormation, and of a service, that the emulator claims has a test there that names its page.
func TestRules(t *testing.T) {
	python(t, tool.Ministack(t), "-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", ".")
}

func TestTypes(t *testing.T) {
	python(t, tool.Mypy(t), "--cache-dir", os.DevNull, "--python-executable", tool.Ministack(t), "emulator", "tests")
}
