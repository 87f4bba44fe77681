package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/korakagazindia/provisioner/internal/chart"
	"github.com/korakagazindia/provisioner/internal/markup"
	"github.com/korakagazindia/provisioner/internal/simulate"
)

//go:embed page/page.html
var pageHTML string

// pageBuckets is how many buckets a line of the page has, of two points each.
const pageBuckets = 1200

// HTML writes one page that holds all it needs.
func (r *Report) HTML(w io.Writer) error {
	data, err := json.Marshal(r.charts())
	if err != nil {
		return err
	}
	title := r.Demand.What
	if len(r.Stages) > 0 {
		title = short(r.Stages[0].Name) + " " + r.verdict(&r.Stages[0])
	}
	return markup.Fill(w, pageHTML, map[string]markup.HTML{
		"Title": markup.Text(title), "Heading": markup.Text(r.heading()), "Verdicts": r.pageVerdicts(), "Figures": r.pageFigures(),
		"Scaling": r.pageScaling(), "Times": r.pageTimes(), "Notes": r.pageNotes(), "Assumed": r.pageAssumed(),
		"Style": markup.HTML(chart.Style), "ChartStyle": markup.HTML(chart.LibraryStyle), "Chart": markup.HTML(chart.Library),
		"Script": markup.HTML(chart.Script), "Data": markup.HTML(data), // json.Marshal escapes what would end a script
	})
}

func (r *Report) verdict(s *Stage) string {
	return s.Result.Verdict(s.Setup, r.Assumptions, r.Demand.Clock)
}

func (r *Report) pageVerdicts() markup.HTML {
	var all []markup.HTML
	for i := range r.Stages {
		s := &r.Stages[i]
		key := markup.HTML(fmt.Sprintf(`<span class="key" style="--line: var(--line-%d)"></span>`, i%chart.Colours))
		all = append(all, "<li>"+key+"<strong>"+markup.Text(short(s.Name))+"</strong> "+markup.Text(r.verdict(s))+"</li>")
	}
	return markup.Join(all)
}

func (r *Report) pageFigures() markup.HTML {
	table := markup.Table{Head: []string{""}, Named: true}
	for i := range r.Stages {
		table.Head = append(table.Head, short(r.Stages[i].Name))
	}
	for _, f := range r.figures() {
		row := []string{f.name}
		for i := range r.Stages {
			row = append(row, f.of(&r.Stages[i]))
		}
		table.Rows = append(table.Rows, row)
	}
	return table.HTML()
}

// pageEvents is how many scaling events the page lists.
const pageEvents = 100

func (r *Report) pageScaling() markup.HTML {
	var all []markup.HTML
	for i := range r.Stages {
		s := &r.Stages[i]
		events := s.Result.Events
		if len(events) == 0 {
			continue
		}
		table := markup.Table{Class: "words", Head: []string{"when", "what", "why"}}
		for _, e := range events[:min(len(events), pageEvents)] {
			table.Rows = append(table.Rows, []string{r.Demand.Clock(int(e.At / 60)), change(e), because(e)})
		}
		all = append(all, "<h2>Scaling of "+markup.Text(short(s.Name))+"</h2>", table.HTML())
		if more := len(events) - pageEvents; more > 0 {
			all = append(all, markup.HTML(fmt.Sprintf(`<p class="faint">and %d more</p>`, more)))
		}
	}
	return markup.Join(all)
}

func (r *Report) pageTimes() markup.HTML {
	var all []markup.HTML
	for i := range r.Stages {
		s := &r.Stages[i]
		all = append(all, markup.Table{Caption: short(s.Name), Head: pageColumns(), Rows: r.rows(s)}.HTML())
	}
	return markup.Join(all)
}

func (r *Report) pageNotes() markup.HTML {
	notes := r.notes()
	if len(notes) == 0 {
		return ""
	}
	return markup.Join([]markup.HTML{"<h2>Notes</h2>", "<ul>" + markup.List(notes) + "</ul>"})
}

func pageColumns() []string {
	return []string{"time", "asked/s", "can/s", "unserved", "p95 s", "CPU shown %", "CPU felt %", "credits", "machines"}
}

// rows are the charts in figures, for those who cannot see them: the worst of each two hours, or of longer times.
func (r *Report) rows(s *Stage) [][]string {
	m := s.Minutes
	each := max(120, (len(m.Rate)+119)/120)
	var all [][]string
	for from := 0; from < len(m.Rate); from += each {
		worst := from
		for i := from; i < min(from+each, len(m.Rate)); i++ {
			if m.Unserved[i] > m.Unserved[worst] || m.Unserved[i] == m.Unserved[worst] && m.P95[i] > m.P95[worst] {
				worst = i
			}
		}
		row := []string{r.Demand.Clock(worst)}
		for _, v := range []float32{m.Rate[worst], m.Can[worst], m.Unserved[worst], m.P95[worst], m.Shown[worst], m.Felt[worst], m.Credits[worst], m.Running[worst]} {
			row = append(row, strconv.FormatFloat(math.Round(float64(v)*100)/100, 'f', -1, 64))
		}
		all = append(all, row)
	}
	return all
}

