package search

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// listed is how many runners-up, and how many of the frontier, a text has.
const listed = 8

// Text writes the cheapest configuration that keeps the promise, its keys, the runners-up and the frontier.
func (f *Found) Text(w io.Writer, demand string) error {
	out := &strings.Builder{}
	best := f.Best()
	if len(best) == 0 {
		fmt.Fprintf(out, "none of %d configurations keeps %s\n", len(f.Tried), f.Promise)
	} else {
		fmt.Fprintln(out, text.WrapSoft(fmt.Sprintf("%s keeps %s for %.2f USD a month: the cheapest of %d configurations, of which %d keep it",
			best[0].Config.Name(), f.Promise, best[0].Bill.Month, len(f.Tried), len(best)), 100))
	}
	fmt.Fprintf(out, "%s\n", text.WrapSoft(demand, 100))
	if len(best) > 0 {
		fmt.Fprintf(out, "\nThe keys, for cdk.json or a stage of kora\n%s\n", wrapped("-c "+strings.Join(best[0].Config.Keys(f.Service), " -c ")))
	}
	if len(best) > 1 {
		fmt.Fprintf(out, "\nRunners-up\n")
		f.table(out, best[1:min(len(best), listed+1)])
	}
	fmt.Fprintf(out, "\nWhat more money serves more: user-minutes unserved against the bill\n")
	f.table(out, f.shortened())
	_, err := io.WriteString(w, strings.ReplaceAll(out.String(), " \n", "\n"))
	return err
}

// shortened is the frontier, its first and its last ones, and what keeps the promise first.
func (f *Found) shortened() []Tried {
	all := f.Frontier()
	for len(all) > listed {
		i := len(all) / 2
		all = append(all[:i:i], all[i+1:]...)
	}
	return all
}

func (f *Found) table(out io.Writer, rows []Tried) {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format = table.FormatOptions{}
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(table.Row{"USD", "unserved", "p95", "nodes", ""})
	for _, r := range rows {
		t.AppendRow(table.Row{fmt.Sprintf("%.2f", r.Bill.Month), fmt.Sprintf("%.0f", r.Result.UsersLost), fmt.Sprintf("%.2f s", r.Result.P95),
			fmt.Sprintf("%.1f", max(r.Result.Nodes, 1)), r.Config.Name()})
	}
	right := func(n int) table.ColumnConfig {
		return table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight}
	}
	t.SetColumnConfigs([]table.ColumnConfig{right(1), right(2), right(3), right(4)})
	t.Render()
}

// wrapped breaks a line between keys.
func wrapped(keys string) string { return strings.ReplaceAll(text.WrapSoft(keys, 98), "\n", "\n  ") }

// JSON writes all that was tried, cheapest first.
func (f *Found) JSON(w io.Writer, demand string) error {
	tried := []any{}
	for _, t := range f.Tried {
		tried = append(tried, map[string]any{"name": t.Config.Name(), "keys": t.Config.Keys(f.Service), "keeps": t.Kept, "bill": t.Bill,
			"userMinutesUnserved": t.Result.UsersLost, "p95Seconds": t.Result.P95, "nodesMean": t.Result.Nodes})
	}
	frontier := []string{}
	for _, t := range f.Frontier() {
		frontier = append(frontier, t.Config.Name())
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"demand": demand, "promise": f.Promise.String(), "tried": tried, "frontier": frontier})
}
