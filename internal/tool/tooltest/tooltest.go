// Package tooltest provides tests with pinned programs, and with folders that they make once. Where one can't be provided,
// the test fails if the environment has CI=true and is skipped otherwise.
package tooltest

import (
	_ "embed"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool"
)

// The pinned versions. They also stand in requirements/.
const (
	cfnLintVersion    = "1.58.0"
	shellcheckVersion = "0.11.0.1" // of the package; the program in it is 0.11.0
	mypyVersion       = "2.4.1"
	ruffVersion       = "0.17.6"
	checkovVersion    = "3.3.30"
	parliamentVersion = "1.6.4"
	actionlintVersion = "1.7.12"
	awscliVersion     = "1.46.3"
)

var (
	//go:embed requirements/cfn-lint.txt
	cfnLintRequirements string

	//go:embed requirements/shellcheck.txt
	shellcheckRequirements string

	//go:embed requirements/mypy.txt
	mypyRequirements string

	//go:embed requirements/ruff.txt
	ruffRequirements string

	//go:embed requirements/checkov.txt
	checkovRequirements string

	//go:embed requirements/parliament.txt
	parliamentRequirements string

	//go:embed requirements/awscli.txt
	awscliRequirements string
)

var (
	cfnLint    = once(tool.Python("cfn-lint", cfnLintVersion, cfnLintRequirements).Install)
	shellcheck = once(tool.Python("shellcheck", shellcheckVersion, shellcheckRequirements).Install)
	mypy       = once(tool.Python("mypy", mypyVersion, mypyRequirements).Install)
	ruff       = once(tool.Python("ruff", ruffVersion, ruffRequirements).Install)
	checkov    = once(tool.Python("checkov", checkovVersion, checkovRequirements).Install)
	parliament = once(tool.Python("parliament", parliamentVersion, parliamentRequirements).Install)
	actionlint = once(tool.Go("actionlint", actionlintVersion, "github.com/rhysd/actionlint/cmd/actionlint").Install)
	awscli     = once(tool.Python("aws", awscliVersion, awscliRequirements).Install)
	cdk        = once(tool.InstallCDK)
	ministack  = once(tool.InstallMinistack)
)

// once installs in silence, and at most once.
func once(install func(announce func(string)) (string, error)) func() (string, error) {
	return sync.OnceValues(func() (string, error) { return install(nil) })
}

// CfnLint returns the path of cfn-lint.
func CfnLint(t testing.TB) string { return provided(t, cfnLint) }

// Shellcheck returns the path of shellcheck.
func Shellcheck(t testing.TB) string { return provided(t, shellcheck) }

// Actionlint returns the path of actionlint.
func Actionlint(t testing.TB) string { return provided(t, actionlint) }

// Checkov returns the path of checkov.
func Checkov(t testing.TB) string { return provided(t, checkov) }

// Jsonschema returns the path of a Python that has jsonschema: checkov's, which needs it.
func Jsonschema(t testing.TB) string {
	return filepath.Join(filepath.Dir(provided(t, checkov)), "python3")
}

// Parliament returns the path of the Python that has parliament and policy-sentry.
func Parliament(t testing.TB) string {
	return filepath.Join(filepath.Dir(provided(t, parliament)), "python3")
}

// AWS returns the path of the AWS command line.
func AWS(t testing.TB) string { return provided(t, awscli) }

// CDK returns the path of the CDK command line.
func CDK(t testing.TB) string { return provided(t, cdk) }

// Mypy returns the path of mypy.
func Mypy(t testing.TB) string { return provided(t, mypy) }

// Ruff returns the path of ruff.
func Ruff(t testing.TB) string { return provided(t, ruff) }

// Ministack returns the path of the Python that has ministack.
func Ministack(t testing.TB) string { return provided(t, ministack) }

// provided is what provide returns, or ends the test with its error.
func provided(t testing.TB, provide func() (string, error)) string {
	t.Helper()
	path, err := provide()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return path
}
