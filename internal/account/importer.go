package account

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Importer brings what is there already into stacks. It is apart from Account, which only reads; of a server itself it can write
// tags, and whether its disk is deleted with it, and nothing else.
type Importer struct {
	*Account
	changing changing
	touching touching
	pause    time.Duration // between two looks at what takes a while
}

type changing interface {
	CreateChangeSet(context.Context, *cloudformation.CreateChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.CreateChangeSetOutput, error)
	DeleteChangeSet(context.Context, *cloudformation.DeleteChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteChangeSetOutput, error)
	ExecuteChangeSet(context.Context, *cloudformation.ExecuteChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.ExecuteChangeSetOutput, error)
	DeleteStack(context.Context, *cloudformation.DeleteStackInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error)
	DescribeStackEvents(context.Context, *cloudformation.DescribeStackEventsInput, ...func(*cloudformation.Options)) (
		*cloudformation.DescribeStackEventsOutput, error)
	GetTemplateSummary(context.Context, *cloudformation.GetTemplateSummaryInput, ...func(*cloudformation.Options)) (
		*cloudformation.GetTemplateSummaryOutput, error)
	SetStackPolicy(context.Context, *cloudformation.SetStackPolicyInput, ...func(*cloudformation.Options)) (*cloudformation.SetStackPolicyOutput, error)
	UpdateTerminationProtection(context.Context, *cloudformation.UpdateTerminationProtectionInput, ...func(*cloudformation.Options)) (
		*cloudformation.UpdateTerminationProtectionOutput, error)
}

type touching interface {
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
	ModifyInstanceAttribute(context.Context, *ec2.ModifyInstanceAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyInstanceAttributeOutput, error)
}

// OpenImporter reaches an account as Open does.
func OpenImporter(ctx context.Context, at Place) (*Importer, error) {
	c, err := Configuration(ctx, at)
	if err != nil {
		return nil, err
	}
	return newImporter(c, 2*time.Second), nil
}

// ImporterAt reaches the emulator at url, as At does.
func ImporterAt(url, region string) *Importer {
	return newImporter(ConfigurationAt(url, region), 20*time.Millisecond)
}

func newImporter(c aws.Config, pause time.Duration) *Importer {
	return &Importer{newAccount(c), cloudformation.NewFromConfig(c), ec2.NewFromConfig(c), pause}
}

// Import is one resource that is imported, and by what CloudFormation finds it.
type Import struct {
	Type       string
	LogicalID  string
	Identifier map[string]string
}

// Importable are the types of a template that this account can import, each with the parts of its identifier.
func (i *Importer) Importable(ctx context.Context, template string) (map[string][]string, error) {
	found, err := i.changing.GetTemplateSummary(ctx, &cloudformation.GetTemplateSummaryInput{TemplateBody: &template})
	if err != nil {
		return nil, Plain(err)
	}
	parts := map[string][]string{}
	for _, one := range found.ResourceIdentifierSummaries {
		parts[aws.ToString(one.ResourceType)] = one.ResourceIdentifiers
	}
	return parts, nil
}

// Prepare makes a change set of type IMPORT and waits until CloudFormation has looked at it. Nothing is imported yet; a new stack
// is REVIEW_IN_PROGRESS then. A request that CloudFormation refuses is an error.
func (i *Importer) Prepare(ctx context.Context, stack, name, template string, imports []Import) (*Prepared, error) {
	var wanted []types.ResourceToImport
	for _, one := range imports {
		wanted = append(wanted, types.ResourceToImport{
			LogicalResourceId: &one.LogicalID, ResourceType: &one.Type, ResourceIdentifier: one.Identifier,
		})
	}
	input := &cloudformation.CreateChangeSetInput{
		StackName: &stack, ChangeSetName: &name, ChangeSetType: types.ChangeSetTypeImport, TemplateBody: &template, ResourcesToImport: wanted,
	}
	_, err := i.changing.CreateChangeSet(ctx, input)
	if code(err) == "AlreadyExistsException" { // the library asks again when an answer is lost on the way: the first has been heard
		if err = i.withdraw(ctx, stack, name); err == nil {
			_, err = i.changing.CreateChangeSet(ctx, input)
		}
	}
	if err != nil {
		return nil, Plain(err)
	}
	for {
		prepared, err := i.ChangeSet(ctx, stack, name)
		if err != nil || prepared.Status != string(types.ChangeSetStatusCreatePending) && prepared.Status != string(types.ChangeSetStatusCreateInProgress) {
			return prepared, err
		}
		if err := i.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// withdraw deletes a change set. CloudFormation refuses one that is being executed (API_DeleteChangeSet.html, InvalidChangeSetStatus); no
// page says how soon after its stack's operation one no longer is, so that it is asked again some times.
func (i *Importer) withdraw(ctx context.Context, stack, name string) error {
	for again := 10; ; again-- {
		_, err := i.changing.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: &stack, ChangeSetName: &name})
		if code(err) != "InvalidChangeSetStatus" || again == 0 || i.wait(ctx) != nil {
			return err
		}
	}
}

