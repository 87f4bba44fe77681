package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/internal/view"
)

// here is where a template's stack is taken to be.
var here = template.Given{Region: price.Embedded().Region}

// corpus reads the templates of the corpus, each of one kind, by name; ext is .yaml or .json: the same template, otherwise
// spelled.
func corpus(t *testing.T, ext string) map[string]*template.Template {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*"+ext))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d templates (%v)", len(files), err)
	}
	all := map[string]*template.Template{}
	for _, file := range files {
		read, err := here.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ext)] = read
	}
	return all
}

// evaluated is a template written out again as it was evaluated: without functions that are carried out.
func evaluated(t *testing.T, from *template.Template) *template.Template {
	t.Helper()
	resources, _ := from.Raw["Resources"].(map[string]any)
	var parts []string
	add := func(id string, value any) {
		text, err := json.Marshal(map[string]any{id: value})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(text[1:len(text)-1]))
	}
	for _, r := range from.Resources {
		add(r.ID, r.Raw)
	}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		open := slices.ContainsFunc(from.Unread, func(u template.Unread) bool { return strings.HasPrefix(u.What, id) })
		if strings.HasPrefix(id, "Fn::") && open { // what could not be carried out
			add(id, resources[id])
		}
	}
	rest := maps.Clone(from.Raw)
	rest["Outputs"] = from.Outputs
	delete(rest, "Resources")
	text, err := json.Marshal(rest)
	if err != nil {
		t.Fatal(err)
	}
	read, err := here.Parse([]byte(strings.TrimSuffix(string(text), "}") + `, "Resources": {` + strings.Join(parts, ",") + "}}"))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// shown is all that a diff says, with numbers and truths as text: a template may write them either way.
func shown(t *testing.T, from, to *template.Template) any {
	t.Helper()
	var out bytes.Buffer
	if err := view.DiffJSON(&out, diff.Compare(from, to), nil); err != nil {
		t.Fatal(err)
	}
	var said any
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		t.Fatal(err)
	}
	return texts(said)
}

func texts(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = texts(v[key])
		}
	case []any:
		for i := range v {
			v[i] = texts(v[i])
		}
	case bool, float64:
		return fmt.Sprint(v)
	}
	return value
}

func billOf(t *testing.T, of *template.Template) cost.Bill {
	t.Helper()
	bill, err := cost.Of(of, cost.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return bill
}

// Spelling changes nothing: a template in YAML, the same in JSON with other functions, and its evaluated form have an empty
// diff and one bill.
func TestSpellingChangesNothing(t *testing.T) {
	others := corpus(t, ".json")
	for name, one := range corpus(t, ".yaml") {
		t.Run(name, func(t *testing.T) {
			for form, other := range map[string]*template.Template{"JSON": others[name], "evaluated": evaluated(t, one)} {
				if d := diff.Compare(one, other); !d.Empty() {
					t.Errorf("%s differs: %v", form, shown(t, one, other))
				}
				if diff := cmp.Diff(billOf(t, other), billOf(t, one)); diff != "" {
					t.Errorf("bill (-%s +YAML):\n%s", form, diff)
				}
			}
		})
	}
}

// What changes between two templates changes between their other spellings, in the same words.
func TestSpellingChangesNoDiff(t *testing.T) {
	yaml, json := corpus(t, ".yaml"), corpus(t, ".json")
	plain := map[string]*template.Template{}
	for name, one := range yaml {
		plain[name] = evaluated(t, one)
	}
	names := slices.Sorted(maps.Keys(yaml))
	for i, from := range names {
		for _, to := range append(names[:min(i, 3)], names[i+1:]...) {
			want := shown(t, yaml[from], yaml[to])
			if diff := cmp.Diff(shown(t, plain[from], plain[to]), want); diff != "" {
				t.Fatalf("%s -> %s (-evaluated +YAML):\n%s", from, to, diff)
			}
			if diff := cmp.Diff(shown(t, json[from], json[to]), want); diff != "" {
				t.Fatalf("%s -> %s (-JSON +YAML):\n%s", from, to, diff)
			}
		}
	}
}

// A parameter's value decides as in a deployment; one that no template has, or that a parameter does not take, is refused.
func TestParameter(t *testing.T) {
	file := func(name string) string { return filepath.Join("testdata", "corpus", name+".yaml") }
	for _, tc := range []struct {
		name       string
		args       []string
		code       int
		said, also string
	}{
		{"diff", []string{"diff", file("conditions"), file("conditions"), "--parameter", "Env=test"}, 0, "nothing changes", ""},
		{"diff of two", []string{"diff", file("empty"), file("conditions"), "--parameter", "Env=test", "--parameter", "Open=yes"}, 0, "+ TestTopic", "+ OpenTopic"},
		{"cost", []string{"cost", file("parameters"), "--parameter", "Text=t2.small"}, 0, "t2.small server", ""},
		{"a pseudo parameter", []string{"cost", file("pseudo"), "--parameter", "AWS::AccountId=123456789012"}, 0, "t3.small server", ""},
		{"no such parameter", []string{"cost", file("parameters"), "--parameter", "Txt=t2.small"}, 2, `--parameter "Txt" is not allowed: there is no such parameter; it takes Image,`, "the nearest is Text"},
		{"no parameters", []string{"diff", file("words"), file("words"), "--parameter", "A=b"}, 1, `--parameter "A" is not allowed: the template has no parameters`, ""},
		{"no such value", []string{"cost", file("parameters"), "--parameter", "Text=t2.smal"}, 1, `parameter Text: "t2.smal" is not allowed: it takes t2.micro, t2.small; the nearest is t2.small`, ""},
		{"no pair", []string{"diff", file("words"), file("words"), "--parameter", "A"}, 1, `--parameter "A" is not allowed: it takes NAME=VALUE`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, tc.args...)
			if said := stdout + stderr; code != tc.code || !strings.Contains(said, tc.said) || !strings.Contains(said, tc.also) {
				t.Errorf("exit code %d, want %d\n%s", code, tc.code, said)
			}
		})
	}
}

