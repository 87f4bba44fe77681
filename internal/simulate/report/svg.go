package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/chart"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The picture is drawn here, as that of kora cost is: no library for Go keeps the words for those who cannot see it, and one
// file for light and dark.

// What it measures, in pixels.
const (
	panelHeight, panelGap      = 110, 46
	panelLeft, panelTop        = 64, 92
	columnGap                  = 20
	pictureWidth, pictureRight = 1000, 24
	svgBuckets                 = 120
)

// panel is one row of charts: what each line of it is.
type panel struct {
	title string
	lines []line
}

type line struct {
	name, class string
	of          func(*Minutes) []float32
}

// panels are the rows, each with its first line the bolder one.
var panels = []panel{
	{"requests a second", []line{{"can be served", "can", func(m *Minutes) []float32 { return m.Can }}, {"asked", "main", func(m *Minutes) []float32 { return m.Rate }}}},
	{"% CPU", []line{{"in the machine", "can", func(m *Minutes) []float32 { return m.Felt }}, {"to CloudWatch", "main", func(m *Minutes) []float32 { return m.Shown }}}},
	{"credits of the poorest machine", []line{{"credits", "main", func(m *Minutes) []float32 { return m.Credits }}}},
	{"machines", []line{{"running", "can", func(m *Minutes) []float32 { return m.Running }}, {"serving", "main", func(m *Minutes) []float32 { return m.Serving }}}},
	{"requests a minute unserved", []line{{"unserved", "bad", func(m *Minutes) []float32 { return m.Unserved }}}},
}

// SVG draws the stages side by side, for light and dark grounds.
func (r *Report) SVG(w io.Writer) error {
	out := &strings.Builder{}
	height := panelTop + len(panels)*(panelHeight+panelGap)
	r.open(out, height)
	width := (pictureWidth - panelLeft - pictureRight - columnGap*(len(r.Stages)-1)) / len(r.Stages)
	for i := range r.Stages {
		x := panelLeft + i*(width+columnGap)
		fmt.Fprintf(out, `<text class="ink name" x="%d" y="%d">%s</text>`+"\n", x, panelTop-26, page.XML(page.Cut(short(r.Stages[i].Name), width/8)))
	}
	for row, p := range panels {
		y := panelTop + row*(panelHeight+panelGap)
		top := p.top(r.Stages)
		fmt.Fprintf(out, `<text class="ink" x="%d" y="%d">%s</text>`+"\n", panelLeft, y-6, page.XML(p.legend()))
		for i := range r.Stages {
			p.draw(out, r.Stages[i].Minutes, panelLeft+i*(width+columnGap), y, width, top)
		}
		fmt.Fprintf(out, `<text class="faint" x="%d" y="%d" text-anchor="end">%s</text>`+"\n", panelLeft-6, y+9, amount(top))
		fmt.Fprintf(out, `<text class="faint" x="%d" y="%d" text-anchor="end">0</text>`+"\n", panelLeft-6, y+panelHeight)
	}
	last := r.Demand.Clock(len(r.Demand.Values) - 1)
	fmt.Fprintf(out, `<text class="faint" x="%d" y="%d">from %s to %s</text>`+"\n</svg>\n", panelLeft, height-12, page.XML(r.Demand.Clock(0)), page.XML(last))
	_, err := io.WriteString(w, out.String())
	return err
}

// open writes the picture's head, its words for those who cannot see it, and its colours.
func (r *Report) open(out io.Writer, height int) {
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">`+"\n", pictureWidth, height)
	var words []string
	for i := range r.Stages {
		words = append(words, r.Verdict(&r.Stages[i]))
	}
	fmt.Fprintf(out, "<title>%s</title>\n<desc>%s</desc>\n", page.XML(r.Demand.What), page.XML(strings.Join(words, ". ")))
	fmt.Fprint(out, `<style>
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
.head { font-size: 15px; font-weight: 600 } .name { font-size: 14px; font-weight: 600 }
path { fill: none; stroke-width: 1.5; stroke-linejoin: round }
.ground { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .box { fill: #f6f8fa }
.main { stroke: #1d6dc9 } .can { stroke: #ad5609; stroke-dasharray: 4 2 } .bad { stroke: #ca382b }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .box { fill: #161b22 }
.main { stroke: #58a6ff } .can { stroke: #e3a25b } .bad { stroke: #ff7b72 } }
</style>
`)
	fmt.Fprintf(out, `<rect class="ground" width="%d" height="%d" rx="8"/>`+"\n", pictureWidth, height)
	fmt.Fprintf(out, `<text class="ink head" x="24" y="32">%s</text>`+"\n", page.XML(page.Cut(r.Demand.What, 104)))
}

// legend says what the lines are.
func (p panel) legend() string {
	var names []string
	for _, l := range p.lines {
		name := l.name
		if l.class == "can" {
			name += " (dashed)"
		}
		names = append(names, name)
	}
	if len(names) == 1 {
		return p.title
	}
	return p.title + ": " + strings.Join(names, ", ")
}

// top is the value at the upper edge: the same for all stages.
func (p panel) top(stages []Stage) float64 {
	top := 0.0
	for _, s := range stages {
		for _, l := range p.lines {
			top = max(top, peak(l.of(s.Minutes)))
		}
	}
	return round125(top)
}

func (p panel) draw(out io.Writer, m *Minutes, x, y, width int, top float64) {
	fmt.Fprintf(out, `<rect class="box" x="%d" y="%d" width="%d" height="%d"/>`+"\n", x, y, width, panelHeight)
	for _, l := range p.lines {
		values := l.of(m)
		minutes, kept := chart.Sample(values, svgBuckets)
		var d strings.Builder
		for i, v := range kept {
			letter := "L"
			if i == 0 {
				letter = "M"
			}
			fmt.Fprintf(&d, "%s%.1f %.1f", letter, float64(x)+float64(minutes[i])/float64(len(values))*float64(width),
				float64(y)+panelHeight*(1-max(0, float64(v))/top))
		}
		fmt.Fprintf(out, `<path class="%s" d="%s"/>`+"\n", l.class, d.String())
	}
}
