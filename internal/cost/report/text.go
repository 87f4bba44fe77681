package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/korakagazindia/provisioner/internal/cost"
)

// columns is how many characters a line of text has at most.
const columns = 100

// Text writes the report for a terminal: what each service costs, side by side, then each bill.
func (r Report) Text(w io.Writer) error {
	out := &strings.Builder{}
	r.Stages = readable(r.Stages)
	fmt.Fprintln(out, r.heading())
	r.sideBySide(out)
	for _, s := range r.Stages {
		s.bill(out)
	}
	r.footer(out)
	if r.Guide != nil {
		guideText(out, *r.Guide)
	}
	_, err := io.WriteString(w, tidy(out.String()))
	return err
}

// plain is a table without lines, but for one below its head.
func plain(out io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateFooter: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", " "
	style.Format = table.FormatOptions{}
	t.SetStyle(style)
	return t
}

// sideBySide writes the services' sums, a column or three for each bill; as many bills beside each other as fit.
func (r Report) sideBySide(out io.Writer) {
	rest := r.Stages
	for len(rest) > 0 {
		width, count := 22, 0
		for _, s := range rest {
			if width += s.width(); width > columns && count > 0 {
				break
			}
			count++
		}
		fmt.Fprintln(out)
		r.sums(out, rest[:count])
		rest = rest[count:]
	}
}

func (r Report) sums(out io.Writer, stages []Stage) {
	t := plain(out)
	head, total := table.Row{""}, table.Row{"total"}
	configs := []table.ColumnConfig{}
	for _, s := range stages {
		for _, name := range s.names() {
			head = append(head, name)
			configs = append(configs, table.ColumnConfig{Number: len(head), Align: text.AlignRight, AlignHeader: text.AlignRight,
				AlignFooter: text.AlignRight, WidthMin: sumWidth})
		}
		for _, v := range amounts(s.Total, s.flat()) {
			total = append(total, v)
		}
	}
	t.AppendHeader(head)
	for _, service := range r.present() {
		row := table.Row{string(service)}
		for _, s := range stages {
			for _, v := range amounts(s.Share(service), s.flat()) {
				row = append(row, v)
			}
		}
		t.AppendRow(row)
	}
	t.AppendFooter(total)
	t.SetColumnConfigs(configs)
	t.Render()
}

// names is the heads of a bill's columns.
func (s Stage) names() []string {
	name := s.Name
	if utf8.RuneCountInString(name) > 24 {
		name = "…" + name[len(name)-23:]
	}
	if s.flat() {
		return []string{name}
	}
	return []string{name + "\nlow", "\ntypical", "\nhigh"}
}

// sumWidth is how many characters a column of sums has.
const sumWidth = 9

// width is how many characters a bill's columns take, with the blank after each.
func (s Stage) width() int {
	names := s.names()
	first, _, _ := strings.Cut(names[0], "\n")
	return max(sumWidth, utf8.RuneCountInString(first)) + 1 + (len(names)-1)*(sumWidth+1)
}

// bill writes one bill: each service with its share, and its lines.
func (s Stage) bill(out io.Writer) {
	fmt.Fprintln(out)
	t := plain(out)
	head := table.Row{s.Name, "quantity", "price"}
	names := []string{"USD"}
	if !s.flat() {
		names = []string{"low", "typical", "high"}
	}
	for _, name := range names {
		head = append(head, name)
	}
	t.AppendHeader(append(head, "price date"))
	lines := summed(s.Lines)
	for _, service := range cost.Services() {
		own := slices.DeleteFunc(slices.Clone(lines), func(l cost.Line) bool { return l.Service != service })
		if len(own) == 0 {
			continue
		}
		t.AppendRow(s.service(service))
		for _, l := range own {
			t.AppendRow(s.line(l))
		}
	}
	total := table.Row{"total", "", ""}
	for _, v := range amounts(s.Total, s.flat()) {
		total = append(total, v)
	}
	t.AppendFooter(total)
	t.SetColumnConfigs(s.columns(len(names)))
	t.Render()
	s.after(out)
}

func (s Stage) columns(sums int) []table.ColumnConfig {
	right := table.ColumnConfig{Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight}
	all := []table.ColumnConfig{{Number: 1, WidthMin: 32, WidthMax: 32}}
	widths := []int{20, 8}
	for range sums {
		widths = append(widths, 7)
	}
	for i, width := range widths {
		config := right
		config.Number, config.WidthMin = i+2, width
		all = append(all, config)
	}
	return all
}

