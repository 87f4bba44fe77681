package search

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/simulate"
)

// Promise is what a configuration must keep: every limit.
type Promise []Limit

// Limit is one: a figure that stays below something.
type Limit struct {
	Name  string
	Below float64 // seconds, or percent
}

// figures are what a limit may be of, in seconds or percent.
var figures = map[string]struct {
	unit string
	of   func(*simulate.Result) float64
}{
	"p50":      {"s", func(r *simulate.Result) float64 { return r.P50 }},
	"p95":      {"s", func(r *simulate.Result) float64 { return r.P95 }},
	"worst":    {"s", func(r *simulate.Result) float64 { return r.Worst }},
	"unserved": {"%", func(r *simulate.Result) float64 { return 100 * r.UsersLost / max(r.Users, math.SmallestNonzeroFloat64) }},
	"slow":     {"%", func(r *simulate.Result) float64 { return 100 * r.UsersSlow / max(r.Users, math.SmallestNonzeroFloat64) }},
}

var limit = regexp.MustCompile(`^([a-z0-9]+)\s*<\s*([0-9.]+)\s*(ms|s|%)$`)

// Parse reads a promise such as "p95<1s, unserved<0.1%".
func Parse(text string) (Promise, error) {
	var p Promise
	for part := range strings.SplitSeq(text, ",") {
		match := limit.FindStringSubmatch(strings.TrimSpace(part))
		if match == nil {
			return nil, fmt.Errorf("%q is not a limit: it takes one such as p95<1s or unserved<0.1%%", strings.TrimSpace(part))
		}
		figure, known := figures[match[1]]
		v, err := strconv.ParseFloat(match[2], 64)
		unit := match[3]
		if unit == "ms" {
			v, unit = v/1000, "s"
		}
		if !known || err != nil || unit != figure.unit {
			return nil, fmt.Errorf("%q is not a limit: p50, p95 and worst are in s or ms, unserved and slow in %%", strings.TrimSpace(part))
		}
		p = append(p, Limit{match[1], v})
	}
	return p, nil
}

// Kept reports whether a result keeps it.
func (p Promise) Kept(r *simulate.Result) bool {
	return !slices.ContainsFunc(p, func(l Limit) bool { return figures[l.Name].of(r) >= l.Below })
}

// String is the promise as it is written.
func (p Promise) String() string {
	var all []string
	for _, l := range p {
		all = append(all, fmt.Sprintf("%s<%v%s", l.Name, l.Below, figures[l.Name].unit))
	}
	return strings.Join(all, ", ")
}
