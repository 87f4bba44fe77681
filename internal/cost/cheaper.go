package cost

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/price"
)

// Cheaper is an instance type that costs less than one of the bill and is not smaller.
type Cheaper struct {
	LogicalID string  `json:"logicalId"` // the first that has the type
	Type      string  `json:"instanceType"`
	Monthly   float64 `json:"monthlyUsd"` // of one machine
	Instead   string  `json:"instead"`
	Costs     float64 `json:"insteadMonthlyUsd"`
	Takes     string  `json:"takes"` // what changing to it takes
}

// String is "t4g.micro would cost $4.09 a month instead of $9.05 for t2.micro: ...".
func (c Cheaper) String() string {
	return fmt.Sprintf("%s would cost $%.2f a month instead of $%.2f for %s: %s", c.Instead, c.Costs, c.Monthly, c.Type, c.Takes)
}

// alike are the families of which one size has the same memory, and as many virtual CPUs or more in each later one: of general
// purpose, T's included, for computing, and for memory (Amazon EC2 Instance Types Guide, "Specifications"). The oldest have
// less memory, and are none that one would change to.
const alike = "tmcr"

// cheaper adds the cheapest type of the same size, and, where that has another processor, the cheapest that has not.
func (c *counter) cheaper(m machine, kind string) {
	from, ok := instancetype.Parse(kind)
	now, priced := c.book.Price("ec2/" + kind)
	known := slices.ContainsFunc(c.bill.Cheaper, func(o Cheaper) bool { return o.Type == kind })
	if !ok || !priced || known {
		return
	}
	var other, same []instancetype.Type
	for _, to := range c.sameSize(from) {
		if to.ARM() == from.ARM() {
			same = append(same, to)
		} else {
			other = append(other, to)
		}
	}
	best := slices.Concat(cheapest(other), cheapest(same))
	slices.SortStableFunc(best, func(a, b instancetype.Type) int { return cmp.Compare(c.hourly(a), c.hourly(b)) })
	for i, to := range best {
		if i > 0 && to.ARM() != from.ARM() { // the cheapest needs no other processor
			break
		}
		c.bill.Cheaper = append(c.bill.Cheaper, Cheaper{LogicalID: m.from.ID, Type: kind, Monthly: now.USD * price.HoursPerMonth,
			Instead: to.String(), Costs: c.hourly(to) * price.HoursPerMonth, Takes: m.takes(from, to)})
	}
}

// cheapest is the first of a list, none of an empty one.
func cheapest(types []instancetype.Type) []instancetype.Type { return types[:min(1, len(types))] }

// sameSize lists the types of the price book that are not smaller than one, and cost less, the cheapest first.
func (c *counter) sameSize(from instancetype.Type) []instancetype.Type {
	cpus, known := from.VCPUs()
	if !known || !strings.Contains(alike, from.Family[:1]) {
		return nil
	}
	var all []instancetype.Type
	for _, p := range c.book.Prices {
		name, isType := strings.CutPrefix(p.Key, "ec2/")
		to, ok := instancetype.Parse(name)
		if !isType || !ok || to.Size != from.Size || to.Family[:1] != from.Family[:1] || strings.Contains(to.Family, "-") {
			continue
		}
		if more, known := to.VCPUs(); known && more >= cpus && c.hourly(to) < c.hourly(from) {
			all = append(all, to)
		}
	}
	slices.SortStableFunc(all, func(a, b instancetype.Type) int { return cmp.Compare(c.hourly(a), c.hourly(b)) })
	return all
}

func (c *counter) hourly(t instancetype.Type) float64 {
	p, _ := c.book.Price("ec2/" + t.String())
	return p.USD
}

// takes is what it takes to change a machine's type, in words.
func (m machine) takes(from, to instancetype.Type) string {
	var all []string
	switch {
	case from.ARM() != to.ARM():
		all = append(all, fmt.Sprintf("its processor is another (%s), which takes an image and an app made for it, and a new %s", processor(to), m.one))
	case m.one == "server":
		all = append(all, "the server stops and starts, for 1 to 3 minutes")
	default:
		all = append(all, "each node is replaced")
	}
	if from.ARM() == to.ARM() && !from.Nitro() && to.Nitro() {
		all = append(all, "its image needs drivers for ENA and NVMe")
	}
	was, bursts := from.Burst()
	is, burstsToo := to.Burst()
	if bursts && burstsToo && !was.Unlimited && is.Unlimited && m.credits == nil {
		all = append(all, fmt.Sprintf("CPU above %v %% is billed there unless its credits are standard", is.BaselinePercent))
	}
	return strings.Join(all, "; ")
}

func processor(t instancetype.Type) string {
	if t.ARM() {
		return "arm64"
	}
	return "x86_64"
}
