package command

import (
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// width is how many columns a table may take.
const width = 100

// newTable is an empty table without lines, with that heading. Its last column takes what the others leave of width, and
// breaks where it is longer.
func newTable(heading ...any) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row(heading))
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Color = table.ColorOptions{}
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

// paint colours text where a person sees it on a terminal; the library leaves colours out where NO_COLOR is set.
type paint bool

// painted reports whether what is written to w may have colours.
func painted(w io.Writer) paint { return paint(terminal(w) && os.Getenv("NO_COLOR") == "") }

func (p paint) as(colour text.Color, word string) string {
	if !p {
		return word
	}
	return colour.Sprint(word)
}
