// Package tool provides the pinned programs that kora needs beyond the repository's prerequisites. A program is installed
// once, in the user's cache folder, and then shared by all processes.
package tool

import (
	_ "embed"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/cdk"
)

// ministackVersion also stands in ministack.txt.
const ministackVersion = "1.5.33"

//go:embed ministack.txt
var ministackRequirements string

// Read before any test sets HOME to a folder of its own.
var cacheDir, cacheErr = os.UserCacheDir()

// Cache is the path of a folder below the user's cache folder, which need not be there yet.
func Cache(name string) (string, error) {
	return filepath.Join(cacheDir, "kora-provisioner", name), cacheErr
}

// InstallCDK returns the path of the CDK command line. Before an installation, which takes a while, it calls announce, nil
// for nobody, with what is about to be installed. Errors are one line and name the remedy.
func InstallCDK(announce func(what string)) (string, error) {
	return cdkProgram(cdk.Version).Install(announce)
}

// InstallMinistack returns the path of a Python that has ministack, and is otherwise as InstallCDK.
func InstallMinistack(announce func(what string)) (string, error) {
	return ministackProgram().Install(announce)
}
