package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	tests := []struct {
		name, json, from string
		want             string // of the error
	}{
		{"in the folder", `{"context": {"name": "shop"}}`, ".", ""},
		{"in a folder above", `{"context": {"name": "shop"}}`, "a/b", ""},
		{"no context", `{}`, ".", ""},
		{"nowhere", "", "a/b", "no cdk.json in "},
		{"not JSON", `{"context": `, ".", "cdk.json: unexpected end of JSON input"},
		{"a context that is none", `{"context": 3}`, ".", "cdk.json: json: cannot unmarshal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(root, "a", "b"), 0o755); err != nil {
				t.Fatal(err)
			}
			if test.json != "" {
				if err := os.WriteFile(filepath.Join(root, "cdk.json"), []byte(test.json), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			found, err := Find(filepath.Join(root, test.from))
			if test.want != "" {
				if got := fmt.Sprint(err); !strings.Contains(got, test.want) {
					t.Errorf("error %q, want %q in it", got, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if found.Root != root {
				t.Errorf("root %s, want %s", found.Root, root)
			}
		})
	}
}

func TestConfigTakesChangesOverWhatIsCommitted(t *testing.T) {
	p := &Project{Context: map[string]any{"stage": "single", "name": "shop"}}
	c, err := p.Config(map[string]string{"stage": "vertical"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Stage != "vertical" || c.Name != "shop" {
		t.Errorf("stage %s and name %s, want vertical and shop", c.Stage, c.Name)
	}
	if p.Context["stage"] != "single" {
		t.Error("the committed context was changed")
	}
	if _, err := p.Config(map[string]string{"stage": "x"}); err == nil {
		t.Error("a bad stage was taken")
	}
}
