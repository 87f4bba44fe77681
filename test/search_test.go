package test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/search"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
	cfn "github.com/korakagazindia/provisioner/internal/template"
)

// What kora simulate --search takes for a configuration's template is, as far as it is simulated and billed, what its keys
// make.
func TestSearchedTemplates(t *testing.T) {
	base := map[string]context{
		"single": {"stage": "single"}, "vertical": {"stage": "vertical"}, "horizontal": {"stage": "horizontal", "keepServer": "none"},
	}
	configs := search.Configs()
	kinds := map[string]bool{}
	for _, c := range configs {
		kind := fmt.Sprint(c.Stage, c.Policy.Kind, c.Policy.Percent, c.Credits)
		if kinds[kind] || len(kinds) > 12 {
			continue
		}
		kinds[kind] = true
		const service = 0.067
		made, err := c.Template(parsedTemplate(t, base[c.Stage]), service)
		if err != nil {
			t.Fatal(err)
		}
		keys := context{}
		for _, key := range c.Keys(service) {
			name, value, _ := strings.Cut(key, "=")
			keys[name] = value
		}
		want := parsedTemplate(t, keys)
		gotSetup, gotBill := simulated(t, made)
		wantSetup, wantBill := simulated(t, want)
		if diff := cmp.Diff(gotSetup, wantSetup, cmp.FilterPath(named, cmp.Ignore())); diff != "" {
			t.Errorf("%s (-searched +synthesized):\n%s", c.Name(), diff)
		}
		if math.Abs(gotBill-wantBill) > 0.005 {
			t.Errorf("%s: %v USD, synthesized %v", c.Name(), gotBill, wantBill)
		}
	}
}

// named is what only names things.
func named(path cmp.Path) bool { return path.Last().String() == ".Name" }

func simulated(t *testing.T, parsed *cfn.Template) (*simulate.Setup, float64) {
	t.Helper()
	s, err := simulate.Read(parsed)
	if err != nil {
		t.Fatal(err)
	}
	if s.Fleet != nil {
		slices.SortFunc(s.Fleet.Policies, func(a, b simulate.Policy) int { return strings.Compare(a.Name, b.Name) })
	}
	bill, err := report.NewBill(price.Embedded(), parsed, s, &simulate.Result{Nodes: 2, Minutes: 60, Asked: 3600})
	if err != nil {
		t.Fatal(err)
	}
	return s, bill.Month
}

func parsedTemplate(t *testing.T, c context) *cfn.Template {
	t.Helper()
	parsed, err := cfn.Parse(must(t, c).text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
