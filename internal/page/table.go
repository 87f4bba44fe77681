package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Table is one in the making: without lines but for one below its heading and one above its footer, and no blank at the end
// of a line. On a page that is too narrow, columns that may break do so down to a width that is still easily read, then those
// are left out that can be spared, then the others stand below, behind the first column again, in a table that Stacks.
type Table struct {
	Gap    int  // how many blanks stand between two columns: 2
	Stacks bool // whether columns that do not fit stand below the others

	look    Look
	heading []string
	rows    [][]string
	footer  []string
	columns []Column
}

// Column is how a column is shown.
type Column struct {
	Right bool // its words stand at the right, as numbers do
	Min   int  // how many columns it takes at least
	Max   int  // and at most, if it folds; 0 for all it needs
	Folds bool // whether it breaks between words
	Spare int  // the order in which it is left out where room is short: 1 first, 0 never
	With  bool // whether it stays beside the column before it
}

// Table returns an empty table with that heading, none for none.
func (l Look) Table(heading ...any) *Table { return &Table{Gap: 2, look: l, heading: cellsOf(heading)} }

// Columns says how the columns are shown, from the first on; those behind take the words as they come.
func (t *Table) Columns(columns ...Column) { t.columns = columns }

// Row adds a row. What it is made of is made Readable, but for what is Painted.
func (t *Table) Row(cells ...any) { t.rows = append(t.rows, cellsOf(cells)) }

// Footer sets the row below the last line.
func (t *Table) Footer(cells ...any) { t.footer = cellsOf(cells) }

// Len returns how many rows there are.
func (t *Table) Len() int { return len(t.rows) }

// String returns the table, with a line break at its end; "" without rows.
func (t *Table) String() string {
	if len(t.rows) == 0 {
		return ""
	}
	var parts []string
	for _, block := range t.blocks() {
		parts = append(parts, t.block(t.shown(block)))
	}
	return strings.Join(parts, "\n")
}

// block is the table with these columns alone.
func (t *Table) block(shown []int) string {
	w := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: len(t.heading) > 0, SeparateFooter: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", t.Gap)
	style.Format = table.FormatOptions{}
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	if len(t.heading) > 0 {
		w.AppendHeader(picked(t.heading, shown))
	}
	for _, row := range t.rows {
		w.AppendRow(picked(row, shown))
	}
	if len(t.footer) > 0 {
		w.AppendFooter(picked(t.footer, shown))
	}
	w.SetColumnConfigs(t.configs(shown))
	return Tidy(w.Render())
}

// blocks lists the columns of each part: one part, unless the table stacks and is too wide.
func (t *Table) blocks() [][]int {
	var blocks [][]int
	var block []int
	for i := 0; i < t.count(); {
		next := []int{i}
		for i++; i < t.count() && t.column(i).With; i++ {
			next = append(next, i)
		}
		if t.Stacks && len(block) > 1 && t.least(slices.Concat(block, next)) > t.look.Width {
			blocks, block = append(blocks, block), []int{0}
		}
		block = append(block, next...)
	}
	return append(blocks, block)
}

// shown is a part's columns without those that are left out.
func (t *Table) shown(block []int) []int {
	shown := slices.Clone(block)
	for t.least(shown) > t.look.Width {
		next := -1
		for at, i := range shown {
			if spare := t.column(i).Spare; spare > 0 && (next < 0 || spare < t.column(shown[next]).Spare) {
				next = at
			}
		}
		if next < 0 {
			break
		}
		shown = slices.Delete(shown, next, next+1)
	}
	return shown
}

// least is how wide these columns are where all that may break do, down to what is easily read.
func (t *Table) least(shown []int) int {
	width := t.Gap * len(shown) // the last column has one too, which only the lines show
	for _, i := range shown {
		width += max(t.narrowest(i), min(t.widest(i), easy))
	}
	return width
}