// service is a service's row: its sum, and its share of the total as a bar.
func (s Stage) service(service cost.Service) table.Row {
	sum := s.Share(service)
	share := 0.0
	if s.Total.Typical > 0 {
		share = max(0, sum.Typical/s.Total.Typical)
	}
	row := table.Row{strings.ToUpper(string(service)), bar(share), fmt.Sprintf("%.0f %%", 100*share)}
	for _, v := range amounts(sum, s.flat()) {
		row = append(row, v)
	}
	return append(row, "")
}

func bar(share float64) string {
	const width = 20
	n := int(math.Round(min(1, share) * width))
	return strings.Repeat("█", n) + strings.Repeat("·", width-n)
}

func (s Stage) line(l cost.Line) table.Row {
	row := table.Row{"  " + l.Item, quantity(l), unitPrice(l.UnitPrice)}
	for _, v := range amounts(l.Monthly, s.flat()) {
		row = append(row, v)
	}
	return append(row, l.Date)
}

// after writes what else is to be known of one bill.
func (s Stage) after(out io.Writer) {
	if len(s.Unpriced) > 0 {
		fmt.Fprintln(out, "\nNot priced:")
		for _, u := range s.Unpriced {
			paragraph(out, "  ", fmt.Sprintf("%s: %s", subject(u.LogicalID, u.Type), u.Reason))
		}
	}
	if len(s.Kept) > 0 {
		fmt.Fprintln(out, "\nStays in the account, billed, when it leaves the stack, until you end it:")
		t := plain(out)
		for _, k := range s.Kept {
			t.AppendRow(table.Row{"  " + k.Item, span(k.Monthly), k.Ends})
		}
		t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMin: 22, WidthMax: 24}, {Number: 2, Align: text.AlignRight, WidthMin: 9},
			{Number: 3, WidthMax: 64, WidthMaxEnforcer: text.WrapSoft}})
		t.Render()
	}
	if len(s.Notes) > 0 {
		fmt.Fprintln(out)
	}
	for _, n := range s.Notes {
		paragraph(out, "", "Note: "+n)
	}
}

// subject is what a line is about: "Server (AWS::EC2::Instance)".
func subject(id, kind string) string {
	switch {
	case id == "":
		return "the template"
	case kind == "":
		return id
	}
	return id + " (" + kind + ")"
}

// span is a sum from the least to the most.
func span(r cost.Range) string {
	if usd(r.Low) == usd(r.High) {
		return usd(r.Low)
	}
	return usd(r.Low) + "–" + usd(r.High)
}

// footer writes the usage that all bills rest on.
func (r Report) footer(out io.Writer) {
	fmt.Fprintln(out)
	paragraph(out, "", "Low, typical and high: a group at its minimum, at --instances, at its maximum. Usage: "+
		strings.Join(r.usage(), ", ")+". docs/costs.md says where each comes from.")
}

// paragraph writes text in lines that fit, the later ones indented.
func paragraph(out io.Writer, indent, words string) {
	wrapped := text.WrapSoft(words, columns-2*len(indent))
	for i, line := range strings.Split(wrapped, "\n") {
		if i > 0 {
			line = indent + line
		}
		fmt.Fprintln(out, indent+line)
	}
}

// tidy takes the blanks off the lines' ends.
func tidy(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// readable is the bills without what a template may hold that would move a terminal's cursor or colour it.
func readable(stages []Stage) []Stage {
	clean := func(text string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return '·'
			}
			return r
		}, text)
	}
	all := slices.Clone(stages)
	for i := range all {
		s := &all[i]
		s.Name = clean(s.Name)
		s.Lines, s.Unpriced, s.Notes = slices.Clone(s.Lines), slices.Clone(s.Unpriced), slices.Clone(s.Notes)
		for j := range s.Lines {
			s.Lines[j].Item = clean(s.Lines[j].Item)
		}
		for j, u := range s.Unpriced {
			s.Unpriced[j] = cost.Unpriced{LogicalID: clean(u.LogicalID), Type: clean(u.Type), Reason: clean(u.Reason)}
		}
		for j := range s.Notes {
			s.Notes[j] = clean(s.Notes[j])
		}
	}
	return all
}
