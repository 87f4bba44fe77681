package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, text string) *Template {
	t.Helper()
	parsed, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

const small = `{"Resources": {
  "Web": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "Net"}}, "DependsOn": "Door"},
  "Net": {"Type": "AWS::EC2::Subnet", "DeletionPolicy": "Retain"},
  "Door": {"Type": "AWS::EC2::Route", "Properties": {"Net": {"Fn::Sub": "${Net}-${AWS::Region}"}}}
}, "Outputs": {"Id": {"Value": {"Ref": "Web"}}}}`

func TestYAMLIsTheSameTemplate(t *testing.T) {
	written := `
Resources:
  Web:
    Type: AWS::EC2::Instance
    Properties: {SubnetId: !Ref Net}
    DependsOn: Door
  Net:
    Type: AWS::EC2::Subnet
    DeletionPolicy: Retain
  Door:
    Type: AWS::EC2::Route
    Properties:
      Net: !Sub ${Net}-${AWS::Region}
Outputs:
  Id: {Value: !Ref Web}
`
	if diff := cmp.Diff(parse(t, written).Raw, parse(t, small).Raw); diff != "" {
		t.Errorf("(-YAML +JSON):\n%s", diff)
	}
}

func TestShortForms(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       any
	}{
		{"reference", "!Ref A", map[string]any{"Ref": "A"}},
		{"attribute", "!GetAtt A.B.C", map[string]any{"Fn::GetAtt": []any{"A", "B.C"}}},
		{"attribute as a list", "!GetAtt [A, B]", map[string]any{"Fn::GetAtt": []any{"A", "B"}}},
		{"join", "!Join ['-', [a, !Ref B]]", map[string]any{"Fn::Join": []any{"-", []any{"a", map[string]any{"Ref": "B"}}}}},
		{"condition", "!If [C, 1, !Ref AWS::NoValue]", map[string]any{"Fn::If": []any{"C", 1.0, map[string]any{"Ref": "AWS::NoValue"}}}},
		{"function on its own line", "\n      Fn::Base64: !Sub x", map[string]any{"Fn::Base64": map[string]any{"Fn::Sub": "x"}}},
		{"date", "2012-10-17", "2012-10-17"},
		{"number in quotes", "'300'", "300"},
		{"number", "300", 300.0},
		{"truth", "true", true},
		{"nothing", "~", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Get(parse(t, "Resources:\n  R:\n    Type: T\n    Properties:\n     P: "+tc.yaml+"\n").Raw, "Resources", "R", "Properties", "P")
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoTemplate(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", " ", "not a template: it is empty"},
		{"a list", "[1]", "not a template: the top level must be a map"},
		{"no resources", "{}", "not a template: it has no Resources"},
		{"resources are a list", `{"Resources": []}`, "not a template: Resources must be a map"},
		{"several faults", `{"Resources": {"A": 1, "B": {"Type": 2, "Properties": "x"}}, "Outputs": 3}`,
			"resource A must be a map\nresource B: Type must be text\nresource B: Properties must be a map\nOutputs must be a map"},
		{"an alias", "Resources: &a\n  B: *a", "line 2: CloudFormation takes no YAML aliases"},
		{"a merge", "Resources:\n  <<: {A: {}}", "line 2: a key must be text"},
		{"neither", "{\"a\": ", "neither JSON nor YAML: line 1: did not find expected node content"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse([]byte(tc.text))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"reference", `{"Ref": "Server"}`, "Server"},
		{"attribute", `{"Fn::GetAtt": ["LoadBalancer", "DNSName"]}`, "LoadBalancer.DNSName"},
		{"join", `{"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}`, "${Bucket.Arn}/*"},
		{"sub", `{"Fn::Sub": "arn:${AWS::Partition}:${A.Arn}"}`, "arn:${AWS::Partition}:${A.Arn}"},
		{"sub with a literal", `{"Fn::Sub": "${!aws:InstanceId} of ${A}"}`, "${aws:InstanceId} of ${A}"},
		{"sub with values", `{"Fn::Sub": ["${x} ${y}", {"x": {"Ref": "A"}}]}`, "${A} ${y}"},
		{"base64", `{"Fn::Base64": "#!/bin/sh"}`, "#!/bin/sh"},
		{"other function", `{"Fn::If": ["C", {"Ref": "A"}, 2]}`, "If(C, A, 2)"},
		{"map", `{"a": {"Ref": "A"}, "b": [1, "<x>"]}`, `{"a":"A","b":[1,"<x>"]}`},
		{"number", `30000000`, "30000000"},
		{"truth", `true`, "true"},
		{"not a function", `{"Ref": "A", "b": 1}`, `{"Ref":"A","b":1}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := parse(t, `{"Resources": {"R": {"Properties": {"P": `+tc.value+`}}}}`).Resource("R")
			if got := r.Text("P"); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestTextEnds(t *testing.T) {
	value := any("x")
	for range 200 {
		value = map[string]any{"Fn::Sub": []any{"${a}${a}${a}", map[string]any{"a": map[string]any{"Fn::If": []any{"C", map[string]any{"k": value}}}}}}
	}
	if got := len(Text(value)); got > 3*textLength {
		t.Errorf("%d characters", got)
	}
}

func TestLevels(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       [][]string
	}{
		{"references and DependsOn", small, [][]string{{"Net"}, {"Door"}, {"Web"}}},
		{"a circle", `{"Resources": {"A": {"DependsOn": "B"}, "B": {"DependsOn": "A"}, "C": {}}}`, [][]string{{"C"}, {"A"}, {"B"}}},
		{"itself, and nobody", `{"Resources": {"A": {"DependsOn": ["A", "Z"]}}}`, [][]string{{"A"}}},
		{"none", `{"Resources": {}}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(parse(t, tc.text).levels(), tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// Every golden template is read, in the order of its file and with all that depends on each other in order.
func TestGoldens(t *testing.T) {
	for _, file := range goldens(t) {
		read, err := Read(file)
		if err != nil {
			t.Fatal(err)
		}
		place := map[string]int{}
		for i, id := range read.Order() {
			place[id] = i
		}
		if len(place) != len(read.Resources) || read.Resources[0].ID > "NetworkVpc" {
			t.Errorf("%s: %d of %d resources in order", file, len(place), len(read.Resources))
		}
		for _, r := range read.Resources {
			for _, need := range read.DependsOn(r) {
				if place[need] > place[r.ID] {
					t.Errorf("%s: %s comes before %s", file, r.ID, need)
				}
			}
		}
	}
}

func goldens(tb testing.TB) []string {
	tb.Helper()
	var all []string
	for _, pattern := range []string{"*.json", "*/*.json"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "test", "testdata", "templates", pattern))
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, files...)
	}
	if len(all) < 6 {
		tb.Fatalf("%d goldens", len(all))
	}
	return all
}

// No text, however broken, makes reading crash or hang.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("Resources:\n  A:\n    Type: !Sub ['${a}${a}', {a: !GetAtt b}]\n    DependsOn: [A, 1]\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte(strings.Repeat("[", 20_000)))
	f.Add([]byte(`{"Resources": {"A": {"Properties": {"Fn::GetAtt": []}}, "A": {"DependsOn": {}}}}`))
	if text, err := os.ReadFile(goldens(f)[0]); err == nil {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := Parse(text)
		if err != nil {
			return
		}
		if got := len(parsed.Order()); got != len(parsed.Resources) {
			t.Errorf("%d of %d resources in order", got, len(parsed.Resources))
		}
		for _, r := range parsed.Resources {
			Text(r.Properties)
		}
	})
}
