package diff

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The table that people read is the one that the program has.
func TestHazardsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Hazards\n\n" +
		"What `kora diff` warns of. The codes are stable. A stop is a loss, an outage or a deploy that fails; a warn is something to\n" +
		"decide; a note is something to know. The severity here is the worst that a hazard comes with: where a case is milder, it says so.\n\n" +
		"`--accept CODE:RESOURCE='why'` lowers one hazard on one resource to a note; `too-large` and `name-may-be-taken` have no\n" +
		"resource (`--accept too-large:='why'`). Without it, `--exit-code` ends in 3 while there is a stop.\n\n" +
		"<!-- written by: go test ./internal/diff -run TestHazardsAreDocumented -update -->\n\n" +
		"| code | severity | what it means | what to do |\n|---|---|---|---|\n")
	for _, kind := range Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", kind.Code, kind.Severity, page.Cell(kind.Means), page.Cell(kind.Remedy))
	}
	kept.File(t, filepath.Join("..", "..", "docs", "hazards.md"), b.String())
}
