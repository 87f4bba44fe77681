package cost

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/price"
)

var update = flag.Bool("update", false, "write the tables of docs/costs.md")

// The tables of docs/costs.md say what the program does.
func TestDocs(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "costs.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for name, table := range map[string]string{
		"usage": usageTable(), "free tiers": freeTierTable(), "free types": freeTypeTable(), "prices": priceTable(),
	} {
		begin, end := "<!-- "+name+": go test ./internal/cost -update -->\n", "<!-- end of "+name+" -->"
		before, rest, found := strings.Cut(page, begin)
		was, after, foundEnd := strings.Cut(rest, end)
		if !found || !foundEnd {
			t.Fatalf("%s has no place for %s", file, name)
		}
		want := "\n" + table + "\n"
		if diff := cmp.Diff(strings.Split(was, "\n"), strings.Split(want, "\n")); diff != "" && !*update {
			t.Errorf("%s (-page +program): run the test with -update\n%s", name, diff)
		}
		page = before + begin + want + end + after
	}
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
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
