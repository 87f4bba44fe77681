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
	want := "deploy --no-notices --ci=false --output DIR --require-approval never -c imageId=ami-1 -c stage=single\n" + root + "\n"
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

// Who gives up a deploy gets the command line ended with all that it started.
func TestDeployGivenUp(t *testing.T) {
	root := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cdk := commandLine(t, `(trap "echo >ended; exit" TERM; echo >begun; while :; do sleep 0.05; done) & wait`)
	go func() {
		appears(filepath.Join(root, "begun"))
		cancel()
	}()
	code, err := deploy(ctx, cdk, root, []string{"PATH=" + os.Getenv("PATH")}, nil, Deployment{})
	if code == 0 && err == nil {
		t.Error("exit code 0, want another or an error")
	}
	if !appears(filepath.Join(root, "ended")) {
		t.Error("what the command line had started was not ended")
	}
}

// appears waits for a file, for at most 10 seconds.
func appears(path string) bool {
	for range 1000 {
		if _, err := os.Stat(path); err == nil {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
