package search

import (
	"fmt"
	"io"

	"github.com/korakagazindia/provisioner/internal/page"
)

// listed is how many runners-up, and how many of the frontier, a text has.
const listed = 8

// Text writes the cheapest configuration that keeps the promise, its keys, the runners-up and the frontier.
func (f *Found) Text(w io.Writer, look page.Look, demand string) error {
	p := &page.Text{Look: look}
	best := f.Best()
	if len(best) == 0 {
		p.Wrap("", "", fmt.Sprintf("none of %d configurations keeps %s", len(f.Tried), f.Promise))
	} else {
		p.Wrap("", "", fmt.Sprintf("%s keeps %s for %.2f USD a month: the cheapest of %d configurations, of which %d keep it",
			best[0].Config.Name(), f.Promise, best[0].Bill.Month, len(f.Tried), len(best)))
	}
	p.Wrap("", "", demand)
	if len(best) > 0 {
		p.Line("")
		p.Wrap("", "", "The keys, for cdk.json or a stage of kora")
		var flags []string
		for _, key := range best[0].Config.Keys(f.Service) {
			flags = append(flags, "-c "+key)
		}
		p.Words("", "  ", flags)
	}
	if len(best) > 1 {
		p.Line("")
		p.Line("Runners-up")
		p.Table(table(look, best[1:min(len(best), listed+1)]))
	}
	p.Line("")
	p.Wrap("", "", "What more money serves more: user-minutes unserved against the bill")
	p.Table(table(look, f.shortened()))
	_, err := io.WriteString(w, p.String())
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

func table(look page.Look, rows []Tried) *page.Table {
	t := look.Table("USD", "unserved", "p95", "nodes", "")
	number := page.Column{Right: true}
	t.Columns(number, number, number, page.Column{Right: true, Spare: 1}, page.Column{Folds: true})
	for _, r := range rows {
		t.Row(fmt.Sprintf("%.2f", r.Bill.Month), fmt.Sprintf("%.0f", r.Result.UsersLost), fmt.Sprintf("%.2f s", r.Result.P95),
			fmt.Sprintf("%.1f", max(r.Result.Nodes, 1)), r.Config.Name())
	}
	return t
}

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
	return page.JSON(w, map[string]any{"demand": demand, "promise": f.Promise.String(), "tried": tried, "frontier": frontier})
}
