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

// Plain returns the look of a page that goes to no terminal: 100 columns, no colour.
func Plain() Look { return Look{Width: 100} }

// Painted is text that may hold sequences for colour, which are ours: what it was made of is Readable.
type Painted string

// Paint returns what was said in that colour, where the look has colours.
func (l Look) Paint(colour text.Color, said string) Painted {
	said = Readable(said)
	if !l.Colour || said == "" {
		return Painted(said)
	}
	return Painted(text.Colors{colour}.EscapeSeq() + said + text.Reset.EscapeSeq())
}
