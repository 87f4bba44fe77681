package report

import (
	"math"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Bill is what a stage costs, were each month as the one that was simulated.
type Bill struct {
	Month float64 `json:"monthUsd"` // 730 hours
	// Credits is its part that pays for CPU above the baseline, what is still owed at the end included.
	Credits float64 `json:"creditsUsd"`
}

// NewBill makes it: the month's bill of the template with the fleet's mean size and the mean of the requests, and the credits
// that were charged. Use that goes by the request (data, logs) is what kora cost assumes for each one.
func NewBill(book *price.Book, t *template.Template, s *simulate.Setup, r *simulate.Result) (Bill, error) {
	usage := cost.Defaults()
	if r.Minutes > 0 {
		usage.RequestsPerSecond = r.Asked / 60 / float64(r.Minutes)
	}
	times := usage.RequestsPerSecond / cost.Defaults().RequestsPerSecond
	usage.EgressGiB, usage.ZoneGiB, usage.LogsGiB = times*usage.EgressGiB, times*usage.ZoneGiB, times*usage.LogsGiB
	usage.CPUPercent = 0 // what was charged is known
	month, err := between(book, t, usage, s, r.Nodes)
	if err != nil {
		return Bill{}, err
	}
	credits := 0.0
	if r.Minutes > 0 {
		hours := (r.Charged + r.Owed) / 60 * price.HoursPerMonth / (float64(r.Minutes) / 60)
		p, _ := book.Price(creditPrice(s))
		credits = hours * p.USD
	}
	return Bill{month + credits, credits}, nil
}

// between is the bill of a fleet of so many nodes, in the mean: straight between those of whole ones.
func between(book *price.Book, t *template.Template, usage cost.Usage, s *simulate.Setup, nodes float64) (float64, error) {
	of := func(nodes float64) (float64, error) {
		if s.Fleet != nil {
			usage.Instances = int(min(max(nodes, float64(s.Fleet.Min)), float64(s.Fleet.Max)))
		}
		b, err := cost.With(book, t, usage)
		return b.Total.Typical, err
	}
	low, err := of(math.Floor(nodes))
	if err != nil {
		return 0, err
	}
	high, err := of(math.Ceil(nodes))
	return low + (high-low)*(nodes-math.Floor(nodes)), err
}

// creditPrice is the key of the price of CPU above the baseline.
func creditPrice(s *simulate.Setup) string {
	m := s.Server
	if s.Fleet != nil {
		m = &s.Fleet.Machine
	}
	if m.Type.Type.Family == "t4g" {
		return "ec2/credits-arm"
	}
	return "ec2/credits-x86"
}
