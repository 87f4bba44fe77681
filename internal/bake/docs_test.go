package bake_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The table that people read is the one that the program has.
func TestFindingsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("| code | severity | it says | what to do |\n|---|---|---|---|\n")
	for _, kind := range bake.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", kind.Code, kind.Severity, page.Cell(kind.Means), page.Cell(kind.Remedy))
	}
	golden.Section(t, filepath.Join("..", "..", "docs", "bake.md"), "<!-- findings: go test ./internal/bake -run TestFindingsAreDocumented -update -->",
		"<!-- end of findings -->", "\n"+b.String()+"\n")
}