// narrowest is how many columns one needs: for its longest word if it may break, for its longest line otherwise.
func (t *Table) narrowest(i int) int {
	if !t.column(i).Folds {
		return t.widest(i)
	}
	width := 0
	t.each(i, func(line string) {
		lead := Columns(line) - Columns(strings.TrimLeft(line, " "))
		for word := range strings.FieldsSeq(line) {
			width = max(width, lead+Columns(word))
		}
	})
	if i == t.count()-1 {
		width = min(width, leastRoom)
	}
	return min(width, t.widest(i))
}

// widest is how many columns one takes where nothing is in its way.
func (t *Table) widest(i int) int {
	c, width := t.column(i), 0
	t.each(i, func(line string) { width = max(width, Columns(line)) })
	width = max(width, c.Min)
	if c.Folds && c.Max > 0 {
		width = min(width, max(c.Max, c.Min))
	}
	return width
}

// configs gives what the page is too narrow for to the columns that may break, the widest first; what is still too wide then
// is cut.
func (t *Table) configs(shown []int) []table.ColumnConfig {
	widths, over := map[int]int{}, t.Gap*len(shown)-t.look.Width
	for _, i := range shown {
		widths[i] = t.widest(i)
		over += widths[i]
	}
	over = narrowed(widths, over, func(i int) bool { return t.column(i).Folds && widths[i] > t.narrowest(i) })
	narrowed(widths, over, func(i int) bool { return !t.column(i).Right && widths[i] > leastCut })
	var configs []table.ColumnConfig
	for at, i := range shown {
		c := table.ColumnConfig{Number: at + 1, WidthMin: min(t.column(i).Min, widths[i]), WidthMax: widths[i]}
		c.WidthMaxEnforcer = cutLines
		if t.column(i).Folds {
			c.WidthMaxEnforcer = func(said string, columns int) string { return cutLines(Fold(said, columns), columns) }
		}
		if i == t.count()-1 && t.column(i).Folds {
			c.WidthMaxEnforcer = Fold
		}
		if t.column(i).Right {
			c.Align, c.AlignHeader, c.AlignFooter = text.AlignRight, text.AlignRight, text.AlignRight
		}
		configs = append(configs, c)
	}
	return configs
}

const (
	easy      = 20 // how wide what breaks is still easily read
	leastCut  = 12 // how much is left of what is cut
	leastRoom = 24 // how much the last column has at least, whose longer words go beyond the page: there they can still be copied
)

// narrowed takes what is over from those that may give, the widest first, and returns what is still over.
func narrowed(widths map[int]int, over int, gives func(i int) bool) int {
	for ; over > 0; over-- {
		most := -1
		for _, i := range slices.Sorted(maps.Keys(widths)) {
			if gives(i) && (most < 0 || widths[i] > widths[most]) {
				most = i
			}
		}
		if most < 0 {
			break
		}
		widths[most]--
	}
	return over
}

// cutLines cuts each line of a cell.
func cutLines(said string, columns int) string {
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		lines[i] = Cut(line, max(1, columns))
	}
	return strings.Join(lines, "\n")
}

func (t *Table) column(i int) Column {
	if i < len(t.columns) {
		return t.columns[i]
	}
	return Column{}
}

func (t *Table) count() int {
	count := max(len(t.heading), len(t.footer))
	for _, row := range t.rows {
		count = max(count, len(row))
	}
	return count
}

// each visits every line of a column's cells.
func (t *Table) each(i int, visit func(line string)) {
	for _, row := range append([][]string{t.heading, t.footer}, t.rows...) {
		if i < len(row) {
			for line := range strings.SplitSeq(row[i], "\n") {
				visit(line)
			}
		}
	}
}

func picked(row []string, shown []int) table.Row {
	var all table.Row
	for _, i := range shown {
		if i < len(row) {
			all = append(all, row[i])
		}
	}
	return all
}

func cellsOf(cells []any) []string {
	var all []string
	for _, cell := range readable(cells) {
		all = append(all, fmt.Sprint(cell))
	}
	return all
}

// Tidy returns a text without blanks at the ends of its lines, and with one line break at its end.
func Tidy(said string) string {
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
