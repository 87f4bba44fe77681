package view

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
)

// Text writes the report for a terminal: the totals, what each service costs, side by side, each bill by its items where
// there is one or they were asked for, and the totals again, which is what is in sight at the end.
func (r Cost) Text(w io.Writer, look page.Look) error {
	p := &costPage{page.Text{Look: look}}
	p.Wrap("", "  ", r.totals())
	p.Wrap("", "", r.heading())
	p.Line("")
	p.sums(r)
	items := r.Items || len(r.Stages) == 1
	for _, s := range r.Stages {
		if items {
			p.bill(s)
		}
		p.after(s, items)
	}
	p.cheaper(r)
	p.usage(r)
	if r.Guide != nil {
		p.guide(*r.Guide)
	}
	if !items {
		p.Wrap("", "", "Each item, and what stays billed when a stage leaves the stack: --items, or one stage.")
	}
	p.Line("")
	p.Wrap("", "  ", r.totals())
	_, err := io.WriteString(w, p.String())
	return err
}

// costPage is bills' page in the making.
type costPage struct{ page.Text }

// table is one with a blank between columns: a bill of three sums needs the room.
func (p *costPage) table(heading ...any) *page.Table {
	t := p.Look.Table(heading...)
	t.Gap = 1
	return t
}

// What the tables measure, in columns.
const (
	itemWidth = 32
	sumWidth  = 9
	nameWidth = 24
)

// sums writes the services' sums, a column or three for each bill.
func (p *costPage) sums(r Cost) {
	head, total, columns := []any{""}, []any{"total"}, []page.Column{{Folds: true}}
	for _, s := range r.Stages {
		for i, name := range s.names() {
			head = append(head, name)
			columns = append(columns, page.Column{Right: true, Min: sumWidth, With: i > 0})
		}
		if !s.flat() {
			columns[len(columns)-2].Spare = 1 // the typical sum, which is the low one unless --instances says otherwise
		}
		total = appended(total, amounts(s.Total, s.flat()))
	}
	t := p.table(head...)
	t.Stacks = true
	t.Columns(columns...)
	for _, service := range r.present() {
		row := []any{string(service)}
		for _, s := range r.Stages {
			row = appended(row, amounts(s.Share(service), s.flat()))
		}
		t.Row(row...)
	}
	t.Footer(total...)
	p.Table(t)
}

// appended is a row with further cells.
func appended(row []any, cells []string) []any {
	for _, cell := range cells {
		row = append(row, cell)
	}
	return row
}

// names is the heads of a bill's columns.
func (s CostStage) names() []page.Painted {
	name := page.Painted(page.Readable(page.CutFront(s.Name, nameWidth)))
	if s.flat() {
		return []page.Painted{name}
	}
	return []page.Painted{name + "\nlow", "\ntypical", "\nhigh"}
}

// bill writes one bill: each service with its share, and its lines.
func (p *costPage) bill(s CostStage) {
	p.Line("")
	head := []any{page.CutFront(s.Name, itemWidth), "quantity", "price"}
	columns := []page.Column{{Min: itemWidth, Max: itemWidth, Folds: true}, {Right: true, Min: 20, Spare: 4}, {Right: true, Min: 8, Spare: 2}}
	sum := page.Column{Right: true, Min: 7}
	names := []string{"USD"}
	if s.flat() {
		columns = append(columns, sum)
	} else {
		names = []string{"low", "typical", "high"}
		columns = append(columns, sum, page.Column{Right: true, Min: 7, Spare: 3}, sum)
	}
	columns = append(columns, page.Column{Spare: 1})
	t := p.table(append(appended(head, names), "price date")...)
	t.Columns(columns...)
	lines := summed(s.Lines)
	for _, service := range cost.Services() {
		own := slices.DeleteFunc(slices.Clone(lines), func(l cost.Line) bool { return l.Service != service })
		if len(own) == 0 {
			continue
		}
		t.Row(s.service(service)...)
		for _, l := range own {
			t.Row(s.line(l)...)
		}
	}
	t.Footer(appended([]any{"total", "", ""}, amounts(s.Total, s.flat()))...)
	p.Table(t)
}

// service is a service's row: its sum, and its share of the total as a bar.
func (s CostStage) service(service cost.Service) []any {
	sum := s.Share(service)
	share := 0.0
	if s.Total.Typical > 0 {
		share = max(0, sum.Typical/s.Total.Typical)
	}
	lead := []any{strings.ToUpper(string(service)), bar(share), fmt.Sprintf("%.0f %%", 100*share)}
	return appended(lead, amounts(sum, s.flat()))
}

func bar(share float64) string {
	const width = 20
	n := int(math.Round(min(1, share) * width))
	return strings.Repeat("█", n) + strings.Repeat("·", width-n)
}

func (s CostStage) line(l cost.Line) []any {
	row := appended([]any{"  " + l.Item, quantity(l), unitPrice(l.UnitPrice)}, amounts(l.Monthly, s.flat()))
	return append(row, l.Date)
}

// after writes what else is to be known of one bill, and what stays of it when it leaves the stack.
func (p *costPage) after(s CostStage, stays bool) {
	if len(s.Unpriced) > 0 {
		p.Line("")
		p.Wrap("", "  ", "Not priced in "+s.Name+":")
		for _, u := range s.Unpriced {
			p.Wrap("  ", "    ", fmt.Sprintf("%s: %s", subject(u.LogicalID, u.Type), u.Reason))
		}
	}
	if stays && len(s.Kept) > 0 {
		p.Line("")
		p.Wrap("", "", "Stays in the account, billed, when it leaves the stack, until you end it:")
		t := p.table()
		t.Columns(page.Column{Folds: true, Min: 22, Max: 24}, page.Column{Right: true, Min: sumWidth},
			page.Column{Folds: true, Max: 64})
		for _, k := range s.Kept {
			t.Row("  "+k.Item, span(k.Monthly), k.Ends)
		}
		p.Table(t)
	}
	if len(s.Notes) > 0 {
		p.Line("")
	}
	for _, n := range s.Notes {
		p.Wrap("", "", "Note: "+n)
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

// cheaper writes which types cost less, each once.
func (p *costPage) cheaper(r Cost) {
	said := map[string]bool{}
	for _, s := range r.Stages {
		for _, c := range s.Cheaper {
			if said[c.String()] {
				continue
			}
			if len(said) == 0 {
				p.Line("")
			}
			said[c.String()] = true
			p.Wrap("Cheaper: ", "  ", c.String())
		}
	}
}

// usage writes what all bills rest on.
func (p *costPage) usage(r Cost) {
	p.Line("")
	p.Wrap("", "", "Low, typical and high: a group at its minimum, at --instances, at its maximum. Usage: "+
		strings.Join(r.usage(), ", ")+". docs/costs.md says where each comes from.")
}

// guide writes the owners' figures beside ours, and the bill of what they advise against.
func (p *costPage) guide(g cost.Guide) {
	p.Line("")
	t := p.table("the owners' guide", "USD", "ours", "why")
	t.Columns(page.Column{Folds: true, Max: 20}, page.Column{Folds: true, Max: 15, Right: true}, page.Column{Right: true},
		page.Column{Folds: true, Max: 48})
	for _, row := range g.Rows {
		t.Row(row.Item, row.Guide, span(row.Ours), row.Reason)
	}
	p.Table(t)
	serverless := CostStage{"serverless, not provisioned", g.Serverless}
	p.bill(serverless)
	p.after(serverless, true)
}
