package account

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Failure is what CloudFormation could not do to a resource.
type Failure struct {
	// Resource is its logical id.
	Resource string
	Type     string
	Reason   string
}

// LastEvent is the id of the last thing that happened to a stack, "" without the stack.
func (a *Account) LastEvent(ctx context.Context, stack string) (string, error) {
	found, err := a.stacks.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	if absent(err) || err == nil && len(found.StackEvents) == 0 {
		return "", nil
	}
	if err != nil {
		return "", Plain(err)
	}
	return aws.ToString(found.StackEvents[0].EventId), nil
}

// Failures are those of a stack's last operation, with its rollback, in the order in which they happened, each once.
func (a *Account) Failures(ctx context.Context, stack string) ([]Failure, error) {
	pages := cloudformation.NewDescribeStackEventsPaginator(a.stacks, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	var found []Failure
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, Plain(err)
		}
		for _, event := range page.StackEvents { // the last one first
			if begins(event) {
				return inOrder(found), nil
			}
			if failed(event) {
				found = append(found, newFailure(event))
			}
		}
	}
	return inOrder(found), nil
}

// Refusals are what early validation found wrong with a stack's last change set, before anything was made.
func (a *Account) Refusals(ctx context.Context, stack string) ([]Failure, error) {
	pages := cloudformation.NewDescribeEventsPaginator(a.stacks, &cloudformation.DescribeEventsInput{
		StackName: &stack, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)},
	})
	events, err := all(ctx, pages, func(p *cloudformation.DescribeEventsOutput) []types.OperationEvent { return p.OperationEvents })
	var found []Failure
	for _, event := range events {
		if event.EventType == types.EventTypeValidationError && aws.ToString(event.OperationId) == aws.ToString(events[0].OperationId) {
			reason := oneLine(aws.ToString(event.ValidationStatusReason))
			found = append(found, Failure{aws.ToString(event.LogicalResourceId), aws.ToString(event.ResourceType), reason})
		}
	}
	return inOrder(found), err
}

// begins reports whether an operation that a person asked for began with an event. A rollback is part of what it undoes.
func begins(event types.StackEvent) bool {
	status := string(event.ResourceStatus)
	return ofStack(event) && strings.HasSuffix(status, "_IN_PROGRESS") && !strings.Contains(status, "ROLLBACK")
}

// failed leaves out what CloudFormation gave up because something else had failed ("Resource creation cancelled").
func failed(event types.StackEvent) bool {
	reason := strings.ToLower(aws.ToString(event.ResourceStatusReason))
	return !ofStack(event) && strings.HasSuffix(string(event.ResourceStatus), "_FAILED") && !strings.Contains(reason, "cancelled")
}

func ofStack(event types.StackEvent) bool {
	return aws.ToString(event.PhysicalResourceId) == aws.ToString(event.StackId)
}

func newFailure(event types.StackEvent) Failure {
	reason := oneLine(aws.ToString(event.ResourceStatusReason))
	return Failure{aws.ToString(event.LogicalResourceId), aws.ToString(event.ResourceType), reason}
}

// inOrder turns what came last first, and leaves out what was tried again.
func inOrder(latest []Failure) []Failure {
	var once []Failure
	for _, failure := range slices.Backward(latest) {
		if !slices.Contains(once, failure) {
			once = append(once, failure)
		}
	}
	return once
}
