// Package tool provides the pinned programs that kora and the tests need beyond
// the repository's prerequisites. A program is installed once, in the user's
// cache folder, and then shared by all processes.
package tool

import (
	_ "embed"
	"os"
	"sync"

	"github.com/korakagazindia/provisioner/internal/cdk"
)

// The pinned versions. Those of the Python programs also stand in requirements/.
const (
	cfnLintVersion    = "1.58.0"
	shellcheckVersion = "0.11.0.1" // of the package; the program in it is 0.11.0
	ministackVersion  = "1.5.33"
	mypyVersion       = "2.4.1"
)

var (
	//go:embed requirements/cfn-lint.txt
	cfnLintRequirements string

	//go:embed requirements/shellcheck.txt
	shellcheckRequirements string

	//go:embed requirements/ministack.txt
	ministackRequirements string

	//go:embed requirements/mypy.txt
	mypyRequirements string
)

// Read before any test sets HOME to a folder of its own.
var cacheDir, cacheErr = os.UserCacheDir()

// TB is the part of testing.TB that a missing program needs: kora links this
// package, and not the testing package.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

var (
	cfnLint    = sync.OnceValues(pythonProgram("cfn-lint", cfnLintVersion, cfnLintRequirements).provideInCache)
	shellcheck = sync.OnceValues(pythonProgram("shellcheck", shellcheckVersion, shellcheckRequirements).provideInCache)
	cdkOnce    = sync.OnceValues(cdkProgram(cdk.Version).provideInCache)
	mypy       = sync.OnceValues(pythonProgram("mypy", mypyVersion, mypyRequirements).provideInCache)
	ministack  = sync.OnceValues(ministackProgram().provideInCache)
)

// CfnLint returns the path of cfn-lint. Where it can't be provided, the test
// fails if the environment has CI=true and is skipped otherwise.
func CfnLint(t TB) string {
	t.Helper()
	path, err := cfnLint()
	return pathOrStop(t, path, err)
}

// Shellcheck returns the path of shellcheck. Where it can't be provided, the
// test fails if the environment has CI=true and is skipped otherwise.
func Shellcheck(t TB) string {
	t.Helper()
	path, err := shellcheck()
	return pathOrStop(t, path, err)
}

// CDK returns the path of the CDK command line. Where it can't be provided,
// the test fails if the environment has CI=true and is skipped otherwise.
func CDK(t TB) string {
	t.Helper()
	path, err := cdkOnce()
	return pathOrStop(t, path, err)
}

// Mypy returns the path of mypy. Where it can't be provided, the test fails if
// the environment has CI=true and is skipped otherwise.
func Mypy(t TB) string {
	t.Helper()
	path, err := mypy()
	return pathOrStop(t, path, err)
}

// Ministack returns the path of the Python that has ministack. Where it can't
// be provided, the test fails if the environment has CI=true and is skipped
// otherwise.
func Ministack(t TB) string {
	t.Helper()
	path, err := ministack()
	return pathOrStop(t, path, err)
}

// InstallCDK returns the path of the CDK command line. Before an installation,
// which takes a while, it calls announce with what is about to be installed.
// Errors are one line and name the remedy.
func InstallCDK(announce func(what string)) (string, error) {
	return cdkProgram(cdk.Version).announcedBy(announce).provideInCache()
}

// InstallMinistack returns the path of a Python that has ministack, and is
// otherwise as InstallCDK.
func InstallMinistack(announce func(what string)) (string, error) {
	return ministackProgram().announcedBy(announce).provideInCache()
}

// pathOrStop returns path, or ends the test with err's message.
func pathOrStop(t TB, path string, err error) string {
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
