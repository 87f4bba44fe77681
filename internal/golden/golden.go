// Package golden holds what a person reads against a kept copy of it, in tests. With the flag -update they accept it as it
// is.
package golden

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "accept what is kept as it is now")

// T is the part of testing.TB that a comparison needs.
type T interface {
	Helper()
	Name() string
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// File holds got against the file at path. Where they differ, or there is none, the test fails.
func File(t T, path, got string) {
	t.Helper()
	if *update {
		write(t, path, got)
	}
	compare(t, path, got, read(t, path))
}

// Section holds got against what stands in the file at path between two lines, begin and end. A file without them fails the
// test.
func Section(t T, path, begin, end, got string) {
	t.Helper()
	before, rest, begins := strings.Cut(read(t, path), begin+"\n")
	want, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s has no section between %s and %s", path, begin, end)
	}
	if *update {
		write(t, path, before+begin+"\n"+got+end+after)
		want = got
	}
	compare(t, path, got, want)
}

func read(t T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: to make it: %s", err, command(t))
	}
	return string(text)
}

func write(t T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatalf("%v", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatalf("%v", err)
	}
}

func compare(t T, path, got, want string) {
	t.Helper()
	if changes := diff.Diff("what is kept", []byte(want), "what it is now", []byte(got)); changes != nil {
		t.Errorf("%s is not as it was; if that is meant: %s\n%s", path, command(t), changes)
	}
}

// command accepts what the test that runs compares.
func command(t T) string {
	test, _, _ := strings.Cut(t.Name(), "/")
	return fmt.Sprintf("go test ./%s -run '^%s$' -update", folder(), test)
}

// folder is that of the test that runs, in the repository.
func folder() string {
	callers := make([]uintptr, 50)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.File, "_test.go") {
			slash := strings.LastIndex(frame.Function, "/")
			name, _, _ := strings.Cut(frame.Function[slash+1:], ".")
			return strings.TrimPrefix(frame.Function[:slash+1], module) + strings.TrimSuffix(name, "_test")
		}
		if !more {
			return "..."
		}
	}
}

const module = "github.com/korakagazindia/provisioner/"
