package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
)

// Markdown writes the report for a comment: the sums open, each bill folded.
func (r Cost) Markdown(w io.Writer) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s.\n\n", r.heading())
	r.sumsMarkdown(out)
	for _, s := range r.Stages {
		s.billMarkdown(out)
	}
	if r.Guide != nil {
		guideMarkdown(out, *r.Guide)
	}
	fmt.Fprintf(out, "\nUsage: %s.\n", strings.Join(r.usage(), ", "))
	_, err := io.WriteString(w, out.String())
	return err
}

func (r Cost) sumsMarkdown(out io.Writer) {
	head, under := []string{"USD a month"}, []string{"---"}
	total := []string{"**total**"}
	for _, s := range r.Stages {
		names := []string{s.Name}
		if !s.flat() {
			names = []string{s.Name + ", low", "typical", "high"}
		}
		for _, name := range names {
			head, under = append(head, name), append(under, "---:")
		}
		for _, v := range amounts(s.Total, s.flat()) {
			total = append(total, "**"+v+"**")
		}
	}
	row(out, head...)
	row(out, under...)
	for _, service := range r.present() {
		cells := []string{string(service)}
		for _, s := range r.Stages {
			cells = append(cells, amounts(s.Share(service), s.flat())...)
		}
		row(out, cells...)
	}
	row(out, total...)
}

func (s CostStage) billMarkdown(out io.Writer) {
	fmt.Fprintf(out, "\n<details><summary>%s: %s USD</summary>\n\n", page.Cell(s.Name), span(s.Total))
	head, under := []string{"item", "quantity", "price"}, []string{"---", "---:", "---:"}
	if s.flat() {
		head, under = append(head, "USD"), append(under, "---:")
	} else {
		head, under = append(head, "low", "typical", "high"), append(under, "---:", "---:", "---:")
	}
	row(out, append(head, "price date")...)
	row(out, append(under, "---")...)
	for _, l := range summed(s.Lines) {
		cells := append([]string{l.Item, quantity(l), unitPrice(l.UnitPrice)}, amounts(l.Monthly, s.flat())...)
		row(out, append(cells, l.Date)...)
	}
	fmt.Fprint(out, "\n</details>\n")
	s.afterMarkdown(out)
}

func (s CostStage) afterMarkdown(out io.Writer) {
	if len(s.Unpriced) > 0 {
		fmt.Fprintf(out, "\nNot priced in %s:\n\n", page.Cell(s.Name))
		for _, u := range s.Unpriced {
			fmt.Fprintf(out, "- %s: %s\n", page.Cell(subject(u.LogicalID, u.Type)), page.Cell(u.Reason))
		}
	}
	if len(s.Kept) > 0 {
		fmt.Fprintf(out, "\nStays in the account, billed, when it leaves %s:\n\n", page.Cell(s.Name))
		for _, k := range s.Kept {
			fmt.Fprintf(out, "- %s, %s USD: %s\n", page.Cell(k.Item), span(k.Monthly), page.Code(k.Ends))
		}
	}
	for _, n := range s.Notes {
		fmt.Fprintf(out, "\nNote: %s.\n", page.Cell(n))
	}
}

func guideMarkdown(out io.Writer, g cost.Guide) {
	fmt.Fprint(out, "\n### The owners' guide beside it\n\n")
	row(out, "item", "guide, USD", "ours, USD", "why")
	row(out, "---", "---:", "---:", "---")
	for _, c := range g.Rows {
		row(out, c.Item, c.Guide, span(c.Ours), c.Reason)
	}
	CostStage{"serverless, not provisioned", g.Serverless}.billMarkdown(out)
}

func row(out io.Writer, cells ...string) {
	for i, cell := range cells {
		cells[i] = page.Cell(cell)
	}
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}
