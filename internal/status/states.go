package status

import (
	"context"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/cdk"
)

// State is a status of a stack in which something is to be done.
type State struct {
	// Status is CloudFormation's name of it.
	Status string
	// Meaning is what it means, and Next the one next command. Once is what must be done before, "" for nothing.
	Meaning, Once, Next string
}

// States are those that a failure can leave (CloudFormation User Guide, "Stack status codes"). What the command line does in
// each was seen with the version that is pinned: it removes the rest of a first deploy that failed before it deploys again; it
// makes no change set where the rollback of an update has failed, and without a bootstrap it rolls back only when told not to ask
// for one.
var States = []State{
	{"REVIEW_IN_PROGRESS", "a first deploy was refused for what is named here, or prepared and not carried out: nothing stands, nothing is billed",
		"mend what is named", cdk.Command("deploy")},
	{"ROLLBACK_COMPLETE", "the first deploy failed, and what it had made is gone again, but for what is left over",
		"mend what failed", cdk.Command("deploy")},
	{"ROLLBACK_FAILED", "the first deploy failed, and not all that it had made could be removed again",
		"mend what failed", cdk.Command("deploy")},
	{"UPDATE_ROLLBACK_COMPLETE", "the last deploy failed, and the stack is as it was before it", "mend what failed", cdk.Command("deploy")},
	{"UPDATE_ROLLBACK_FAILED",
		"the last deploy failed, and could not be taken back: what failed last is neither old nor new, and no deploy is accepted",
		"mend what failed last", cdk.Command("rollback --no-validate-bootstrap-version")},
	{"DELETE_FAILED",
		"the stack is being removed, and something could not be: most often because a server that it no longer has is in its network",
		"remove what is in the way", cdk.Command("destroy")},
}

// unprotect is the command that lets the command line remove the rest of a first deploy, which it does before the next one.
const unprotect = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name "

func newStack(s account.Stack) *Stack {
	stack := &Stack{Name: s.Name, Status: s.Status, Reason: s.Reason, Failures: []Failure{}}
	for _, state := range States {
		if state.Status == s.Status {
			stack.Meaning, stack.Once, stack.Next = state.Meaning, state.Once, state.Next
		}
	}
	if s.Protected && strings.HasPrefix(s.Status, "ROLLBACK_") {
		stack.Once += `, say "terminationProtection": false in cdk.json`
		stack.Next = unprotect + s.Name + " && " + stack.Next
	}
	return stack
}

// ReadStack reads a stack alone, nil where there is none.
func ReadStack(ctx context.Context, a *account.Account, name string) (*Stack, error) {
	found, err := a.Stack(ctx, name)
	if found == nil {
		return nil, err
	}
	stack := newStack(*found)
	return stack, stack.readOperation(ctx, a)
}
