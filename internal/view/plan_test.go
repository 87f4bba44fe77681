package view_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/internal/view"
)

// planTemplates are those that the stages' own tests keep, by place.
var planTemplates = map[plan.Place]string{plan.Single: "single", plan.Vertical: "vertical", plan.Row(1): "moves/1-build-and-prove",
	plan.Row(2): "moves/2-through-the-balancer", plan.Row(3): "moves/3-canary", plan.Row(4): "moves/4-fleet", plan.Row(5): "moves/5-clean-up"}

func planned(t *testing.T, start plan.Start, to stage.Stage, asked ...plan.Setting) *plan.Plan {
	t.Helper()
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Config(nil)
	if err != nil {
		t.Fatal(err)
	}
	var says []plan.Setting
	says, start.Keep = plan.Says(start.Place, c)
	for _, s := range says {
		p.Context[s.Key] = s.Value
	}
	read := func(place plan.Place) *template.Template {
		if planTemplates[place] == "" {
			return &template.Template{Region: c.Region}
		}
		made, err := template.Given{Region: c.Region, Stack: c.StackName()}.Read(filepath.Join("..", "..", "test", "testdata", "templates", planTemplates[place]+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	s := plan.Subject{Config: c, Start: start, Stage: to, Asked: asked, Stands: read(start.Place), Legs: plan.Way(start.Place, start.Keep, to, c, p.Context)}
	for _, leg := range s.Legs {
		if leg.Templated() {
			leg.Template = read(leg.To)
		}
	}
	made, err := plan.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// What a person reads of each way, what a team ticks off, and what a program reads.
func TestPlans(t *testing.T) {
	deployed := "KoraBackend is so deployed, CloudFormation says"
	plans := map[string]*plan.Plan{
		"nothing-single":    planned(t, plan.Start{Place: plan.Nothing, Why: "there is no stack KoraBackend in ap-south-1"}, stage.Single),
		"hand-made-single":  planned(t, plan.Start{Place: plan.HandMade, Why: "there is no stack KoraBackend in ap-south-1, and i-0a1b2c3d4e5f60718 holds 13.233.176.103"}, stage.Single),
		"single-vertical":   planned(t, plan.Start{Place: plan.Single, Why: deployed}, stage.Vertical, plan.Setting{Key: "alarmEmail", Value: "ops@example.com"}),
		"single-horizontal": planned(t, plan.Start{Place: plan.Single, Why: deployed}, stage.Horizontal),
		"row-5-single":      planned(t, plan.Start{Place: plan.Row(5), Why: deployed, Notes: []string{"cdk.json says row 4 (fleet): a bare cdk deploy would go there at once"}}, stage.Single),
		"single-single":     planned(t, plan.Start{Place: plan.Single, Why: deployed}, stage.Single),
	}
	for name, p := range plans {
		t.Run(name, func(t *testing.T) {
			var text, markdown, data bytes.Buffer
			if view.PlanText(&text, page.Plain(), p) != nil || view.PlanMarkdown(&markdown, p) != nil || view.PlanJSON(&data, p) != nil {
				t.Fatal("not written")
			}
			golden.File(t, filepath.Join("testdata", "plan", name+".txt"), text.String())
			if name == "single-vertical" {
				golden.File(t, filepath.Join("testdata", "plan", name+".md"), markdown.String())
				golden.File(t, filepath.Join("testdata", "plan", name+".json"), data.String())
			}
			tells(t, p, text.String(), markdown.String())
			var again plan.Plan
			if err := json.Unmarshal(data.Bytes(), &again); err != nil || len(again.Parts) != len(p.Parts) {
				t.Errorf("JSON: %v", err)
			}
		})
	}
}

// tells expects every command in both forms, and a box for each step.
func tells(t *testing.T, p *plan.Plan, text, markdown string) {
	t.Helper()
	for _, part := range p.Parts {
		for _, s := range part.Steps {
			if !strings.Contains(markdown, "- [ ] **"+strconv.Itoa(s.Number)+". "+s.Code+"**") {
				t.Errorf("the ticket has no box for step %d", s.Number)
			}
			for _, c := range append(s.Commands, part.Back.Commands...) {
				if !strings.Contains(text, "$ "+c.Run) || !strings.Contains(markdown, "  "+c.Run) {
					t.Errorf("%s is not told", c.Run)
				}
			}
		}
	}
	if strings.Count(markdown, "```")%2 != 0 {
		t.Error("a fence is open")
	}
}

// A command that is too long for the page goes on as the shell takes it, and says the same there.
func TestLongCommands(t *testing.T) {
	long := "kora diff deployed horizontal -c keepServer=vertical -c fleetTrafficPercent=0 -c dnsTarget=server --exit-code"
	for _, run := range []string{long, long + " --profile a", "kora status", strings.Repeat("x", 120), strings.Replace(long, " -c ", " -c a=b -c ", 1) + strings.Repeat(" -c key=value", 9)} {
		for _, beside := range []bool{false, true} {
			var text bytes.Buffer
			command := plan.Command{Run: run, Beside: beside}
			if err := view.PlanText(&text, page.Plain(), &plan.Plan{Parts: []*plan.Part{{Steps: []plan.Step{{Commands: []plan.Command{command}}}}}}); err != nil {
				t.Fatal(err)
			}
			_, said, _ := strings.Cut(text.String(), "      $ ")
			said, _, _ = strings.Cut(said, "\n      back:")
			for _, line := range strings.Split(said, "\n") {
				if strings.Contains(run, " -") && page.Columns(line) > 100 {
					t.Errorf("%d columns: %s", page.Columns(line), line)
				}
			}
			said, _, _ = strings.Cut(said, "   # ")
			if got := strings.Join(strings.Fields(strings.ReplaceAll(said, "\\\n", " ")), " "); got != run {
				t.Errorf("%q is not %q", got, run)
			}
		}
	}
}
