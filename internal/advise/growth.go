package advise

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/korakagazindia/provisioner/internal/demand"
)

// Growth is when a metric reaches its next threshold if it grows on as it did.
type Growth struct {
	Metric string `json:"metric"`
	// PerMonth is how much its daily 95th percentile grows in 30 days, in its own unit.
	PerMonth  float64 `json:"perMonth"`
	Threshold float64 `json:"threshold"`
	// Reaches is when, with the earliest and the latest day of 19 in 20; "" for not in two years.
	Reaches  string `json:"reaches"`
	Earliest string `json:"earliest"`
	Latest   string `json:"latest"`
	Says     string `json:"says"`
}

// growth looks at each metric with a threshold that has two weeks of days.
func (i *Input) growth() []Growth {
	all := []Growth{}
	for _, r := range rules {
		if r.move == "horizontal" && i.Stage == "single" || r.move == "vertical" && i.Stage != "single" {
			continue
		}
		if g, ok := grown(r, i.Metrics[r.metrics[0]], i.End); ok {
			all = append(all, g)
		}
	}
	return all
}

// days are the 95th percentiles of a metric's days, by their number back from the end.
func days(points []demand.Point, end time.Time) (at, values []float64) {
	byDay := map[int][]float64{}
	for _, p := range points {
		byDay[int(math.Floor(end.Sub(p.At).Hours()/24))] = append(byDay[int(math.Floor(end.Sub(p.At).Hours()/24))], p.Value)
	}
	for day, all := range byDay {
		if day >= 0 {
			slices.Sort(all)
			at, values = append(at, -float64(day)), append(values, all[int(0.95*float64(len(all)-1))])
		}
	}
	return at, values
}

// grown fits a straight line through the days, and says when it is at the threshold. The slope's error is that of least
// squares, twice of it for 19 in 20.
func grown(r rule, points []demand.Point, end time.Time) (Growth, bool) {
	x, y := days(points, end)
	n := float64(len(x))
	if n < 14 {
		return Growth{}, false
	}
	meanX, meanY := sum(x)/n, sum(y)/n
	var xx, xy float64
	for k := range x {
		xx, xy = xx+(x[k]-meanX)*(x[k]-meanX), xy+(x[k]-meanX)*(y[k]-meanY)
	}
	slope := xy / xx
	rest := 0.0
	for k := range x {
		off := y[k] - meanY - slope*(x[k]-meanX)
		rest += off * off
	}
	spread := 2 * math.Sqrt(rest/(n-2)/xx)
	today := meanY - slope*meanX
	g := Growth{Metric: r.metrics[0], PerMonth: 30 * slope, Threshold: r.threshold}
	when := func(slope float64) string {
		in := (r.threshold - today) / slope
		if slope <= 0 || in > 730 {
			return ""
		}
		return end.Add(time.Duration(max(0, in) * 24 * float64(time.Hour))).Format(time.DateOnly)
	}
	g.Reaches, g.Earliest, g.Latest = when(slope), when(slope+spread), when(slope-spread)
	g.Says = g.words(r)
	return g, true
}

func (g Growth) words(r rule) string {
	text := fmt.Sprintf("%s, 95 %% of a day: %+.1f %s a month", r.what, g.PerMonth, r.unit)
	switch {
	case g.Reaches == "" && g.Earliest == "":
		return text + fmt.Sprintf("; not at %v %s within two years", g.Threshold, r.unit)
	case g.Reaches == "":
		return text + fmt.Sprintf("; at %v %s not before %s, and likely not within two years", g.Threshold, r.unit, g.Earliest)
	case g.Latest == "":
		return text + fmt.Sprintf("; at %v %s about %s, not before %s, or not at all", g.Threshold, r.unit, g.Reaches, g.Earliest)
	}
	return text + fmt.Sprintf("; at %v %s about %s (%s to %s)", g.Threshold, r.unit, g.Reaches, g.Earliest, g.Latest)
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
