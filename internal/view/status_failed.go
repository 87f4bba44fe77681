package view

import (
	"fmt"
	"slices"
	"time"

	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/status"
)

// next says what a failure has left, what failed, where to read more, and the one next command. Commands stand on lines of their
// own, whole, to be pasted.
func (p *statusPage) next(s *status.Status) {
	if s.Stack != nil && s.Stack.Meaning != "" {
		p.Wrap("", "", s.Stack.Meaning)
	}
	if s.Stack != nil {
		p.operation(s.Stack)
		for _, failure := range s.Stack.Failures {
			p.Wrap(page.Painted(page.Readable("  "+failure.Resource+" ("+failure.Type+"): ")), "    ", failure.Reason)
		}
	}
	if s.LastWords != "" {
		p.Wrap("", "", "what the machine that failed last wrote, here or in an earlier try:")
		p.command(s.LastWords)
	}
	if s.Stack != nil && s.Stack.Next != "" {
		lead := "next:"
		if s.Stack.Once != "" {
			lead = s.Stack.Once + ", then:"
		}
		p.Wrap("", "", lead)
		p.command(s.Stack.Next)
	}
}

// leftOver has the command that ends each thing that nothing has any more.
func (p *statusPage) leftOver(s *status.Status) {
	first := true
	for _, item := range s.Items {
		if !item.LeftOver() {
			continue
		}
		if first {
			p.Line("")
			p.Wrap("", "", "What is left over ends by these commands. Look before you run one: nothing brings back what it removes.")
			first = false
		}
		p.command(item.End)
	}
}

// command writes one that is never broken.
func (p *statusPage) command(line string) { p.Whole("  " + line) }

// operation says what the last one came to. What failed stands below it.
func (p *statusPage) operation(s *status.Stack) {
	o := s.Operation
	if o == nil {
		return
	}
	said := fmt.Sprintf("last operation: %s of %s, %s", o.Kind, o.Began.Format("2006-01-02 15:04 UTC"), o.Outcome)
	if o.Ended != nil {
		said += " after " + lasted(o.Ended.Sub(o.Began))
	}
	if len(s.Failures) > 1 {
		said += "; what failed first made the rest fail"
	}
	p.Wrap("", "", said)
}

// lasted is a time as people say it.
func lasted(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
}

// row says where the backend is in the table of moves.
func (p *statusPage) row(r *status.Row) {
	switch {
	case r == nil:
	case r.Same:
		p.Wrap("", "", fmt.Sprintf("deployed: %s, as cdk.json says; next move: %s", r.Deployed, r.Next))
	default:
		p.Wrap("", "", fmt.Sprintf("deployed: %s; cdk.json: %s; next: %s", r.Deployed, r.Configured, r.Next))
	}
}

// findings has those that are said nowhere else.
func (p *statusPage) findings(s *status.Status) {
	for _, f := range s.Findings {
		if slices.Contains(status.Told, f.Code) {
			continue
		}
		lead := p.Look.Paint(severities[f.Severity], string(f.Severity)) + page.Painted(page.Readable("  "+f.Code+": "))
		said := f.Reason
		if f.Subject != "" {
			said = f.Subject + ": " + said
		}
		p.Wrap(lead, "      ", said)
	}
}
