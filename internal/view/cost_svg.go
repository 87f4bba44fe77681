package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
)

// colours of the services. White text on each has a contrast of 4.5 at least, and each stands out of the dark ground by 3
// (WCAG 2.1, 1.4.3 and 1.4.11); a test holds both.
var colours = map[cost.Service]string{
	cost.Machines: "#1d6dc9", cost.Disks: "#9051bd", cost.Addresses: "#ad5609", cost.Balancing: "#0e7d61",
	cost.Caching: "#c93258", cost.Monitoring: "#886a0f", cost.Naming: "#1a7795", cost.Storage: "#457b1f",
	cost.Notifications: "#b83d8f", cost.Transfer: "#6363c4", cost.Database: "#ca382b", cost.Tax: "#6e6e6e",
}

// The grounds that the picture is drawn on, by what the reader's system prefers.
const (
	lightGround = "#ffffff"
	darkGround  = "#0d1117"
)

// What the picture measures, in pixels.
const (
	pictureWidth = 960
	barLeft      = 200
	barRight     = 880
	barHeight    = 30
	barStep      = 44
	barTop       = 76
)

// stacked is one stacked bar: a bill at one size.
type stacked struct {
	name  string
	sums  []float64 // by service, as in the report's present
	total float64
}

// SVG draws the bills as stacked bars, for light and dark grounds.
func (r Cost) SVG(w io.Writer) error {
	services := r.present()
	bars := r.bars(services)
	most := 0.0
	for _, b := range bars {
		most = max(most, b.total)
	}
	out := &strings.Builder{}
	legendTop := barTop + len(bars)*barStep + 12
	height := legendTop + (len(services)+3)/4*24 + 20
	r.open(out, height, bars)
	for i, b := range bars {
		b.draw(out, services, barTop+i*barStep, most)
	}
	for i, s := range services {
		x, y := 24+i%4*232, legendTop+i/4*24
		fmt.Fprintf(out, `<rect x="%d" y="%d" width="14" height="14" rx="2" fill="%s"/>`+"\n", x, y, colours[s])
		fmt.Fprintf(out, `<text class="ink" x="%d" y="%d">%s</text>`+"\n", x+22, y+12, page.XML(string(s)))
	}
	fmt.Fprintln(out, "</svg>")
	_, err := io.WriteString(w, out.String())
	return err
}

// open writes the picture's head, its words for those who cannot see it, its colours and its title.
func (r Cost) open(out io.Writer, height int, bars []stacked) {
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">`+"\n", pictureWidth, height)
	var words []string
	for _, b := range bars {
		words = append(words, fmt.Sprintf("%s %s", b.name, usd(b.total)))
	}
	fmt.Fprintf(out, "<title>%s</title>\n<desc>%s</desc>\n", page.XML("What each stage costs a month, in "+r.Currency), page.XML(strings.Join(words, "; ")))
	fmt.Fprintf(out, `<style>
text { font: 14px system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
.head { font-size: 18px; font-weight: 600 }
.small { font-size: 12px }
.ground { fill: %s } .ink { fill: #1f2328 } .faint { fill: #59636e } .gap { stroke: %[1]s }
@media (prefers-color-scheme: dark) { .ground { fill: %s } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .gap { stroke: %[2]s } }
</style>
`, lightGround, darkGround)
	fmt.Fprintf(out, `<rect class="ground" width="%d" height="%d" rx="8"/>`+"\n", pictureWidth, height)
	fmt.Fprintf(out, `<text class="ink head" x="24" y="34">USD a month</text>`+"\n")
	fmt.Fprintf(out, `<text class="faint small" x="24" y="56">%s</text>`+"\n", page.XML(r.heading()))
}

// bars lists the bars: one for a bill that no group changes, one for each size otherwise.
func (r Cost) bars(services []cost.Service) []stacked {
	var all []stacked
	for _, s := range r.Stages {
		add := func(name string, of func(cost.Range) float64) {
			b := stacked{name: name, total: of(s.Total)}
			for _, service := range services {
				b.sums = append(b.sums, of(s.Share(service)))
			}
			all = append(all, b)
		}
		if s.flat() {
			add(s.Name, func(r cost.Range) float64 { return r.Low })
			continue
		}
		add(s.Name+", low", func(r cost.Range) float64 { return r.Low })
		if s.Total.Typical != s.Total.Low && s.Total.Typical != s.Total.High {
			add(s.Name+", typical", func(r cost.Range) float64 { return r.Typical })
		}
		add(s.Name+", high", func(r cost.Range) float64 { return r.High })
	}
	return all
}

func (b stacked) draw(out io.Writer, services []cost.Service, y int, most float64) {
	fmt.Fprintf(out, `<text class="ink" x="%d" y="%d" text-anchor="end">%s</text>`+"\n", barLeft-12, y+20, page.XML(page.CutFront(b.name, 25)))
	x := float64(barLeft)
	for i, sum := range b.sums {
		width := max(0, sum) / max(most, 1e-9) * (barRight - barLeft)
		if width < 0.5 {
			continue
		}
		fmt.Fprintf(out, `<rect class="gap" x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s</title></rect>`+"\n",
			x, y, width, barHeight, colours[services[i]], page.XML(fmt.Sprintf("%s: %s", services[i], usd(sum))))
		if width > 34 {
			fmt.Fprintf(out, `<text class="small" fill="#ffffff" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x+width/2, y+19, usd(sum))
		}
		x += width
	}
	fmt.Fprintf(out, `<text class="ink" x="%.1f" y="%d">%s</text>`+"\n", x+8, y+20, usd(b.total))
}