// Discard removes a change set, and the stack where that change set alone made it: REVIEW_IN_PROGRESS has nothing in it.
func (i *Importer) Discard(ctx context.Context, stack, name string) error {
	if err := i.withdraw(ctx, stack, name); err != nil {
		return Plain(err)
	}
	found, err := i.Stack(ctx, stack)
	if err != nil || found == nil || found.Status != string(types.StackStatusReviewInProgress) {
		return err
	}
	return i.DeleteEmpty(ctx, stack)
}

// DeleteEmpty deletes a stack that has no resource, as an import that failed leaves it. One that has any is an error.
func (i *Importer) DeleteEmpty(ctx context.Context, stack string) error {
	held, err := i.Resources(ctx, stack)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return fmt.Errorf("%s holds %s: it is not deleted", stack, strings.Join(slices.Sorted(maps.Keys(held)), ", "))
	}
	if _, err := i.changing.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack}); err != nil {
		return Plain(err)
	}
	for {
		found, err := i.Stack(ctx, stack)
		if err != nil || found == nil || found.Status == string(types.StackStatusDeleteComplete) {
			return err
		}
		if strings.HasSuffix(found.Status, "_FAILED") {
			return fmt.Errorf("%s is %s: %s", stack, found.Status, found.Reason)
		}
		if err := i.wait(ctx); err != nil {
			return err
		}
	}
}

// Execute carries a change set out and waits for its end, telling each event. An end that is not complete is an error, with the
// first reason that the events give.
func (i *Importer) Execute(ctx context.Context, stack, name string, tell func(event string)) error {
	seen, err := i.events(ctx, stack)
	if err != nil {
		return err
	}
	if _, err := i.changing.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{StackName: &stack, ChangeSetName: &name}); err != nil {
		return Plain(err)
	}
	return i.Follow(ctx, stack, len(seen), tell)
}

// Follow waits until a stack's operation is over, telling each event after the first ones that were seen.
func (i *Importer) Follow(ctx context.Context, stack string, seen int, tell func(event string)) error {
	why := ""
	for {
		found, err := i.Stack(ctx, stack)
		if err != nil {
			return err
		}
		if found == nil {
			return fmt.Errorf("%s is gone", stack)
		}
		events, err := i.events(ctx, stack)
		if err != nil {
			return err
		}
		for _, e := range events[min(seen, len(events)):] {
			tell(e.text)
			if why == "" && strings.HasSuffix(e.status, "_FAILED") {
				why = e.text
			}
		}
		seen = max(seen, len(events))
		switch {
		case found.Status == string(types.StackStatusImportComplete):
			return nil
		case !strings.HasSuffix(found.Status, "_IN_PROGRESS"):
			return fmt.Errorf("%s is %s: %s", stack, found.Status, first(why, found.Reason, "it gives no reason"))
		}
		if err := i.wait(ctx); err != nil {
			return err
		}
	}
}

func first(texts ...string) string {
	return texts[slices.IndexFunc(texts, func(text string) bool { return text != "" })]
}

type event struct{ status, text string }

// events are all of a stack, the oldest first.
func (i *Importer) events(ctx context.Context, stack string) ([]event, error) {
	pages := cloudformation.NewDescribeStackEventsPaginator(i.changing, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	found, err := all(ctx, pages, func(p *cloudformation.DescribeStackEventsOutput) []types.StackEvent { return p.StackEvents })
	if err != nil {
		return nil, err
	}
	slices.Reverse(found)
	return each(found, func(e types.StackEvent) event {
		text := fmt.Sprintf("%s %s", aws.ToString(e.LogicalResourceId), e.ResourceStatus)
		if reason := oneLine(aws.ToString(e.ResourceStatusReason)); reason != "" {
			text += ": " + reason
		}
		return event{string(e.ResourceStatus), text}
	}), nil
}

// Protect lets CloudFormation refuse to delete a stack, and lets it obey a policy in every update.
func (i *Importer) Protect(ctx context.Context, stack, policy string) error {
	_, err := i.changing.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &stack, EnableTerminationProtection: aws.Bool(true),
	})
	if err == nil {
		_, err = i.changing.SetStackPolicy(ctx, &cloudformation.SetStackPolicyInput{StackName: &stack, StackPolicyBody: &policy})
	}
	return Plain(err)
}

// KeepDisk lets a volume outlive its server. It takes effect while the server runs.
func (i *Importer) KeepDisk(ctx context.Context, instanceID, device string) error {
	_, err := i.touching.ModifyInstanceAttribute(ctx, &ec2.ModifyInstanceAttributeInput{
		InstanceId: &instanceID, BlockDeviceMappings: []ec2types.InstanceBlockDeviceMappingSpecification{{
			DeviceName: &device, Ebs: &ec2types.EbsInstanceBlockDeviceSpecification{DeleteOnTermination: aws.Bool(false)},
		}},
	})
	return Plain(err)
}

// Tag gives a server these tags.
func (i *Importer) Tag(ctx context.Context, instanceID string, tags map[string]string) error {
	var wanted []ec2types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		wanted = append(wanted, ec2types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	_, err := i.touching.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{instanceID}, Tags: wanted})
	return Plain(err)
}

func (i *Importer) wait(ctx context.Context) error {
	return sleep(ctx, i.pause)
}
