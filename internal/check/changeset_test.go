package check_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/template"
)

// forgetful has no notes: nothing is killed here.
type forgetful struct{}

func (forgetful) Add(string) error    { return nil }
func (forgetful) Has(string) bool     { return false }
func (forgetful) Remove(string) error { return nil }

// trying is the deploy of a template, of which a change set is asked for.
func (w *world) trying(text string, touches map[string]check.Touch) check.Subject {
	w.Helper()
	t, err := template.Parse([]byte(text))
	if err != nil {
		w.Fatal(err)
	}
	s := w.subject(nil)
	s.Template, s.Touches = t, touches
	s.Try = func(ctx context.Context, template string) (account.Tried, error) {
		trial := account.Draft{Stack: s.Config.StackName(), Template: template, By: "test", Notes: forgetful{}}
		return account.ValidatorAt(w.cloud.URL, region).Try(ctx, trial)
	}
	return s
}

// deploys makes the stack.
func (w *world) deploys(text string) {
	w.Helper()
	w.asks("CreateStack", "TemplateBody="+text)
	if stack, err := account.At(w.cloud.URL, region).Stack(w.Context(), "KoraBackend"); err != nil || stack.Status != "CREATE_COMPLETE" {
		w.Fatal(stack, err)
	}
}

// asks makes a request about the stack that a deploy would make.
func (w *world) asks(action string, parameters ...string) {
	w.Helper()
	w.call(action, append([]string{cloudFormation, "StackName=KoraBackend"}, parameters...)...)
}

// of are the results of these codes, a line each.
func of(results []check.Result, codes ...string) string {
	var lines []string
	for _, r := range results {
		if slices.Contains(codes, r.Code) {
			lines = append(lines, fmt.Sprintf("%s %s %s: %s", r.Verdict, r.Code, r.Subject, r.Evidence))
		}
	}
	return strings.Join(lines, "\n")
}

func alarm(name string) string {
	return `"High": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "` + name + `", "ComparisonOperator": "GreaterThanThreshold",
		"EvaluationPeriods": 1, "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Period": 300, "Statistic": "Average", "Threshold": 80}}`
}

