package search

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/korakagazindia/provisioner/internal/page"
)

// What the picture measures, in pixels.
const (
	width, height         = 860, 460
	left, right, top, low = 80, 830, 60, 400
)

// SVG draws every configuration by its bill and the user-minutes that it leaves unserved, and the frontier through those of
// which none serves more for less. Unserved minutes stand by their logarithm, none at the bottom.
func (f *Found) SVG(w io.Writer) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">`+"\n", width, height)
	frontier := f.Frontier()
	var words []string
	for _, t := range frontier {
		words = append(words, fmt.Sprintf("%s: %.2f USD, %.0f user-minutes", t.Config.Name(), t.Bill.Month, t.Result.UsersLost))
	}
	fmt.Fprintf(out, "<title>%s</title>\n<desc>%s</desc>\n", "Cost against unserved user-minutes", page.XML(strings.Join(words, "; ")))
	fmt.Fprint(out, `<style>
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif } .head { font-size: 16px; font-weight: 600 }
.ground { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .rule { stroke: #d1d9e0 }
.lost { fill: #ad5609; opacity: .55 } .kept { fill: #1d6dc9 } .edge { fill: none; stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { .ground { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .rule { stroke: #3d444d }
.lost { fill: #e3a25b } .kept { fill: #58a6ff } .edge { stroke: #f0f6fc } }
</style>
`)
	fmt.Fprintf(out, `<rect class="ground" width="%d" height="%d" rx="8"/>`+"\n", width, height)
	fmt.Fprintf(out, `<text class="ink head" x="24" y="30">User-minutes unserved against USD a month: %d configurations</text>`+"\n", len(f.Tried))
	p := f.plane()
	p.axes(out)
	for _, t := range f.Tried {
		class := "lost"
		if t.Kept {
			class = "kept"
		}
		fmt.Fprintf(out, `<circle class="%s" cx="%.1f" cy="%.1f" r="3"/>`+"\n", class, p.x(t.Bill.Month), p.y(t.Result.UsersLost))
	}
	for i, t := range frontier {
		letter := "L"
		if i == 0 {
			letter = `<path class="edge" d="M`
		}
		fmt.Fprintf(out, "%s%.1f %.1f", letter, p.x(t.Bill.Month), p.y(t.Result.UsersLost))
	}
	fmt.Fprintf(out, `"/>`+"\n"+`<text class="faint" x="%d" y="%d">blue keeps %s; the line: none serves more for less</text>`+"\n</svg>\n", left, height-14, page.XML(f.Promise.String()))
	_, err := io.WriteString(w, out.String())
	return err
}

// plane places bills and minutes in the picture.
type plane struct{ most, minutes float64 }

func (f *Found) plane() plane {
	p := plane{1, 10}
	for _, t := range f.Tried {
		p.most, p.minutes = max(p.most, t.Bill.Month), max(p.minutes, t.Result.UsersLost)
	}
	p.most = math.Ceil(p.most/50) * 50
	return p
}

func (p plane) x(usd float64) float64 { return left + usd/p.most*(right-left) }

func (p plane) y(minutes float64) float64 {
	return low - math.Log10(1+minutes)/math.Log10(1+p.minutes)*(low-top)
}

func (p plane) axes(out io.Writer) {
	for usd := 0.0; usd <= p.most; usd += p.most / 5 {
		fmt.Fprintf(out, `<text class="faint" x="%.1f" y="%d" text-anchor="middle">%.0f</text>`+"\n", p.x(usd), low+18, usd)
	}
	for minutes := 1.0; minutes <= p.minutes; minutes *= 10 {
		fmt.Fprintf(out, `<line class="rule" x1="%d" x2="%d" y1="%.1f" y2="%.1[3]f"/><text class="faint" x="%d" y="%.1f" text-anchor="end">%.0f</text>`+"\n",
			left, right, p.y(minutes), left-8, p.y(minutes)+4, minutes)
	}
	fmt.Fprintf(out, `<line class="rule" x1="%d" x2="%d" y1="%d" y2="%[3]d"/><text class="faint" x="%d" y="%d" text-anchor="end">0</text>`+"\n", left, right, low, left-8, low+4)
}
