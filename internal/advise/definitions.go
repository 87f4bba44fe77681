// Package advise judges measurements by the owners' triggers: whether it is time to move to the next stage, and when it will
// be.
package advise

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/nearest"
)

// Definitions are what the words of the triggers mean.
type Definitions struct {
	WindowDays, RegularDays, ConsistentDays float64
	DayMinutes, RunMinutes, SharePercent    float64
	CoveragePercent, BelowPercent           float64
	VariableTimes                           float64
}

// Definition is one of them.
type Definition struct {
	Name    string
	Of      func(*Definitions) *float64
	Default float64
	Unit    string
	What    string
}

// All lists them, in the order in which they are shown.
func All() []Definition {
	return []Definition{
		{"window-days", func(d *Definitions) *float64 { return &d.WindowDays }, 14, "days", "that are judged at a time, the last ones"},
		{"regular-days", func(d *Definitions) *float64 { return &d.RegularDays }, 4, "days", "regularly: above on so many days of the window"},
		{"consistent-days", func(d *Definitions) *float64 { return &d.ConsistentDays }, 10, "days", "consistently: above on so many days of it"},
		{"day-minutes", func(d *Definitions) *float64 { return &d.DayMinutes }, 60, "minutes", "above for so long in all makes a day above"},
		{"run-minutes", func(d *Definitions) *float64 { return &d.RunMinutes }, 60, "minutes", "for extended periods: above for so long in a row"},
		{"share-percent", func(d *Definitions) *float64 { return &d.SharePercent }, 5, "%", "or above in so much of the window"},
		{"coverage-percent", func(d *Definitions) *float64 { return &d.CoveragePercent }, 80, "%", "of the window without data for less of it, a trigger is unknown"},
		{"below-percent", func(d *Definitions) *float64 { return &d.BelowPercent }, 90, "%", "of its threshold: a trigger that was met is met until a window is below that"},
		{"variable-times", func(d *Definitions) *float64 { return &d.VariableTimes }, 5, "times", "highly variable: a day's busiest hour has so many times the day's mean"},
	}
}

// Defined is the definitions where nothing is said.
func Defined() Definitions {
	var d Definitions
	for _, one := range All() {
		*one.Of(&d) = one.Default
	}
	return d
}

// Define takes NAME=VALUE in.
func (d *Definitions) Define(pair string) error {
	name, text, _ := strings.Cut(pair, "=")
	var names []string
	for _, one := range All() {
		if names = append(names, one.Name); one.Name != name {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v > 0 && v <= 1e4) {
			return fmt.Errorf("--define %q is not allowed: %s takes a number above 0 (%s)", pair, name, one.Unit)
		}
		*one.Of(d) = v
		return nil
	}
	return fmt.Errorf("--define %q is not allowed: it takes NAME=VALUE, NAME one of %s%s",
		pair, strings.Join(names, ", "), nearest.Hint(name, names))
}

// window is some days of a metric.
type window struct {
	points []demand.Point
	end    time.Time
	days   int
	each   time.Duration // what a point stands for
}

// last is the window that ends with end.
func (d *Definitions) last(points []demand.Point, end time.Time, each time.Duration) window {
	days := int(d.WindowDays)
	begin := end.AddDate(0, 0, -days)
	w := window{end: end, days: days, each: each}
	for _, p := range points {
		if p.At.After(begin) && !p.At.After(end) {
			w.points = append(w.points, p)
		}
	}
	return w
}

// coverage is the share of the window that has data, in percent.
func (w window) coverage() float64 {
	return 100 * float64(len(w.points)) * w.each.Minutes() / (float64(w.days) * 1440)
}

// daysAbove counts the days, of 24 hours back from the window's end, in which the metric was above a threshold long enough.
func (w window) daysAbove(threshold, minutes float64) int {
	above := make([]float64, w.days)
	for _, p := range w.points {
		if p.Value > threshold {
			above[min(int(w.end.Sub(p.At)/(24*time.Hour)), w.days-1)] += w.each.Minutes()
		}
	}
	days := 0
	for _, m := range above {
		if m >= minutes-1e-9 {
			days++
		}
	}
	return days
}

// longest is for how many minutes in a row the metric was above a threshold, and share in how much of what is known, in
// percent.
func (w window) longest(threshold float64) (minutes, share float64) {
	run, above := 0.0, 0
	var before time.Time
	for _, p := range w.points {
		if p.Value <= threshold || p.At.Sub(before) > 2*w.each {
			run = 0
		}
		if p.Value > threshold {
			run += w.each.Minutes()
			above++
		}
		minutes, before = max(minutes, run), p.At
	}
	return minutes, 100 * float64(above) / max(1, float64(len(w.points)))
}
