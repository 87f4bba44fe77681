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
		"warns or is unknown.\n\n" +
		"Nothing is changed, but with `--change-set`: then a change set is made as `cdk deploy` would make it, looked at, and\n" +
		"deleted, and with it the empty stack that an account's first one makes. Nothing is executed, and it costs nothing. Such a\n" +
		"stack is deleted by its id, where it is REVIEW_IN_PROGRESS, holds nothing, has no other change set and is not protected;\n" +
		"[ADR 14](adr/0014-a-change-set-is-made-to-be-looked-at.md) says what is left to chance. What an interrupted check leaves\n" +
		"is named, has a name that begins with `kora-check-`, and is removed by the next one. With bootstrapped=true none is made.\n" +
		"Early validation looks at names that exist, at the form of properties and at what is in buckets, and not at quotas: a\n" +
		"change set that is made says nothing of whether its deploy succeeds.\n\n" +
		"With `--drift` CloudFormation compares what the deploy changes, replaces or removes with what there is. That changes nothing,\n" +
		"takes it some seconds a resource, and knows only the types that it can compare: the others are unknown. What the deploy\n" +
		"does not touch is not looked at, nor is a property that the template does not state.\n\n" +
		"`rights` asks IAM's simulator for every action that [permissions.md](permissions.md) gives for the types of the two templates,\n" +
		"for the user, or the role of the session. The simulator makes none of the calls. It sees the policies of the user, of its\n" +
		"groups and of the role, and service control policies, with the condition keys that it is told: the region, and which\n" +
		"service a role is for. It is told of no session's policy and of no resource's, and AWS says that its answers can differ\n" +
		"from what happens (API_SimulatePrincipalPolicy). What depends on a key that nobody told, a second factor, is unknown. A\n" +
		"handler names actions that it may not need for these properties: to be without one of those may do no harm. Of the root\n" +
		"user, of a federated one, and with bootstrapped=true, where the bootstrap's roles deploy, it is unknown.\n\n" +
		"<!-- written by: go test ./internal/check -run TestChecksAreDocumented -update -->\n\n" +
		"| code | passes when | what to do |\n|---|---|---|\n")
	for _, kind := range check.Kinds() {
		code := "`" + kind.Code + "`"
		if kind.Flag() != "" {
			code += ", with `" + kind.Flag() + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code, page.Cell(kind.Means), page.Cell(kind.Remedy))
	}
	b.WriteString("\n## Limits\n\n" +
		"What the stage needs at its maximum is held against what the account may have, beside all that it has already. How many\n" +
		"are allowed is asked of Service Quotas; where that is denied, or knows only what AWS begins with, of the service itself,\n" +
		"which tells of addresses, of groups of one machine, of balancers, of target groups and of Auto Scaling groups. Where\n" +
		"nobody tells, the verdict is unknown, whatever AWS begins with: a new account may have less.\n\n" +
		"| limit | code of Service Quotas | AWS begins with |\n|---|---|---|\n")
	for _, limit := range check.Limits() {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", limit[0], limit[1], limit[2])
	}
	b.WriteString("\nA T type counts as Standard; new accounts have 5 vCPUs of it, and AWS raises that with use. The stack's own machines count as\n" +
		"the stage has them at its maximum: the fleet's `maxCapacity`, which a rolling update keeps to, the server beside it, and a\n" +
		"server that is made anew or goes until the deploy ends. Where all of that fits and one node more would not, the check\n" +
		"warns: Auto Scaling starts a node first when it moves others to another zone. Spot machines, and those on hosts of your\n" +
		"own, count elsewhere.\n\n" +
		"Limits that no deploy of these stages meets are not looked at: 50 listeners, 100 rules, 25 certificates and 1,000 targets of\n" +
		"a balancer (the stack has two, none, one, and its machines), 5,000 launch templates and 10,000 versions of one, 200\n" +
		"subnets and route tables of a VPC, 5,000 alarms, 10,000 parameters, 2,000 stacks, 500 resources of a template, 1,000\n" +
		"roles, 300 nodes of ElastiCache, 10,000 buckets. A list of prefixes in a rule counts as one here, where AWS counts its\n" +
		"size.\n")
	golden.File(t, filepath.Join("..", "..", "docs", "checks.md"), b.String())
}
