package check_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The table that people read is the one that the program has.
func TestChecksAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Checks\n\n" +
		"What `kora check STAGE` looks at before a deploy, all at once. The codes are stable. Each comes with a verdict: pass; warn,\n" +
		"which is to be decided; fail, which makes the deploy fail or hurt; or unknown, where a call is denied or nobody can be\n" +
		"reached. Unknown is never fine. The command ends with 3 where something fails, and with `--strict` with 2 where something\n" +
		"warns or is unknown. It changes nothing.\n\n" +
		"Not looked at: drift of the stack, early validation by a change set, limits of balancers and security groups, and whether\n" +
		"the deploy's own calls are allowed ([permissions.md](permissions.md) has them).\n\n" +
		"<!-- written by: go test ./internal/check -run TestChecksAreDocumented -update -->\n\n" +
		"| code | passes when | what to do |\n|---|---|---|\n")
	for _, kind := range check.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind.Code, page.Cell(kind.Means), page.Cell(kind.Remedy))
	}
	golden.File(t, filepath.Join("..", "..", "docs", "checks.md"), b.String())
}
