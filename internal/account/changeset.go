package account

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Prepared is a change set as CloudFormation describes it.
type Prepared struct {
	ID      string
	Status  string // CREATE_COMPLETE, FAILED
	Reason  string
	Changes []PreparedChange
}

// Empty reports whether a change set failed because it would change nothing (CDK command line 2.1148.1, changeSetHasNoChanges).
func (p Prepared) Empty() bool {
	return p.Status == string(types.ChangeSetStatusFailed) &&
		(strings.HasPrefix(p.Reason, "The submitted information didn't contain changes.") || strings.HasPrefix(p.Reason, "No updates are to be performed."))
}

// PreparedChange is what a change set will do to one resource.
type PreparedChange struct {
	Action      string // Import, Add, Modify, Remove
	LogicalID   string
	PhysicalID  string
	Type        string
	Replacement string // True, False, Conditional, "" where that is no question
	// Details are the properties that change, each as Target: SecurityGroupIds (Conditionally).
	Details []string
}

// ChangeSet is one of a stack, all of it.
func (a *Account) ChangeSet(ctx context.Context, stack, name string) (*Prepared, error) {
	pages := cloudformation.NewDescribeChangeSetPaginator(a.stacks, &cloudformation.DescribeChangeSetInput{StackName: &stack, ChangeSetName: &name})
	prepared := &Prepared{}
	changes, err := all(ctx, pages, func(p *cloudformation.DescribeChangeSetOutput) []types.Change {
		prepared.ID = aws.ToString(p.ChangeSetId)
		prepared.Status, prepared.Reason = string(p.Status), oneLine(aws.ToString(p.StatusReason))
		return p.Changes
	})
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if r := change.ResourceChange; r != nil {
			prepared.Changes = append(prepared.Changes, PreparedChange{
				string(r.Action), aws.ToString(r.LogicalResourceId), aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceType),
				string(r.Replacement), details(r.Details),
			})
		}
	}
	return prepared, nil
}

func details(of []types.ResourceChangeDetail) []string {
	var all []string
	for _, d := range of {
		if d.Target == nil {
			continue
		}
		name := string(d.Target.Attribute)
		if d.Target.Name != nil {
			name = *d.Target.Name
		}
		if why := d.Target.RequiresRecreation; why != "" && why != types.RequiresRecreationNever {
			name += " (" + string(why) + ")"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
