package advise

import (
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/page"
)

// Report is advice with what else was found out for it.
type Report struct {
	Advice
	Definitions Definitions `json:"-"`
	// Bills are what the stage costs a month that runs, and the one to move to; the same to stay.
	BillNow  float64 `json:"billNowUsd"`
	BillNext float64 `json:"billNextUsd"`
	// Simulated is what kora simulate says of the stages on the measured demand, none without CPU.
	Simulated []string `json:"simulated"`
	// Weekly is what was found on each machine, when it was asked for.
	Weekly []Look `json:"weekly,omitempty"`
	// Monthly is what the owners look at each month, when it was asked for.
	Monthly []Check `json:"monthly,omitempty"`
	// Quarterly are the questions of each quarter, when they were asked.
	Quarterly []Check `json:"quarterly,omitempty"`
}

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer, look page.Look) error {
	p := &page.Text{Look: look}
	p.Wrap("", "", r.Verdict)
	p.Line("")
	t := look.Table("state", "to", "trigger", "observed")
	t.Columns(page.Column{}, page.Column{Spare: 1}, page.Column{Folds: true, Max: 40}, page.Column{Folds: true, Max: 36})
	for _, one := range r.Triggers {
		t.Row(one.State, one.Move, one.words(), one.Observed)
	}
	p.Table(t)
	p.Line("")
	for _, line := range r.lines() {
		p.Wrap("", "  ", line)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// Markdown writes the report for an issue.
func (r *Report) Markdown(w io.Writer) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "**%s**\n\n| state | to | trigger | observed |\n|---|---|---|---|\n", r.Verdict)
	for _, t := range r.Triggers {
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", t.State, t.Move, page.Cell(t.words()), page.Cell(t.Observed))
	}
	for _, line := range r.lines() {
		fmt.Fprintf(out, "\n- %s", line)
	}
	fmt.Fprintln(out)
	_, err := io.WriteString(w, out.String())
	return err
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	return page.JSON(w, r)
}

func (t Trigger) words() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", t.What, t.Threshold, t.Word))
}

func (c Check) words() string { return fmt.Sprintf("%s %s: %s", c.Question, c.Answer, c.Observed) }

// lines are what stands below the table.
func (r *Report) lines() []string {
	lines := []string{"Room: " + r.SpareOf}
	for _, reason := range r.Reasons {
		lines = append(lines, "Reason: "+reason)
	}
	if r.Type != "" {
		lines = append(lines, fmt.Sprintf("Type: %s", r.Type))
	}
	if r.BillNow > 0 {
		bill := fmt.Sprintf("Bill: %.2f USD a month", r.BillNow)
		if r.Move != "" {
			bill += fmt.Sprintf(", %.2f after the move (%+.2f)", r.BillNext, r.BillNext-r.BillNow)
		}
		lines = append(lines, bill)
	}
	for _, g := range r.Growth {
		lines = append(lines, "Growth: "+g.Says)
	}
	for _, s := range r.Simulated {
		lines = append(lines, "Simulated on the measured demand: "+s)
	}
	for _, m := range r.Measured {
		lines = append(lines, "Measured: "+m.words())
	}
	for _, l := range r.Weekly {
		lines = append(lines, "Weekly: "+l.words())
	}
	for _, c := range r.Monthly {
		lines = append(lines, "Monthly: "+c.words())
	}
	for _, c := range r.Quarterly {
		lines = append(lines, "Quarterly: "+c.words())
	}
	for _, n := range r.Notes {
		lines = append(lines, "Note: "+n)
	}
	d := r.Definitions
	lines = append(lines, fmt.Sprintf("regularly: over %.0f minutes on %.0f of %.0f days; consistently: on %.0f; for extended periods: %.0f minutes in a row, or %.0f %% of the time",
		d.DayMinutes, d.RegularDays, d.WindowDays, d.ConsistentDays, d.RunMinutes, d.SharePercent))
	return append(lines, "Next: "+r.Next)
}
