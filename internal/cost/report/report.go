// Package report shows bills: as text, Markdown, CSV, JSON and as a picture.
package report

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/price"
)

// Report is bills side by side.
type Report struct {
	Region   string
	Currency string
	Usage    cost.Usage
	Stages   []Stage
	Guide    *cost.Guide // nil to leave the owners' figures out
}

// Stage is one template's bill.
type Stage struct {
	Name string // a stage, or where the template came from
	cost.Bill
}

// JSON writes the report for programs: region, currency, usage, stages, and guide when there is one.
func (r Report) JSON(w io.Writer) error {
	type stage struct {
		Name string `json:"name"`
		cost.Bill
	}
	out := struct {
		Region   string             `json:"region"`
		Currency string             `json:"currency"`
		Usage    map[string]float64 `json:"usage"`
		Stages   []stage            `json:"stages"`
		Guide    *cost.Guide        `json:"guide,omitempty"`
	}{Region: r.Region, Currency: r.Currency, Usage: map[string]float64{}, Stages: []stage{}, Guide: r.Guide}
	for _, f := range cost.Figures() {
		out.Usage[f.Flag] = *f.Of(&r.Usage)
	}
	for _, s := range r.Stages {
		out.Stages = append(out.Stages, stage(s))
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

// CSV writes one row for each line of each bill, under a row of names.
func (r Report) CSV(w io.Writer) error {
	rows := [][]string{{"stage", "logicalId", "type", "service", "item", "unit", "quantityLow", "quantityTypical", "quantityHigh",
		"unitPriceUsd", "monthlyUsdLow", "monthlyUsdTypical", "monthlyUsdHigh", "price", "date", "confidence", "source"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, s := range r.Stages {
		for _, l := range s.Lines {
			rows = append(rows, []string{s.Name, l.LogicalID, l.Type, string(l.Service), l.Item, l.Unit,
				number(l.Quantity.Low), number(l.Quantity.Typical), number(l.Quantity.High), number(l.UnitPrice),
				number(l.Monthly.Low), number(l.Monthly.Typical), number(l.Monthly.High), l.Price, l.Date, l.Confidence, l.Source})
		}
		for _, u := range s.Unpriced {
			rows = append(rows, []string{s.Name, u.LogicalID, u.Type, "not priced", u.Reason, "", "", "", "", "", "", "", "", "", "", "", ""})
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// summed puts lines of the same item and price together, in the order of the services and, within one, of the bill; what
// free tiers take off comes last.
func summed(lines []cost.Line) []cost.Line {
	var all []cost.Line
	for _, l := range lines {
		same := func(o cost.Line) bool { return o.Item == l.Item && o.Price == l.Price }
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i].Quantity = all[i].Quantity.Plus(l.Quantity)
			all[i].Monthly = all[i].Monthly.Plus(l.Monthly)
			continue
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b cost.Line) int { return cmp.Compare(place(a.Service), place(b.Service)) })
	return all
}

func place(s cost.Service) int { return slices.Index(cost.Services(), s) }

// present lists the services that any of the bills has a line of.
func (r Report) present() []cost.Service {
	return slices.DeleteFunc(cost.Services(), func(s cost.Service) bool {
		return !slices.ContainsFunc(r.Stages, func(stage Stage) bool {
			return slices.ContainsFunc(stage.Lines, func(l cost.Line) bool { return l.Service == s })
		})
	})
}

// usd is an amount of money, with no minus before nothing.
func usd(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	if text == "-0.00" {
		return "0.00"
	}
	return text
}

// amounts is a range as its columns: one when no group changes it.
func amounts(r cost.Range, flat bool) []string {
	if flat {
		return []string{usd(r.Low)}
	}
	return []string{usd(r.Low), usd(r.Typical), usd(r.High)}
}

// flat reports whether no group changes the bill.
func (s Stage) flat() bool {
	return !slices.ContainsFunc(s.Lines, func(l cost.Line) bool { return !l.Quantity.Flat() })
}

// quantity is how much of a unit, from the least to the most.
func quantity(l cost.Line) string {
	count := short(l.Quantity.Low)
	if !l.Quantity.Flat() {
		count += "–" + short(l.Quantity.High)
	}
	if strings.HasPrefix(l.Unit, "1,000") {
		count += " ×"
	}
	return count + " " + l.Unit
}

// short is a number with at most two decimals.
func short(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// unitPrice is a price to the last digit that counts.
func unitPrice(v float64) string {
	if v != 0 && v < 0.0001 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// heading says what the figures are.
func (r Report) heading() string {
	first, last := "", ""
	for _, s := range r.Stages {
		for _, l := range s.Lines {
			if l.Service == cost.Tax {
				continue
			}
			if first == "" || l.Date < first {
				first = l.Date
			}
			last = max(last, l.Date)
		}
	}
	tax := "before tax"
	if r.Usage.GST {
		tax = "with tax"
	}
	return fmt.Sprintf("A month of 730 hours in %s, in %s, %s; prices of %s to %s", r.Region, r.Currency, tax, first, last)
}

// usage says what the figures rest on.
func (r Report) usage() []string {
	var all []string
	for _, f := range cost.Figures() {
		v := *f.Of(&r.Usage)
		text := fmt.Sprintf("--%s %s", f.Flag, strconv.FormatFloat(v, 'f', -1, 64))
		all = append(all, text)
	}
	return all
}

// Aged is a warning when prices that the bills use are older than price.Fresh, "" when none is.
func Aged(stages []Stage, now time.Time) string {
	used, old := map[string]bool{}, map[string]bool{}
	oldest, days := cost.Line{}, 0
	for _, s := range stages {
		for _, l := range s.Lines {
			if l.Service == cost.Tax {
				continue // the rate is no price
			}
			age, isOld := price.Price{Date: l.Date}.Age(now)
			if used[l.Price] = true; !isOld {
				continue
			}
			old[l.Price] = true
			if age > days {
				oldest, days = l, age
			}
		}
	}
	if len(old) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of the %d prices used are older than %.0f days, the oldest %d days (%s, %s): kora cost refresh reads them again",
		len(old), len(used), price.Fresh.Hours()/24, days, oldest.Price, oldest.Date)
}
