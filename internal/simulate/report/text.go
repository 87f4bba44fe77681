package report

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/korakagazindia/provisioner/internal/simulate"
)

// width is how many characters a line of text has at most.
const width = 100

// Text writes the report for a terminal: a verdict for each stage, their figures side by side, and the scaling events.
func (r *Report) Text(w io.Writer) error {
	out := &strings.Builder{}
	for i := range r.Stages {
		fmt.Fprintln(out, text.WrapSoft(r.Verdict(&r.Stages[i]), width))
	}
	fmt.Fprintln(out)
	for line := range strings.Lines(r.heading()) {
		fmt.Fprintln(out, text.WrapSoft(strings.TrimSpace(line), width))
	}
	fmt.Fprintln(out)
	r.sideBySide(out)
	for i := range r.Stages {
		r.events(out, &r.Stages[i])
	}
	for _, note := range r.notes() {
		fmt.Fprintf(out, "\nNote: %s", note)
	}
	_, err := io.WriteString(w, tidy(out.String()))
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

func (r *Report) sideBySide(out io.Writer) {
	t := newTable(out)
	head, configs := table.Row{""}, []table.ColumnConfig{}
	for i, s := range r.Stages {
		head = append(head, short(s.Name))
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight, WidthMin: 10})
	}
	t.AppendHeader(head)
	for _, f := range r.figures() {
		row := table.Row{f.name}
		for i := range r.Stages {
			row = append(row, f.of(&r.Stages[i]))
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(configs)
	t.Render()
}

// shown is how many events a stage's list has.
const shown = 12

// events lists what changed the fleet: the first ones.
func (r *Report) events(out io.Writer, s *Stage) {
	if len(s.Result.Events) == 0 {
		return
	}
	fmt.Fprintf(out, "\nScaling of %s\n", s.Name)
	t := newTable(out)
	for i, e := range s.Result.Events {
		if i == shown {
			break
		}
		t.AppendRow(table.Row{r.Demand.Clock(int(e.At / 60)), change(e), because(e)})
	}
	t.Render()
	if more := len(s.Result.Events) - shown; more > 0 {
		fmt.Fprintf(out, "and %d more\n", more)
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

// newTable is a table without lines, but for one below its head.
func newTable(out io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format = table.FormatOptions{}
	t.SetStyle(style)
	return t
}

func short(name string) string {
	name = strings.TrimSuffix(filepath.Base(name), ".template.json")
	if utf8.RuneCountInString(name) > 24 {
		return "…" + name[len(name)-23:]
	}
	return name
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

// tidy takes blanks from the ends of lines.
func tidy(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