func (r *Report) pageAssumed() markup.HTML {
	table := markup.Table{Class: "words", Head: []string{"name", "value", "what it is"}}
	for _, a := range simulate.All() {
		value := strconv.FormatFloat(round(*a.Of(&r.Assumptions)), 'f', -1, 64)
		table.Rows = append(table.Rows, []string{a.Name, value + " " + a.Unit, a.What})
	}
	return table.HTML()
}

// charts is what the page draws: x in minutes, shared by all lines.
func (r *Report) charts() chart.Page {
	x, asked := chart.Sample(r.rates(), pageBuckets)
	var begin *int64
	if !r.Demand.Begin.IsZero() {
		begin = new(int64)
		*begin = r.Demand.Begin.Unix()
	}
	demand := chart.Line{Label: "asked", Colour: "--ink", Values: chart.Points(asked)}
	all := []chart.Chart{
		r.chart("Requests a second: asked, and what can be served", chart.Chart{Lines: []chart.Line{demand}},
			lines{func(m *Minutes) []float32 { return m.Can }, "can serve", true, true}),
		r.chart("% CPU: what CloudWatch shows, and what the machines feel", chart.Chart{Least: 100},
			lines{func(m *Minutes) []float32 { return m.Shown }, "shown", false, false}, lines{func(m *Minutes) []float32 { return m.Felt }, "felt", true, false}),
		r.chart("CPU credits of the poorest machine", chart.Chart{}, lines{func(m *Minutes) []float32 { return m.Credits }, "credits", false, false}),
		r.chart("Machines: running, and serving", chart.Chart{}, lines{func(m *Minutes) []float32 { return m.Running }, "running", false, true},
			lines{func(m *Minutes) []float32 { return m.Serving }, "serving", true, true}),
		r.chart("Response time in seconds, p95 of the slowest machine", chart.Chart{Log: true}, lines{func(m *Minutes) []float32 { return m.P95 }, "p95", false, false}),
		r.chart("Requests a minute that are not served", chart.Chart{}, lines{func(m *Minutes) []float32 { return m.Unserved }, "unserved", false, false}),
		r.costs(),
	}
	return chart.Page{Begin: begin, X: x, Charts: all}
}

// lines is one line for each stage.
type lines struct {
	of            func(*Minutes) []float32
	name          string
	dash, stepped bool
}

func (r *Report) chart(title string, c chart.Chart, all ...lines) chart.Chart {
	c.Title = title
	for i := range r.Stages {
		s := &r.Stages[i]
		for _, l := range all {
			values := l.of(s.Minutes)
			_, kept := chart.Sample(values, pageBuckets)
			line := chart.Line{Label: short(s.Name) + ", " + l.name, Colour: fmt.Sprintf("--line-%d", i%chart.Colours), Stepped: l.stepped, Values: chart.Points(kept)}
			if l.dash {
				line.Dash = []int{6, 3}
			}
			c.Lines = append(c.Lines, line)
			c.Words += fmt.Sprintf("%s: at most %s. ", line.Label, strconv.FormatFloat(round(peak(values)), 'f', -1, 64))
		}
	}
	return c
}

// costs is the chart of the bill so far: what a month costs without credits, evenly, and the credits as they are charged.
func (r *Report) costs() chart.Chart {
	of := map[*Minutes][]float32{}
	for i := range r.Stages {
		s := &r.Stages[i]
		even, credit := (s.Bill.Month-s.Bill.Credits)/(730*60), 0.0
		if charged := s.Result.Charged + s.Result.Owed; charged > 0 {
			credit = s.Bill.Credits * float64(s.Result.Minutes) / (730 * 60) / charged
		}
		values := make([]float32, len(s.Minutes.Charged))
		for k, charged := range s.Minutes.Charged {
			values[k] = float32(even*float64(k+1) + credit*float64(charged))
		}
		of[s.Minutes] = values
	}
	return r.chart("Bill so far in USD", chart.Chart{}, lines{func(m *Minutes) []float32 { return of[m] }, "bill", false, false})
}

func (r *Report) rates() []float32 {
	rates := make([]float32, len(r.Demand.Values))
	for i, v := range r.Demand.Values {
		rates[i] = float32(v)
	}
	return rates
}
