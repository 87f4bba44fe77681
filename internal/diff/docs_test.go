package diff

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/finding"
	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The table that people read is the one that the program has.
func TestHazardsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Hazards\n\n" +
		"What `kora diff` warns of. The codes are stable. A stop is a loss, an outage or a deploy that fails; a warn is something to\n" +
		"decide; a note is something to know. The severity here is the worst that a hazard comes with: where a case is\n" +
		"milder, it says so.\n\n" +
		"`--accept CODE:RESOURCE='why'` lowers one hazard on one resource to a note; one that is shown without a resource is\n" +
		"accepted without one (`--accept too-large:='why'`). Without it, `--exit-code` ends in 3 while there is a stop.\n\n" +
		"<!-- written by: go test ./internal/diff -run TestHazardsAreDocumented -update -->\n\n")
	rows := func(kinds []finding.Kind) {
		b.WriteString("| code | severity | what it means | what to do |\n|---|---|---|---|\n")
		for _, kind := range kinds {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", kind.Code, kind.Severity, page.Cell(kind.Means), page.Cell(kind.Remedy))
		}
	}
	rows(Kinds())
	b.WriteString("\n## What the app warns of\n\n" +
		"The same table decides what `cdk synth` and `cdk deploy` warn of, under the id `kora:CODE`, and what `kora diff` says of the\n" +
		"new side: of a stage and of a cdk.out folder all of it, of a template's file and of what is deployed as much as the template\n" +
		"shows.\n" +
		"What was so before the move is a note, and a stop about a server or the fleet is one only where the move makes new machines;\n" +
		"else it is a warn.\n\n")
	rows(ContextKinds())
	kept.File(t, filepath.Join("..", "..", "docs", "hazards.md"), b.String())
}
