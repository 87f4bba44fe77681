// Package chart is what a page needs to draw charts that share a cursor and need no network: uPlot 1.6.32 (MIT, uplot-LICENSE), the
// smallest library that shares one, and what it lacks: keys, words for a screen reader, colours that follow the system.
package chart

import (
	_ "embed"
	"math"
)

// What a page embeds: uPlot, and the page's own. Script draws the Page that stands as JSON in the element data into the element
// charts, and says in the element said what the cursor is at.
var (
	//go:embed uplot.js
	Library string
	//go:embed uplot.css
	LibraryStyle string
	//go:embed page.js
	Script string
	//go:embed page.css
	Style string
)

// Colours is how many the style has for lines: --line-0 and on.
const Colours = 6

// Page is what the script draws.
type Page struct {
	// Begin is the first minute in seconds since 1970, nil for a time without dates.
	Begin *int64 `json:"begin"`
	// X is minutes from the first one, shared by all lines.
	X      []int   `json:"x"`
	Charts []Chart `json:"charts"`
}

// Chart is one of them.
type Chart struct {
	Title string  `json:"title"`
	Words string  `json:"words"` // for those who cannot see it
	Log   bool    `json:"log"`
	Least float64 `json:"least"` // the upper edge is not below it
	Lines []Line  `json:"lines"`
}

// Line is one line of a chart.
type Line struct {
	Label   string     `json:"label"`
	Colour  string     `json:"colour"` // a variable of the style, such as --line-0
	Dash    []int      `json:"dash"`
	Stepped bool       `json:"stepped"`
	Values  []*float32 `json:"values"` // nil where there is none
}

// Points are values of four digits; one below 0 is none.
func Points(values []float32) []*float32 {
	all := make([]*float32, len(values))
	for i, v := range values {
		if v >= 0 {
			short := float32(digits(float64(v), 4))
			all[i] = &short
		}
	}
	return all
}

func digits(v float64, count int) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, float64(count)-math.Ceil(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
