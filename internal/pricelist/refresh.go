// Package pricelist reads prices from the AWS Price List, the service that price.Book is refreshed from.
package pricelist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/price"
)

// Region is where the Price List is asked: it has endpoints in few regions only, each with the prices of all (AWS Billing
// User Guide, "Price List Query API endpoints").
const Region = "ap-south-1"

// API is the part of the Price List that is used.
type API interface {
	GetProducts(context.Context, *pricing.GetProductsInput, ...func(*pricing.Options)) (*pricing.GetProductsOutput, error)
}

// Change is a price that is another than before.
type Change struct {
	Key      string
	From, To float64 // USD a unit
}

// Refresh reads each price of the book again. It gives a new book, and what changed; the given one stays as it is. Each
// query must find exactly one product with one price for use on demand, or the refresh fails: all such queries are
// reported, joined. Where the Price List cannot be asked, that alone is.
func Refresh(ctx context.Context, api API, book *price.Book) (*price.Book, []Change, error) {
	fresh := &price.Book{Region: book.Region, Currency: book.Currency}
	var changes []Change
	var faults []error
	for _, old := range book.Prices {
		now, err := read(ctx, api, old)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if refused(err) { // so would be every other
			return nil, nil, fmt.Errorf("AWS Price List: %w", account.Plain(err))
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("price %s: %s: %w", old.Key, asked(old.Query), err))
			continue
		}
		fresh.Prices = append(fresh.Prices, now)
		if now.USD != old.USD {
			changes = append(changes, Change{old.Key, old.USD, now.USD})
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	return fresh, changes, nil
}

// refused reports whether every query would be answered so: no credentials, no right, no way there.
func refused(err error) bool {
	var answer *unexpected
	return err != nil && !errors.As(err, &answer)
}

// unexpected is an answer that came, and is not the one product that was asked for.
type unexpected struct{ what string }

func (u *unexpected) Error() string { return u.what }

func unexpectedf(format string, args ...any) error { return &unexpected{fmt.Sprintf(format, args...)} }

// read asks for one price.
func read(ctx context.Context, api API, old price.Price) (price.Price, error) {
	products, err := products(ctx, api, old.Query)
	if err != nil {
		return price.Price{}, err
	}
	if len(products) != 1 {
		return price.Price{}, unexpectedf("it finds %d products, and must find 1", len(products))
	}
	var p product
	if err := json.Unmarshal([]byte(products[0]), &p); err != nil {
		return price.Price{}, unexpectedf("no product: %v", err)
	}
	usd, err := p.onDemand()
	if err != nil {
		return price.Price{}, err
	}
	if len(p.PublicationDate) < len("2006-01-02") {
		return price.Price{}, unexpectedf("product %s has no publication date", p.Product.SKU)
	}
	now := old
	now.USD = round(usd * max(1, old.Query.Times))
	now.SKU, now.Date = p.Product.SKU, p.PublicationDate[:len("2006-01-02")]
	if usage := p.Product.Attributes["usagetype"]; usage != "" {
		now.UsageType = usage
	}
	now.Source, now.Confidence = "AWS Price List, GetProducts", "high"
	return now, nil
}

// products asks for all pages of one query.
func products(ctx context.Context, api API, q price.Query) ([]string, error) {
	input := &pricing.GetProductsInput{ServiceCode: &q.Service, FormatVersion: aws.String("aws_v1")}
	for _, field := range slices.Sorted(maps.Keys(q.Filters)) {
		input.Filters = append(input.Filters, types.Filter{Type: types.FilterTypeTermMatch, Field: &field, Value: aws.String(q.Filters[field])})
	}
	var all []string
	for pages := pricing.NewGetProductsPaginator(api, input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.PriceList...)
	}
	return all, nil
}

// product is what counts in an element of PriceList (AWS Billing User Guide, "Reading the service price list files").
type product struct {
	Product struct {
		SKU        string            `json:"sku"`
		Attributes map[string]string `json:"attributes"`
	} `json:"product"`
	Terms struct {
		OnDemand map[string]struct {
			PriceDimensions map[string]dimension `json:"priceDimensions"`
		} `json:"OnDemand"`
	} `json:"terms"`
	PublicationDate string `json:"publicationDate"`
}

type dimension struct {
	BeginRange   string            `json:"beginRange"`
	PricePerUnit map[string]string `json:"pricePerUnit"`
}

// onDemand is the price of the first tier that costs something: tiers before it are what is free, which the bill knows by
// itself. Later tiers begin far above what one backend uses.
func (p product) onDemand() (float64, error) {
	if len(p.Terms.OnDemand) != 1 {
		return 0, unexpectedf("product %s has %d terms on demand, and must have 1", p.Product.SKU, len(p.Terms.OnDemand))
	}
	first, usd := math.Inf(1), 0.0
	for _, term := range p.Terms.OnDemand {
		if len(term.PriceDimensions) == 0 {
			return 0, unexpectedf("product %s has no price", p.Product.SKU)
		}
		for _, d := range term.PriceDimensions {
			begin, err := strconv.ParseFloat(d.BeginRange, 64)
			v, errUSD := strconv.ParseFloat(d.PricePerUnit["USD"], 64)
			if err != nil || errUSD != nil || !(v >= 0 && v < 1e6) {
				return 0, unexpectedf("product %s has a price that is none: from %q on, USD %q", p.Product.SKU, d.BeginRange, d.PricePerUnit["USD"])
			}
			if v > 0 && begin < first {
				first, usd = begin, v
			}
		}
	}
	return usd, nil
}

// round takes off what multiplication adds beyond the twelfth digit.
func round(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}

// asked is a query in a person's words.
func asked(q price.Query) string {
	var filters []string
	for _, field := range slices.Sorted(maps.Keys(q.Filters)) {
		filters = append(filters, field+"="+q.Filters[field])
	}
	return fmt.Sprintf("query %s with %s", q.Service, strings.Join(filters, ", "))
}
