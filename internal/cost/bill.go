// Package cost makes a stack's monthly bill from its template, never from a configuration, so that the bill cannot drift
// from what is deployed.
package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Range is a figure with a group at its minimum, at its usual size, and at its maximum.
type Range struct {
	Low     float64 `json:"low"`
	Typical float64 `json:"typical"`
	High    float64 `json:"high"`
}

// same is a figure that no group changes.
func same(v float64) Range { return Range{v, v, v} }

// Plus is the sum.
func (r Range) Plus(o Range) Range {
	return Range{r.Low + o.Low, r.Typical + o.Typical, r.High + o.High}
}

// Times is the product.
func (r Range) Times(f float64) Range { return Range{r.Low * f, r.Typical * f, r.High * f} }

// Less is the difference.
func (r Range) Less(o Range) Range { return r.Plus(o.Times(-1)) }

// Flat reports whether no group changes it.
func (r Range) Flat() bool { return r.Low == r.Typical && r.Typical == r.High }

// Service is what lines are summed under.
type Service string

// The services of a bill, in the order in which they are shown.
const (
	Machines      Service = "servers"
	Disks         Service = "disks and snapshots"
	Addresses     Service = "public IPv4"
	Balancing     Service = "load balancer"
	Caching       Service = "cache"
	Monitoring    Service = "monitoring and logs"
	Naming        Service = "DNS"
	Storage       Service = "bucket"
	Notifications Service = "notifications"
	Transfer      Service = "data transfer"
	Database      Service = "database"
	Tax           Service = "tax"
)

// Services lists them all, in their order.
func Services() []Service {
	return []Service{Machines, Disks, Addresses, Balancing, Caching, Monitoring, Naming, Storage, Notifications, Transfer, Database, Tax}
}

// Line is one item of a bill. What a free tier takes off is a line of its own, with a negative quantity.
type Line struct {
	LogicalID  string  `json:"logicalId"` // "" for what stands outside the template or belongs to all of it
	Type       string  `json:"type"`      // the resource's type, "" like LogicalID
	Service    Service `json:"service"`
	Item       string  `json:"item"`
	Unit       string  `json:"unit"`
	Quantity   Range   `json:"quantity"`
	UnitPrice  float64 `json:"unitPriceUsd"`
	Monthly    Range   `json:"monthlyUsd"`
	Price      string  `json:"price"` // its key in the price book
	Source     string  `json:"source"`
	Date       string  `json:"date"` // of the price, YYYY-MM-DD
	Confidence string  `json:"confidence"`
}

// Unpriced is something of the template that costs money, or may, and stands on no line.
type Unpriced struct {
	LogicalID string `json:"logicalId"`
	Type      string `json:"type"`
	Reason    string `json:"reason"`
}

// Kept is what stays in the account, billed, when its resource leaves the stack.
type Kept struct {
	LogicalID string `json:"logicalId"`
	Type      string `json:"type"`
	Item      string `json:"item"`
	Monthly   Range  `json:"monthlyUsd"`
	Ends      string `json:"endsWith"` // the command that ends it
}

// Bill is what one template costs in a month of 730 hours.
type Bill struct {
	Lines    []Line     `json:"lines"`
	Total    Range      `json:"totalUsd"`
	Unpriced []Unpriced `json:"notPriced"`
	Kept     []Kept     `json:"kept"`
	Notes    []string   `json:"notes"` // what a reader should know about the figures
	Cheaper  []Cheaper  `json:"cheaper"`
}

// resourceLimit is how many resources a template has at most (CloudFormation User Guide, "Understand CloudFormation quotas").
const resourceLimit = 500

// Of is the bill of a template by the embedded price book. It fails on a template that CloudFormation does not
// take, one for another region, and a usage that the template cannot have.
func Of(t *template.Template, usage Usage) (Bill, error) { return With(price.Embedded(), t, usage) }

// With is Of by another price book.
func With(book *price.Book, t *template.Template, usage Usage) (Bill, error) {
	if n := len(t.Resources); n > resourceLimit {
		return Bill{}, fmt.Errorf("%d resources: CloudFormation takes %d in a template", n, resourceLimit)
	}
	if err := sameRegion(book, t); err != nil {
		return Bill{}, err
	}
	c := newCounter(book, t, usage)
	for _, r := range t.Resources {
		c.count(r)
	}
	c.unread()
	c.outside()
	c.traffic()
	c.database()
	c.keep()
	c.finish()
	return c.bill, c.fault
}

