package simulate

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/alarm"
	"github.com/korakagazindia/provisioner/internal/golden"
)

// docs/simulate.md lists what is assumed, and the model's words name nothing else.
func TestDocs(t *testing.T) {
	out := "| name | default | unit | what it is | why this default |\n|---|---:|---|---|---|\n"
	for _, a := range All() {
		out += fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", a.Name, strconv.FormatFloat(a.Default, 'f', -1, 64), a.Unit, a.What, a.Because)
	}
	begin, end := "<!-- assumptions: go test ./internal/simulate -run TestDocs -update -->", "<!-- end of assumptions -->"
	golden.Section(t, filepath.Join("..", "..", "docs", "simulate.md"), begin, end, "\n"+out+"\n")
}

// Every assumption changes something: the same demand gives another result with another value.
func TestEveryAssumptionMatters(t *testing.T) {
	for _, one := range All() {
		t.Run(one.Name, func(t *testing.T) {
			if !matters(t, one) {
				t.Errorf("nothing changes with another value of %s", one.Name)
			}
		})
	}
}

// matters tries another value of an assumption in worlds that are short of something.
func matters(t *testing.T, one Assumption) bool {
	for _, value := range []float64{one.Least, one.Default*1.5 + 1, (one.Default + one.Most) / 2} {
		if value > one.Most {
			continue
		}
		for _, change := range []func(*Setup){
			func(s *Setup) {
				s.Server, s.ServerShare, s.Fleet = &s.Fleet.Machine, 1, nil
				s.Happens = []Happening{{3600, "lose-node"}}
			},
			func(*Setup) {}, func(s *Setup) { s.Fleet.Sticky = true }, func(s *Setup) { s.Fleet.Machine.Unlimited = false },
			func(s *Setup) {
				s.Fleet.Policies = []Policy{{Kind: Tracking, Target: 50, Alarms: []Alarm{{Metric: CPU}}}}
			},
			func(s *Setup) {
				s.Fleet.Machine.Detailed = false
				for i := range s.Fleet.Policies {
					s.Fleet.Policies[i].Alarms[0].Rule = alarm.Rule{Periods: 3, Points: 2}
				}
			},
		} {
			plain, other := Assumed(), Assumed()
			*one.Of(&other) = value
			if result(t, change, plain) != result(t, change, other) {
				return true
			}
		}
	}
	return false
}

func result(t *testing.T, change func(*Setup), a Assumptions) string {
	s := started(setup(t, "horizontal.template.json"), 2)
	s.Fleet.Policies = append([]Policy{}, s.Fleet.Policies...)
	change(s)
	rates := make([]float64, 24*60)
	for i := range rates {
		rates[i] = []float64{4, 30, 60, 8}[i/120%4]
	}
	r := Run(s, rates, a, 1, func(*Minute) {})
	r.Breaks = append(r.Breaks, Break{})
	return fmt.Sprintf("%+v", *r)
}

func TestAssume(t *testing.T) {
	a := Assumed()
	if err := a.Assume("users-per-vcpu=200"); err != nil || a.UsersPerVCPU != 200 {
		t.Errorf("%v, %v", a.UsersPerVCPU, err)
	}
	for pair, want := range map[string]string{
		"users-per-vcpu=none": `users-per-vcpu takes a number from 1.001 to 1e+06 (users)`, "users-per-cpu=200": "the nearest is users-per-vcpu",
		"boot-cpu=200": "boot-cpu takes a number from 0 to 100 (%)", "boot-cpu": "boot-cpu takes a number", "queue-limit=NaN": "queue-limit takes",
	} {
		if err := a.Assume(pair); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", pair, err, want)
		}
	}
	if a.BootP95 = 1; a.Check() == nil {
		t.Error("a p95 below the median is taken")
	}
}
