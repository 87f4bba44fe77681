package page

import (
	"encoding/xml"
	"strings"
	"unicode"
)

// Readable returns a text without what would steer a terminal: control characters, and those that turn the direction of
// writing or cannot be seen. Each becomes a question mark.
func Readable(said string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, said)
}

// OneLine returns a value in one line: what breaks lines is written as a program's text has it.
func OneLine(said string) string { return breaks.Replace(said) }

var breaks = strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`)

// Cell returns a text that stays text in a cell of a Markdown table: it ends no cell, begins no tag and no code, and calls
// nobody.
func Cell(said string) string {
	return cells.Replace(Readable(spaces.Replace(said)))
}

// Code returns a text as code in a cell of a Markdown table, "" for none.
func Code(said string) string {
	if said == "" {
		return ""
	}
	return "`" + codes.Replace(Readable(spaces.Replace(said))) + "`"
}

var (
	spaces = strings.NewReplacer("\n", " ", "\r", " ")
	cells  = strings.NewReplacer("|", `\|`, "<", "&lt;", "`", "'", "@", "@\u200b")
	codes  = strings.NewReplacer("|", `\|`, "`", "'")
)

// XML returns a text as XML takes it.
func XML(said string) string {
	var out strings.Builder
	if err := xml.EscapeText(&out, []byte(said)); err != nil {
		return "" // a Builder takes everything
	}
	return out.String()
}
