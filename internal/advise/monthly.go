package advise

import (
	"fmt"
	"time"
)

// Month is what a month cost, as Cost Explorer has it.
type Month struct {
	From time.Time `json:"from"`
	USD  float64   `json:"usd"`
	// Unknown is why there is no figure, "" where there is one.
	Unknown string `json:"unknown,omitempty"`
}

// Monthly is what the owners look at each month: growth, the peak, response times and the cost. billed is nil where Cost
// Explorer was not asked.
func Monthly(i Input, bill float64, billed *Month) []Check {
	checks := []Check{i.grew(), i.peaked("cpu", "%"), i.peaked("requests", "requests"), i.answered()}
	cost := Check{"what does it cost?", fmt.Sprintf("%.2f USD a month", bill), "by the template and the prices of its region"}
	if billed != nil && billed.Unknown != "" {
		cost.Observed += "; Cost Explorer: unknown: " + billed.Unknown
	} else if billed != nil {
		cost.Observed += fmt.Sprintf("; the whole account came to %.2f USD in %s, by Cost Explorer", billed.USD, billed.From.Format("January 2006"))
	}
	return append(checks, cost)
}

// grew compares the last window with the one before it, of the requests or of CPU where nobody counts requests.
func (i *Input) grew() Check {
	c := Check{"how much has traffic grown?", string(Unknown), fmt.Sprintf("%.0f days of requests or CPU are needed", 2*i.Definitions.WindowDays)}
	for _, name := range []string{"cpu", "requests"} {
		points := i.Metrics[name]
		each := usual(points)
		last := i.Definitions.last(points, i.End, each)
		first := i.Definitions.last(points, i.End.AddDate(0, 0, -last.days), each)
		before, now := first.mean(), last.mean()
		if first.coverage() < i.Definitions.CoveragePercent || last.coverage() < i.Definitions.CoveragePercent || before <= 0 {
			continue
		}
		c.Answer = fmt.Sprintf("%+.0f %%", 100*(now/before-1))
		c.Observed = fmt.Sprintf("the mean of %s in the last %d days is %.3g, after %.3g in those before", name, last.days, now, before)
	}
	return c
}

// peaked is the busiest period of a metric in the window.
func (i *Input) peaked(name, unit string) Check {
	c := Check{fmt.Sprintf("what was the peak of %s?", name), string(Unknown), "no data"}
	points := i.Metrics[name]
	w := i.Definitions.last(points, i.End, usual(points))
	var most Measure
	for _, p := range w.points {
		if most.when.IsZero() || p.Value > most.Highest {
			most.Highest, most.when = p.Value, p.At
		}
	}
	if !most.when.IsZero() {
		c.Answer = fmt.Sprintf("%.3g %s", most.Highest, unit)
		c.Observed = fmt.Sprintf("in the %.0f minutes from %s UTC on", w.each.Minutes(), most.when.UTC().Format("2006-01-02 15:04"))
	}
	return c
}

// answered is how long answers took.
func (i *Input) answered() Check {
	c := Check{"how long do answers take?", string(Unknown), "no balancer measures it, and no file says it"}
	w := i.Definitions.last(i.Metrics["response"], i.End, usual(i.Metrics["response"]))
	if len(w.points) > 0 {
		m := w.measure()
		c.Answer, c.Observed = fmt.Sprintf("%.3g s", m.Mean), fmt.Sprintf("the mean of %d periods; the slowest had %.3g s", len(w.points), m.Highest)
	}
	return c
}

// Measure is a metric in its window.
type Measure struct {
	Metric  string  `json:"metric"`
	Unit    string  `json:"unit"`
	Mean    float64 `json:"mean"`
	Lowest  float64 `json:"lowest"`
	Highest float64 `json:"highest"`
	// CoveragePercent is the share of the window that has data.
	CoveragePercent float64 `json:"coveragePercent"`
	when            time.Time
}

// measure sums a window up, all 0 for one without points.
func (w window) measure() Measure {
	m := Measure{Mean: w.mean(), CoveragePercent: w.coverage()}
	for k, p := range w.points {
		if k == 0 {
			m.Lowest, m.Highest = p.Value, p.Value
		}
		m.Lowest, m.Highest = min(m.Lowest, p.Value), max(m.Highest, p.Value)
	}
	return m
}

// measurements lists what there is of every metric.
func (i *Input) measurements() []Measure {
	found := []Measure{}
	for _, metric := range metrics {
		points := i.Metrics[metric.name]
		if w := i.Definitions.last(points, i.End, usual(points)); len(w.points) > 0 {
			m := w.measure()
			m.Metric, m.Unit = metric.name, metric.unit
			found = append(found, m)
		}
	}
	return found
}

// words is the measure in one line.
func (m Measure) words() string {
	return fmt.Sprintf("%s: %.3g to %.3g %s, %.3g in the mean, known for %.0f %% of the window", m.Metric, m.Lowest, m.Highest, m.Unit, m.Mean, m.CoveragePercent)
}
