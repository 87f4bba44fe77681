package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// Validator makes change sets to look at them, and deletes them. It executes none. It is apart from Account, which only reads.
type Validator struct {
	*Account
	validating validating
	pause      time.Duration    // between two looks at what takes a while
	tidying    time.Duration    // how long what was made is tried to be removed, after an interruption too
	now        func() time.Time // by the clock on the wall
}

type validating interface {
	CreateChangeSet(context.Context, *cloudformation.CreateChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.CreateChangeSetOutput, error)
	DeleteChangeSet(context.Context, *cloudformation.DeleteChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteChangeSetOutput, error)
	DeleteStack(context.Context, *cloudformation.DeleteStackInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error)
}

// OpenValidator reaches an account as Open does.
func OpenValidator(ctx context.Context, at Place) (*Validator, error) {
	c, err := Configuration(ctx, at)
	if err != nil {
		return nil, err
	}
	return newValidator(c, 2*time.Second, 30*time.Second), nil
}

// ValidatorAt reaches the emulator at url, as At does.
func ValidatorAt(url, region string) *Validator {
	return newValidator(ConfigurationAt(url, region), 20*time.Millisecond, 2*time.Second)
}

func newValidator(c aws.Config, pause, tidying time.Duration) *Validator {
	wall := func() time.Time { return time.Now().Round(0) } // a machine that slept has a clock inside that did not go on
	return &Validator{newAccount(c), cloudformation.NewFromConfig(c), pause, tidying, wall}
}

const (
	// abandoned is the age from which a change set of somebody else's check is one that nobody is looking at any more.
	abandoned = 15 * time.Minute
	// fresh is how old the last look at a stack may be when it is deleted.
	fresh = 2 * time.Second
)

// Draft is a template as cdk deploy would send it, to be tried.
type Draft struct {
	Stack, Template string
	// By tells one machine's user from another, so that what a run left that was killed can be told from another's that goes on.
	By string
	// Notes are of stacks that were made, by their ids, on this machine.
	Notes Notes
}

// Notes outlive a run that is killed between the deletion of a change set and that of the stack which it made: that stack bears no name of
// ours.
type Notes interface {
	Add(stackID string) error
	Has(stackID string) bool
	Remove(stackID string) error
}

// Tried is what CloudFormation said of a draft.
type Tried struct {
	// Refused is why it made no change set at all, "" where it made one.
	Refused  string
	Prepared Prepared
	// Waited is whether the stack was REVIEW_IN_PROGRESS before: somebody's first change set waits, or waited, in it.
	Waited bool
	// Invalid are what early validation found; those of mode WARN fail nothing.
	Invalid []Invalid
	// Removed is what an earlier check had left, and is gone now. Left is what this one leaves, each with the reason.
	Removed, Left []string
}

// Invalid is one finding of early validation.
type Invalid struct {
	Failure
	// Validation is its name, such as NAME_CONFLICT_VALIDATION; Path is where in the template.
	Validation, Path string
	// Warns says that the deploy goes on nevertheless.
	Warns bool
}

