package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/template"
)

// marks stand before a change, so that what goes is seen among what comes.
var marks = map[diff.Action]string{diff.Refuse: "!", diff.Replace: "!", diff.MayReplace: "!", diff.Delete: "-",
	diff.Interrupt: "~", diff.Unknown: "?", diff.Update: "~", diff.Create: "+", diff.Retain: "."}

// losses are the changes that take something away, in their colour.
var losses = map[diff.Action]page.Colour{diff.Refuse: page.Red, diff.Replace: page.Red, diff.MayReplace: page.Yellow, diff.Delete: page.Red,
	diff.Interrupt: page.Yellow, diff.Unknown: page.Yellow}

// severities have a colour where they weigh.
var severities = map[finding.Severity]page.Colour{finding.Stop: page.Red, finding.Warn: page.Yellow}

// DiffText writes a move for a person.
func DiffText(w io.Writer, look page.Look, d *diff.Diff, bills *diff.Bills) error {
	p := &diffPage{page.Text{Look: look}}
	p.Wrap("", "  ", fmt.Sprintf("%s -> %s: %s", d.From, d.To, d.Headline()))
	p.changes(d)
	p.beside("Outputs", d.Outputs)
	p.beside("Other sections", d.Sections)
	p.sequence(d.Sequence)
	p.downtime(d)
	if bills != nil && !d.Empty() {
		p.bills(bills)
	}
	p.hazards(d.Hazards)
	_, err := io.WriteString(w, p.String())
	return err
}

// diffPage is a move's page in the making.
type diffPage struct{ page.Text }

func (p *diffPage) changes(d *diff.Diff) {
	for _, g := range d.Groups() {
		p.Line("")
		p.Wrap("", "  ", strings.ToUpper(g.Heading[:1])+g.Heading[1:])
		for _, c := range g.Changes {
			p.change(c)
			p.properties(paired(c.Properties))
		}
	}
}

// change shows a resource and its type: beside each other where they fit.
func (p *diffPage) change(c *diff.Change) {
	id := p.Look.Paint(losses[c.Action], marks[c.Action]+" "+c.ID)
	gap := strings.Repeat(" ", max(1, idWidth-page.Columns(c.ID)))
	if line := fmt.Sprintf("  %s%s%s", id, gap, page.Readable(c.Type)); page.Columns(line) <= p.Look.Width {
		p.Line("%s", page.Painted(line))
		return
	}
	p.Line("  %s", id)
	p.Line("    %s", c.Type)
}

// idWidth is how many columns a logical id has beside its type.
const idWidth = 35

func (p *diffPage) properties(properties []diff.Property) {
	for i, each := range properties {
		p.property(each)
		if each.Why == "" {
			continue
		}
		if i+1 == len(properties) || properties[i+1].Why != each.Why || properties[i+1].Top() != each.Top() {
			p.Wrap("        ", "        ", each.Why)
		}
	}
}

// property shows a change in one line where it fits, or else the old value above the new one, each cut to where they differ.
func (p *diffPage) property(each diff.Property) {
	from, to := value(each.From), value(each.To)
	lead, width := "      "+each.Path+": ", p.Look.Width
	switch {
	case each.From == nil && page.Columns(lead)+2+page.Columns(to) <= width:
		p.Line("%s+ %s", lead, to)
		return
	case each.To == nil && page.Columns(lead)+2+page.Columns(from) <= width:
		p.Line("%s- %s", lead, from)
		return
	case each.From != nil && each.To != nil && page.Columns(lead)+4+page.Columns(from)+page.Columns(to) <= width:
		p.Line("%s%s -> %s", lead, from, to)
		return
	}
	p.Line("      %s:", page.CutFront(each.Path, width-7))
	from, to = page.Around(from, to, width-10)
	if each.From != nil {
		p.Line("        - %s", from)
	}
	if each.To != nil {
		p.Line("        + %s", to)
	}
}

// value is a template's value in one line.
func value(of any) string {
	if of == nil {
		return ""
	}
	said := page.OneLine(template.Text(of))
	if said == "" {
		return `""`
	}
	return said
}

// beside shows what differs beside the resources.
func (p *diffPage) beside(heading string, properties []diff.Property) {
	if len(properties) == 0 {
		return
	}
	p.Line("")
	p.Line("%s", heading)
	for _, each := range properties {
		p.property(each)
	}
}

func (p *diffPage) sequence(steps []diff.Step) {
	if len(steps) == 0 {
		return
	}
	p.Line("")
	p.Wrap("", "  ", "Sequence: each step needs something of the one before; clean-up begins when all else has succeeded")
	for i, s := range steps {
		lead := fmt.Sprintf("  %2d  ", i+1)
		if s.CleanUp {
			lead += "clean-up: "
		}
		p.Wrap(page.Painted(lead), "      ", s.String())
	}
}

func (p *diffPage) downtime(d *diff.Diff) {
	if d.Empty() {
		return
	}
	p.Line("")
	p.Wrap("Service: ", "         ", d.Downtime.String())
	for _, c := range d.Downtime.Causes {
		p.Wrap("  ", "    ", fmt.Sprintf("%s %s: %d-%d s", c.ID, c.Why, c.Min, c.Max))
	}
	p.Wrap("Way back: ", "          ", d.Return)
}

func (p *diffPage) bills(bills *diff.Bills) {
	p.Line("")
	p.Wrap("Bill: ", "      ", bills.String())
	for _, u := range bills.Unpriced {
		p.Wrap("  not priced: ", "    ", u.String())
	}
	for _, s := range bills.Stays {
		p.Wrap("  stays billed outside the stack: ", "    ", s.String())
	}
}

func (p *diffPage) hazards(hazards []finding.Finding) {
	if len(hazards) == 0 {
		return
	}
	p.Line("")
	p.Line("Hazards (docs/hazards.md)")
	var before []string
	for _, h := range hazards {
		if h.Before && h.Severity == finding.Note {
			before = append(before, h.Code)
			continue
		}
		p.hazard(h)
		p.Wrap("        ", "        ", h.Reason)
		if h.Accepted != "" {
			p.Wrap("        accepted: ", "        ", h.Accepted)
			continue
		}
		p.Wrap("        remedy: ", "        ", h.Remedy)
	}
	if len(before) > 0 {
		p.Wrap("  note  as before: ", "        ", strings.Join(before, ", "))
	}
}

// hazard shows which it is and what it is about: beside each other where they fit.
func (p *diffPage) hazard(h finding.Finding) {
	lead := "  " + p.Look.Paint(severities[h.Severity], string(h.Severity)) + "  " + page.Painted(page.Readable(h.Code))
	if page.Columns(string(lead))+2+page.Columns(h.Subject) <= p.Look.Width {
		p.Line("%s  %s", lead, h.Subject)
		return
	}
	p.Line("%s", lead)
	p.Line("        %s", h.Subject)
}
