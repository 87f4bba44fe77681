// Package deploy deploys each stage, and each move between them, to the emulator of internal/emulator, through the CDK
// command line and through CloudFormation's own API, and looks at what stands there through the AWS APIs: never at the
// template.
//
// What the emulator is the model of, a test here holds to AWS's documentation, not to AWS: docs/emulator.md.
package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/tool"
)

const region = "ap-south-1"

var (
	cloud *emulator.Emulator // the one of this test process, reset between cases
	root  string             // the project's folder
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if root, err = filepath.Abs("../.."); err != nil {
		return 0, err
	}
	if _, err := tool.InstallMinistack(nil); err != nil && os.Getenv("CI") != "true" {
		fmt.Fprintln(os.Stderr, "skipped:", err)
		return 0, nil
	}
	build := exec.Command("sh", "bin/build.sh")
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		return 0, fmt.Errorf("building the app: %w", err)
	}
	cloud, err = emulator.Start(context.Background(), emulator.Options{Root: root, Region: region, Log: os.Stderr})
	if err != nil {
		return 0, err
	}
	defer cloud.Stop()
	return m.Run(), nil
}
