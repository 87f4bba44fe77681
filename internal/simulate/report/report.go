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