// What a bill does not hold stands beside it in each form, and while it changes nothing is said of a difference.
func TestNotPriced(t *testing.T) {
	file := func(kind, other string) string {
		name := filepath.Join(t.TempDir(), "a.json")
		text := `{"Resources": {"Server": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1", "InstanceType": "` + kind + `"}}, ` +
			`"Other": {"Type": "AWS::Kinesis::Stream"}, "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "` + other + `"}}}}`
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	const stream, unknown = "Other (AWS::Kinesis::Stream): the price book knows no AWS::Kinesis::Stream", "has no ec2/x9.large"
	for _, tc := range []struct {
		name, from, to string
		has, hasNot    []string
	}{
		{"nothing of what changes", file("t3.micro", "a"), file("t3.small", "a"), []string{stream, "(+$"}, []string{unknown}},
		{"what changes", file("t3.micro", "a"), file("x9.large", "a"), []string{stream, unknown, "after: Server"}, []string{"(+$", "(-$"}},
		{"what changes from", file("x9.large", "a"), file("t3.micro", "a"), []string{stream, unknown, "before: Server"}, []string{"(+$", "(-$"}},
		{"what does not change", file("x9.large", "a"), file("x9.large", "b"), []string{stream, unknown, "(+$0.00)"}, nil},
	} {
		for _, form := range []string{"--markdown", "--exit-code"} {
			stdout, _, _ := kora(t, "diff", tc.from, tc.to, form)
			stdout = strings.Join(strings.Fields(stdout), " ")
			for _, part := range tc.has {
				if !strings.Contains(stdout, part) {
					t.Errorf("%s %s does not say %q:\n%s", tc.name, form, part, stdout)
				}
			}
			for _, part := range tc.hasNot {
				if strings.Contains(stdout, part) {
					t.Errorf("%s %s says %q:\n%s", tc.name, form, part, stdout)
				}
			}
		}
		stdout, _, _ := kora(t, "diff", tc.from, tc.to, "--json")
		var said struct {
			MonthlyUSD struct {
				NotPriced  []struct{ LogicalID, Reason string }
				Comparable bool
			}
		}
		if err := json.Unmarshal([]byte(stdout), &said); err != nil {
			t.Fatal(err)
		}
		if comparable := len(tc.hasNot) < 2; said.MonthlyUSD.Comparable != comparable || len(said.MonthlyUSD.NotPriced) == 0 {
			t.Errorf("%s: %+v", tc.name, said)
		}
	}
}
