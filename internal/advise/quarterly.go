package advise

import (
	"fmt"
	"strings"
	"time"
)

// Check is one of the questions that the owners ask each quarter.
type Check struct {
	Question string `json:"question"`
	Answer   string `json:"answer"` // yes, no or unknown
	Observed string `json:"observed"`
}

// Quarterly answers them from the measurements, and from the advice that was made of them.
func Quarterly(i Input, a Advice) []Check {
	return []Check{i.doubling(), i.busy(), i.justified(a)}
}

// doubling compares the last window of the requests, or of CPU where there are none, with the first one, 80 days before at least.
func (i *Input) doubling() Check {
	c := Check{"is traffic growing 2x?", string(Unknown), "80 days of requests or CPU are needed"}
	for _, name := range []string{"cpu", "requests"} {
		points := i.Metrics[name]
		if len(points) == 0 {
			continue
		}
		each := usual(points)
		begin := points[0].At.AddDate(0, 0, int(i.Definitions.WindowDays)).Add(-each)
		first, last := i.Definitions.last(points, begin, each), i.Definitions.last(points, i.End, each)
		if i.End.Sub(begin) < 80*24*time.Hour || first.coverage() < i.Definitions.CoveragePercent || last.coverage() < i.Definitions.CoveragePercent {
			continue
		}
		before, now := first.mean(), last.mean()
		c.Observed = fmt.Sprintf("the mean of %s went from %.3g to %.3g in %.0f days", name, before, now, i.End.Sub(begin).Hours()/24)
		c.Answer = yes(before > 0 && now >= 2*before)
	}
	return c
}

// mean is that of all points of the window.
func (w window) mean() float64 {
	total := 0.0
	for _, p := range w.points {
		total += p.Value
	}
	return total / max(1, float64(len(w.points)))
}

// busy asks whether CPU or memory is regularly above 70 %.
func (i *Input) busy() Check {
	c := Check{"is capacity at 70 % regularly?", string(Unknown), ""}
	for _, metric := range []string{"cpu", "memory"} {
		t := i.measured(rule{what: metric, metrics: []string{metric}, threshold: 70, unit: "%", word: regularly})
		c.Observed += fmt.Sprintf("%s: %s; ", metric, t.Observed)
		if t.State == Met || t.State == NotMet && c.Answer == string(Unknown) {
			c.Answer = yes(t.State == Met)
		}
	}
	c.Observed = c.Observed[:len(c.Observed)-2]
	return c
}

// justified asks whether a trigger of the fleet decides. Of a fleet that runs only what is said can tell: no metric of it is one
// of a single server.
func (i *Input) justified(a Advice) Check {
	triggers := a.Triggers
	if i.Stage == "horizontal" {
		triggers = []Trigger{i.available()}
		for _, s := range saids {
			triggers = append(triggers, s.judge(i))
		}
	}
	c := Check{"is auto-scaling justified?", yes(false), "no trigger of the fleet is met"}
	for _, t := range triggers {
		switch {
		case t.Move != "horizontal" || !t.Decides:
		case t.State == Met:
			return Check{c.Question, yes(true), strings.TrimSpace(fmt.Sprintf("%s %s: %s", t.words(), t.State, t.Observed))}
		case t.State == Unknown:
			c.Answer, c.Observed = string(Unknown), "no trigger of the fleet is known to be met, and some are unknown"
		}
	}
	return c
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
