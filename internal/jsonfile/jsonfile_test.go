package jsonfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"well", "{\"context\": {\"a\": 1}}", ""},
		{"a comma too many", "{\n  \"context\": {\n    \"a\": 1,\n  }\n}\n", ":4:3: the comma before this } is one too many"},
		{"a comma too few", "{\n  \"context\": {\n    \"a\": 1\n    \"b\": 2\n  }\n}\n", ":4:5: a comma is missing before this"},
		{"in a list", "{\"app\": [1 2]}", ":1:12: a comma is missing before this"},
		{"a comment", "{\n  // mine\n  \"a\": 1\n}", ":2:3: JSON has no comments"},
		{"single quotes", "{'a': 1}", ":1:2: JSON has double quotes alone"},
		{"no colon", "{\"a\" 1}", ":1:6: a colon is missing before this"},
		{"cut short", "{\n  \"context\": {\n    \"ü\": \"1\"\n", ":3:13: it ends too early: a bracket, a brace or a quote is not closed"},
		{"empty", "", ":1:1: it ends too early: a bracket, a brace or a quote is not closed"},
		{"columns are characters", "{\"ü\": 'x'}", ":1:7: JSON has double quotes alone"},
		{"a byte order mark", "\ufeff{}", ":1:1: it begins with a byte order mark: save it as UTF-8 without one"},
		{"two lines of text", "{\"a\": \"b\nc\"}", ":1:9: a text goes over the end of a line, or has a character that must be escaped"},
		{"what is unknown", "{\"a\": nul}", ":1:10: invalid character '}' in literal null (expecting 'l')"},
		{"a list for an object", "{\n  \"context\": [1]\n}", ":2:14: context must be an object, and is a list"},
		{"a text for an object", "{\"context\": \"x\"}", ":1:15: context must be an object, and is a text"},
		{"a number for all of it", "3", ":1:1: the file must be an object, and is a number"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "cdk.json")
			if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			want := tc.want
			if want != "" {
				want = file + want
			}
			got := ""
			if err := Read(file, &struct {
				App     []any          `json:"app"`
				Context map[string]any `json:"context"`
			}{}); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
}
