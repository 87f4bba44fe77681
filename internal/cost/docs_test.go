package cost

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/price"
)

// The tables of docs/costs.md say what the program does.
func TestDocs(t *testing.T) {
	for name, table := range map[string]string{
		"usage": usageTable(), "free tiers": freeTierTable(), "free types": freeTypeTable(), "prices": priceTable(),
		"types": typeTable(),
	} {
		begin, end := "<!-- "+name+": go test ./internal/cost -update -->", "<!-- end of "+name+" -->"
		kept.Section(t, filepath.Join("..", "..", "docs", "costs.md"), begin, end, "\n"+table+"\n")
	}
}

func usageTable() string {
	out := "| flag | default | unit | what it is | why this default |\n|---|---:|---|---|---|\n"
	for _, f := range Figures() {
		out += fmt.Sprintf("| `--%s` | %s | %s | %s | %s |\n", f.Flag, strconv.FormatFloat(f.Default, 'f', -1, 64), f.Unit, f.What, f.Why)
	}
	return out
}

func freeTierTable() string {
	out := "| what | of | source |\n|---|---|---|\n"
	for _, f := range freeTiers {
		out += fmt.Sprintf("| %s | `%s` | %s |\n", f.item, strings.Join(f.prices, "`, `"), f.source)
	}
	return out
}

func freeTypeTable() string {
	out := "| type | why |\n|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(Free)) {
		out += fmt.Sprintf("| `%s` | %s |\n", name, Free[name])
	}
	return out
}

func priceTable() string {
	out := "| price | USD | unit | date | confidence | source |\n|---|---:|---|---|---|---|\n"
	for _, p := range price.Embedded().Prices {
		if p.Confidence != "high" && family(p.Key) == "" {
			out += fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |\n", p.Key, strconv.FormatFloat(p.USD, 'f', -1, 64), p.Unit, p.Date, p.Confidence, p.Source)
		}
	}
	return out
}

// family is the family of a burstable or general instance type's price, "" for all other prices.
func family(key string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(key, "ec2/"), ".")
	if !strings.HasPrefix(key, "ec2/") || !general.MatchString(name) {
		return ""
	}
	return name
}

var general = regexp.MustCompile(`^[tm][0-9]`)

// typeTable is the burstable and general types that have a price: a row for each family and source.
func typeTable() string {
	out := "| family | USD an hour | date | confidence | source |\n|---|---|---|---|---|\n"
	prices := map[string][]string{}
	var rows []string
	for _, p := range price.Embedded().Prices {
		if of := family(p.Key); of != "" {
			row := fmt.Sprintf("| `%s` | %%s | %s | %s | %s |\n", of, p.Date, p.Confidence, p.Source)
			if prices[row] == nil {
				rows = append(rows, row)
			}
			_, size, _ := strings.Cut(p.Key, ".")
			prices[row] = append(prices[row], size+" "+strconv.FormatFloat(p.USD, 'f', -1, 64))
		}
	}
	for _, row := range rows {
		out += fmt.Sprintf(row, strings.Join(prices[row], ", "))
	}
	return out
}
