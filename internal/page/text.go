package page

import (
	"fmt"
	"strings"
)

// Text is a page for a terminal in the making.
type Text struct {
	Look Look
	b    strings.Builder
}

// Line writes a line, cut where it is too long. What is put into the format is made Readable, but for what is Painted.
func (t *Text) Line(format string, args ...any) {
	t.write(Cut(fmt.Sprintf(format, readable(args)...), t.Look.Width))
}

// Wrap writes words behind first, and further lines behind rest. A word is never broken.
func (t *Text) Wrap(first, rest Painted, said string) {
	for i, line := range t.behind(first, rest, Readable(strings.Join(strings.Fields(said), " "))) {
		lead := rest
		if i == 0 {
			lead = first
		}
		t.write(string(lead) + line)
	}
}

// behind breaks words into lines of which the first has less room, or more, than the others.
func (t *Text) behind(first, rest Painted, said string) []string {
	lines := Lines(said, t.Look.Width-Columns(string(first)))
	if len(lines) == 1 {
		return lines
	}
	left := strings.TrimPrefix(strings.TrimPrefix(said, lines[0]), " ")
	return append(lines[:1], Lines(left, t.Look.Width-Columns(string(rest)))...)
}

func (t *Text) write(line string) { t.b.WriteString(strings.TrimRight(line, " ") + "\n") }

// Table writes a table, nothing for one without rows.
func (t *Text) Table(of *Table) { t.b.WriteString(of.String()) }

// String returns the page.
func (t *Text) String() string { return t.b.String() }

func readable(args []any) []any {
	all := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case Painted, int, float64, bool:
			all[i] = v
		case string:
			all[i] = Readable(v)
		default:
			all[i] = Readable(fmt.Sprint(v))
		}
	}
	return all
}
