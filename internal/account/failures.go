package account

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

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

// Operation is what was last done to a stack, with its rollback.
type Operation struct {
	// Kind is create, update, delete or import, or review for a change set that alone made the stack.
	Kind string
	// Began and Ended are its first and its last event, Ended the zero time while it is under way.
	Began, Ended time.Time
	// Failures are in the order in which they happened, each once.
	Failures []Failure
}

// Operation is a stack's last one, nil where CloudFormation has no event of any: it keeps them for 90 days (CloudFormation User
// Guide, "View stack events").
func (a *Account) Operation(ctx context.Context, stack string) (*Operation, error) {
	pages := cloudformation.NewDescribeStackEventsPaginator(a.stacks, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	var last *Operation
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, Plain(err)
		}
		for _, event := range page.StackEvents { // the last one first
			last = last.before(event)
			if begins(event) {
				last.Failures = inOrder(last.Failures)
				return last, nil
			}
		}
	}
	return nil, nil
}

// before takes in the event before those that it has. It is nil before the first one.
func (o *Operation) before(event types.StackEvent) *Operation {
	status := string(event.ResourceStatus)
	if o == nil {
		o = &Operation{}
		if ofStack(event) && !strings.HasSuffix(status, inProgress) {
			o.Ended = aws.ToTime(event.Timestamp).UTC()
		}
	}
	if failed(event) {
		o.Failures = append(o.Failures, newFailure(event))
	}
	if begins(event) {
		o.Kind, o.Began = strings.ToLower(strings.TrimSuffix(status, inProgress)), aws.ToTime(event.Timestamp).UTC()
	}
	return o
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

const inProgress = "_IN_PROGRESS"

// begins reports whether an operation that a person asked for began with an event. A rollback is part of what it undoes, and the
// clean-up of what it ends with.
func begins(event types.StackEvent) bool {
	status := string(event.ResourceStatus)
	return ofStack(event) && strings.HasSuffix(status, inProgress) && !strings.Contains(status, "ROLLBACK") && !strings.Contains(status, "CLEANUP")
}

// givenUp is how CloudFormation says that it gave a resource up because another one had failed: "Resource creation cancelled".
var givenUp = regexp.MustCompile(`(?i)^resource \w+ cancelled`)

// failed leaves out what was given up.
func failed(event types.StackEvent) bool {
	return !ofStack(event) && strings.HasSuffix(string(event.ResourceStatus), "_FAILED") && !givenUp.MatchString(aws.ToString(event.ResourceStatusReason))
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
