package view

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// odd are values that do not belong where they are put.
var odd = []any{nil, "", "x", -1.0, 0.0, 1e308, "-5", "NaN", "1e999", true, []any{}, []any{nil}, map[string]any{}, map[string]any{"Ref": "Server"},
	map[string]any{"Ref": "Nobody"}, map[string]any{"Ref": 3.0}, map[string]any{"Fn::GetAtt": []any{"Fleet"}},
	map[string]any{"Fn::Join": []any{"", []any{"{\"metrics\":{\"metrics_collected\":{\"mem\":3}}}"}}}, "\x1b[31m\n\ttext " + strings.Repeat("long", 50)}

// Whatever stands in a property's place, a bill comes out, of numbers, and every line of it fits.
func TestBrokenProperties(t *testing.T) {
	for _, name := range []string{"horizontal", "existing/horizontal"} {
		parsed, err := template.Read(filepath.Join("..", "..", "test", "testdata", "templates", name+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		read := append(cost.Priced(), "AWS::EC2::LaunchTemplate", "AWS::SSM::Document", "AWS::EC2::Subnet")
		seen := map[string]int{}
		for _, r := range parsed.Resources {
			if seen[r.Type]++; seen[r.Type] > 1 || !slices.Contains(read, r.Type) {
				continue
			}
			eachPlace(r.Properties, func(set func(any)) {
				for i, value := range odd {
					set(value)
					checkBill(t, parsed, r.ID, i == len(odd)-1)
				}
			})
			if t.Failed() {
				return
			}
		}
	}
}

// eachPlace visits every value inside; set puts another there until the visit ends.
func eachPlace(inside any, visit func(set func(any))) {
	switch v := inside.(type) {
	case map[string]any:
		for key, was := range v {
			visit(func(value any) { v[key] = value })
			v[key] = was
			eachPlace(was, visit)
		}
	case []any:
		for i, was := range v {
			visit(func(value any) { v[i] = value })
			v[i] = was
			eachPlace(was, visit)
		}
	}
}

// book is read once: a bill is made of each broken template.
var book = price.Embedded()

// check bills the template, and shows the bill, which takes longer.
func checkBill(t testing.TB, parsed *template.Template, where string, shown bool) {
	t.Helper()
	usage := cost.Defaults()
	bill, err := cost.With(book, parsed, usage)
	if err != nil {
		return
	}
	for _, v := range []float64{bill.Total.Low, bill.Total.Typical, bill.Total.High} {
		if !(v > -1e-6) || math.IsInf(v, 0) {
			t.Errorf("%s: a total of %v", where, bill.Total)
		}
	}
	if !shown {
		return
	}
	var out strings.Builder
	r := Cost{Region: "ap-south-1", Currency: "USD", Usage: usage, Stages: []CostStage{{Name: "x", Bill: bill}}}
	if err := r.Text(&out, page.Plain()); err != nil {
		t.Errorf("%s: %v", where, err)
	}
	fits(t, out.String(), page.Plain().Width)
}
