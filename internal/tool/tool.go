// Package tool provides the pinned programs that tests need beyond the
// repository's prerequisites. A program is installed once, in the user's cache
// folder, and then shared by all test processes.
package tool

import (
	_ "embed"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// The pinned versions. Those of the Python programs also stand in requirements/.
const (
	cfnLintVersion    = "1.58.0"
	shellcheckVersion = "0.11.0.1" // of the package; the program in it is 0.11.0
	cdkVersion        = "2.1148.1"
)

var (
	//go:embed requirements/cfn-lint.txt
	cfnLintRequirements string

	//go:embed requirements/shellcheck.txt
	shellcheckRequirements string
)

// Read before any test sets HOME to a folder of its own.
var cacheDir, cacheErr = os.UserCacheDir()

var (
	cfnLint    = sync.OnceValues(provider(pythonProgram("cfn-lint", cfnLintVersion, cfnLintRequirements)))
	shellcheck = sync.OnceValues(provider(pythonProgram("shellcheck", shellcheckVersion, shellcheckRequirements)))
	cdk        = sync.OnceValues(provider(cdkProgram(cdkVersion)))
)

// CfnLint returns the path of cfn-lint. Where it can't be provided, the test
// fails if the environment has CI=true and is skipped otherwise.
func CfnLint(t testing.TB) string {
	t.Helper()
	path, err := cfnLint()
	return pathOrStop(t, path, err)
}

// Shellcheck returns the path of shellcheck. Where it can't be provided, the
// test fails if the environment has CI=true and is skipped otherwise.
func Shellcheck(t testing.TB) string {
	t.Helper()
	path, err := shellcheck()
	return pathOrStop(t, path, err)
}

// CDK returns the path of the CDK command line. Where it can't be provided,
// the test fails if the environment has CI=true and is skipped otherwise.
func CDK(t testing.TB) string {
	t.Helper()
	path, err := cdk()
	return pathOrStop(t, path, err)
}

// provider returns a function that provides p in the user's cache folder.
func provider(p program) func() (string, error) {
	return func() (string, error) {
		if cacheErr != nil {
			return "", p.unavailable(cacheErr)
		}
		return p.provide(filepath.Join(cacheDir, "kora-provisioner", "tools"))
	}
}

// pathOrStop returns path, or ends the test with err's message.
func pathOrStop(t testing.TB, path string, err error) string {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%v", err)
	default:
		t.Skipf("%v", err)
	}
	return path
}
