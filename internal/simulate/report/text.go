package report

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/simulate"
)

// Text writes the report for a terminal: a verdict for each stage, their figures side by side, and the scaling events.
func (r *Report) Text(w io.Writer, look page.Look) error {
	p := &page.Text{Look: look}
	for i := range r.Stages {
		p.Wrap("", "", r.Verdict(&r.Stages[i]))
	}
	p.Line("")
	for line := range strings.Lines(r.heading()) {
		p.Wrap("", "", line)
	}
	p.Line("")
	r.sideBySide(p)
	for i := range r.Stages {
		r.events(p, &r.Stages[i])
	}
	for _, note := range r.notes() {
		p.Line("")
		p.Wrap("", "", "Note: "+note)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// figure is one row of the table.
type figure struct {
	name string
	of   func(*Stage) string
}

func (r *Report) figures() []figure {
	all := []figure{
		{"user-minutes unserved", func(s *Stage) string { return amount(s.Result.UsersLost) }},
		{"  of all", func(s *Stage) string { return brief(100*s.Result.UsersLost/s.Result.Users) + " %" }},
		{fmt.Sprintf("user-minutes over %v s", r.Assumptions.SlowSeconds), func(s *Stage) string { return amount(s.Result.UsersSlow) }},
		{"answers, p50", func(s *Stage) string { return s.seconds(s.Result.P50) }},
		{"answers, p95", func(s *Stage) string { return s.seconds(s.Result.P95) }},
		{"answers, p95 of the worst minute", func(s *Stage) string { return s.seconds(s.Result.Worst) }},
		{"CPU that CloudWatch shows, mean", func(s *Stage) string { return fmt.Sprintf("%.0f %%", s.Result.Shown) }},
		{"minutes without credits and full", func(s *Stage) string { return amount(float64(s.Result.Starved)) }},
		{"machines, at most", func(s *Stage) string { return fmt.Sprint(s.Result.MostNodes) }},
		{"instance-hours", func(s *Stage) string { return amount(s.Result.Hours) }},
		{"scaling events", func(s *Stage) string { return fmt.Sprint(len(s.Result.Events)) }},
		{"bill a month, USD", func(s *Stage) string { return fmt.Sprintf("%.2f", s.Bill.Month) }},
		{"  of it CPU over the baseline", func(s *Stage) string { return fmt.Sprintf("%.2f", s.Bill.Credits) }},
	}
	if len(r.Stages) == 0 || r.Stages[0].Band == nil {
		return all
	}
	return append(all,
		figure{fmt.Sprintf("of %d runs, break", r.Stages[0].Band.Runs), func(s *Stage) string { return fmt.Sprint(s.Band.Breaking) }},
		figure{"  unserved", func(s *Stage) string { return brief(s.Band.Unserved[0]) + " to " + brief(s.Band.Unserved[1]) + " %" }},
		figure{"  answers, p95", func(s *Stage) string { return s.seconds(s.Band.P95[0]) + " to " + s.seconds(s.Band.P95[1]) }},
		figure{"  bill a month, USD", func(s *Stage) string { return fmt.Sprintf("%.2f to %.2f", s.Band.Month[0], s.Band.Month[1]) }},
	)
}

func (r *Report) sideBySide(p *page.Text) {
	head, columns := []any{""}, []page.Column{{Folds: true}}
	for _, s := range r.Stages {
		head = append(head, short(s.Name))
		columns = append(columns, page.Column{Right: true, Min: 10})
	}
	t := p.Look.Table(head...)
	t.Stacks = true
	t.Columns(columns...)
	for _, f := range r.figures() {
		row := []any{f.name}
		for i := range r.Stages {
			row = append(row, f.of(&r.Stages[i]))
		}
		t.Row(row...)
	}
	p.Table(t)
}

// shown is how many events a stage's list has.
const shown = 12

// events lists what changed the fleet: the first ones.
func (r *Report) events(p *page.Text, s *Stage) {
	if len(s.Result.Events) == 0 {
		return
	}
	p.Line("")
	p.Line("Scaling of %s", s.Name)
	t := p.Look.Table()
	t.Columns(page.Column{}, page.Column{}, page.Column{Folds: true})
	for i, e := range s.Result.Events {
		if i == shown {
			break
		}
		t.Row(r.Demand.Clock(int(e.At/60)), change(e), because(e))
	}
	p.Table(t)
	if more := len(s.Result.Events) - shown; more > 0 {
		p.Line("and %d more", more)
	}
}

func change(e simulate.Event) string {
	if e.Replaced {
		return "a node replaced"
	}
	return fmt.Sprintf("%d -> %d nodes", e.From, e.To)
}

func because(e simulate.Event) string {
	switch {
	case e.Lost:
		return "it was lost"
	case e.Replaced:
		return "it fails the balancer's health check"
	}
	said := fmt.Sprintf("%s, %s: at %.1f", e.Policy, e.Alarm, e.CPU)
	if e.Starving > 0 && e.To < e.From {
		said += fmt.Sprintf(", while %d starve", e.Starving)
	}
	return said
}

// short is a stage's name, or a template's without its folder, as the head of a column.
func short(name string) string {
	return page.CutFront(strings.TrimSuffix(filepath.Base(name), ".template.json"), 24)
}

// amount is a number as a person reads it, with commas between thousands.
func amount(v float64) string {
	text := fmt.Sprintf("%.0f", v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// brief is a share with as many digits as tell it from nothing.
func brief(v float64) string {
	switch {
	case v == 0 || v != v:
		return "0"
	case v < 0.01:
		return "< 0.01"
	}
	return fmt.Sprintf("%.2f", v)
}

// seconds is a time; one beyond the balancer's patience is nobody's answer.
func (s *Stage) seconds(v float64) string {
	if v > s.Setup.Patience {
		return fmt.Sprintf("> %.0f s", s.Setup.Patience)
	}
	return fmt.Sprintf("%.2f s", v)
}
