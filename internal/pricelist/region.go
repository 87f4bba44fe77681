package pricelist

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/price"
)

// prefixes is how usage types of a region begin (Cost and Usage Reports and the Price List; "APS3-BoxUsage:t2.micro").
var prefixes = map[string]string{
	"ap-northeast-1": "APN1-", "ap-northeast-2": "APN2-", "ap-south-1": "APS3-", "ap-southeast-1": "APS1-",
	"ap-southeast-2": "APS2-", "eu-central-1": "EUC1-", "eu-west-2": "EUW2-", "sa-east-1": "SAE1-",
	"us-east-2": "USE2-", "us-west-2": "USW2-",
}

// For is the book's queries for another region: the same things, to be read with Refresh before they are prices.
func For(book *price.Book, region string) (*price.Book, error) {
	from, to := prefixes[book.Region], prefixes[region]
	if region == book.Region {
		return book, nil
	}
	if from == "" || to == "" {
		known := slices.Sorted(maps.Keys(prefixes))
		return nil, fmt.Errorf("no queries are known for region %q: there are those of %s%s",
			region, strings.Join(known, ", "), nearest.Hint(region, known))
	}
	other := &price.Book{Region: region, Currency: book.Currency}
	for _, p := range book.Prices {
		moved := func(text string) string {
			if text == book.Region {
				return region
			}
			if rest, ok := strings.CutPrefix(text, from); ok {
				return to + rest
			}
			return text
		}
		filters := map[string]string{}
		for field, value := range p.Query.Filters {
			filters[field] = moved(value)
		}
		p.Query.Filters, p.UsageType = filters, moved(p.UsageType)
		other.Prices = append(other.Prices, p)
	}
	return other, nil
}
