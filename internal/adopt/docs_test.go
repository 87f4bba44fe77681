package adopt_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/finding"
	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The tables that people read are those that the program has.
func TestKindsAreDocumented(t *testing.T) {
	for name, kinds := range map[string][]finding.Kind{"kinds": adopt.Kinds(), "look": adopt.LookKinds()} {
		var b strings.Builder
		b.WriteString("\n| code | severity | what it means | what to do |\n|---|---|---|---|\n")
		for _, kind := range kinds {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", kind.Code, kind.Severity, page.Cell(kind.Means), page.Cell(kind.Remedy))
		}
		b.WriteString("\n")
		begin := fmt.Sprintf("<!-- %s: go test ./internal/adopt -run TestKindsAreDocumented -update -->", name)
		kept.Section(t, filepath.Join("..", "..", "docs", "adopt.md"), begin, fmt.Sprintf("<!-- end of %s -->", name), b.String())
	}
}
