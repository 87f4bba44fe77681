package account

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
)

// ending refuses to delete a change set so often, as one that is being executed, and then answers.
type ending struct {
	changing
	refusals, asked int
	then            error
}

func (e *ending) DeleteChangeSet(context.Context, *cloudformation.DeleteChangeSetInput, ...func(*cloudformation.Options)) (
	*cloudformation.DeleteChangeSetOutput, error) {
	if e.asked++; e.asked <= e.refusals {
		return nil, &smithy.GenericAPIError{Code: "InvalidChangeSetStatus"}
	}
	return &cloudformation.DeleteChangeSetOutput{}, e.then
}

// A change set that has just been executed is withdrawn a little later; one that goes on being executed, and any other refusal, is an
// error.
func TestWithdrawn(t *testing.T) {
	denied := errors.New("denied")
	for _, test := range []struct {
		refusals, asked int
		then            error
		code            string
	}{{0, 1, nil, ""}, {2, 3, nil, ""}, {100, 11, nil, "InvalidChangeSetStatus"}, {0, 1, denied, ""}} {
		e := &ending{refusals: test.refusals, then: test.then}
		err := (&Importer{changing: e}).withdraw(t.Context(), "KoraBackend", "adopt")
		if code(err) != test.code || e.asked != test.asked || test.code == "" && !errors.Is(err, test.then) {
			t.Errorf("%d refusals, then %v: %v after %d requests, want %d and %q", test.refusals, test.then, err, e.asked, test.asked, test.code)
		}
	}
}
