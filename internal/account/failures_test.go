package account

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// eventful is a stack with these events, written "Resource STATUS reason", the first one first.
type eventful struct {
	stacks
	events []string
}

var morning = time.Date(2026, 11, 26, 6, 0, 0, 0, time.UTC)

func (e eventful) DescribeStackEvents(context.Context, *cloudformation.DescribeStackEventsInput, ...func(*cloudformation.Options)) (
	*cloudformation.DescribeStackEventsOutput, error) {
	var events []types.StackEvent
	for i, line := range e.events {
		words := strings.SplitN(line+" ", " ", 3)
		id := words[0]
		if id == "stack" {
			id = "arn"
		}
		events = append([]types.StackEvent{{
			StackId: aws.String("arn"), PhysicalResourceId: &id, LogicalResourceId: &words[0], ResourceType: aws.String("T"),
			ResourceStatus: types.ResourceStatus(words[1]), ResourceStatusReason: aws.String(strings.TrimSpace(words[2])),
			Timestamp: aws.Time(morning.Add(time.Duration(i) * time.Minute)),
		}}, events...)
	}
	return &cloudformation.DescribeStackEventsOutput{StackEvents: events}, nil
}

// The last operation is told whole, with its rollback and its clean-up, and without what was given up for what failed first.
func TestOperation(t *testing.T) {
	created := []string{"stack REVIEW_IN_PROGRESS", "stack CREATE_IN_PROGRESS", "A CREATE_FAILED too bad", "A CREATE_COMPLETE", "stack CREATE_COMPLETE"}
	for _, test := range []struct {
		name   string
		events []string
		want   string // kind, from and to in minutes, and what failed
	}{
		{"a first deploy", created, "create 1-4 A: too bad"},
		{"a change set that was never carried out", []string{"stack REVIEW_IN_PROGRESS"}, "review 0-"},
		{"an update under way", append(created, "stack UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS"), "update 5-"},
		{"an update", append(created, "stack UPDATE_IN_PROGRESS", "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "B DELETE_FAILED in use", "stack UPDATE_COMPLETE"),
			"update 5-8 B: in use"},
		{"siblings that were given up", append(created, "stack UPDATE_IN_PROGRESS", "C CREATE_FAILED no such image", "A UPDATE_FAILED Resource update cancelled",
			"D CREATE_FAILED Resource creation cancelled", "stack UPDATE_ROLLBACK_IN_PROGRESS", "C DELETE_FAILED in use", "stack UPDATE_ROLLBACK_COMPLETE"),
			"update 5-11 C: no such image, C: in use"},
		{"one whose reason is a cancellation", append(created, "stack UPDATE_IN_PROGRESS", "C CREATE_FAILED The order was cancelled by its owner",
			"stack UPDATE_ROLLBACK_COMPLETE"), "update 5-7 C: The order was cancelled by its owner"},
		{"a rollback that was gone on with", append(created, "stack UPDATE_IN_PROGRESS", "C UPDATE_FAILED bad", "stack UPDATE_ROLLBACK_IN_PROGRESS",
			"C UPDATE_FAILED worse", "stack UPDATE_ROLLBACK_FAILED", "stack UPDATE_ROLLBACK_IN_PROGRESS", "stack UPDATE_ROLLBACK_COMPLETE"),
			"update 5-11 C: bad, C: worse"},
		{"an import", []string{"stack REVIEW_IN_PROGRESS", "stack IMPORT_IN_PROGRESS", "stack IMPORT_COMPLETE"}, "import 1-2"},
		{"events that CloudFormation no longer has", []string{"stack UPDATE_COMPLETE"}, "none"},
	} {
		o, err := (&Account{stacks: eventful{events: test.events}}).Operation(t.Context(), "KoraBackend")
		if err != nil {
			t.Fatal(err)
		}
		if got := told(o); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func told(o *Operation) string {
	if o == nil {
		return "none"
	}
	said := fmt.Sprintf("%s %.0f-", o.Kind, o.Began.Sub(morning).Minutes())
	if !o.Ended.IsZero() {
		said += fmt.Sprintf("%.0f", o.Ended.Sub(morning).Minutes())
	}
	var failures []string
	for _, f := range o.Failures {
		failures = append(failures, f.Resource+": "+f.Reason)
	}
	return strings.TrimSpace(said + " " + strings.Join(failures, ", "))
}
