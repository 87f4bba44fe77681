package page

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Columns returns how many columns a terminal needs for a text: two for a wide character, none for a colour.
func Columns(said string) int { return text.StringWidthWithoutEscSequences(said) }

// Cut returns a text that takes so many columns at most, with "..." in place of what is left out at its end.
func Cut(said string, columns int) string {
	if Columns(said) <= columns {
		return said
	}
	return text.Snip(said, columns, "...")
}

// CutFront returns a text that takes so many columns at most, with "…" in place of what is left out at its beginning: of a
// path, the end tells more.
func CutFront(said string, columns int) string {
	if Columns(said) <= columns {
		return said
	}
	letters := []rune(said)
	for len(letters) > 0 && Columns(string(letters)) > columns-1 {
		letters = letters[1:]
	}
	return "…" + string(letters)
}

// Around returns two texts, each cut to so many columns, so that where they begin to differ is in sight.
func Around(a, b string, columns int) (string, string) {
	x, y := []rune(a), []rune(b)
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	if Columns(a) <= columns && Columns(b) <= columns {
		return a, b
	}
	start := max(0, same-columns/3)
	for _, letters := range []*[]rune{&x, &y} {
		if start > 0 && len(*letters) > start {
			*letters = append([]rune("..."), (*letters)[start:]...)
		}
	}
	return Cut(string(x), columns), Cut(string(y), columns)
}

// Lines breaks a text between words into lines of so many columns. A word is never broken: one that is longer than a line
// stands alone on its own, so that a command can be copied.
func Lines(said string, columns int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(said) {
		if line != "" && Columns(line)+1+Columns(word) > columns {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// Fold is Lines as a column of a table takes it: line breaks stay, and what stands farther in stands there in each line.
func Fold(said string, columns int) string {
	var all []string
	for line := range strings.SplitSeq(said, "\n") {
		lead := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for _, each := range Lines(line, columns-len(lead)) {
			all = append(all, lead+each)
		}
	}
	return strings.Join(all, "\n")
}
