package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/cfn"
)

// try makes a change set, where cdk deploy would make one like it, after the stack was looked at: the change set may make one.
func (l *looking) try(ctx context.Context) (account.Tried, error) {
	stack, err := l.stack()
	switch {
	case err != nil:
		return account.Tried{}, err
	case l.Config.Bootstrapped:
		return account.Tried{}, errors.New("with bootstrapped=true cdk deploy sends the template from the bootstrap's bucket and by its roles, " +
			"which this command does not take on")
	case stack != nil && slices.Contains(begunAnew, stack.Status):
		return account.Tried{}, fmt.Errorf("%s takes no change set: cdk deploy deletes the stack before it makes one", stack.Status)
	}
	return l.Try(ctx, cfn.Text(l.Template.Raw))
}

// begunAnew are the states of a stack that the command line deletes before it deploys (CDK command line 2.1148.1, isCreationFailure).
var begunAnew = []string{"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}

// changeSet looks at what CloudFormation says of the template before it makes anything.
func changeSet(_ context.Context, l *looking) ([]Result, error) {
	tried, err := l.tried()
	name := l.Config.StackName()
	return append(changeSetSays(name, tried, err), changeSetLeaves(name, tried)...), err
}

// changeSetSays is CloudFormation's verdict. Without one there is none.
func changeSetSays(name string, tried account.Tried, err error) []Result {
	var results []Result
	for _, one := range tried.Invalid {
		verdict := Fail
		if one.Warns {
			verdict = Warn
		}
		results = append(results, is(verdict, one.Resource, "%s (%s at %s)", one.Reason, one.Validation, one.Path))
	}
	prepared := tried.Prepared
	switch {
	case tried.Refused != "":
		return append(results, is(Fail, name, "%s", tried.Refused))
	case prepared.Empty():
		return append(results, is(Pass, name, "the deploy would change nothing"))
	case prepared.Status == "FAILED" && !slices.ContainsFunc(results, func(r Result) bool { return r.Verdict == Fail }):
		return append(results, is(Fail, name, "%s", prepared.Reason))
	case prepared.Status == "CREATE_COMPLETE" && err == nil:
		count := map[string]int{}
		for _, c := range prepared.Changes {
			count[c.Action]++
		}
		return append(results, is(Pass, name, "CloudFormation would add %d, change %d and remove %d", count["Add"], count["Modify"], count["Remove"]))
	}
	return results
}

// changeSetLeaves is what became of change sets and of the stack.
func changeSetLeaves(name string, tried account.Tried) []Result {
	var results []Result
	for _, removed := range tried.Removed {
		results = append(results, is(Pass, name, "%s of an earlier check is removed now", removed))
	}
	if tried.Waited {
		results = append(results, is(Pass, name, "it was REVIEW_IN_PROGRESS before, and is left so"))
	}
	for _, left := range tried.Left {
		results = append(results, is(Warn, name, "left: %s", left))
	}
	return results
}

// foreseen looks for what CloudFormation would replace or remove though the templates do not say so. What it calls conditional depends on
// what it does not tell; the templates' comparison has AWS's pages for that.
func foreseen(_ context.Context, l *looking) ([]Result, error) {
	tried, err := l.tried()
	switch {
	case tried.Prepared.Empty():
		return []Result{is(Pass, "", "nothing is replaced or removed")}, nil
	case err != nil || tried.Prepared.Status != "CREATE_COMPLETE":
		return nil, errors.New("there is no change set")
	case l.Touches == nil:
		return nil, errors.New("the deployed template could not be compared")
	}
	var results []Result
	replaced, removed := 0, 0
	var conditional []string
	for _, c := range tried.Prepared.Changes {
		touch := l.Touches[c.LogicalID]
		switch {
		case c.Action == "Remove":
			if removed++; !touch.Gone {
				results = append(results, is(Warn, c.LogicalID, "CloudFormation would remove it"))
			}
		case c.Replacement == "True":
			if replaced++; !touch.Replaced {
				results = append(results, is(Warn, c.LogicalID, "CloudFormation would replace it, for %s", strings.Join(c.Details, ", ")))
			}
		case c.Replacement == "Conditional" && !touch.Replaced:
			conditional = append(conditional, c.LogicalID)
		}
	}
	if len(results) == 0 {
		results = append(results, is(Pass, "", "%d replaced and %d removed, as the templates say", replaced, removed))
	}
	if len(conditional) > 0 {
		results = append(results, is(Pass, strings.Join(conditional, ", "), "CloudFormation may replace it by its own list; by AWS's pages it is not"))
	}
	return results, nil
}
