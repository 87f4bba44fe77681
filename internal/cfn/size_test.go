package cfn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestYAMLText(t *testing.T) {
	type m = map[string]any
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"empty map", m{}, "{}\n"},
		{"empty list", []any{}, "[]\n"},
		{"scalars", []any{"a", 1.5, json.Number("443"), true, nil}, "- a\n- 1.5\n- 443\n- true\n- null\n"},
		{"exponents", []any{1e20, 1e21, 1e-7}, "- 100000000000000000000\n- 1e+21\n- 1e-7\n"},
		{"number out of range", []any{json.Number("-1e999")}, "- -.inf\n"},

		{"map in map", m{"a": m{"b": "c", "d": m{}}}, "a:\n  b: c\n  d: {}\n"},
		{"list in map", m{"a": []any{"b", []any{}}}, "a:\n  - b\n  - []\n"},
		{"map in list", []any{m{"a": 1.0, "b": 2.0}}, "- a: 1\n  b: 2\n"},
		{"list in list", []any{[]any{"a", "b"}, []any{"c"}}, "- - a\n  - b\n- - c\n"},
		{"longest implicit key", m{strings.Repeat("k", 1024): "v"}, strings.Repeat("k", 1024) + ": v\n"},
		{"explicit key", m{strings.Repeat("k", 1025): m{"a": "b", "c": "d"}},
			"? " + strings.Repeat("k", 1025) + "\n: a: b\n  c: d\n"},

		{"boolean words", []any{"yes", "No", "y", "on", "TRUE"},
			"- \"yes\"\n- \"No\"\n- \"y\"\n- \"on\"\n- \"TRUE\"\n"},
		{"nearly boolean words", []any{"yEs", "no!"}, "- yEs\n- no!\n"},
		{"null words", []any{"", "~", "null"}, "- \"\"\n- \"~\"\n- \"null\"\n"},
		{"date", m{"Version": "2012-10-17"}, "Version: \"2012-10-17\"\n"},
		{"base 60", []any{"12:30:45", "12:60"}, "- \"12:30:45\"\n- 12:60\n"},
		{"octal of YAML 1.1 and of 1.2", []any{"017", "0o17"}, "- \"017\"\n- 0o17\n"},
		{"merge key", m{"<<": "<<"}, "<<: <<\n"},
		{"ambiguous key", m{"on": "push"}, "\"on\": push\n"},
		{"document marker as key", m{"---": m{"---": "---"}}, "\"---\":\n  ---: ---\n"},

		{"colon", []any{"a: b", "a:b", "a:"}, "- \"a: b\"\n- a:b\n- \"a:\"\n"},
		{"hash", []any{"a #b", "a#b"}, "- \"a #b\"\n- a#b\n"},
		{"dash", []any{"- a", "-a", "-"}, "- \"- a\"\n- -a\n- \"-\"\n"},
		{"outer blanks", []any{" a", "a ", "a\t"}, "- \" a\"\n- \"a \"\n- \"a\\t\"\n"},
		{"references", []any{"{{resolve:ssm:/a}}", "${AWS::Region}"}, "- \"{{resolve:ssm:/a}}\"\n- ${AWS::Region}\n"},
		{"double quotes inside", []any{`"a"`, `a"b`}, "- '\"a\"'\n- a\"b\n"},
		{"both quotes inside", []any{`"a'`}, "- \"\\\"a'\"\n"},

		{"lines", m{"a": "b\nc\n"}, "a: |\n  b\n  c\n"},
		{"lines, no break at the end", m{"a": "b\nc"}, "a: |-\n  b\n  c\n"},
		{"lines, breaks at the end", []any{"b\n\n", "c"}, "- |+\n  b\n\n- c\n"},
		{"lines, blank in front", m{"a": m{"b": "\n c\n"}}, "a:\n  b: |2\n    \n     c\n"},
		{"lines, empty inside", []any{"b\n\n  c\n"}, "- |\n  b\n\n    c\n"},
		{"only a break", []any{"\n"}, "- |+\n  \n"},
		{"last line of blanks", []any{"a\n "}, "- \"a\\n \"\n"},
		{"lines in a key", m{"a\nb": "c"}, "\"a\\nb\": c\n"},
		{"long line", []any{strings.Repeat("word ", 99) + "end"}, "- " + strings.Repeat("word ", 99) + "end\n"},

		{"controls", []any{"a\r\nb", "\x00\x01\x1b"}, "- \"a\\r\\nb\"\n- \"\\0\\x01\\e\"\n"},
		{"controls in a long string", m{"a": "carriage return\r\n  and indented text \n\n\nlast\r\n"},
			"a: \"carriage return\\r\n\n  \\  and indented text\\ \n\n\n\n  last\\r\\n\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := yamlText(tt.value); got != tt.want {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestSize(t *testing.T) {
	tests := []struct {
		name  string
		value any
		want  int
	}{
		{"ASCII", []any{"abc"}, len("- abc\n")},
		{"two bytes, one unit", []any{"é"}, 4},
		{"four bytes, two units", []any{"😀"}, 5},
		{"not UTF-8, one unit a byte", []any{"\xff\xff"}, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Size(tt.value); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestSizeOfOtherTypes(t *testing.T) {
	defer func() {
		got, want := fmt.Sprint(recover()), "cfn: a template cannot hold a int"
		if got != want {
			t.Errorf("got panic %q, want %q", got, want)
		}
	}()
	Size([]any{1})
}

// TestSizeMatchesCLI compares with the text that the command line's own library writes: yaml 2.9.1, as bundled in aws-cdk
// 2.1148.1 (its THIRD_PARTY_LICENSES names the version), called as there with {schema: "yaml-1.1", lineWidth: 0}. The file is
// made by testdata/vectors.mjs, which says how to run it.
func TestSizeMatchesCLI(t *testing.T) {
	file, err := os.ReadFile("testdata/yaml-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Value  json.RawMessage
		Length int
		Text   string
	}
	if err := json.Unmarshal(file, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 200 {
		t.Fatalf("got %d vectors, want at least 200", len(vectors))
	}
	for i, vector := range vectors {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			decoder := json.NewDecoder(bytes.NewReader(vector.Value))
			decoder.UseNumber() // 1e999 does not fit in a float64
			var value any
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
			if got := yamlText(value); got != vector.Text {
				t.Errorf("%s:\ngot %q\nwant %q", vector.Value, got, vector.Text)
			}
			if got := Size(value); got != vector.Length {
				t.Errorf("%s: got size %d, want %d", vector.Value, got, vector.Length)
			}
		})
	}
}

// BenchmarkSize measures a template a little over Limit. Size is called on every stack of a synthesis, so it should take a
// few milliseconds at most.
func BenchmarkSize(b *testing.B) {
	resources := map[string]any{}
	for i := range 110 {
		resources[fmt.Sprintf("Role%03d", i)] = map[string]any{
			"Type": "AWS::IAM::Role",
			"Properties": map[string]any{
				"AssumeRolePolicyDocument": map[string]any{
					"Version": "2012-10-17",
					"Statement": []any{map[string]any{
						"Effect": "Allow", "Action": "sts:AssumeRole",
						"Principal": map[string]any{"Service": "ec2.amazonaws.com"},
					}},
				},
				"Description": "what this role is for: \"tests\" # and nothing else",
				"Path":        map[string]any{"Fn::Sub": "/service/${AWS::Region}/"},
			},
			"Metadata": map[string]any{"Script": "#!/bin/sh\nset -e\n\nyum install -y nginx\n"},
		}
	}
	template := map[string]any{"Resources": resources}
	for b.Loop() {
		Size(template)
	}
	b.ReportMetric(float64(Size(template)), "chars")
}
