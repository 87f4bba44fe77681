package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/status"
)

// Scaling is what came of an alarm that went off.
type Scaling struct {
	Alarm string `json:"alarm"`
	// Fleet is the group that it scales, "" for none.
	Fleet string `json:"fleet,omitempty"`
	// Before and After are the numbers of nodes that the fleet was, and is now, to have.
	Before int `json:"before"`
	After  int `json:"after"`
	// Reason is why nothing changed, "" when something did.
	Reason string `json:"reason,omitempty"`
}

// UnknownAlarmError is a name that no alarm has.
type UnknownAlarmError struct {
	Name string
	// Known are the alarms there are.
	Known []string
}

// Error is one line, which ends with the nearest name.
func (e UnknownAlarmError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("alarm %q: there are no alarms: kora local deploy makes them", e.Name)
	}
	return fmt.Sprintf("alarm %q: there is none of that name%s; kora local status lists all",
		e.Name, nearest.Hint(e.Name, e.Known))
}

// SetOff sets an alarm of the project's emulator to ALARM, and waits a little for what it scales.
func SetOff(ctx context.Context, p *project.Project, environment []string, name string) (*Scaling, error) {
	state, backend, err := standing(ctx, p, environment)
	if err != nil {
		return nil, err
	}
	w := account.WriterAt(state.URL, state.Region)
	ids, err := w.Resources(ctx, backend.Stack)
	if err != nil {
		return nil, err
	}
	alarms, err := w.Alarms(ctx)
	if err != nil {
		return nil, err
	}
	alarm, err := choose(alarms, ids, name)
	if err != nil {
		return nil, err
	}
	result := &Scaling{Alarm: status.AlarmName(alarm.Name, ids), Fleet: alarm.Fleet()}
	return result, result.setOff(ctx, w, alarm)
}

// choose finds an alarm by the name that it is shown by, or by its physical one. ids are the stack's.
func choose(alarms []account.Alarm, ids map[string]string, name string) (account.Alarm, error) {
	var known []string
	for _, a := range alarms {
		shown := status.AlarmName(a.Name, ids)
		if shown == name || a.Name == name {
			return a, nil
		}
		known = append(known, shown)
	}
	return account.Alarm{}, UnknownAlarmError{name, known}
}

// scalingLimit is how long a fleet's size may take to change: the emulator changes it while it answers.
const scalingLimit = 2 * time.Second

func (s *Scaling) setOff(ctx context.Context, w *account.Writer, alarm account.Alarm) error {
	before, err := fleet(ctx, w.Account, s.Fleet)
	if err != nil {
		return err
	}
	if err := transit(ctx, w, alarm); err != nil {
		return err
	}
	after, err := resized(ctx, w.Account, before, scalingLimit)
	if err != nil {
		return err
	}
	s.Before, s.After = before.Desired, after.Desired
	if after.Desired == before.Desired {
		s.Reason, err = unchanged(ctx, w.Account, alarm, after)
	}
	return err
}

// fleet reads one group; "" is one of no size.
func fleet(ctx context.Context, a *account.Account, name string) (account.Fleet, error) {
	if name == "" {
		return account.Fleet{}, nil
	}
	found, err := a.Fleet(ctx, name)
	if err != nil {
		return account.Fleet{}, err
	}
	if found == nil {
		return account.Fleet{}, errors.New("there is no fleet " + name)
	}
	return *found, nil
}

// transit takes the alarm to ALARM from another state: only a change of state acts (CloudWatch, SetAlarmState).
func transit(ctx context.Context, w *account.Writer, alarm account.Alarm) error {
	const reason = "set off by hand"
	if alarm.State == account.StateAlarm {
		if err := w.SetAlarm(ctx, alarm.Name, account.StateOK, reason); err != nil {
			return err
		}
	}
	return w.SetAlarm(ctx, alarm.Name, account.StateAlarm, reason)
}

// resized waits until the fleet is to have another size, for at most limit.
func resized(ctx context.Context, a *account.Account, before account.Fleet, limit time.Duration) (account.Fleet, error) {
	for deadline := time.Now().Add(limit); ; {
		after, err := fleet(ctx, a, before.Name)
		if err != nil || before.Name == "" || after.Desired != before.Desired || time.Now().After(deadline) {
			return after, err
		}
		select {
		case <-ctx.Done():
			return after, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// unchanged reports why a fleet has the size that it had.
func unchanged(ctx context.Context, a *account.Account, alarm account.Alarm, fleet account.Fleet) (string, error) {
	if fleet.Name == "" {
		return fmt.Sprintf("it scales nothing: it notifies %s", count(len(alarm.Topics), "topic")), nil
	}
	policies, err := a.Policies(ctx, fleet.Name)
	if err != nil {
		return "", err
	}
	for _, policy := range policies {
		if !slices.Contains(alarm.Policies, policy.ARN) {
			continue
		}
		switch {
		case policy.Adjustment > 0 && fleet.Desired >= fleet.Max:
			return fmt.Sprintf("the fleet has the most nodes that it may have, %d", fleet.Max), nil
		case policy.Adjustment < 0 && fleet.Desired <= fleet.Min:
			return fmt.Sprintf("the fleet has the fewest nodes that it may have, %d", fleet.Min), nil
		case policy.CooldownSeconds != nil:
			return fmt.Sprintf("the policy's cooldown of %d s after the last change holds", *policy.CooldownSeconds), nil
		}
	}
	return "the fleet does not say: look at its scaling activities", nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