// Try makes a change set of a draft, looks at it, and removes it, and the stack where the change set made it; where ctx ends meanwhile
// too, within half a minute. What it cannot remove it names, and the next try removes it first: its change sets bear a name of ours.
//
// First the change set goes, which CloudFormation refuses of one that is being executed (API_DeleteChangeSet.html,
// InvalidChangeSetStatus). Then the stack, by its id, where it is REVIEW_IN_PROGRESS, holds nothing, has no change set and is not
// protected. CloudFormation has no such condition for a deletion: it is looked at right before the one request, which is not made again
// without another look. To hit a stack that has begun to be made, somebody's change set must have been made and executed between the
// look and the request; what the stack then holds is as young as that.
func (v *Validator) Try(ctx context.Context, d Draft) (tried Tried, err error) {
	stack, err := v.sweep(ctx, d, &tried)
	if err != nil || ctx.Err() != nil {
		return tried, errors.Join(err, ctx.Err())
	}
	made, in := stack == nil, d.Stack
	if !made {
		in, tried.Waited = aws.ToString(stack.StackId), reviewed(stack)
	}
	name := draftName(d.By, made)
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.tidying) // or nobody knew whether it was heard
	defer cancel()
	created, err := v.validating.CreateChangeSet(after, change(d, name, made || tried.Waited))
	var said smithy.APIError
	switch {
	case err == nil:
		in = aws.ToString(created.StackId)
		if made {
			err = d.Notes.Add(in)
		}
	case code(err) == heard: // the library asks again when an answer is lost on the way: the first has been heard
	case slices.Contains(refusals, code(err)):
		tried.Refused = oneLine(Plain(err).Error())
		return tried, nil
	case errors.As(err, &said):
		return tried, Plain(err)
	}
	defer func() {
		tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.tidying)
		defer cancel()
		if why := v.discard(tidy, d, in, name, made); why != "" {
			tried.Left = append(tried.Left, why)
		}
	}()
	if err != nil && code(err) != heard {
		return tried, Plain(err)
	}
	err = v.look(ctx, in, name, &tried)
	return tried, err
}

// heard is the code of a change set that there is already (API_CreateChangeSet.html).
const heard = "AlreadyExistsException"

// refusals are how CloudFormation refuses a change set for what is in it (API_CreateChangeSet.html, "Errors"; ValidationError is
// among the common ones).
var refusals = []string{"ValidationError", "InsufficientCapabilitiesException", "LimitExceededException"}

// change is what the CDK command line sends (2.1148.1, deploy-stack: commonPrepareOptions and createChangeSet), but for names.
func change(d Draft, name string, create bool) *cloudformation.CreateChangeSetInput {
	kind := types.ChangeSetTypeUpdate
	if create {
		kind = types.ChangeSetTypeCreate
	}
	return &cloudformation.CreateChangeSetInput{
		StackName: &d.Stack, ChangeSetName: &name, ChangeSetType: kind, TemplateBody: &d.Template, ClientToken: &name,
		Description:         aws.String("Made by kora check --change-set to be looked at, and deleted by it. Do not execute it."),
		IncludeNestedStacks: aws.Bool(true), ImportExistingResources: aws.Bool(false),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityNamedIam, types.CapabilityCapabilityAutoExpand},
	}
}

// look waits until CloudFormation has looked at a change set, and reads what it says.
func (v *Validator) look(ctx context.Context, stack, name string, tried *Tried) error {
	for {
		prepared, err := v.ChangeSet(ctx, stack, name)
		switch {
		case code(err) == notFound:
			return fmt.Errorf("%s is gone: somebody removed it, or deployed meanwhile", name)
		case err != nil:
			return err
		case !unready(prepared.Status):
			tried.Prepared = *prepared
			tried.Invalid, err = v.invalid(ctx, prepared.ID)
			return err
		}
		if err := v.wait(ctx); err != nil {
			return err
		}
	}
}

// invalid is what early validation found of a change set.
func (v *Validator) invalid(ctx context.Context, id string) ([]Invalid, error) {
	pages := cloudformation.NewDescribeEventsPaginator(v.stacks, &cloudformation.DescribeEventsInput{ChangeSetName: &id})
	events, err := all(ctx, pages, func(p *cloudformation.DescribeEventsOutput) []types.OperationEvent { return p.OperationEvents })
	var found []Invalid
	for _, e := range events {
		if e.EventType == types.EventTypeValidationError {
			f := Failure{aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceType), oneLine(aws.ToString(e.ValidationStatusReason))}
			warns := e.ValidationFailureMode == types.HookFailureModeWarn
			found = append(found, Invalid{f, aws.ToString(e.ValidationName), aws.ToString(e.ValidationPath), warns})
		}
	}
	return found, err
}

