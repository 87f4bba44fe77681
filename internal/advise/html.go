package advise

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/korakagazindia/provisioner/internal/chart"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/markup"
)

//go:embed page.html
var pageHTML string

// pageBuckets is how many buckets a line of the page has, of two points each.
const pageBuckets = 1200

// HTML writes one page that holds all it needs: the triggers, and a chart for each metric with its thresholds.
func (r *Report) HTML(w io.Writer, metrics map[string][]demand.Point) error {
	charts := drawn(metrics)
	data, err := json.Marshal(charts)
	if err != nil {
		return err
	}
	empty := markup.HTML("")
	if len(charts.Charts) == 0 {
		empty = "<p>Nothing: no metric was given.</p>"
	}
	table := markup.Table{Class: "words", Head: []string{"state", "to", "trigger", "observed"}}
	for _, t := range r.Triggers {
		table.Rows = append(table.Rows, []string{string(t.State), t.Move, t.words(), t.Observed})
	}
	return markup.Fill(w, pageHTML, map[string]markup.HTML{
		"Verdict": markup.Text(r.Verdict), "Triggers": table.HTML(), "Lines": markup.List(r.lines()), "Empty": empty,
		"LibraryStyle": markup.HTML(chart.LibraryStyle), "Style": markup.HTML(chart.Style), "Library": markup.HTML(chart.Library),
		"Script": markup.HTML(chart.Script), "Data": markup.HTML(data), // json.Marshal escapes what would end a script
	})
}

// drawn is a chart for each metric there is, over the time of all of them.
func drawn(metrics map[string][]demand.Point) chart.Page {
	page := chart.Page{X: []int{}, Charts: []chart.Chart{}}
	begin, end := span(metrics)
	if begin.IsZero() {
		return page
	}
	seconds := begin.Unix()
	page.Begin = &seconds
	const grid = 5 // minutes
	count := int(end.Sub(begin).Minutes())/grid + 1
	for _, name := range Metrics() {
		if len(metrics[name]) == 0 {
			continue
		}
		minutes, kept := chart.Sample(gridded(metrics[name], begin, count, grid), pageBuckets)
		page.X = page.X[:0] // the same for all
		for _, m := range minutes {
			page.X = append(page.X, grid*m)
		}
		page.Charts = append(page.Charts, withThresholds(name, kept))
	}
	return page
}

// span is the time from the first point of all metrics to the last.
func span(metrics map[string][]demand.Point) (begin, end time.Time) {
	for _, points := range metrics {
		for _, p := range points {
			if begin.IsZero() || p.At.Before(begin) {
				begin = p.At
			}
			if p.At.After(end) {
				end = p.At
			}
		}
	}
	return begin, end
}

// gridded is the most of a metric in each step of a grid, -1 where there is no value.
func gridded(points []demand.Point, begin time.Time, count, minutes int) []float32 {
	values := make([]float32, count)
	for i := range values {
		values[i] = -1
	}
	hold := max(1, int(usual(points).Minutes())/minutes)
	for _, p := range points {
		from := int(p.At.Sub(begin).Minutes()) / minutes
		for i := from; i < min(from+hold, count); i++ {
			values[i] = max(values[i], float32(p.Value))
		}
	}
	return values
}

// withThresholds is a metric's chart, with a line for each threshold of its triggers.
func withThresholds(name string, values []float32) chart.Chart {
	c := chart.Chart{Title: name, Lines: []chart.Line{{Label: name, Colour: "--line-0", Values: chart.Points(values)}}}
	top := float32(0)
	for _, v := range values {
		top = max(top, v)
	}
	c.Words = fmt.Sprintf("At most %.4g. ", top)
	drawn := map[float64]bool{}
	for _, r := range rules {
		if r.metrics[0] != name || drawn[r.threshold] {
			continue
		}
		drawn[r.threshold] = true
		c.Title = fmt.Sprintf("%s in %s", name, r.unit)
		level := float32(r.threshold)
		flat := make([]*float32, len(values))
		for i := range flat {
			flat[i] = &level
		}
		c.Lines = append(c.Lines, chart.Line{Label: fmt.Sprintf("threshold %v %s", r.threshold, r.unit),
			Colour: fmt.Sprintf("--line-%d", len(c.Lines)), Dash: []int{6, 3}, Values: flat})
		c.Words += fmt.Sprintf("Threshold %v. ", r.threshold)
		c.Least = math.Max(c.Least, r.threshold)
	}
	return c
}
