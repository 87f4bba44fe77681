package cost

import (
	"fmt"
	"maps"
	"path/filepath"
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
		if p.Confidence != "high" {
			out += fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |\n", p.Key, strconv.FormatFloat(p.USD, 'f', -1, 64), p.Unit, p.Date, p.Confidence, p.Source)
		}
	}
	return out
}
