package view

import (
	"io"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
)

// JSON writes the report for programs: region, currency, usage, stages, and guide when there is one.
func (r Cost) JSON(w io.Writer) error {
	type stage struct {
		Name string `json:"name"`
		cost.Bill
	}
	out := struct {
		Region   string             `json:"region"`
		Currency string             `json:"currency"`
		Usage    map[string]float64 `json:"usage"`
		Stages   []stage            `json:"stages"`
		Guide    *cost.Guide        `json:"guide,omitempty"`
	}{Region: r.Region, Currency: r.Currency, Usage: map[string]float64{}, Stages: []stage{}, Guide: r.Guide}
	for _, f := range cost.Figures() {
		out.Usage[f.Flag] = *f.Of(&r.Usage)
	}
	for _, s := range r.Stages {
		out.Stages = append(out.Stages, stage(s))
	}
	return page.JSON(w, out)
}
