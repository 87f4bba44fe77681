package status

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// The tables that people read are those that the program has.
func TestStatusIsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Status\n\n" +
		"What `kora status` says of what stands in an account, and `kora local status` of what stands in the emulator. Both only read.\n" +
		"The codes are stable; `--json` has them for programs, and `--watch` says it again for each change.\n\n" +
		"<!-- written by: go test ./internal/status -run TestStatusIsDocumented -update -->\n\n" +
		"## Findings\n\n" +
		"What is worth a look, in `.findings`, the gravest first.\n\n" +
		"| code | worst | means | what to do |\n|---|---|---|---|\n")
	for _, k := range Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Code, k.Severity, page.Cell(k.Means), page.Cell(k.Remedy))
	}
	b.WriteString("\n## States of the stack\n\n" +
		"Those that a failure of `cdk deploy` or `cdk destroy` leaves. What else is special about each: [failed.md](failed.md).\n" +
		"Not here: CREATE_FAILED and UPDATE_FAILED, which `cdk deploy --no-rollback` leaves and `cdk rollback` ends, and what a failed\n" +
		"import leaves, IMPORT_ROLLBACK_FAILED.\n\n" +
		"| state | what it means | first | the one next command |\n|---|---|---|---|\n")
	for _, s := range States {
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", s.Status, page.Cell(s.Meaning), page.Cell(s.Once), s.Next)
	}
	b.WriteString("\n## Parts, and what is unknown\n\n" +
		"Where a call is denied, or nobody can be asked, its own parts are unknown, and the rest is shown. In JSON such a part is null,\n" +
		"or the word unknown, and `.unknown` has its code, the reason, and the action that is missing where AWS names it:\n\n" +
		"```console\n$ kora status --json | jq -e '.unknown | length == 0'                        # all could be read\n" +
		"$ kora status --json | jq -r '.unknown[] | select(.part == \"alarms\").reason'\n```\n\n" +
		"A list that is empty says that nothing of the kind stands; null says that nobody knows. Where all of AWS cannot be asked, for\n" +
		"want of credentials or a network, the command ends with 1 and says so.\n\n" +
		"| code | what it is | in the JSON | unknown where one of these is denied |\n|---|---|---|---|\n")
	for _, part := range append(Parts, Guard) {
		needs := "nothing; the emulator has no resolvers"
		if len(part.Needs) > 0 {
			needs = strings.Join(part.Needs, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", part.Code, part.Means, page.Cell(part.Field), needs)
	}
	b.WriteString("\nWithout `cloudformation:ListStackResources` nobody knows what is the stack's: nothing is said to be left over then.\n" +
		"CPU credits are unknown too where CloudWatch has no value of the last 30 minutes, as for minutes after a start.\n")
	golden.File(t, filepath.Join("..", "..", "docs", "status.md"), b.String())
}
