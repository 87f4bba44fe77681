package advise

import "testing"

// The three questions of a quarter: yes, no, and unknown where nobody measured.
func TestQuarterly(t *testing.T) {
	grows := func(days, from, to float64) func(day, minute int) float64 {
		return func(day, _ int) float64 { return from + (to-from)*float64(day)/days }
	}
	known := func(i *Input) { // no trigger of the fleet is unknown
		i.DailyUsers, i.ConcurrentUsers, i.Availability = is(10), is(10), is(99)
	}
	tests := []struct {
		name   string
		change func(*Input)
		want   [3]string
	}{
		{"nothing is measured", func(*Input) {}, [3]string{"unknown", "unknown", "unknown"}},
		{"a month is too short", func(i *Input) { i.Metrics["requests"] = every(30, grows(30, 1, 9)) }, [3]string{"unknown", "unknown", "unknown"}},
		{"three times the traffic", func(i *Input) { i.Metrics["requests"] = every(100, grows(100, 1, 4)); known(i) }, [3]string{"yes", "unknown", "no"}},
		{"a little more", func(i *Input) { i.Metrics["requests"] = every(100, grows(100, 3, 4)); known(i) }, [3]string{"no", "unknown", "no"}},
		{"CPU in place of requests", func(i *Input) { i.Metrics["cpu"] = every(100, grows(100, 10, 60)); known(i) }, [3]string{"yes", "no", "no"}},
		{"full regularly", func(i *Input) { i.Metrics["memory"] = every(14, peaks(71, 20, 60, 4, 14)); known(i) }, [3]string{"unknown", "yes", "no"}},
		{"one of two is full", func(i *Input) {
			i.Metrics["cpu"], i.Metrics["memory"] = every(14, always(71)), every(14, always(20))
			known(i)
		}, [3]string{"unknown", "yes", "no"}},
		{"a fleet whose CPU is high tells nothing of one server", func(i *Input) { i.Stage = "horizontal" }, [3]string{"unknown", "yes", "unknown"}},
		{"a fleet for ten users", func(i *Input) { i.Stage = "horizontal"; known(i) }, [3]string{"unknown", "yes", "no"}},
		{"a fleet for many", func(i *Input) { i.Stage, i.ConcurrentUsers = "horizontal", is(150) }, [3]string{"unknown", "yes", "yes"}},
		{"many at a time", func(i *Input) { i.ConcurrentUsers = is(150) }, [3]string{"unknown", "unknown", "yes"}},
	}
	for _, test := range tests {
		i := input(t, "single")
		i.Unlimited = true
		test.change(&i)
		if i.Stage == "horizontal" {
			i.Metrics["cpu"] = every(14, always(90))
		}
		var got [3]string
		for k, c := range Quarterly(i, Advise(i)) {
			if got[k] = c.Answer; c.Observed == "" {
				t.Errorf("%s: %s without what was observed", test.name, c.Question)
			}
		}
		if got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
