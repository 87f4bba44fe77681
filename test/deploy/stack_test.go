package deploy

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

const stackName = "KoraBackend"

var capabilities = []types.Capability{types.CapabilityCapabilityNamedIam}

// deploy brings the stack to a template as the command line's direct method does, and waits; it gives the status it ends in.
func (a *account) deploy(template string) types.StackStatus {
	a.Helper()
	if _, exists := a.stack(); !exists {
		got[*cloudformation.CreateStackOutput](a)(a.cfn.CreateStack(a.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String(stackName), TemplateBody: &template, Capabilities: capabilities}))
	} else if err := a.update(template); err != nil {
		var refused smithy.APIError
		if errors.As(err, &refused) && strings.HasPrefix(refused.ErrorMessage(), "No updates") {
			return types.StackStatusUpdateComplete
		}
		a.Fatal(err)
	}
	return a.settled()
}

func (a *account) update(template string) error {
	_, err := a.cfn.UpdateStack(a.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String(stackName), TemplateBody: &template, Capabilities: capabilities})
	return err
}

// mustDeploy brings the stack to a template, or ends the test with the reasons.
func (a *account) mustDeploy(template string) {
	a.Helper()
	switch status := a.deploy(template); status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete:
	default:
		a.Fatalf("the stack is %s: %s", status, strings.Join(a.faults(), "; "))
	}
}

// stack is the stack as DescribeStacks shows it, unless there is none.
func (a *account) stack() (types.Stack, bool) {
	a.Helper()
	output, err := a.cfn.DescribeStacks(a.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)})
	if err != nil {
		return types.Stack{}, false
	}
	return output.Stacks[0], true
}

// settled waits until no operation is in progress.
func (a *account) settled() types.StackStatus {
	a.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		stack, exists := a.stack()
		if !exists {
			return types.StackStatusDeleteComplete
		}
		if !strings.HasSuffix(string(stack.StackStatus), "IN_PROGRESS") {
			return stack.StackStatus
		}
	}
	a.Fatalf("an operation does not end: %s", strings.Join(a.events(), "; "))
	return ""
}

// lastOperation is the events since the last one that a user began, in their order.
func (a *account) lastOperation() []types.StackEvent {
	a.Helper()
	var all []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(a.cfn, &cloudformation.DescribeStackEventsInput{StackName: aws.String(stackName)})
	for pages.HasMorePages() {
		all = append(all, got[*cloudformation.DescribeStackEventsOutput](a)(pages.NextPage(a.Context())).StackEvents...)
	}
	begun := slices.IndexFunc(all, func(e types.StackEvent) bool {
		return aws.ToString(e.LogicalResourceId) == stackName &&
			slices.Contains([]types.ResourceStatus{types.ResourceStatusCreateInProgress, types.ResourceStatusUpdateInProgress, types.ResourceStatusDeleteInProgress}, e.ResourceStatus)
	})
	last := all[:begun+1]
	slices.Reverse(last)
	return last
}

// events is the last operation as "Server UPDATE_COMPLETE", the stack's own left out.
func (a *account) events() []string {
	a.Helper()
	var said []string
	for _, e := range a.lastOperation() {
		if aws.ToString(e.LogicalResourceId) != stackName {
			said = append(said, aws.ToString(e.LogicalResourceId)+" "+string(e.ResourceStatus))
		}
	}
	return said
}

// faults is what failed in the last operation, with the reasons.
func (a *account) faults() []string {
	a.Helper()
	var said []string
	for _, e := range a.lastOperation() {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			said = append(said, aws.ToString(e.LogicalResourceId)+": "+aws.ToString(e.ResourceStatusReason))
		}
	}
	return said
}

// physical is the id of one of the stack's resources, "" for none.
func (a *account) physical(logicalID string) string {
	a.Helper()
	output, err := a.cfn.DescribeStackResource(a.Context(), &cloudformation.DescribeStackResourceInput{
		StackName: aws.String(stackName), LogicalResourceId: &logicalID})
	if err != nil {
		return ""
	}
	return aws.ToString(output.StackResourceDetail.PhysicalResourceId)
}

// destroy deletes the stack and waits.
func (a *account) destroy() types.StackStatus {
	a.Helper()
	got[*cloudformation.DeleteStackOutput](a)(a.cfn.DeleteStack(a.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(stackName)}))
	return a.settled()
}
