package simulate

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/template"
)

const templates = "../../test/testdata/templates/"

func setup(t testing.TB, file string) *Setup {
	t.Helper()
	read, err := template.Read(templates + file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(read)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// flat is the same demand for some minutes, as a share of what one vCPU can serve.
func flat(a Assumptions, share float64, minutes int) []float64 {
	rates := make([]float64, minutes)
	for i := range rates {
		rates[i] = share / a.Service()
	}
	return rates
}

func TestReadGoldens(t *testing.T) {
	single := setup(t, "single.template.json")
	if single.Fleet != nil || single.Server.Type.Type.String() != "t2.micro" || single.Server.Unlimited || single.ServerShare != 1 {
		t.Errorf("single: %+v", single)
	}
	horizontal := setup(t, "horizontal.template.json")
	f := horizontal.Fleet
	if f == nil || horizontal.ServerShare != 0 || !f.Machine.Unlimited || !f.Machine.Detailed || len(f.Policies) != 2 || len(f.Unmodelled) != 0 {
		t.Fatalf("horizontal: %+v, %+v", horizontal, f)
	}
	got := []any{f.Min, f.Max, f.Start, f.Warmup, f.Grace, f.ByBalancer, f.Drain, f.Zones, f.Check, f.Policies[0].Alarms[0].Threshold, f.Policies[1].Steps[0].By}
	if diff := cmp.Diff(got, []any{2, 5, 2, 300.0, 300.0, true, 30.0, 2, Check{30, 5, 2, 2}, 70.0, -1.0}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A fresh t2.micro serves at full speed until its launch credits are gone: 33.3 minutes at 100 %, 50 at 70 %.
func TestRunwayOfAServer(t *testing.T) {
	a := Assumed()
	a.QueueLimit = 1e6
	for share, want := range map[float64]float64{1: 30 / 0.9, 0.7: 50, 0.5: 75} {
		starved := -1
		Run(setup(t, "single.template.json"), flat(a, share, 100), a, 1, func(m *Minute) {
			if starved < 0 && m.Shown < 99*share {
				starved = m.Index
			}
		})
		if starved != int(want) {
			t.Errorf("at %v %%: throttled in minute %d, want %d", 100*share, starved, int(want))
		}
	}
}

// Below what a machine can do its times are those of M/M/1.
func TestTimesOfAServer(t *testing.T) {
	a := Assumed()
	a.ThrottleRamp = 0
	for share, p95 := range map[float64]float64{.5: 5.99, .7: 9.99, .8: 14.98} {
		s := setup(t, "single.template.json")
		s.Server.Unlimited = true
		r := Run(s, flat(a, share, 60), a, 1, nil)
		if got := r.P95 / a.Service(); math.Abs(got/p95-1) > .05 {
			t.Errorf("at %v: p95 of %v services, want %v", share, got, p95)
		}
		if math.Abs(r.Shown-100*share) > 1e-6 || r.Unserved > 1e-3 {
			t.Errorf("at %v: CPU %v, unserved %v", share, r.Shown, r.Unserved)
		}
	}
}

// 70/30 by arithmetic: n nodes become more above 0.7 n vCPUs of work, and fewer below 0.3 n.
func TestThresholds(t *testing.T) {
	a := Assumed()
	s := setup(t, "horizontal.template.json")
	tests := []struct {
		work        float64
		start, want int
	}{{1.36, 2, 2}, {1.45, 2, 3}, {2.05, 3, 3}, {2.15, 3, 4}, {4.5, 5, 5}, {0.85, 3, 2}, {0.95, 3, 3}, {1.15, 4, 3}}
	for _, test := range tests {
		last := Minute{}
		Run(started(s, test.start), flat(a, test.work, 240), a, 1, func(m *Minute) { last = *m })
		if int(last.Serving) != test.want {
			t.Errorf("%v vCPUs of work on %d nodes: %v nodes in the end, want %d", test.work, test.start, last.Serving, test.want)
		}
	}
}

// started is a setup whose fleet begins with so many nodes.
func started(s *Setup, nodes int) *Setup {
	with, fleet := *s, *s.Fleet
	fleet.Start, with.Fleet = nodes, &fleet
	return &with
}

// The guide's policy on standard credits: saturated nodes look idle, and the policy takes one away.
func TestStarvation(t *testing.T) {
	a := Assumed()
	s := setup(t, "horizontal.template.json")
	four := started(s, 4)
	four.Fleet.Machine.Unlimited, four.Fleet.ByBalancer = false, false
	r := Run(four, flat(a, 1.6, 400), a, 1, func(*Minute) {})
	if len(r.Breaks) == 0 || r.Breaks[0].Removed == 0 || r.Breaks[0].Starving == 0 {
		t.Errorf("standard credits: %+v, want that nodes starve and are removed", r.Breaks)
	}
	four.Fleet.Machine.Unlimited = true
	if r := Run(four, flat(a, 1.6, 400), a, 1, nil); len(r.Breaks) != 0 || r.Unserved > r.Asked/1e4 {
		t.Errorf("unlimited credits: %+v, %v unserved, want none", r.Breaks, r.Unserved)
	}
}
