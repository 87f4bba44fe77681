// Package page is what everything that people and programs read has in common: how wide a line is and where it breaks, what
// is cut and where, what of somebody's text may reach a terminal or a Markdown table, and the one form of a table and of
// JSON.
package page

import "github.com/jedib0t/go-pretty/v6/text"

// Look is what a page is made for.
type Look struct {
	Width  int  // how many columns a line has at most
	Colour bool // whether words may be coloured
}

// The widest and the narrowest page: in longer lines one does not find the next, and in shorter ones tables say nothing.
const (
	widest    = 160
	narrowest = 40
	usual     = 100
)

// At returns the look of a page for a terminal of so many columns, 0 or less where that is not known.
func At(columns int, colour bool) Look {
	if columns <= 0 {
		columns = usual
	}
	return Look{Width: min(max(columns, narrowest), widest), Colour: colour}
}

// Plain returns the look of a page that goes to no terminal: 100 columns, no colour.
func Plain() Look { return At(0, false) }

// Colour is one of a terminal's, which it shows as its user has chosen.
type Colour = text.Color

// The colours there are: of what is lost or fails, of what is to be decided, and of what is well.
const (
	Red    = text.FgRed
	Yellow = text.FgYellow
	Green  = text.FgGreen
)

// Painted is text that may hold sequences for colour, which are ours: what it was made of is Readable.
type Painted string

// Paint returns what was said in that colour, 0 for none, where the look has colours. The library's own switch is one for the
// whole process, by the environment that it starts in: whether a writer is a terminal it does not ask.
func (l Look) Paint(colour Colour, said string) Painted {
	said = Readable(said)
	if !l.Colour || colour == 0 || said == "" {
		return Painted(said)
	}
	return Painted(text.Colors{colour}.EscapeSeq() + said + text.Reset.EscapeSeq())
}
