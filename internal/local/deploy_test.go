package local

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// commandLine is a stand-in for the CDK's, which is that shell script.
func commandLine(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cdk")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is said, and the exit code, are the command line's own; its folder is gone afterwards.
func TestDeployPassesThrough(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	root := t.TempDir()
	var stdout, stderr strings.Builder
	cdk := commandLine(t, `echo "$@" | sed 's/--output [^ ]*/--output DIR/'; pwd; echo "$KEY" >&2; exit 7`)
	code, err := deploy(t.Context(), cdk, root, []string{"PATH=" + os.Getenv("PATH"), "KEY=value"},
		map[string]string{"stage": "single", "imageId": "ami-1"}, Deployment{Stdout: &stdout, Stderr: &stderr})
	if err != nil || code != 7 {
		t.Errorf("exit code %d, %v, want 7", code, err)
	}
	want := "deploy --require-approval never --no-notices --output DIR -c imageId=ami-1 -c stage=single\n" + root + "\n"
	if diff := cmp.Diff(stdout.String(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if stderr.String() != "value\n" {
		t.Errorf("stderr %q, want the environment's value", stderr.String())
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); left != nil {
		t.Errorf("%v is left", left)
	}
}

// Who gives up a deploy gets the command line ended, and an error.
func TestDeployGivenUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	cdk := commandLine(t, "exec sleep 60")
	if code, err := deploy(ctx, cdk, t.TempDir(), nil, nil, Deployment{}); err == nil {
		t.Errorf("exit code %d, want an error", code)
	}
}
