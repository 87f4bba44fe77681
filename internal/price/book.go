// Package price is the price book: what AWS asks in one region for what a stack can hold, each price with the usage type it
// is billed under, its date, its source, and the query that reads it again from the AWS Price List. Usage, free tiers and
// taxes are no part of it.
package price

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"github.com/korakagazindia/provisioner/internal/jsonfile"
)

// HoursPerMonth is what AWS takes for a month in its own estimates (AWS Pricing Calculator, "730 hours in a month").
const HoursPerMonth = 730

// Fresh is how long a price is taken to hold without a question.
const Fresh = 180 * 24 * time.Hour

// File is where the embedded price book stands in the repository.
const File = "internal/price/ap-south-1.json"

//go:embed ap-south-1.json
var embedded []byte

// Book is the prices of one region.
type Book struct {
	Region   string  `json:"region"`   // such as ap-south-1
	Currency string  `json:"currency"` // USD
	Prices   []Price `json:"prices"`

	byKey map[string]Price
}

// Price is one price, before free tiers and tax.
type Price struct {
	Key        string  `json:"key"`           // what it is for, such as ec2/t2.micro
	USD        float64 `json:"usd"`           // for one unit
	Unit       string  `json:"unit"`          // such as hour or GB-month
	UsageType  string  `json:"usageType"`     // as on the bill
	SKU        string  `json:"sku,omitempty"` // in the Price List, when it was read from there
	Date       string  `json:"date"`          // of publication, YYYY-MM-DD; where only the year or month is known, its first day
	Source     string  `json:"source"`
	Confidence string  `json:"confidence"` // high: first hand; medium: one source; low: of another region
	Query      Query   `json:"query"`
}

// Query finds the price in the AWS Price List: exactly one product answers it.
type Query struct {
	Service string            `json:"service"` // a service code such as AmazonEC2
	Filters map[string]string `json:"filters"` // attributes that must be equal
	Times   float64           `json:"times,omitempty"`
}

// Embedded is the price book that this program was built with.
func Embedded() *Book {
	book, err := Parse(embedded)
	if err != nil {
		panic(err) // a test reads it
	}
	return book
}

// Read reads a price book from a file, as Write makes it.
func Read(file string) (*Book, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	book, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return book, nil
}

// Parse reads a price book. All faults are reported, joined.
func Parse(text []byte) (*Book, error) {
	var book Book
	if err := json.Unmarshal(text, &book); err != nil {
		return nil, fmt.Errorf("not a price book: %w", jsonfile.Fault(text, err))
	}
	book.byKey = make(map[string]Price, len(book.Prices))
	var faults []error
	if book.Region == "" || book.Currency != "USD" {
		faults = append(faults, fmt.Errorf("not a price book: region %q, currency %q; it takes a region, and USD", book.Region, book.Currency))
	}
	for _, p := range book.Prices {
		if _, twice := book.byKey[p.Key]; twice {
			faults = append(faults, fmt.Errorf("price %s: it is there twice", p.Key))
		}
		faults = append(faults, p.check())
		book.byKey[p.Key] = p
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &book, nil
}

func (p Price) check() error {
	switch _, err := time.Parse(time.DateOnly, p.Date); {
	case p.Key == "" || p.Unit == "" || p.UsageType == "" || p.Source == "":
		return fmt.Errorf("price %q: key, unit, usageType and source must be there", p.Key)
	case !(p.USD >= 0 && p.USD < 1e6):
		return fmt.Errorf("price %s: %v USD is not a price", p.Key, p.USD)
	case err != nil:
		return fmt.Errorf("price %s: %q is not a date such as 2026-11-24", p.Key, p.Date)
	case !slices.Contains([]string{"high", "medium", "low"}, p.Confidence):
		return fmt.Errorf("price %s: confidence %q: it takes high, medium or low", p.Key, p.Confidence)
	case p.Query.Service == "" || len(p.Query.Filters) == 0:
		return fmt.Errorf("price %s: it has no query that would read it again", p.Key)
	}
	return nil
}

// Price is the price of that key, such as ec2/t2.micro or alb/hour; false when the book has none.
func (b *Book) Price(key string) (Price, bool) {
	p, ok := b.byKey[key]
	return p, ok
}

// With is the book and prices of more instance types, such as m7a.large, for Linux: not read yet, with the query that reads
// them. What is no instance type is an error.
func (b *Book) With(types ...string) (*Book, error) {
	like, _ := b.Price("ec2/t3.micro")
	more := *b
	more.Prices = slices.Clone(b.Prices)
	for _, kind := range types {
		if !instanceType.MatchString(kind) {
			return nil, fmt.Errorf("%q is not allowed: it takes an instance type such as m7a.large", kind)
		}
		if _, there := b.Price("ec2/" + kind); there {
			continue
		}
		p := like
		p.Key, p.UsageType, p.SKU = "ec2/"+kind, strings.TrimSuffix(like.UsageType, "t3.micro")+kind, ""
		p.Query.Filters = maps.Clone(like.Query.Filters)
		p.Query.Filters["instanceType"] = kind
		more.Prices = append(more.Prices, p)
	}
	return &more, nil
}

var instanceType = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)

// Age is how old a price is, and whether that is more than it should be. A price of the future has age 0.
func (p Price) Age(now time.Time) (days int, old bool) {
	date, err := time.Parse(time.DateOnly, p.Date)
	if err != nil {
		return 0, true
	}
	age := max(0, now.Sub(date))
	return int(age.Hours() / 24), age > Fresh
}

// Write replaces the file with the book, whole or not at all.
func (b *Book) Write(file string) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(file, append(text, '\n'), 0o644)
}
