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
		{"not JSON", `{"context": `, ".", "cdk.json:1:12: it ends too early"},
		{"a context that is none", `{"context": 3}`, ".", "cdk.json:1:13: context must be an object, and is a number"},
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

// The context is what the CDK command line hands to the app: -c wins over cdk.json, that over cdk.context.json, and that over
// ~/.cdk.json.
func TestContextIsOfThreeFiles(t *testing.T) {
	const committed, kept, user = `{"context": {"name": "of-cdk"}}`, `{"name": "of-kept", "port": 81}`, `{"context": {"name": "of-user", "port": 82, "databasePort": 83}}`
	tests := []struct {
		name                  string
		committed, kept, user string
		changes               map[string]string
		want                  string
	}{
		{"all", committed, kept, user, nil, "of-cdk 81 83"},
		{"with -c", committed, kept, user, map[string]string{"name": "of-c", "port": "80"}, "of-c 80 83"},
		{"without ~/.cdk.json", committed, kept, "", nil, "of-cdk 81 5432"},
		{"without cdk.context.json", committed, "", user, nil, "of-cdk 82 83"},
		{"a cdk.json without context", "{}", kept, user, nil, "of-kept 81 83"},
		{"cdk.json alone", committed, "", "", nil, "of-cdk 3001 5432"},
		{"a wrong value in cdk.context.json", committed, `{"maxCapacity": 0}`, "", nil, "context key maxCapacity: 0 is not allowed: it takes a whole number from 1 to 100"},
		{"a wrong value in ~/.cdk.json", committed, "", `{"context": {"maxCapacity": 0}}`, nil, "context key maxCapacity: 0 is not allowed: it takes a whole number from 1 to 100"},
		{"a cdk.context.json that is not JSON", committed, "{", "", nil, "ROOT/cdk.context.json:1:2: it ends too early: a bracket, a brace or a quote is not closed"},
		{"a ~/.cdk.json that is not JSON", committed, "", "{", nil, "HOME/.cdk.json:1:2: it ends too early: a bracket, a brace or a quote is not closed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, home := t.TempDir(), t.TempDir()
			t.Setenv("HOME", home)
			for file, text := range map[string]string{root + "/cdk.json": test.committed, root + "/cdk.context.json": test.kept, home + "/.cdk.json": test.user} {
				if text == "" {
					continue
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got := strings.NewReplacer(root, "ROOT", home, "HOME").Replace(readings(root, test.changes))
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// readings is what the project at root decides, or why it cannot.
func readings(root string, changes map[string]string) string {
	p, err := Find(root)
	if err != nil {
		return err.Error()
	}
	c, err := p.Config(changes)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(c.Name, " ", c.Port, " ", c.DatabasePort)
}

func TestChangesLeaveTheContextAsItIs(t *testing.T) {
	p := &Project{Context: map[string]any{"stage": "single", "name": "shop"}}
	c, err := p.Config(map[string]string{"stage": "vertical"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Stage != "vertical" || c.Name != "shop" {
		t.Errorf("stage %s and name %s, want vertical and shop", c.Stage, c.Name)
	}
	if p.Context["stage"] != "single" {
		t.Error("the context was changed")
	}
	if _, err := p.Config(map[string]string{"stage": "x"}); err == nil {
		t.Error("a bad stage was taken")
	}
}

// Who only asks needs no project, and no zones of another region; who makes a stage needs the code beside cdk.json.
func TestWhatEachNeeds(t *testing.T) {
	home, outside, bare := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	for file, text := range map[string]string{
		filepath.Join(home, ".cdk.json"):           `{"context": {"name": "of-user"}}`,
		filepath.Join(outside, "cdk.context.json"): `{"name": "of-nobody"}`,
		filepath.Join(bare, "cdk.json"):            `{}`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Here(outside)
	if err != nil || p.Root != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	c, err := p.Asked(map[string]string{"region": "eu-west-1"})
	if err != nil || c.StackName() != "OfUser" || c.Region != "eu-west-1" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := p.Config(map[string]string{"region": "eu-west-1"}); err == nil {
		t.Error("a stage needs no zones in eu-west-1")
	}
	if _, err := Code(outside); err == nil || !strings.HasPrefix(err.Error(), "a stage is made by the project's code, with Go and Node: no cdk.json in ") {
		t.Errorf("outside: %v", err)
	}
	if p, err = Code(bare); err != nil {
		t.Fatal(err)
	}
	if err := p.HasCode(); err == nil || !strings.Contains(err.Error(), "no bin/build.sh beside the cdk.json in ") {
		t.Errorf("a cdk.json alone: %v", err)
	}
}