// draftPrefix begins the names of change sets that a Validator makes.
const draftPrefix = "kora-check-"

// draftName says who makes a change set, and whether there was no stack before.
func draftName(by string, made bool) string {
	stack := "old"
	if made {
		stack = "new"
	}
	return draftPrefix + owner(by) + "-" + stack + "-" + strings.ToLower(rand.Text()[:8])
}

func owner(by string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(by)))[:8] }

// sweep removes what an earlier try has left, and returns the stack that there is then, nil for none. While somebody else tries it is
// an error.
func (v *Validator) sweep(ctx context.Context, d Draft, tried *Tried) (*types.Stack, error) {
	stack, err := v.found(ctx, d.Stack)
	if err != nil || stack == nil {
		return nil, err
	}
	sets, err := v.changeSets(ctx, *stack.StackId)
	if err != nil {
		return nil, err
	}
	swept := func(name, why string) {
		if why != "" {
			tried.Left = append(tried.Left, why)
		} else {
			tried.Removed = append(tried.Removed, name)
		}
	}
	for _, one := range sets {
		name := aws.ToString(one.ChangeSetName)
		rest, ours := strings.CutPrefix(name, draftPrefix)
		age := v.now().Sub(aws.ToTime(one.CreationTime))
		switch {
		case !ours:
		case !strings.HasPrefix(rest, owner(d.By)) && age < abandoned:
			return nil, fmt.Errorf("somebody else's check looks at %s with change set %s, which is %s old: wait for its end; what a killed one "+
				"left is removed once it is %s old", d.Stack, name, age.Round(time.Second), abandoned)
		default:
			swept("change set "+name, v.discard(ctx, d, *stack.StackId, name, strings.Contains(rest, "-new-")))
		}
	}
	if len(sets) == 0 && reviewed(stack) && d.Notes.Has(*stack.StackId) {
		swept("stack "+*stack.StackId, v.deleteReviewed(ctx, d, *stack.StackId))
	}
	if len(tried.Removed) == 0 {
		return stack, nil
	}
	return v.found(ctx, d.Stack)
}

// discard removes a change set, and the stack that it made. It returns what stays, with the reason, "" for nothing.
func (v *Validator) discard(ctx context.Context, d Draft, stack, name string, made bool) string {
	var err error
	for ended := false; !ended && err == nil; {
		ended, err = v.withdrawn(ctx, &stack, name)
		if err == nil && !ended {
			err = v.wait(ctx)
		}
	}
	if err != nil {
		return fmt.Sprintf("change set %s of %s: %s; the next kora check --change-set removes it", name, stack, err)
	}
	if !made || !strings.HasPrefix(stack, "arn:") { // nobody heard the request: a name may be another's stack by now
		return ""
	}
	return v.deleteReviewed(ctx, d, stack)
}

// withdrawn takes the next step to remove a change set, and reports whether it is gone; stack becomes its stack's id. One that is being
// made is waited for: CloudFormation refuses to delete it (mweagle/Sparta #45), or does and then cannot delete the stack
// (aws-cloudformation/rain #477).
func (v *Validator) withdrawn(ctx context.Context, stack *string, name string) (bool, error) {
	found, err := v.stacks.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: stack, ChangeSetName: &name})
	if code(err) == notFound || absent(err) {
		return true, nil
	}
	if err != nil {
		return false, Plain(err)
	}
	*stack = aws.ToString(found.StackId)
	if unready(string(found.Status)) || found.Status == types.ChangeSetStatusDeletePending || found.Status == types.ChangeSetStatusDeleteInProgress {
		return false, nil
	}
	_, err = v.validating.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: stack, ChangeSetName: &name})
	return false, Plain(err)
}

