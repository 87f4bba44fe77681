// Package markup writes HTML without html/template. That calls methods by name, so that the linker must keep every exported
// method of every type, the whole AWS SDK: kora was 67 MB with it and is 27 without (https://pkg.go.dev/cmd/link and
// https://go.dev/src/cmd/link/internal/ld/deadcode.go say when methods are kept).
package markup

import (
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
)

// HTML is text that may stand in a page as it is. What is none yet becomes some by Text.
type HTML string

// Text returns s escaped: it may stand in an element, or in a quoted attribute.
func Text(s string) HTML {
	return HTML(html.EscapeString(s))
}

// Join returns all parts, one a line.
func Join(parts []HTML) HTML {
	var all strings.Builder
	for _, part := range parts {
		all.WriteString(string(part) + "\n")
	}
	return HTML(all.String())
}

// List returns an item for each text, without the list around them.
func List(texts []string) HTML {
	var all strings.Builder
	for _, text := range texts {
		all.WriteString("<li>" + html.EscapeString(text) + "</li>")
	}
	return HTML(all.String())
}

// Table is one with a heading for each column.
type Table struct {
	Class   string // of the table; none when empty
	Caption string // above it; none when empty
	Head    []string
	Rows    [][]string
	Named   bool // whether the first cell of a row is its heading
}

// HTML returns the table, which scrolls where it is wider than the page.
func (t Table) HTML() HTML {
	var all strings.Builder
	all.WriteString(`<div class="scroll"><table`)
	if t.Class != "" {
		all.WriteString(` class="` + html.EscapeString(t.Class) + `"`)
	}
	all.WriteString(">\n")
	if t.Caption != "" {
		all.WriteString("<caption>" + html.EscapeString(t.Caption) + "</caption>\n")
	}
	all.WriteString("<thead><tr>")
	for _, head := range t.Head {
		scope := ` scope="col"`
		if head == "" {
			scope = "" // it heads nothing
		}
		all.WriteString("<th" + scope + ">" + html.EscapeString(head) + "</th>")
	}
	all.WriteString("</tr></thead>\n<tbody>")
	for _, row := range t.Rows {
		all.WriteString("<tr>")
		for i, cell := range row {
			if t.Named && i == 0 {
				all.WriteString(`<th scope="row">` + html.EscapeString(cell) + "</th>")
				continue
			}
			all.WriteString("<td>" + html.EscapeString(cell) + "</td>")
		}
		all.WriteString("</tr>\n")
	}
	all.WriteString("</tbody>\n</table></div>")
	return HTML(all.String())
}

var slot = regexp.MustCompile(`\{\{(\w+)\}\}`)

// Fill writes page to w with what filled has for each {{Name}} in it. A name that only one of both knows is an error.
func Fill(w io.Writer, page string, filled map[string]HTML) error {
	var unknown error
	used := map[string]bool{}
	text := slot.ReplaceAllStringFunc(page, func(found string) string {
		name := slot.FindStringSubmatch(found)[1]
		used[name] = true
		content, known := filled[name]
		if !known {
			unknown = fmt.Errorf("the page names %s, which nothing fills", found)
		}
		return string(content)
	})
	for name := range filled {
		if !used[name] {
			unknown = fmt.Errorf("nothing in the page is {{%s}}", name)
		}
	}
	if unknown != nil {
		return unknown
	}
	_, err := io.WriteString(w, text)
	return err
}