func TestChangeSet(t *testing.T) {
	w := newWorld(t)
	const topic = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Other": {"Type": "AWS::SNS::Topic"}}}`
	w.deploys(topic)
	named := func(name string) string {
		return `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "` + name + `"}}, "Other": {"Type": "AWS::SNS::Topic"}}}`
	}
	replaced := map[string]check.Touch{"Topic": {Replaced: true}}
	tests := []struct {
		name, template string
		touches        map[string]check.Touch
		want           string
	}{
		{"what is added", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Other": {"Type": "AWS::SNS::Topic"}, ` + alarm("free") + `}}`, map[string]check.Touch{},
			"pass change-set KoraBackend: CloudFormation would add 1, change 0 and remove 0\npass foreseen : 0 replaced and 0 removed, as the templates say"},
		{"a name that exists", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, ` + alarm("high-cpu-kora") + `}}`, map[string]check.Touch{},
			"fail change-set High: Resource of type 'AWS::CloudWatch::Alarm' with identifier 'high-cpu-kora' already exists. (NAME_CONFLICT_VALIDATION at /Resources/High)\n" +
				"unknown foreseen : it could not be asked: there is no change set"},
		{"what CloudFormation refuses", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Nobody"}}}`, map[string]check.Touch{},
			"fail change-set KoraBackend: ValidationError: Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template\n" +
				"unknown foreseen : it could not be asked: there is no change set"},
		{"nothing", topic, map[string]check.Touch{}, "pass change-set KoraBackend: the deploy would change nothing\npass foreseen : nothing is replaced or removed"},
		{"a replacement that the templates show", named("new"), replaced,
			"pass change-set KoraBackend: CloudFormation would add 0, change 1 and remove 0\npass foreseen : 1 replaced and 0 removed, as the templates say"},
		{"one that they do not", named("new"), map[string]check.Touch{"Topic": {}},
			"pass change-set KoraBackend: CloudFormation would add 0, change 1 and remove 0\nwarn foreseen Topic: CloudFormation would replace it, for TopicName (Always)"},
		{"a removal that they show", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`, map[string]check.Touch{"Other": {Gone: true}},
			"pass change-set KoraBackend: CloudFormation would add 0, change 0 and remove 1\npass foreseen : 0 replaced and 1 removed, as the templates say"},
		{"one that they do not", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`, map[string]check.Touch{},
			"pass change-set KoraBackend: CloudFormation would add 0, change 0 and remove 1\nwarn foreseen Other: CloudFormation would remove it"},
		{"what nobody could compare", named("new"), nil,
			"pass change-set KoraBackend: CloudFormation would add 0, change 1 and remove 0\nunknown foreseen : it could not be asked: the deployed template could not be compared"},
	}
	raised := map[string]map[check.Verdict]bool{"change-set": {check.Warn: true}, "foreseen": {}} // a warning is raised by what is left, below
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			results := check.Check(t.Context(), w.trying(test.template, test.touches))
			for _, r := range results {
				if raised[r.Code] != nil {
					raised[r.Code][r.Verdict] = true
				}
			}
			if got := of(results, "change-set", "foreseen"); got != test.want {
				t.Errorf("\n%s\nwant\n%s", got, test.want)
			}
			if skipped := check.Skipped(results); len(skipped["--change-set"]) > 0 {
				t.Errorf("skipped %v", skipped)
			}
		})
	}
	holdEveryVerdict(t, "--change-set", raised)
	if got := fmt.Sprint(check.Skipped(check.Check(t.Context(), w.subject(nil)))["--change-set"]); got != "[change-set foreseen]" {
		t.Errorf("without the flag %s is skipped", got)
	}
}

// The template of a stage is taken as it is sent, and what it makes of an account without a stack is gone afterwards.
func TestChangeSetOfAStage(t *testing.T) {
	w := newWorld(t)
	s := w.subject(nil)
	for id, name := range map[string]string{"HighCpuAlarm": "high-cpu-kora-fleet", "LowHealthyHostsAlarm": "low-healthy-hosts-fleet"} {
		template.Get(s.Template.Raw, "Resources", id, "Properties").(map[string]any)["AlarmName"] = name
	}
	var sent string
	tries := w.trying(`{"Resources": {}}`, nil).Try
	s.Touches = map[string]check.Touch{}
	s.Try = func(ctx context.Context, template string) (account.Tried, error) {
		sent = template
		return tries(ctx, template)
	}
	results := check.Check(t.Context(), s)
	got := of(results, "stack-state", "change-set", "foreseen")
	want := fmt.Sprintf("pass stack-state KoraBackend: there is none yet: the deploy makes it\n"+
		"pass change-set KoraBackend: CloudFormation would add %d, change 0 and remove 0\npass foreseen : 0 replaced and 0 removed, as the templates say", len(s.Template.Resources))
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	if sent != cfn.Text(s.Template.Raw) || !strings.HasPrefix(sent, "Description:") {
		t.Errorf("sent:\n%.200s", sent)
	}
	if stack, err := account.At(w.cloud.URL, region).Stack(t.Context(), "KoraBackend"); err != nil || stack != nil {
		t.Errorf("left: %v %v", stack, err)
	}
}

