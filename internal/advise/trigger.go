package advise

import (
	"fmt"
	"slices"
	"time"

	"github.com/korakagazindia/provisioner/internal/demand"
)

// State is whether a trigger is met. What nobody measured is unknown, never fine.
type State string

// The states.
const (
	Met     State = "met"
	NotMet  State = "not met"
	Unknown State = "unknown"
)

// Trigger is one reason to move, judged.
type Trigger struct {
	Code      string `json:"code"`
	Move      string `json:"move"` // the stage that it is for
	What      string `json:"what"`
	State     State  `json:"state"`
	Observed  string `json:"observed"`
	Threshold string `json:"threshold"`
	Word      string `json:"word"` // how long: as the definitions have it
	// Decides is whether it alone is a reason to move; otherwise it supports one that does.
	Decides bool `json:"decides"`
}

// word is how long a metric must be above.
type word struct {
	name string
	is   func(d *Definitions, w window, threshold float64) (bool, string)
}

var regularly = word{"regularly", func(d *Definitions, w window, threshold float64) (bool, string) {
	days := w.daysAbove(threshold, d.DayMinutes)
	return days >= int(d.RegularDays), fmt.Sprintf("above on %d of %d days", days, w.days)
}}

var extended = word{"for extended periods", func(d *Definitions, w window, threshold float64) (bool, string) {
	minutes, share := w.longest(threshold)
	return minutes >= d.RunMinutes-1e-9 || share >= d.SharePercent-1e-9, fmt.Sprintf("above for %.0f minutes in a row, %.1f %% of the time", minutes, share)
}}

// rule is a trigger that a metric decides.
type rule struct {
	code, move, what string
	metrics          []string
	threshold        float64
	unit             string
	word             word
	decides          bool
}

// rules are the owners' triggers that are measured, by the stage that they lead to.
var rules = []rule{
	{"memory-70", "vertical", "memory", []string{"memory"}, 70, "%", regularly, true},
	{"cpu-80", "vertical", "CPU", []string{"cpu"}, 80, "%", extended, true},
	{"response-1s", "vertical", "response time", []string{"response"}, 1, "s", regularly, true},
	{"grown-cpu-80", "horizontal", "CPU of the larger server", []string{"cpu"}, 80, "%", extended, true},
	{"grown-memory-80", "horizontal", "memory of the larger server", []string{"memory"}, 80, "%", extended, true},
}

// said is a trigger that a figure of the owners decides, which no metric has.
type said struct {
	code, move, what string
	of               func(*Input) *float64
	threshold        float64
	format, word     string
	decides          bool
}

var saids = []said{
	{"daily-users-5000", "vertical", "daily users", func(i *Input) *float64 { return i.DailyUsers }, 5000, "%.0f", "consistently", true},
	{"concurrent-users-75", "vertical", "concurrent users", func(i *Input) *float64 { return i.ConcurrentUsers }, 75, "%.0f", "regularly", true},
	{"daily-users-10000", "horizontal", "daily users", func(i *Input) *float64 { return i.DailyUsers }, 10000, "%.0f", "consistently", true},
	{"concurrent-users-100", "horizontal", "concurrent users", func(i *Input) *float64 { return i.ConcurrentUsers }, 100, "%.0f", "regularly", true},
	{"concurrent-users-200", "horizontal", "concurrent users", func(i *Input) *float64 { return i.ConcurrentUsers }, 200, "%.0f", "regularly", true},
	{"complaints", "horizontal", "complaints about speed or downtime", func(i *Input) *float64 { return i.Complaints }, 0, "%.0f", "", false},
}

// triggers judges all that lead on from the input's stage; none leads on from the last.
func (i *Input) triggers() []Trigger {
	if i.Stage == "horizontal" {
		return []Trigger{}
	}
	var all []Trigger
	for _, r := range rules {
		all = append(all, i.measured(r))
	}
	for _, s := range saids {
		all = append(all, s.judge(i))
	}
	all = append(all, i.available(), i.variable(), i.affordable())
	if i.Stage == "vertical" {
		all = slices.DeleteFunc(all, func(t Trigger) bool { return t.Move == "vertical" })
	}
	return slices.DeleteFunc(all, func(t Trigger) bool {
		return i.Stage == "single" && (t.Code == "grown-cpu-80" || t.Code == "grown-memory-80")
	})
}

