package verify

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The table that people read is the one that the program has.
func TestPromisesAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Promises\n\n" +
		"What `kora verify` asks: whether what users reach is what the stage promises. The codes are stable. A promise is kept, broken\n" +
		"or unknown, which is never fine; the command ends with 3 where one is broken.\n\n" +
		"<!-- written by: go test ./internal/verify -run TestPromisesAreDocumented -update -->\n\n" +
		"| code | kept when | what to do |\n|---|---|---|\n")
	for _, kind := range Kinds {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind.Code, page.Cell(kind.Means), page.Cell(kind.Remedy))
	}
	b.WriteString("\n`--watch 10m` asks the health check every 100 ms, over a connection that is kept and over new ones, and tells of each request\n" +
		"that is not answered with 200, or slowly. A request that was lost makes the command end with 3. Run it beside a deploy: it is\n" +
		"the zero-downtime claim, measured from where you are.\n\n" +
		"What it does not see: whoever still has an old answer of a resolver; clients on other networks; anything but the health check\n" +
		"and the path of `--session-path`. An app that gives its session cookie another value on each request cannot be told from one\n" +
		"that loses sessions. Who answers, server or fleet, is told by a field of the health check's answer (`--tells`); where both\n" +
		"say the same, the shares are unknown.\n")
	golden.File(t, filepath.Join("..", "..", "docs", "promises.md"), b.String())
}
