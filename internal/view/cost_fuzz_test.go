package view

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/template"
)

// No template, however broken, makes kora cost crash, hang, or print what is no number. The seeds are in testdata/fuzz: each
// type that the stages hold, and some that are broken.
func FuzzCost(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte, instances int) {
		parsed, err := template.Parse(text)
		if err != nil {
			return
		}
		usage := cost.Defaults()
		usage.Instances = instances
		bill, err := cost.Of(parsed, usage)
		if err != nil {
			return
		}
		for _, v := range []float64{bill.Total.Low, bill.Total.Typical, bill.Total.High} {
			if !(v > -1e-6) || math.IsInf(v, 0) {
				t.Errorf("a total of %v", bill.Total)
			}
		}
		r := Cost{Region: "ap-south-1", Currency: "USD", Usage: usage, Stages: []CostStage{{Name: "x", Bill: bill}}}
		for _, form := range forms {
			var out strings.Builder
			if err := form.write(r, &out); err != nil {
				t.Errorf("%s: %v", form.ending, err)
			}
			if form.ending == "svg" {
				wellFormed(t, out.String())
			}
			if form.ending == "txt" && utf8.ValidString(out.String()) {
				fits(t, out.String(), page.Plain().Width)
			}
		}
	})
}
