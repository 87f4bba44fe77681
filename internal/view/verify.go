package view

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// promiseColours paint what is to be looked at.
var promiseColours = map[verify.Verdict]page.Colour{verify.Broken: page.Red, verify.Unknown: page.Yellow}

// PromisesText writes a line for each promise, with what to do about those that are not kept, and the count.
func PromisesText(w io.Writer, look page.Look, promises []verify.Promise) error {
	p := page.Text{Look: look}
	count := map[verify.Verdict]int{}
	for _, one := range promises {
		count[one.Verdict]++
		word := look.Paint(promiseColours[one.Verdict], string(one.Verdict))
		said := one.Evidence
		if one.Subject != "" {
			said = one.Subject + ": " + said
		}
		p.Wrap(word+page.Painted("         "[:9-len(one.Verdict)])+page.Painted(page.Readable(one.Code))+"  ", "         ", said)
		if one.Remedy != "" {
			p.Wrap("           remedy: ", "           ", one.Remedy)
		}
	}
	p.Line("")
	p.Line("%d kept, %d broken, %d unknown", count[verify.Kept], count[verify.Broken], count[verify.Unknown])
	_, err := io.WriteString(w, p.String())
	return err
}

// PromisesJSON writes them for programs.
func PromisesJSON(w io.Writer, promises []verify.Promise) error {
	return page.JSON(w, struct {
		Broken   bool             `json:"broken"`
		Promises []verify.Promise `json:"promises"`
	}{verify.AnyBroken(promises), promises})
}

// RequestText writes one request that was lost or slow.
func RequestText(w io.Writer, r verify.Request) {
	said := fmt.Sprintf("lost: answered with %d", r.Status)
	switch {
	case r.Fault != "":
		said = "lost: " + r.Fault
	case !r.Lost:
		said = "slow"
	}
	fmt.Fprintf(w, "%s  %-4s  %7.0f ms  %s\n", r.At.UTC().Format("15:04:05.000"), r.Way, r.Milliseconds, page.Readable(said))
}

// WatchedText writes what became of all requests, and how long answers took.
func WatchedText(w io.Writer, look page.Look, watched []*verify.Watched) error {
	p := page.Text{Look: look}
	t := look.Table("connections", "requests", "lost", "slow", "p50 ms", "p95 ms", "longest ms", "longest outage s")
	t.Columns(page.Column{}, page.Column{Right: true}, page.Column{Right: true}, page.Column{Right: true}, page.Column{Right: true},
		page.Column{Right: true}, page.Column{Right: true}, page.Column{Right: true})
	buckets := look.Table("answered within", "kept", "new")
	buckets.Columns(page.Column{Right: true}, page.Column{Right: true}, page.Column{Right: true})
	for _, one := range watched {
		t.Row(one.Way, one.Asked, one.Lost, one.Slow, fmt.Sprintf("%.0f", one.P50), fmt.Sprintf("%.0f", one.P95), fmt.Sprintf("%.0f", one.Longest),
			fmt.Sprintf("%.1f", one.LongestOutageSeconds))
	}
	for i, b := range watched[0].Buckets {
		row := []any{fmt.Sprintf("%v", time.Duration(b.Milliseconds*float64(time.Millisecond)))}
		total := 0
		for _, one := range watched {
			row, total = append(row, one.Buckets[i].Count), total+one.Buckets[i].Count
		}
		if total > 0 {
			buckets.Row(row...)
		}
	}
	p.Table(t)
	p.Line("")
	p.Table(buckets)
	_, err := io.WriteString(w, p.String())
	return err
}

// RequestJSON writes one request in one line.
func RequestJSON(w io.Writer, r verify.Request) error { return json.NewEncoder(w).Encode(r) }

// WatchedJSON writes, in one line too, what became of all of them.
func WatchedJSON(w io.Writer, watched []*verify.Watched) error {
	return json.NewEncoder(w).Encode(struct {
		Watched []*verify.Watched `json:"watched"`
	}{watched})
}
