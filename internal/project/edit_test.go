package project

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is edited keeps the form that its owners gave it, and says the new values.
func TestEdited(t *testing.T) {
	type tags struct {
		B string            `json:"b"`
		A map[string]string `json:"a"`
	}
	list, object := Setting{"zones", []string{"a", "b"}}, Setting{"server", tags{"<x>", map[string]string{"k": "v"}}}
	for _, tc := range []struct {
		name, text string
		settings   []Setting
		want       string
	}{
		{"two spaces", "{\n  \"app\": \"x\",\n  \"context\": {\n    \"name\": \"shop\"\n  }\n}\n", []Setting{list, object},
			"{\n  \"app\": \"x\",\n  \"context\": {\n    \"name\": \"shop\",\n    \"zones\": [\"a\", \"b\"],\n    \"server\": {\n      \"b\": \"<x>\",\n      \"a\": {\n        \"k\": \"v\"\n      }\n    }\n  }\n}\n"},
		{"tabs, and what follows", "{\n\t\"context\": {\n\t\t\"name\": \"shop\",\n\t\t\"b\" : [1,\n2]\n\t},\n\t\"app\":   \"x\"\n}", []Setting{list},
			"{\n\t\"context\": {\n\t\t\"name\": \"shop\",\n\t\t\"b\" : [1,\n2],\n\t\t\"zones\": [\"a\", \"b\"]\n\t},\n\t\"app\":   \"x\"\n}"},
		{"one that is there", "{\"context\": {\"ttl\" :  \"\" , \"name\": \"shop\"}}", []Setting{{"ttl", 300}}, "{\"context\": {\"ttl\" :  300 , \"name\": \"shop\"}}"},
		{"an object in place of one", "{\n \"context\": {\n  \"server\": null,\n  \"z\": 1\n }\n}", []Setting{object},
			"{\n \"context\": {\n  \"server\": {\n   \"b\": \"<x>\",\n   \"a\": {\n    \"k\": \"v\"\n   }\n  },\n  \"z\": 1\n }\n}"},
		{"in one line", `{"context": {"name": "shop"}}`, []Setting{list, object}, `{"context": {"name": "shop","zones": ["a", "b"],"server": {"b":"<x>","a":{"k":"v"}}}}`},
		{"an empty context", "{\n  \"context\": {}\n}\n", []Setting{list}, "{\n  \"context\": {\n    \"zones\": [\"a\", \"b\"]\n  }\n}\n"},
		{"no context", "{\n  \"app\": \"x\"\n}\n", []Setting{list, {"ttl", 300}},
			"{\n  \"app\": \"x\",\n  \"context\": {\n    \"zones\": [\"a\", \"b\"],\n    \"ttl\": 300\n  }\n}\n"},
		{"Windows", "{\r\n  \"context\": {\r\n    \"name\": \"shop\"\r\n  }\r\n}\r\n", []Setting{{"ttl", 300}},
			"{\r\n  \"context\": {\r\n    \"name\": \"shop\",\r\n    \"ttl\": 300\r\n  }\r\n}\r\n"},
		{"nothing", "{\"context\":{ }}", nil, "{\"context\":{ }}"},
		{"a word with a colon", "{\n  \"context\": {\n    \"a:b\": \"c:{d\",\n    \"ttl\": 60\n  }\n}", []Setting{{"ttl", 300}}, "{\n  \"context\": {\n    \"a:b\": \"c:{d\",\n    \"ttl\": 300\n  }\n}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := &Project{Root: t.TempDir()}
			path := filepath.Join(p.Root, "cdk.json")
			if err := os.WriteFile(path, []byte(tc.text), 0o640); err != nil {
				t.Fatal(err)
			}
			before, after, err := p.Edited(tc.settings)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(after), tc.want); diff != "" || string(before) != tc.text {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if !json.Valid(after) {
				t.Error("it is not JSON")
			}
			if err := p.Write(after); err != nil {
				t.Fatal(err)
			}
			_, again, err := p.Edited(tc.settings)
			if err != nil || string(again) != string(after) {
				t.Errorf("a second time: %s, %v", again, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		})
	}
}

func TestEditedRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                "[ is not an object",
		`{"context": 3}`:    "context: 3 is not an object",
		`{"context": {"a":`: "unexpected EOF",
	} {
		p := &Project{Root: t.TempDir()}
		path := filepath.Join(p.Root, "cdk.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Edited([]Setting{{"a", 1}}); err == nil || err.Error() != path+": "+want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
