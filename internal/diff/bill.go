package diff

import (
	"fmt"
	"math"
	"slices"
)

// Bill is what a template costs in a month, in US dollars before tax, with the group at its minimum, as expected, and at
// its maximum.
type Bill struct {
	Low     float64 `json:"low"`
	Typical float64 `json:"typical"`
	High    float64 `json:"high"`
}

// Bills are those of both sides, what they do not hold, and what leaves the stack and stays billed besides.
type Bills struct {
	From, To Bill
	Unpriced []Unpriced
	Open     bool // something that changes is unpriced: what the change costs is not known
	Stays    []Stay
}

// Unpriced is something that costs money, or may, and that a bill does not hold.
type Unpriced struct {
	From, To bool // in whose bill
	ID       string
	Type     string
	Reason   string
}

// String is "Server (AWS::EC2::Instance): a spot price changes by the hour", with the side where it is of one.
func (u Unpriced) String() string {
	side := ""
	switch {
	case !u.To:
		side = "before: "
	case !u.From:
		side = "after: "
	}
	what := u.ID
	if u.Type != "" {
		what += " (" + u.Type + ")"
	}
	if what == "" {
		what = "the template"
	}
	return side + what + ": " + u.Reason
}

// Concerns reports whether a resource is changed by the move, or is the template itself.
func (d *Diff) Concerns(id string) bool {
	return id == "" || slices.ContainsFunc(d.Changes, func(c *Change) bool { return c.ID == id })
}

// Stay is something that is billed after it has left the stack.
type Stay struct {
	ID      string
	Item    string
	Monthly float64 // US dollars
	Ends    string  // the command that ends it
}

// String is "the server's disk (Server), $0.73 a month, until: aws ec2 delete-volume ...".
func (s Stay) String() string {
	return fmt.Sprintf("%s (%s), $%.2f a month, until: %s", s.Item, s.ID, s.Monthly, s.Ends)
}

// String is the change in a line: "$12.70 -> $21.75 a month (+$9.05)"; without the difference while what changes is unpriced.
func (b Bills) String() string {
	if b.Open {
		return fmt.Sprintf("$%.2f -> $%.2f a month, without what is not priced: what the change costs is not known", b.From.Typical, b.To.Typical)
	}
	change := b.To.Typical - b.From.Typical
	sign := "+"
	if math.Round(100*change) < 0 {
		sign = "-"
	}
	line := fmt.Sprintf("$%.2f -> $%.2f a month (%s$%.2f)", b.From.Typical, b.To.Typical, sign, math.Abs(change))
	if b.To.Low != b.To.High {
		line += fmt.Sprintf("; $%.2f to $%.2f by the fleet's size", b.To.Low, b.To.High)
	}
	return line
}
