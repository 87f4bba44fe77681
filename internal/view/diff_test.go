package view

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/template"
)

// kept are templates that the stages' own tests keep.
var kept = []string{"single", "vertical", "horizontal", "existing/single", "existing/vertical", "existing/horizontal",
	"moves/1-build-and-prove", "moves/2-through-the-balancer", "moves/3-canary", "moves/4-fleet", "moves/5-clean-up"}

func templateText(tb testing.TB, name string) string {
	tb.Helper()
	file := filepath.Join("..", "..", "test", "testdata", "templates", filepath.FromSlash(name)+".template.json")
	said, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return string(said)
}

func parsed(tb testing.TB, said string) *template.Template {
	tb.Helper()
	t, err := template.Parse([]byte(said))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// Every line of text fits, whatever it shows, but for a long word at its end, which is not broken.
func TestDiffTextFits(t *testing.T) {
	for _, a := range kept {
		for _, b := range kept {
			var out bytes.Buffer
			d := diff.Compare(parsed(t, templateText(t, a)), parsed(t, templateText(t, b)))
			if err := DiffText(&out, page.Plain(), d, &diff.Bills{}); err != nil {
				t.Fatal(err)
			}
			fits(t, out.String(), page.Plain().Width)
		}
	}
}

func fits(t testing.TB, said string, width int) {
	t.Helper()
	for line := range strings.Lines(said) {
		line = strings.TrimSuffix(line, "\n")
		last := line[strings.LastIndex(line, " ")+1:]
		if got := page.Columns(line); got > width && (page.Columns(line)-page.Columns(last) > width || page.Columns(last) < width/4) {
			t.Errorf("%d columns, at most %d: %s", got, width, line)
		}
	}
}

// A pull request's comment is short enough for GitHub, however much changes.
func TestDiffMarkdownFits(t *testing.T) {
	for _, from := range []string{`{"Resources": {}}`, large(500, "a")} {
		var out bytes.Buffer
		d := diff.Compare(parsed(t, from), parsed(t, large(500, strings.Repeat("b", 200))))
		if err := DiffMarkdown(&out, d, nil); err != nil {
			t.Fatal(err)
		}
		if got := out.Len(); got > 65_536 || len(from) > 100 && !strings.Contains(out.String(), " more\n") {
			t.Errorf("%d characters", got)
		}
	}
}

// large is a template of n resources.
func large(n int, value string) string {
	var resources []string
	for i := range n {
		resources = append(resources, fmt.Sprintf(`"P%d": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String",
			"Name": "/p/%d", "Description": {"Fn::Sub": "${P%d} ${P%[3]d.Value}"}, "Value": %q}}`, i, i, (i+n-1)%n/2, value))
	}
	return `{"Resources": {` + strings.Join(resources, ",") + "}}"
}

// What a template holds steers neither a terminal nor a page.
func TestDiffIsPlain(t *testing.T) {
	evil := strings.NewReplacer(
		`"Resources": {`, `"Resources": {"Evil\u001b[31m|`+"`"+`x": {"Type": "AWS::<b>", "Properties": {"A": "1"}},`,
		`"Description": "`, `"Description": "\u001b]0;x\u0007 \u202e | @someone `).Replace(templateText(t, "single"))
	d := diff.Compare(parsed(t, templateText(t, "single")), parsed(t, evil))
	var words, comment bytes.Buffer
	if err := DiffText(&words, page.Plain(), d, nil); err != nil {
		t.Fatal(err)
	}
	if err := DiffMarkdown(&comment, d, nil); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{words.String(), comment.String()} {
		if strings.ContainsAny(said, "\u001b\u0007\u202e") || !strings.Contains(said, "someone") {
			t.Errorf("control characters in, or nothing left of:\n%s", said)
		}
	}
	for line := range strings.Lines(comment.String()) {
		cells := strings.Count(line, "|") - strings.Count(line, `\|`)
		if strings.HasPrefix(line, "|") && cells != 6 && cells != 5 && cells != 4 || strings.Contains(line, "<b>") {
			t.Errorf("a broken row: %s", line)
		}
	}
}

// No pair of texts, however broken, makes a form crash or hang.
func FuzzDiff(f *testing.F) {
	f.Add([]byte(`{"Resources": {"A": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": {"Ref": "A"}}}}}`),
		[]byte(`{"Resources": {"A": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": ["t2."]}, "DependsOn": "A"}}}`))
	f.Add([]byte(templateText(f, "single")), []byte(templateText(f, "horizontal")))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		from, err := template.Parse(a)
		if err != nil {
			return
		}
		to, err := template.Parse(b)
		if err != nil {
			return
		}
		d := diff.Compare(from, to)
		for _, width := range []int{40, 100} {
			if err := DiffText(&bytes.Buffer{}, page.Look{Width: width, Colour: true}, d, &diff.Bills{}); err != nil {
				t.Error(err)
			}
		}
		if err := DiffMarkdown(&bytes.Buffer{}, d, nil); err != nil {
			t.Error(err)
		}
		if err := DiffJSON(&bytes.Buffer{}, d, nil); err != nil {
			t.Error(err)
		}
	})
}

// A rule that goes and one that comes in its place are shown beside each other, each cut to where they differ; those that have
// little in common are not.
func TestDiffCutsAroundTheDifference(t *testing.T) {
	policy := func(actions, resource string) string {
		return `{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "machine", "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": [` + actions + `], "Resource": "arn:aws:ssm:ap-south-1:123456789012:parameter/kora-backend/` +
			strings.Repeat("a-long-name/", 12) + resource + `"}]}}]}}}}`
	}
	for _, tc := range []struct {
		name, from, to string
		want, not      []string
	}{
		{"far behind", policy(`"ssm:GetParameter"`, "old"), policy(`"ssm:GetParameter"`, "new"), []string{"- ...", "/old\n", "+ ...", "/new\n"}, nil},
		{"of several", policy(`"ssm:GetParameter", "s3:ListBucket"`, "old"), policy(`"ssm:GetParameter", "s3:ListBucket"`, "new"),
			[]string{"/old\n", "/new\n"}, nil},
		{"one alone", policy(`"ssm:GetParameter", "s3:ListBucket"`, "x"), policy(`"ssm:GetParameter"`, "x"),
			[]string{"- machine: allow s3:ListBucket on arn"}, []string{"+ machine"}},
	} {
		var out bytes.Buffer
		if err := DiffText(&out, page.Plain(), diff.Compare(parsed(t, tc.from), parsed(t, tc.to)), nil); err != nil {
			t.Fatal(err)
		}
		for _, want := range tc.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in:\n%s", tc.name, want, out.String())
			}
		}
		for _, not := range tc.not {
			if strings.Contains(out.String(), not) {
				t.Errorf("%s: %q in:\n%s", tc.name, not, out.String())
			}
		}
	}
}
