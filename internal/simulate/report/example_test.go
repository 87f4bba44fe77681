package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/template"
)

// variants are the fleet as the guide has it, and with one thing changed each.
var variants = []struct {
	name   string
	change func(resources map[string]any)
}{
	{"standard credits", standard},
	{"unlimited", func(map[string]any) {}},
	{"tracking requests", func(all map[string]any) { standard(all); track(all) }},
	{"t3.micro", func(all map[string]any) { launch(all)["InstanceType"] = "t3.micro" }},
}

func launch(all map[string]any) map[string]any {
	return template.Get(all["FleetLaunchTemplate"], "Properties", "LaunchTemplateData").(map[string]any)
}

func standard(all map[string]any) {
	launch(all)["CreditSpecification"] = map[string]any{"CpuCredits": "standard"}
}

func track(all map[string]any) {
	for _, id := range []string{"FleetScaleOut", "FleetScaleIn", "ScaleOutAlarm", "ScaleInAlarm"} {
		delete(all, id)
	}
	all["FleetTracking"] = map[string]any{"Type": "AWS::AutoScaling::ScalingPolicy", "Properties": map[string]any{
		"AutoScalingGroupName": map[string]any{"Ref": "Fleet"}, "PolicyType": "TargetTrackingScaling",
		"TargetTrackingConfiguration": map[string]any{"TargetValue": 200, "PredefinedMetricSpecification": map[string]any{
			"PredefinedMetricType": "ALBRequestCountPerTarget"}},
	}}
}

// starving is the example of docs/simulate.md.
func starving(t testing.TB) *Report {
	t.Helper()
	r := simulated(t, demand.Scenario{Name: "flash-sale", Users: 36, Days: 4, Seed: 1})
	r.Assumptions.HealthWait = 0 // the app answers checks however full it is
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "test", "testdata", "templates", "horizontal.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variants {
		var raw map[string]any
		if err := json.Unmarshal(text, &raw); err != nil {
			t.Fatal(err)
		}
		v.change(raw["Resources"].(map[string]any))
		changed, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := template.Parse(changed)
		if err != nil {
			t.Fatal(err)
		}
		r.Stages = append(r.Stages, run(t, r, v.name, parsed))
	}
	return r
}

func run(t testing.TB, r *Report, name string, parsed *template.Template) Stage {
	t.Helper()
	setup, err := simulate.Read(parsed)
	if err != nil {
		t.Fatal(err)
	}
	minutes := NewMinutes(len(r.Demand.Values))
	result := simulate.Run(setup, r.Demand.Values, r.Assumptions, r.Seed, minutes.Add)
	bill, err := NewBill(price.Embedded(), parsed, setup, result)
	if err != nil {
		t.Fatal(err)
	}
	return Stage{Name: name, Setup: setup, Result: result, Bill: bill, Minutes: minutes}
}

// The example: the guide's policy takes a node from a fleet that starves, and with one thing changed it does not.
func TestStarvingExample(t *testing.T) {
	r := starving(t)
	for i := range r.Stages {
		s := &r.Stages[i]
		removed := 0
		for _, e := range s.Result.Events {
			if e.To < e.From && e.Starving > 0 {
				removed++
			}
		}
		if guide := i == 0; (removed > 0) != guide || guide && (s.Result.Breaks[0].Removed == 0 || s.Result.UsersLost < s.Result.Users/10) {
			t.Errorf("%s: %d nodes removed while others starve: %s", s.Name, removed, r.Verdict(s))
		}
	}
	var text, picture bytes.Buffer
	if err := errors.Join(r.Text(&text, page.Plain()), r.SVG(&picture)); err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- starving: go test ./internal/simulate/report -run TestStarvingExample -update -->", "<!-- end of starving -->"
	docs := filepath.Join("..", "..", "..", "docs")
	golden.Section(t, filepath.Join(docs, "simulate.md"), begin, end, "\n```\n"+text.String()+"```\n\n")
	golden.File(t, filepath.Join(docs, "starving.svg"), picture.String())
}
