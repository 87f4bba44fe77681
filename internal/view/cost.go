package view

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/price"
)

// Cost is bills side by side.
type Cost struct {
	Region   string
	Currency string
	Usage    cost.Usage
	Stages   []CostStage
	Guide    *cost.Guide // nil to leave the owners' figures out
	Items    bool        // whether a text has each line of more than one bill
}

// CostStage is one template's bill.
type CostStage struct {
	Name string // a stage, or where the template came from
	cost.Bill
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
func (r Cost) present() []cost.Service {
	return slices.DeleteFunc(cost.Services(), func(s cost.Service) bool {
		return !slices.ContainsFunc(r.Stages, func(stage CostStage) bool {
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
func (s CostStage) flat() bool {
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

// span is a sum from the least to the most.
func span(r cost.Range) string {
	if usd(r.Low) == usd(r.High) {
		return usd(r.Low)
	}
	return usd(r.Low) + "–" + usd(r.High)
}

// totals is what each bill comes to: "Total: single 14.71, horizontal 86.73 to 138.73 USD a month".
func (r Cost) totals() string {
	var all []string
	for _, s := range r.Stages {
		sum := usd(s.Total.Low)
		if usd(s.Total.High) != sum {
			sum += " to " + usd(s.Total.High)
		}
		all = append(all, s.Name+" "+sum)
	}
	return "Total: " + strings.Join(all, ", ") + " " + r.Currency + " a month"
}

// heading says what the figures are.
func (r Cost) heading() string {
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
func (r Cost) usage() []string {
	var all []string
	for _, f := range cost.Figures() {
		v := *f.Of(&r.Usage)
		text := fmt.Sprintf("--%s %s", f.Flag, strconv.FormatFloat(v, 'f', -1, 64))
		all = append(all, text)
	}
	return all
}

// Aged is a warning when prices that the bills use are older than price.Fresh, "" when none is.
func Aged(stages []CostStage, now time.Time) string {
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
