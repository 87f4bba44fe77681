package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden is one template that is kept, and the context it is of.
type golden struct {
	file    string
	context context
}

func goldens() []golden {
	var all []golden
	for _, stage := range []string{"single", "vertical", "horizontal"} {
		all = append(all,
			golden{stage, kora.and(context{"stage": stage})},
			golden{"existing/" + stage, existing.and(context{"stage": stage})})
	}
	for _, r := range rows("single") {
		all = append(all, golden{"moves/" + r.name, kora.and(r.changes)})
	}
	return all
}

func (g golden) path() string {
	return filepath.Join("testdata", "templates", filepath.FromSlash(g.file)+".template.json")
}

// The templates are as they were. After a change that is meant: go test ./test -run TestGoldens -update
func TestGoldens(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.file, func(t *testing.T) {
			got := string(must(t, g.context).text)
			if *update {
				if err := os.MkdirAll(filepath.Dir(g.path()), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(g.path(), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.Split(got, "\n"), strings.Split(read(t, g.path()), "\n")); diff != "" {
				t.Errorf("the template changed (-got +golden); if it should have: go test ./test -run TestGoldens -update\n%s", diff)
			}
		})
	}
}

// A golden that no test reads would be a picture of nothing.
func TestNoGoldenIsLeftOver(t *testing.T) {
	wanted := map[string]bool{}
	for _, g := range goldens() {
		wanted[g.path()] = true
	}
	err := filepath.WalkDir(filepath.Join("testdata", "templates"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !wanted[path] {
			t.Errorf("%s belongs to no test", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
