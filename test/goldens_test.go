package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/machine"
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
	return append(all,
		golden{"adopted/single", adopted.and(context{"stage": "single"})},
		golden{"adopted/horizontal", adopted.and(context{"stage": "horizontal"})})
}

func (g golden) path() string {
	return filepath.Join("testdata", "templates", filepath.FromSlash(g.file)+".template.json")
}

// The templates are as they were. After a change that is meant: go test ./test -run TestGolden -update
func TestGoldens(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.file, func(t *testing.T) {
			got := string(must(t, g.context).text)
			kept.File(t, g.path(), got)
		})
	}
}

// The programs are kept as machines run them, so that a change of them can be read. What travels is what they are packed to.
func TestGoldenPrograms(t *testing.T) {
	kept.File(t, filepath.Join("testdata", "programs", machine.Proxy.Name), machine.Proxy.Text())
	for _, program := range machine.Programs {
		kept.File(t, filepath.Join("testdata", "programs", program.Name), program.Text())
		for _, g := range goldens() {
			id := "Program" + strings.ToUpper(program.Name[:1]) + program.Name[1:]
			if got := must(t, g.context).properties(t, id)["Value"]; got != program.Packed() {
				t.Errorf("%s: %s is %v", g.file, id, got)
			}
		}
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
