// Package report shows what a simulation found: as text, JSON, CSV, a picture, and a page.
package report

import (
	"fmt"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/simulate"
)

// Report is one demand on several stages.
type Report struct {
	Demand      demand.Series
	Assumptions simulate.Assumptions
	// Changed are the assumptions that were said, as NAME=VALUE.
	Changed []string
	Seed    uint64
	Stages  []Stage
}

// Stage is one of them.
type Stage struct {
	Name   string
	Setup  *simulate.Setup
	Result *simulate.Result
	Bill   Bill
	// Minutes is every minute of it.
	Minutes *Minutes
	// Band is what several runs came to, each with a chance of its own; nil for one run.
	Band *Band
}

// Band is the least and the most of several runs.
type Band struct {
	Runs     int        `json:"runs"`
	Breaking int        `json:"breaking"` // how many of them break
	Unserved [2]float64 `json:"unservedPercent"`
	P95      [2]float64 `json:"p95Seconds"`
	Month    [2]float64 `json:"monthUsd"`
}

// Add takes in a run.
func (b *Band) Add(r *simulate.Result, bill Bill) {
	figures := []struct {
		of *[2]float64
		v  float64
	}{{&b.Unserved, 100 * r.UsersLost / max(r.Users, 1e-9)}, {&b.P95, r.P95}, {&b.Month, bill.Month}}
	for _, f := range figures {
		if v := round(f.v); b.Runs == 0 {
			*f.of = [2]float64{v, v}
		} else {
			*f.of = [2]float64{min(f.of[0], v), max(f.of[1], v)}
		}
	}
	b.Runs++
	if len(r.Breaks) > 0 {
		b.Breaking++
	}
}

// Verdict says what became of users.
func (r *Report) Verdict(s *Stage) string {
	return s.Name + " " + s.Result.Verdict(s.Setup, r.Assumptions, r.Demand.Clock)
}

// heading says what was simulated.
func (r *Report) heading() string {
	v := r.Demand.Values
	return fmt.Sprintf("%s\n%.1f to %.1f requests/s, %.1f in the mean; a request takes %.0f ms of a vCPU (docs/simulate.md)",
		r.Demand.What, least(v), most(v), mean(v), 1000*r.Assumptions.Service())
}

// notes are what a reader should know, each once.
func (r *Report) notes() []string {
	notes := append([]string{}, r.Demand.Notes...)
	for _, s := range r.Stages {
		if s.Setup.Fleet != nil {
			for _, text := range s.Setup.Fleet.Unmodelled {
				notes = append(notes, s.Name+": "+text)
			}
		}
	}
	return notes
}

func least(values []float64) float64 {
	low := values[0]
	for _, v := range values {
		low = min(low, v)
	}
	return low
}

func most(values []float64) float64 {
	high := values[0]
	for _, v := range values {
		high = max(high, v)
	}
	return high
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
