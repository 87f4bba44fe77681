package credits

import (
	"fmt"
	"math"
	"testing"
)

func account(t *testing.T, name string, unlimited bool) (Account, float64) {
	t.Helper()
	kind, ok := Of(name)
	if !ok {
		t.Fatalf("no type %s", name)
	}
	return New(kind, unlimited), kind.VCPUs
}

// run uses a share of all vCPUs, in percent, for some minutes: as much of it as the account allows.
func run(a *Account, vcpus, percent, minutes float64) (used float64) {
	for minutes > 1e-12 {
		use := min(percent/100*vcpus, a.Allows(vcpus))
		step := min(minutes, a.Holds(use))
		a.Spend(use, step)
		used += use * step
		minutes -= step
	}
	return used
}

// What a fresh instance may burst: launch credits over the use, then the earned over the use less what is earned.
func TestRunway(t *testing.T) {
	tests := []struct {
		kind             string
		percent, minutes float64
	}{{"t2.micro", 100, 30.0 / 0.9}, {"t2.micro", 70, 50}, {"t2.micro", 50, 75}, {"t2.small", 100, 37.5}, {"t2.small", 70, 60}}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.kind, test.percent), func(t *testing.T) {
			a, vcpus := account(t, test.kind, false)
			if got, want := run(&a, vcpus, test.percent, test.minutes), test.percent/100*test.minutes; math.Abs(got-want) > 1e-9 {
				t.Errorf("%v vCPU-minutes in %v minutes, want %v", got, test.minutes, want)
			}
			if a.Balance() > 1e-9 || a.Allows(vcpus) == vcpus {
				t.Errorf("%v credits are left, want none", a.Balance())
			}
		})
	}
	rested, vcpus := account(t, "t2.micro", false)
	run(&rested, vcpus, 0, 24*60)
	if math.Abs(rested.Balance()-174) > 1e-9 {
		t.Errorf("%v credits after a day of rest, want 144 earned and 30 of the launch", rested.Balance())
	}
	if run(&rested, vcpus, 100, 1000); math.Abs(rested.Balance()) > 1e-9 {
		t.Errorf("%v credits left", rested.Balance())
	}
}

// period is some hours at a percentage of CPU; after it that many credits are there.
type period struct{ hours, percent, balance float64 }

// AWS's own examples ("Examples of standard mode", "Examples of unlimited mode").
func TestExamplesOfAWS(t *testing.T) {
	tests := []struct {
		kind      string
		unlimited bool
		periods   []period
	}{
		{"t3.nano", false, []period{{24, 0, 144}, {12, 2.5, 144}, {24, 7, 86.4}, {12, 2.5, 122.4}, {2, 100, 0}, {14, 5, 0}, {24, 0, 144}}},
		{"t3.nano", true, []period{{24, 0, 144}, {12, 2.5, 144}, {24, 7, 86.4}, {12, 2.5, 122.4}, {5, 100, 0}, {13, 5, 0}, {24, 0, 0}, {24, 0, 144}}},
		{"t2.nano", false, []period{{24, 0, 102}, {12, 0, 102}, {25, 2, 72}, {11, 2, 72}, {3, 20, 45}, {15, 2, 72}, {6, 0, 72}}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.kind, " unlimited ", test.unlimited), func(t *testing.T) {
			a, vcpus := account(t, test.kind, test.unlimited)
			for i, p := range test.periods {
				run(&a, vcpus, p.percent, p.hours*60)
				if math.Abs(a.Balance()-p.balance) > 1e-6 {
					t.Errorf("period %d: %v credits, want %v", i+1, a.Balance(), p.balance)
				}
			}
			if test.unlimited && math.Abs(a.Charged-303.6) > 1e-6 {
				t.Errorf("%v credits charged, want 303.6: 447.6 spent before they were earned, less the 144 of a day", a.Charged)
			}
		})
	}
}

// An unlimited t2.micro from nothing: the first charge comes when a day's earnings are spent ahead, and its end charges the
// rest.
func TestUnlimited(t *testing.T) {
	a, vcpus := account(t, "t2.micro", true)
	if a.Balance() != 0 {
		t.Errorf("%v credits at launch, want none", a.Balance())
	}
	run(&a, vcpus, 100, 160)
	if a.Charged > 1e-9 || math.Abs(a.Surplus-144) > 1e-9 {
		t.Errorf("%v charged and %v ahead after 160 minutes, want 0 and 144", a.Charged, a.Surplus)
	}
	run(&a, vcpus, 100, 10)
	if math.Abs(a.Charged-9) > 1e-9 {
		t.Errorf("%v charged ten minutes later, want 9", a.Charged)
	}
	b, vcpus := account(t, "t2.micro", true)
	run(&b, vcpus, 90, 60)
	if b.End(); math.Abs(b.Charged-48) > 1e-9 {
		t.Errorf("%v charged at the end of an hour at 90 %%, want 48", b.Charged)
	}
}

// A type without credits has all of its processors for ever.
func TestWithoutCredits(t *testing.T) {
	a, vcpus := account(t, "m5.large", false)
	if run(&a, vcpus, 100, 1e6) != 2e6 || a.Allows(vcpus) != 2 {
		t.Errorf("%+v", a)
	}
}

// The figures of AWS's table (EC2 User Guide, "Key concepts"): vCPUs, baseline of each in percent, most credits, launch
// credits.
func TestOf(t *testing.T) {
	tests := []struct {
		name                          string
		cpus, baseline, limit, launch float64
	}{
		{"t2.nano", 1, 5, 72, 30}, {"t2.micro", 1, 10, 144, 30}, {"t2.small", 1, 20, 288, 30}, {"t2.medium", 2, 20, 576, 60},
		{"t2.large", 2, 30, 864, 60}, {"t2.xlarge", 4, 22.5, 1296, 120}, {"t2.2xlarge", 8, 17, 1958.4, 240},
		{"t3.nano", 2, 5, 144, 0}, {"t3a.micro", 2, 10, 288, 0}, {"t4g.small", 2, 20, 576, 0}, {"t3.medium", 2, 20, 576, 0},
		{"t3.large", 2, 30, 864, 0}, {"t4g.xlarge", 4, 40, 2304, 0}, {"t3.2xlarge", 8, 40, 4608, 0},
		{"m5.large", 2, 100, 0, 0}, {"c7g.medium", 1, 100, 0, 0}, {"r6i.4xlarge", 16, 100, 0, 0},
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	for _, test := range tests {
		got, ok := Of(test.name)
		if !ok || got.VCPUs != test.cpus || !near(100*got.Baseline(), test.baseline) || !near(got.Limit(), test.limit) || got.Launch != test.launch {
			t.Errorf("%+v, %v, want %+v", got, ok, test)
		}
	}
	for _, name := range []string{"", "t2", "t2.mcro", "t2.4xlarge", "m5.", "m5.xxlarge", "m5.0xlarge", "m1.small"} {
		if got, ok := Of(name); ok {
			t.Errorf("%q is %+v, want that it is not known", name, got)
		}
	}
}
