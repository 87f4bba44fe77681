package account

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// Stack is one of CloudFormation's.
type Stack struct {
	Name string
	// Status is as CloudFormation has it, such as UPDATE_COMPLETE.
	Status string
	// Reason is why it has that status, "" where CloudFormation does not say.
	Reason string
	// Protected says that it refuses to be deleted.
	Protected bool
}

// nothing are the states of a stack in which nothing of its template stands: a change set was made and not executed, or the
// first deploy was taken back, or the stack was deleted (CloudFormation User Guide, "Stack status codes").
var nothing = []string{"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"}

// Stands reports whether something of the stack's template stands.
func (s Stack) Stands() bool { return !slices.Contains(nothing, s.Status) }

// Stacks are all of the region.
func (a *Account) Stacks(ctx context.Context) ([]Stack, error) {
	pages := cloudformation.NewDescribeStacksPaginator(a.stacks, &cloudformation.DescribeStacksInput{})
	return all(ctx, pages, func(p *cloudformation.DescribeStacksOutput) []Stack { return each(p.Stacks, newStack) })
}

// Stack is the one of that name, nil where there is none.
func (a *Account) Stack(ctx context.Context, name string) (*Stack, error) {
	found, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if absent(err) || err == nil && len(found.Stacks) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	stack := newStack(found.Stacks[0])
	return &stack, nil
}

func newStack(s types.Stack) Stack {
	return Stack{aws.ToString(s.StackName), string(s.StackStatus), aws.ToString(s.StackStatusReason), aws.ToBool(s.EnableTerminationProtection)}
}

// Held is a resource that a stack holds.
type Held struct{ LogicalID, ID, Type string }

// Holds are the resources of a stack. Without the stack there are none.
func (a *Account) Holds(ctx context.Context, stack string) ([]Held, error) {
	pages := cloudformation.NewListStackResourcesPaginator(a.stacks, &cloudformation.ListStackResourcesInput{StackName: &stack})
	found, err := all(ctx, pages, func(p *cloudformation.ListStackResourcesOutput) []Held {
		return each(p.StackResourceSummaries, func(r types.StackResourceSummary) Held {
			return Held{aws.ToString(r.LogicalResourceId), aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceType)}
		})
	})
	if absent(err) {
		return nil, nil
	}
	return found, err
}

// Resources maps a stack's logical ids to physical ones. Without the stack there are none.
func (a *Account) Resources(ctx context.Context, stack string) (map[string]string, error) {
	found, err := a.Holds(ctx, stack)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, r := range found {
		ids[r.LogicalID] = r.ID
	}
	return ids, nil
}

// Template is a stack's template as it was sent: a processed one has what transforms made of it, which no later template has.
func (a *Account) Template(ctx context.Context, stack string) (string, error) {
	found, err := a.stacks.GetTemplate(ctx, &cloudformation.GetTemplateInput{
		StackName: &stack, TemplateStage: types.TemplateStageOriginal,
	})
	if err != nil {
		return "", Plain(err)
	}
	return aws.ToString(found.TemplateBody), nil
}

// absent reports whether CloudFormation knows no such stack; it has no error of its own for that.
func absent(err error) bool {
	var said smithy.APIError
	return errors.As(err, &said) && strings.Contains(said.ErrorMessage(), "does not exist")
}
