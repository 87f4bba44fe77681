package status

import (
	"context"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Operation is what was last done to the stack.
type Operation struct {
	// Kind is create, update, delete or import.
	Kind string `json:"kind"`
	// Outcome is one of the Outcome... below.
	Outcome string `json:"outcome"`
	// Began and Ended are in UTC, Ended nil while it is under way.
	Began time.Time  `json:"began"`
	Ended *time.Time `json:"ended"`
}

// How an operation ends.
const (
	OutcomeUnderWay  = "under way"
	OutcomeSucceeded = "succeeded"
	OutcomeTakenBack = "failed and was taken back"
	OutcomeFailed    = "failed and was not taken back"
)

// outcome is that of the operation that left a stack in a state.
func outcome(status string) string {
	switch {
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		return OutcomeUnderWay
	case strings.HasSuffix(status, "_FAILED"):
		return OutcomeFailed
	case strings.HasSuffix(status, "ROLLBACK_COMPLETE"):
		return OutcomeTakenBack
	}
	return OutcomeSucceeded
}

func (r *reading) operation(ctx context.Context) error {
	if r.status.Stack == nil {
		return r.stack.err
	}
	return r.status.Stack.readOperation(ctx, r.account)
}

func lostOperation(s *Status) {
	if s.Stack != nil {
		s.Stack.Operation, s.Stack.Failures = nil, nil
	}
}

// readOperation reads what was last done, and what of it failed, or what it was refused for: a change set that was refused leaves no
// event of its own.
func (s *Stack) readOperation(ctx context.Context, a *account.Account) error {
	last, err := a.Operation(ctx, s.Name)
	if err != nil {
		return err
	}
	var failures []account.Failure
	if last != nil && last.Kind != "review" {
		failures = last.Failures
		s.Operation = &Operation{last.Kind, outcome(s.Status), last.Began, nil}
		if !last.Ended.IsZero() {
			s.Operation.Ended = &last.Ended
		}
	}
	if s.Meaning != "" && len(failures) == 0 {
		failures, err = a.Refusals(ctx, s.Name)
	}
	for _, f := range failures {
		s.Failures = append(s.Failures, Failure(f))
	}
	return err
}
