package tooltest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	pinned "github.com/korakagazindia/provisioner/internal/cdk"
)

func TestProgramsPrintTheirPinnedVersion(t *testing.T) {
	t.Setenv("CDK_HOME", t.TempDir())
	tests := []struct {
		name    string
		provide func(testing.TB) string
		want    string
	}{
		{"cfn-lint", CfnLint, "cfn-lint " + cfnLintVersion + "\n"},
		{"shellcheck", Shellcheck, "version: " + programVersion(shellcheckVersion) + "\n"},
		{"actionlint", Actionlint, actionlintVersion + "\n"},
		{"checkov", Checkov, checkovVersion + "\n"},
		{"cdk", CDK, pinned.Version + " (build "},
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
		{"mypy", mypyRequirements, "\nmypy==" + mypyVersion + " \\\n"},
		{"ruff", ruffRequirements, "\nruff==" + ruffVersion + " \\\n"},
	}
	for _, test := range tests {
		if !strings.Contains(test.requirements, test.pin) {
			t.Errorf("requirements of %s lack the line %q", test.name, test.pin)
		}
	}
}

func TestMinistackIsInItsPython(t *testing.T) {
	out, err := exec.Command(Ministack(t), "-c", "import ministack").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestShellFilesPassShellcheck(t *testing.T) {
	for _, path := range []string{"bin/build.sh", ".ci/run", ".ci/diff", ".ci/deploy", ".ci/update", "internal/schema/generate/run.sh"} {
		out, err := exec.Command(Shellcheck(t), filepath.Join("..", "..", "..", path)).CombinedOutput()
		if err != nil {
			t.Errorf("shellcheck %s: %v\n%s", path, err, out)
		}
	}
}

// The workflows, with the scripts in them, which shellcheck reads.
func TestWorkflowsPassActionlint(t *testing.T) {
	folder := filepath.Join("..", "..", "..", ".github", "workflows")
	workflows, err := filepath.Glob(filepath.Join(folder, "*.yml"))
	if err != nil || len(workflows) < 4 {
		t.Fatalf("%d workflows, %v", len(workflows), err)
	}
	for _, workflow := range workflows {
		text, err := os.ReadFile(workflow) // so that Go's cache of test results knows it
		if err != nil {
			t.Fatal(err)
		}
		// What may write, here or in the account, pins its actions by commit, and what is not GitHub's own is pinned everywhere.
		writes := strings.Contains(string(text), "contents: write") || strings.Contains(string(text), "environment:")
		for _, found := range regexp.MustCompile(`uses: (\S+)@(\S+)`).FindAllSubmatch(text, -1) {
			if writes || !strings.HasPrefix(string(found[1]), "actions/") {
				if len(found[2]) != 40 {
					t.Errorf("%s: %s is not pinned by commit", workflow, found[0])
				}
			}
		}
	}
	if out, err := exec.Command(Actionlint(t), append([]string{"-shellcheck", Shellcheck(t), "-pyflakes", ""}, workflows...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// stopped is a test that notes how it was ended.
type stopped struct {
	testing.TB
	how string
}

func (s *stopped) Helper()      {}
func (s *stopped) Fatal(...any) { s.how = "failed" }
func (s *stopped) Skip(...any)  { s.how = "skipped" }

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
			provided(&tb, func() (string, error) { return "bin/program", test.err })
			if tb.how != test.want {
				t.Errorf("the test was %q, want %q", tb.how, test.want)
			}
		})
	}
}
