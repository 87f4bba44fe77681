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

// Whole writes a line as long as it is, for what is to be copied.
func (t *Text) Whole(line string) { t.write(Readable(line)) }

// Wrap writes words behind first, and further lines behind rest. A word is never broken; where the first one does not fit
// behind first, it stands in the next line.
func (t *Text) Wrap(first, rest Painted, said string) { t.Words(first, rest, strings.Fields(said)) }

// Words is Wrap for words that may have blanks inside, as a flag with its value, and are not broken there either.
func (t *Text) Words(first, rest Painted, words []string) {
	if len(words) > 0 && t.short(first, words[0]) && !t.short(rest, words[0]) {
		t.write(string(first))
		first = rest
	}
	line := string(first)
	for i, word := range words {
		word = Readable(word)
		if i > 0 && Columns(line)+1+Columns(word) > t.Look.Width {
			t.write(line)
			line = string(rest)
		} else if i > 0 {
			line += " "
		}
		line += word
	}
	t.write(line)
}

// short reports whether a line has no room for a word behind what it begins with.
func (t *Text) short(lead Painted, word string) bool {
	return strings.TrimSpace(string(lead)) != "" && Columns(string(lead))+Columns(word) > t.Look.Width
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
