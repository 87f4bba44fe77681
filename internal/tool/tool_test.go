package tool

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/cdk"
)

func TestProgramsPrintTheirPinnedVersion(t *testing.T) {
	t.Setenv("CDK_HOME", t.TempDir())
	tests := []struct {
		name    string
		provide func(TB) string
		want    string
	}{
		{"cfn-lint", CfnLint, "cfn-lint " + cfnLintVersion + "\n"},
		{"shellcheck", Shellcheck, "version: " + programVersion(shellcheckVersion) + "\n"},
		{"cdk", CDK, cdk.Version + " (build "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := exec.Command(test.provide(t), "--version").CombinedOutput()
			if err != nil {
				t.Fatalf("%s --version: %v\n%s", test.name, err, out)
			}
			if got := string(out); !strings.Contains(got, test.want) {
				t.Errorf("%s --version printed %q, want %q in it", test.name, got, test.want)
			}
		})
	}
}

// programVersion drops the packager's own last number from a package's version.
func programVersion(version string) string {
	return version[:strings.LastIndex(version, ".")]
}

func TestRequirementsPinTheSameVersions(t *testing.T) {
	tests := []struct{ name, requirements, pin string }{
		{"cfn-lint", cfnLintRequirements, "\ncfn-lint==" + cfnLintVersion + " \\\n"},
		{"shellcheck", shellcheckRequirements, "\nshellcheck-py==" + shellcheckVersion + " \\\n"},
		{"ministack", ministackRequirements, "\nministack==" + ministackVersion + " \\\n"},
	}
	for _, test := range tests {
		if !strings.Contains(test.requirements, test.pin) {
			t.Errorf("requirements of %s lack the line %q", test.name, test.pin)
		}
	}
}

func TestMinistackIsInItsPython(t *testing.T) {
	const program = "import importlib.metadata as m; print(m.version('ministack'))"
	out, err := exec.Command(Ministack(t), "-c", program).CombinedOutput()
	if got, want := string(out), ministackVersion+"\n"; err != nil || got != want {
		t.Errorf("ministack's Python has %q, %v, want %q", got, err, want)
	}
}

func TestShellFilesPassShellcheck(t *testing.T) {
	for _, path := range []string{"bin/build.sh", ".ci/run", ".ci/diff", "internal/schema/generate/run.sh"} {
		out, err := exec.Command(Shellcheck(t), filepath.Join("..", "..", path)).CombinedOutput()
		if err != nil {
			t.Errorf("shellcheck %s: %v\n%s", path, err, out)
		}
	}
}

// stopped is a TB that notes how the test was ended.
type stopped struct{ how string }

func (s *stopped) Helper()               {}
func (s *stopped) Fatalf(string, ...any) { s.how = "failed" }
func (s *stopped) Skipf(string, ...any)  { s.how = "skipped" }

func TestUnavailableProgramEndsTheTest(t *testing.T) {
	tests := []struct {
		name string
		ci   string
		err  error
		want string
	}{
		{"on CI", "true", errors.New("no npm"), "failed"},
		{"elsewhere", "", errors.New("no npm"), "skipped"},
		{"available", "true", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("CI", test.ci)
			var tb stopped
			pathOrStop(&tb, "bin/program", test.err)
			if tb.how != test.want {
				t.Errorf("the test was %q, want %q", tb.how, test.want)
			}
		})
	}
}
