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
	b.WriteString("\n" +
		"A promise is unknown where nobody could be asked, or an action is denied ([permissions.md](permissions.md)): what rests on\n" +
		"it is then unknown, and all else is looked at. `one-revision` needs a revision that is deployed from a repository;\n" +
		"`sessions-held` needs `--session-path`, but for `sessions=sticky`. `weights-hold` asks `--requests` times, each time as a\n" +
		"new client, and says how sure that many make it: of 200, a share of 10 % is told from one of 20 %, not from one of 13 %.\n" +
		"It is broken where chance does so once in 1000 times, and unknown where it does so once in 20, or too few were asked. The\n" +
		"balancer itself is asked, wherever the name leads; a request that is lost there breaks `health-by-address`, and five end it.\n" +
		"Who answers, server or fleet, is told by a field of the health check's answer, or a header (`--tells`). Where both say the\n" +
		"same, some say nothing, or the server says something else each time, the shares are unknown; so is that of a fleet that has\n" +
		"none, since that nobody answers for it looks like answers that are the same.\n" +
		"\n" +
		"`--against HOST` asks a name or an address in place of what the name leads to, for the time before DNS moves: TLS and the\n" +
		"Host header stay the name's, and `name-resolves` is not asked.\n" +
		"\n" +
		"## While it moves\n" +
		"\n" +
		"`--watch 10m` asks the health check every 100 ms (`--every`, from 20 ms on) as two kinds of users: one that keeps its\n" +
		"connection and its cookies, and one that comes for the first time. It tells of each request that is not answered with 200,\n" +
		"or slowly (`--slow`), with its time; and at the end, or at Ctrl-C, how many of each were lost, the longest outage, and a\n" +
		"histogram. With `--json` each request is a line while it runs, and the last line has what it came to. A request that was\n" +
		"lost makes the command end with 3. Run it beside a deploy: it is the zero-downtime claim, measured from where you are. A\n" +
		"backend that hangs leaves 100 requests of a kind waiting at most, for 10 s each; the next ones count as lost without being\n" +
		"made.\n" +
		"\n" +
		"## On the emulator\n" +
		"\n" +
		"Where `AWS_ENDPOINT_URL` leads to `kora local`, what answers are stand-ins, as it says;\n" +
		"[emulator.md](emulator.md#the-way-of-users) has what they play. So the deployment tests are watched: no request is lost in\n" +
		"any row, or when any operation of one fails, but in the pauses that `kora diff` announces.\n" +
		"\n" +
		"## What it does not see\n" +
		"\n" +
		"Whoever still has an old answer of a resolver; clients on other networks; anything but the health check and the path of\n" +
		"`--session-path`; requests other than GET. A connection that breaks before its answer begins is tried once more, as\n" +
		"browsers do, so that kept connections lose less than new ones. An app that gives its session cookie another value on each\n" +
		"request cannot be told from one that loses sessions; nor one that sets no cookie anew when a session is lost from one that\n" +
		"keeps them. Any 200 is an answer of the health check, whoever gives it.\n")
	golden.File(t, filepath.Join("..", "..", "docs", "promises.md"), b.String())
}
