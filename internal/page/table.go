package page

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// NewTable returns an empty table with that heading, none for none: without lines but for one below its heading and one above
// its footer, two blanks between its columns, and no blank at the end of a line.
func NewTable(heading ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateFooter: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format = table.FormatOptions{}
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	if len(heading) > 0 {
		t.AppendHeader(table.Row(heading))
	}
	return t
}

// Tidy returns a text without blanks at the ends of its lines, and with one line break at its end.
func Tidy(said string) string {
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
