package test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/diff"
	findings "github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/source"
	templates "github.com/korakagazindia/provisioner/internal/template"
)

// What is probably a mistake is said by the command line, which finds it in the assembly, under an id that can be
// acknowledged, at the resource that it is about.
func TestWarningsAreSaid(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		var metadata map[string][]struct {
			Type string
			Data any
		}
		file := filepath.Join(tpl.directory, c.StackName()+".metadata.json")
		if err := json.Unmarshal([]byte(read(t, file)), &metadata); err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for where, entries := range metadata {
			for _, entry := range entries {
				if text, isText := entry.Data.(string); isText && (entry.Type == "aws:cdk:warning" || entry.Type == "aws:cdk:info") {
					got = append(got, entry.Type+" "+where+" "+text)
				}
			}
		}
		for _, w := range c.Warnings() {
			kind, where := "aws:cdk:warning", "/"+c.StackName()
			if w.Severity == findings.Note {
				kind = "aws:cdk:info"
			}
			if w.Subject != "" {
				where += "/" + w.Subject
			}
			want = append(want, kind+" "+where+" "+w.Reason+": "+w.Remedy+" [ack: kora:"+w.Code+"]")
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// kora diff says of a deploy what the app says: of a cdk.out folder all of it, of the template in it what the template shows.
func TestDiffSaysWhatTheAppWarnsOf(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		want := c.Warnings()
		assembly, err := source.Reader{}.Read(t.Context(), tpl.directory, nil)
		if err != nil {
			t.Fatal(err)
		}
		if assembly.Stack != c.StackName() || assembly.Region != c.Region {
			t.Errorf("it is read as %s in %s", assembly.Stack, assembly.Region)
		}
		if diff := cmp.Diff(byCode(assembly.Warned), byCode(want)); diff != "" {
			t.Errorf("of the folder (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(byCode(hazardsOfApp(assembly)), byCode(unjudged(want))); diff != "" {
			t.Errorf("of the folder, as hazards (-got +want):\n%s", diff)
		}

		alone, err := templates.Given{Region: c.Region}.Parse(tpl.text)
		if err != nil {
			t.Fatal(err)
		}
		said, unknown := hazardsOfApp(alone), ""
		said = slices.DeleteFunc(said, func(f findings.Finding) bool {
			if f.Code == "context-unknown" {
				unknown = f.Reason
			}
			return f.Code == "context-unknown"
		})
		want = slices.DeleteFunc(unjudged(want), func(f findings.Finding) bool { return strings.Contains(unknown, f.Code) })
		if diff := cmp.Diff(byCode(said), byCode(want)); diff != "" {
			t.Errorf("of the template (-got +want):\n%s", diff)
		}
		_, codes, _ := strings.Cut(unknown, "could tell: ")
		for code := range strings.SplitSeq(codes, ", ") {
			if !slices.Contains([]string{"address-not-adopted", "next-move-shrinks", "t2-zone", "unprotected", "without-effect", "waiting-keys"}, code) {
				t.Errorf("the template does not tell %q", code)
			}
		}
	})
}

// hazardsOfApp are the hazards of a first deploy that no move judges.
func hazardsOfApp(t *templates.Template) []findings.Finding {
	own := diff.Kinds()
	return slices.DeleteFunc(diff.Compare(&templates.Template{}, t).Hazards, func(f findings.Finding) bool {
		return slices.ContainsFunc(own, func(k findings.Kind) bool { return k.Code == f.Code })
	})
}

// unjudged are findings without those that a move judges better.
func unjudged(all []findings.Finding) []findings.Finding {
	own := diff.Kinds()
	return slices.DeleteFunc(slices.Clone(all), func(f findings.Finding) bool {
		return slices.ContainsFunc(own, func(k findings.Kind) bool { return k.Code == f.Code })
	})
}

func byCode(all []findings.Finding) []findings.Finding {
	return slices.SortedFunc(slices.Values(all), func(a, b findings.Finding) int {
		return strings.Compare(a.Code+a.Subject, b.Code+b.Subject)
	})
}