// Where cdk deploy makes no change set of that kind, none is made; what stood before is said, and so is what is left and what was removed.
func TestChangeSetIsNotMade(t *testing.T) {
	w := newWorld(t)
	const topic = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`
	bootstrapped := w.trying(topic, nil)
	bootstrapped.Config = w.config(map[string]string{"bootstrapped": "true"})
	if got := of(check.Check(t.Context(), bootstrapped), "change-set"); !strings.HasPrefix(got, "unknown change-set : it could not be asked: with bootstrapped=true") {
		t.Error(got)
	}
	s := w.trying(topic, nil)
	s.Try = func(context.Context, string) (account.Tried, error) {
		warned := account.Invalid{Failure: account.Failure{Resource: "Bucket", Reason: "not empty"}, Validation: "BUCKET", Path: "/Resources/Bucket", Warns: true}
		return account.Tried{Invalid: []account.Invalid{warned}, Prepared: account.Prepared{Status: "CREATE_COMPLETE"},
			Waited: true, Left: []string{"this"}, Removed: []string{"that"}}, nil
	}
	if got, want := of(check.Check(t.Context(), s), "change-set"), "warn change-set Bucket: not empty (BUCKET at /Resources/Bucket)\n"+
		"pass change-set KoraBackend: CloudFormation would add 0, change 0 and remove 0\npass change-set KoraBackend: that of an earlier check is removed now\n"+
		"pass change-set KoraBackend: it was REVIEW_IN_PROGRESS before, and is left so\nwarn change-set KoraBackend: left: this"; got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	s.Try = func(context.Context, string) (account.Tried, error) {
		return account.Tried{Prepared: account.Prepared{Status: "FAILED", Reason: "because"}}, errors.New("denied")
	}
	if got, want := of(check.Check(t.Context(), s), "change-set"), "fail change-set KoraBackend: because\nunknown change-set : it could not be asked: denied"; got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	w.asks("CreateChangeSet", "ChangeSetName=theirs", "ChangeSetType=CREATE", "TemplateBody="+topic)
	if got := of(check.Check(t.Context(), w.trying(topic, nil)), "stack-state", "change-set"); !strings.HasPrefix(got, "warn stack-state KoraBackend: REVIEW_IN_PROGRESS: ") ||
		!strings.HasSuffix(got, "it was REVIEW_IN_PROGRESS before, and is left so") {
		t.Error(got)
	}
	if err := (&emulator.Client{URL: w.cloud.URL}).Fault(t.Context(), emulator.Fault{Operation: "create", LogicalID: "Topic", When: "before", Times: 1}); err != nil {
		t.Fatal(err)
	}
	w.asks("ExecuteChangeSet", "ChangeSetName=theirs")
	if got := of(check.Check(t.Context(), w.trying(topic, nil)), "change-set"); got !=
		"unknown change-set : it could not be asked: ROLLBACK_COMPLETE takes no change set: cdk deploy deletes the stack before it makes one" {
		t.Error(got)
	}
}

// denialsAsked are the verdicts of what a flag asks for where a call is denied.
var denialsAsked = map[string]string{
	"cloudformation:CreateChangeSet":    "change-set:unknown foreseen:unknown",
	"cloudformation:DescribeChangeSet":  "change-set:unknown foreseen:unknown",
	"cloudformation:DescribeEvents":     "change-set:unknown foreseen:unknown",
	"cloudformation:DeleteChangeSet":    "change-set:warn foreseen:pass",
	"cloudformation:DeleteStack":        "change-set:warn foreseen:pass",
	"cloudformation:ListChangeSets":     "change-set:warn foreseen:pass",
	"cloudformation:ListStackResources": "change-set:warn foreseen:pass",
	"cloudformation:DescribeStacks":     "change-set:unknown foreseen:unknown",
}

// Each call that a change set takes, denied, turns its checks unknown; of what could not be removed they warn.
func TestChangeSetDenied(t *testing.T) {
	w := newWorld(t)
	client := &emulator.Client{URL: w.cloud.URL}
	const topic = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`
	for action, want := range denialsAsked {
		if err := errors.Join(client.Reset(t.Context()), client.Deny(t.Context(), action)); err != nil {
			t.Fatal(err)
		}
		got := verdicts(check.Check(t.Context(), w.trying(topic, map[string]check.Touch{})))
		if said := fmt.Sprintf("change-set:%s foreseen:%s", got["change-set"], got["foreseen"]); said != want {
			t.Errorf("%s denied: %s, want %s", action, said, want)
		}
	}
}