// measured judges a trigger by its metric.
func (i *Input) measured(r rule) Trigger {
	t := Trigger{Code: r.code, Move: r.move, What: r.what, State: Unknown, Threshold: fmt.Sprintf("> %v %s", r.threshold, r.unit), Word: r.word.name, Decides: r.decides}
	points := i.Metrics[r.metrics[0]]
	each := usual(points)
	w := i.Definitions.last(points, i.End, each)
	switch {
	case len(points) == 0:
		t.Observed = "no data"
	case len(w.points) == 0 || i.End.Sub(w.points[len(w.points)-1].At) > 24*time.Hour:
		t.Observed = "no data of the last day: the newest is of " + points[len(points)-1].At.UTC().Format("2006-01-02 15:04")
	case w.coverage() < i.Definitions.CoveragePercent:
		t.Observed = fmt.Sprintf("data for %.0f %% of %d days only", w.coverage(), w.days)
	default:
		_, t.Observed = r.word.is(&i.Definitions, w, r.threshold)
		t.State = NotMet
		if i.holds(r, points, each) {
			t.State = Met
		}
	}
	return t
}

// holds goes through the windows, day by day: a trigger is met from when its word is true on, until it would not be at a
// lower threshold either.
func (i *Input) holds(r rule, points []demand.Point, each time.Duration) bool {
	met := false
	first := points[0].At.AddDate(0, 0, int(i.Definitions.WindowDays)).Add(-each)
	for days := max(0, int(i.End.Sub(first)/(24*time.Hour))); days >= 0; days-- {
		w := i.Definitions.last(points, i.End.AddDate(0, 0, -days), each)
		if w.coverage() < i.Definitions.CoveragePercent {
			continue
		}
		if is, _ := r.word.is(&i.Definitions, w, r.threshold); is {
			met = true
		} else if still, _ := r.word.is(&i.Definitions, w, r.threshold*i.Definitions.BelowPercent/100); !still {
			met = false
		}
	}
	return met
}

// judge judges a trigger by what was said.
func (s said) judge(i *Input) Trigger {
	t := Trigger{Code: s.code, Move: s.move, What: s.what, State: Unknown, Observed: "not said", Threshold: fmt.Sprintf("> "+s.format, s.threshold), Word: s.word, Decides: s.decides}
	if v := s.of(i); v != nil {
		t.Observed, t.State = fmt.Sprintf(s.format+", as you say", *v), NotMet
		if *v > s.threshold {
			t.State = Met
		}
	}
	return t
}

// available judges the promise that one server cannot keep.
func (i *Input) available() Trigger {
	t := Trigger{Code: "availability", Move: "horizontal", What: "availability that is needed", State: Unknown, Observed: "not said", Threshold: ">= 99.99 %", Decides: true}
	if v := i.Availability; v != nil {
		t.Observed, t.State = fmt.Sprintf("%v %%, as you say", *v), NotMet
		if *v >= 99.99 {
			t.State = Met
		}
	}
	return t
}

// affordable judges what a fleet costs: a budget allows a move, and never asks for one.
func (i *Input) affordable() Trigger {
	t := Trigger{Code: "budget", Move: "horizontal", What: "budget a month", State: Unknown, Observed: "not said", Threshold: ">= 100 USD"}
	if v := i.Budget; v != nil {
		t.Observed, t.State = fmt.Sprintf("%.0f USD, as you say", *v), NotMet
		if *v >= 100 {
			t.State = Met
		}
	}
	return t
}

// variable judges whether the busiest hour of a day has many times its mean.
func (i *Input) variable() Trigger {
	t := Trigger{Code: "variable", Move: "horizontal", What: "traffic that varies", State: Unknown, Observed: "no data",
		Threshold: fmt.Sprintf("> %v times a day's mean", i.Definitions.VariableTimes), Word: regularly.name}
	points, each := i.Metrics["requests"], usual(i.Metrics["requests"])
	w := i.Definitions.last(points, i.End, each)
	if len(w.points) == 0 || w.coverage() < i.Definitions.CoveragePercent {
		return t
	}
	days := 0
	for day := range w.days {
		if peak, mean := w.busiest(day); mean > 0 && peak > i.Definitions.VariableTimes*mean {
			days++
		}
	}
	t.Observed, t.State = fmt.Sprintf("on %d of %d days", days, w.days), NotMet
	if days >= int(i.Definitions.RegularDays) {
		t.State = Met
	}
	return t
}

// busiest is the mean of a day's busiest hour, and of the day.
func (w window) busiest(day int) (peak, mean float64) {
	var sums, counts [24]float64
	total, count := 0.0, 0.0
	for _, p := range w.points {
		if since := w.end.Sub(p.At); int(since/(24*time.Hour)) == day {
			hour := int(since/time.Hour) % 24
			sums[hour], counts[hour] = sums[hour]+p.Value, counts[hour]+1
			total, count = total+p.Value, count+1
		}
	}
	for hour := range sums {
		peak = max(peak, sums[hour]/max(1, counts[hour]))
	}
	return peak, total / max(1, count)
}

// usual is how long a point stands: what usually lies between two of them.
func usual(points []demand.Point) time.Duration {
	var steps []time.Duration
	for k := 1; k < len(points); k++ {
		if step := points[k].At.Sub(points[k-1].At); step > 0 {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		return time.Minute
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}