// unread says what of the template is not understood; a module is said where its resource stands.
func (c *counter) unread() {
	for _, u := range c.template.Unread {
		kind := ""
		if r := c.template.Resource(u.ID); r != nil {
			if _, free := Free[r.Type]; !free && counters[r.Type] == nil {
				continue
			}
			kind = r.Type
		}
		c.bill.Unpriced = append(c.bill.Unpriced, Unpriced{u.ID, kind, u.What + " is not understood: what it makes is not counted"})
	}
}

// finish takes off free tiers, sums up and adds tax.
func (c *counter) finish() {
	if !c.usage.NoFreeTier {
		c.freeTiers()
	}
	for _, line := range c.bill.Lines {
		c.bill.Total = c.bill.Total.Plus(line.Monthly)
	}
	if c.usage.GST {
		c.tax()
	}
}

// Share is what the lines of a service come to.
func (b Bill) Share(s Service) Range {
	var sum Range
	for _, line := range b.Lines {
		if line.Service == s {
			sum = sum.Plus(line.Monthly)
		}
	}
	return sum
}

// Resource is what the lines of a logical id come to, before free tiers.
func (b Bill) Resource(id string) Range {
	var sum Range
	for _, line := range b.Lines {
		if line.LogicalID == id {
			sum = sum.Plus(line.Monthly)
		}
	}
	return sum
}

// Leaving lists what of the bill's template stays in the account when the template becomes the next one, because the
// resource leaves the stack and is retained.
func (b Bill) Leaving(next *template.Template) []Kept {
	var left []Kept
	for _, k := range b.Kept {
		if next.Resource(k.LogicalID) == nil {
			left = append(left, k)
		}
	}
	return left
}

// sameRegion tells a template that is written for another region than the prices, by the zones that it names.
func sameRegion(book *price.Book, t *template.Template) error {
	for _, r := range t.Resources {
		zones := template.List(r.Get("AvailabilityZone"))
		zones = append(zones, template.List(r.Get("AvailabilityZones"))...)
		for _, zone := range zones {
			if region := regionOf(zone); region != "" && region != book.Region {
				return fmt.Errorf("%s is in %s, and the prices are those of %s: kora cost refresh --region %s --prices FILE reads the other ones, kora cost --prices FILE uses them",
					r.ID, region, book.Region, region)
			}
		}
	}
	return nil
}

// regionOf is the region of a zone such as ap-south-1a, "" when it is none.
func regionOf(zone any) string {
	text, _ := zone.(string)
	match := zonePattern.FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	return match[1]
}

// counter makes one bill.
type counter struct {
	book     *price.Book
	template *template.Template
	usage    Usage
	bill     Bill
	fault    error
	zones    map[string]bool // hosted zones outside the stack
	images   map[string]bool // images of one's own
}

// newCounter begins a bill whose lists are empty, not null, in JSON.
func newCounter(book *price.Book, t *template.Template, usage Usage) *counter {
	return &counter{book: book, template: t, usage: usage, zones: map[string]bool{}, images: map[string]bool{},
		bill: Bill{Lines: []Line{}, Unpriced: []Unpriced{}, Kept: []Kept{}, Notes: []string{}, Cheaper: []Cheaper{}}}
}

// add puts a line on the bill; without a price it says so.
func (c *counter) add(r *template.Resource, s Service, key, item string, quantity Range) {
	id, kind := "", ""
	if r != nil {
		id, kind = r.ID, r.Type
	}
	p, ok := c.book.Price(key)
	if !ok {
		reason := fmt.Sprintf("%s: the price book of %s has no %s", item, c.book.Region, key)
		if of, ok := strings.CutPrefix(key, "ec2/"); ok {
			reason += "; kora cost refresh " + of + " reads it"
		}
		c.bill.Unpriced = append(c.bill.Unpriced, Unpriced{id, kind, reason})
		return
	}
	c.bill.Lines = append(c.bill.Lines, Line{
		LogicalID: id, Type: kind, Service: s, Item: item, Unit: p.Unit, Quantity: quantity,
		UnitPrice: p.USD, Monthly: quantity.Times(p.USD), Price: key, Source: p.Source, Date: p.Date, Confidence: p.Confidence,
	})
}

// unpriced says that something of r is on no line, and why.
func (c *counter) unpriced(r *template.Resource, format string, args ...any) {
	c.bill.Unpriced = append(c.bill.Unpriced, Unpriced{r.ID, r.Type, fmt.Sprintf(format, args...)})
}

// note tells the reader something once.
func (c *counter) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.bill.Notes, text) {
		c.bill.Notes = append(c.bill.Notes, text)
	}
}
