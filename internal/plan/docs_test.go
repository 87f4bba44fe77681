package plan_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/plan"
)

// The table that people read is the one that the program has.
func TestStepsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| code | what the step is for | which parts have it |\n|---|---|---|\n")
	for _, kind := range plan.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind.Code, page.Cell(kind.Does), page.Cell(kind.When))
	}
	golden.Section(t, filepath.Join("..", "..", "docs", "plan.md"), "<!-- steps: go test ./internal/plan -run TestStepsAreDocumented -update -->",
		"<!-- end of steps -->", b.String()+"\n")
}
