package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// told notes what a comparison says, and ends where a test would.
type told struct{ errors []string }

func (t *told) Helper()      {}
func (t *told) Name() string { return "TestPage/case" }
func (t *told) Errorf(format string, args ...any) {
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}
func (t *told) Fatalf(format string, args ...any) { t.Errorf(format, args...); panic(t) }

func faults(check func(T)) (errors []string) {
	t := &told{}
	defer func() { _ = recover(); errors = t.errors }()
	check(t)
	return t.errors
}

func TestComparisons(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept", "page.md")
	const begin, end = "<!-- here -->", "<!-- to here -->"
	for _, tc := range []struct {
		name, kept string
		update     bool
		check      func(T)
		faults     int
		left       string
	}{
		{"same", "one\n", false, func(t T) { File(t, path, "one\n") }, 0, "one\n"},
		{"other", "one\n", false, func(t T) { File(t, path, "two\n") }, 1, "one\n"},
		{"accepted", "one\n", true, func(t T) { File(t, path, "two\n") }, 0, "two\n"},
		{"missing", "", false, func(t T) { File(t, path, "one\n") }, 1, ""},
		{"made", "", true, func(t T) { File(t, path, "one\n") }, 0, "one\n"},
		{"same section", "a\n" + begin + "\none\n" + end + "\nb\n", false, func(t T) { Section(t, path, begin, end, "one\n") }, 0, "a\n" + begin + "\none\n" + end + "\nb\n"},
		{"other section", "a\n" + begin + "\none\n" + end + "\nb\n", false, func(t T) { Section(t, path, begin, end, "two\n") }, 1, "a\n" + begin + "\none\n" + end + "\nb\n"},
		{"accepted section", "a\n" + begin + "\none\n" + end + "\nb\n", true, func(t T) { Section(t, path, begin, end, "two\n") }, 0, "a\n" + begin + "\ntwo\n" + end + "\nb\n"},
		{"no section", "a\n", true, func(t T) { Section(t, path, begin, end, "two\n") }, 1, "a\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			defer func(was bool) { *update = was }(*update)
			*update = tc.update
			os.RemoveAll(filepath.Dir(path))
			if tc.kept != "" {
				write(t, path, tc.kept)
			}
			if got := faults(tc.check); len(got) != tc.faults {
				t.Errorf("%d faults, want %d: %v", len(got), tc.faults, got)
			}
			if left, _ := os.ReadFile(path); string(left) != tc.left {
				t.Errorf("%q is kept, want %q", left, tc.left)
			}
		})
	}
}

// What fails shows what changed, as diff -u does, and how to accept it.
func TestFailureCanBeReadAndFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	write(t, path, "one\ntwo\nthree\n")
	got := faults(func(t T) { File(t, path, "one\n2\nthree\n") })
	want := path + ` is not as it was; if that is meant: go test ./internal/golden -run '^TestPage$' -update
diff what is kept what it is now
--- what is kept
+++ what it is now
@@ -1,3 +1,3 @@
 one
-two
+2
 three
`
	if len(got) != 1 || got[0] != want {
		t.Errorf("it says:\n%s\nwant:\n%s", got, want)
	}
	os.Remove(path)
	got = faults(func(t T) { File(t, path, "") })
	want = "open " + path + ": no such file or directory: to make it: go test ./internal/golden -run '^TestPage$' -update"
	if len(got) != 1 || got[0] != want {
		t.Errorf("it says:\n%s\nwant:\n%s", got, want)
	}
}