// deleteReviewed deletes a stack in which nothing is and into which nothing can come any more. It returns why it does not, "" where it
// is gone.
func (v *Validator) deleteReviewed(ctx context.Context, d Draft, stackID string) string {
	for {
		looked := v.now()
		why, err := v.inUse(ctx, stackID)
		switch {
		case err == nil && why == gone:
			if err := d.Notes.Remove(stackID); err != nil {
				return err.Error()
			}
			return ""
		case err == nil && why != "":
			return fmt.Sprintf("stack %s: %s", stackID, why)
		case err == nil && v.now().Sub(looked) < fresh:
			_, err = v.validating.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stackID}, asked)
			if err != nil && !again(err) {
				return fmt.Sprintf("stack %s: %s", stackID, Plain(err))
			}
		}
		if waited := v.wait(ctx); waited != nil {
			return fmt.Sprintf("stack %s, which is REVIEW_IN_PROGRESS and empty: %s", stackID, errors.Join(Plain(err), waited))
		}
	}
}

// asked is once alone, without the library's own second try, which would come seconds after the look.
func asked(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} }

// again reports whether a request may succeed when it is made once more: nobody answered, or with a failure of AWS's own.
func again(err error) bool {
	var said smithy.APIError
	return !errors.As(err, &said) || said.ErrorFault() == smithy.FaultServer || strings.HasPrefix(said.ErrorCode(), "Throttling") ||
		said.ErrorCode() == "InternalFailure"
}

// gone is what inUse says of a stack that is deleted, or is being.
const gone = "it is gone"

// inUse is why a stack must not be deleted, "" where nothing is in it or can come into it. Its status is looked at last: what is no
// longer REVIEW_IN_PROGRESS never is again.
func (v *Validator) inUse(ctx context.Context, stackID string) (string, error) {
	sets, err := v.changeSets(ctx, stackID)
	if absent(err) {
		return gone, nil
	}
	if err != nil {
		return "", err
	}
	held, err := v.Resources(ctx, stackID)
	if err != nil {
		return "", err
	}
	stack, err := v.found(ctx, stackID)
	switch {
	case err != nil:
		return "", err
	case stack == nil || stack.StackStatus == types.StackStatusDeleteComplete:
		return gone, nil
	case stack.StackStatus == types.StackStatusDeleteInProgress:
		return "", errDeleting
	case !reviewed(stack):
		return fmt.Sprintf("it is %s by now: somebody deploys it, and it is left alone", stack.StackStatus), nil
	case len(sets) > 0:
		return fmt.Sprintf("it has got change set %s meanwhile, and is left alone", aws.ToString(sets[0].ChangeSetName)), nil
	case len(held) > 0 || aws.ToBool(stack.EnableTerminationProtection):
		return "it is no longer empty, or protected, and is left alone", nil
	}
	return "", nil
}

// errDeleting says to wait.
var errDeleting = errors.New("it is being deleted")

func reviewed(s *types.Stack) bool { return s.StackStatus == types.StackStatusReviewInProgress }

// unready reports whether CloudFormation still looks at a change set.
func unready(status string) bool {
	return status == string(types.ChangeSetStatusCreatePending) || status == string(types.ChangeSetStatusCreateInProgress)
}

// notFound is the code of a change set that is not there (API_DescribeChangeSet.html).
const notFound = "ChangeSetNotFound"

// found is the stack of a name or an id, nil where there is none.
func (v *Validator) found(ctx context.Context, stack string) (*types.Stack, error) {
	found, err := v.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if absent(err) || err == nil && len(found.Stacks) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	return &found.Stacks[0], nil
}

// changeSets are all of a stack.
func (v *Validator) changeSets(ctx context.Context, stackID string) ([]types.ChangeSetSummary, error) {
	pages := cloudformation.NewListChangeSetsPaginator(v.stacks, &cloudformation.ListChangeSetsInput{StackName: &stackID})
	return all(ctx, pages, func(p *cloudformation.ListChangeSetsOutput) []types.ChangeSetSummary { return p.Summaries })
}

func (v *Validator) wait(ctx context.Context) error {
	return sleep(ctx, v.pause)
}
