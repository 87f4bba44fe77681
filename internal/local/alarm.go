package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/project"
)

// Alarm is one of CloudWatch's.
type Alarm struct {
	// Name is its logical id where CloudFormation chose the physical name, or else the physical one.
	Name  string `json:"name"`
	State string `json:"state"`

	physical string
	policies []string // the ARNs of what it scales
	topics   int      // how many topics it notifies
}

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
	return fmt.Sprintf("alarm %q: there is none of that name: the nearest is %s; kora local status lists all",
		e.Name, nearest.To(e.Name, e.Known))
}

// SetOff sets an alarm of the project's emulator to ALARM, and waits a little for what it scales.
func SetOff(ctx context.Context, p *project.Project, environment []string, name string) (*Scaling, error) {
	_, a, stackName, err := standing(ctx, p, environment)
	if err != nil {
		return nil, err
	}
	return a.setOff(ctx, stackName, name, scalingLimit)
}

// scalingLimit is how long a fleet's size may take to change: the emulator changes it while it answers.
const scalingLimit = 2 * time.Second

func (a *account) setOff(ctx context.Context, stackName, name string, limit time.Duration) (*Scaling, error) {
	ids, err := a.resources(ctx, stackName)
	if err != nil {
		return nil, err
	}
	var s Status
	if err := a.readAlarms(ctx, &s, ids); err != nil {
		return nil, err
	}
	alarm, err := s.alarm(name)
	if err != nil {
		return nil, err
	}
	result := &Scaling{Alarm: alarm.Name, Fleet: alarm.fleet()}
	before, err := a.fleet(ctx, result.Fleet)
	if err != nil {
		return nil, err
	}
	if err := a.transit(ctx, alarm); err != nil {
		return nil, err
	}
	after, err := a.resized(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	result.Before, result.After = before.Desired, after.Desired
	if after.Desired == before.Desired {
		result.Reason, err = a.unchanged(ctx, alarm, after)
	}
	return result, err
}

// readAlarms lists the alarms, of which ids says how the stack calls them.
func (a *account) readAlarms(ctx context.Context, s *Status, ids map[string]string) error {
	logical := map[string]string{}
	for id, physical := range ids {
		logical[physical] = id
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(a.alarms, &cloudwatch.DescribeAlarmsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, m := range page.MetricAlarms {
			s.Alarms = append(s.Alarms, newAlarm(m, logical))
		}
	}
	slices.SortFunc(s.Alarms, func(a, b Alarm) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func newAlarm(m cwtypes.MetricAlarm, logical map[string]string) Alarm {
	alarm := Alarm{Name: aws.ToString(m.AlarmName), State: string(m.StateValue), physical: aws.ToString(m.AlarmName)}
	// The names that CloudFormation makes hold the logical id (CloudFormation, "Name type").
	if id := logical[alarm.physical]; id != "" && strings.Contains(alarm.physical, "-"+id+"-") {
		alarm.Name = id
	}
	for _, action := range m.AlarmActions {
		switch {
		case strings.Contains(action, ":scalingPolicy:"):
			alarm.policies = append(alarm.policies, action)
		case strings.HasPrefix(action, "arn:aws:sns:"):
			alarm.topics++
		}
	}
	return alarm
}

// alarm finds one by the name that it is shown by, or by its physical one.
func (s *Status) alarm(name string) (Alarm, error) {
	var known []string
	for _, a := range s.Alarms {
		if a.Name == name || a.physical == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return Alarm{}, UnknownAlarmError{name, known}
}

// fleet is the group that the alarm's policies scale, as their ARN names it, "" for none
// (arn:aws:autoscaling:REGION:ACCOUNT:scalingPolicy:ID:autoScalingGroupName/NAME:policyName/NAME).
func (a Alarm) fleet() string {
	for _, policy := range a.policies {
		if _, rest, found := strings.Cut(policy, ":autoScalingGroupName/"); found {
			name, _, _ := strings.Cut(rest, ":")
			return name
		}
	}
	return ""
}

// fleet reads one group; "" is one of no size.
func (a *account) fleet(ctx context.Context, name string) (Fleet, error) {
	if name == "" {
		return Fleet{}, nil
	}
	found, err := a.groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
	if err != nil {
		return Fleet{}, err
	}
	if len(found.AutoScalingGroups) == 0 {
		return Fleet{}, errors.New("there is no fleet " + name)
	}
	g := found.AutoScalingGroups[0]
	return Fleet{Name: name, Min: whole(g.MinSize), Desired: whole(g.DesiredCapacity), Max: whole(g.MaxSize)}, nil
}

// transit takes the alarm to ALARM from another state: only a change of state acts (CloudWatch, SetAlarmState).
func (a *account) transit(ctx context.Context, alarm Alarm) error {
	states := []cwtypes.StateValue{cwtypes.StateValueAlarm}
	if alarm.State == string(cwtypes.StateValueAlarm) {
		states = []cwtypes.StateValue{cwtypes.StateValueOk, cwtypes.StateValueAlarm}
	}
	for _, state := range states {
		_, err := a.alarms.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
			AlarmName: &alarm.physical, StateValue: state, StateReason: aws.String("set off by hand"),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// resized waits until the fleet is to have another size, for at most limit.
func (a *account) resized(ctx context.Context, before Fleet, limit time.Duration) (Fleet, error) {
	for deadline := time.Now().Add(limit); ; {
		after, err := a.fleet(ctx, before.Name)
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

// unchanged says why a fleet has the size that it had.
func (a *account) unchanged(ctx context.Context, alarm Alarm, fleet Fleet) (string, error) {
	if fleet.Name == "" {
		return fmt.Sprintf("it scales nothing: it notifies %s", count(alarm.topics, "topic")), nil
	}
	found, err := a.groups.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: &fleet.Name})
	if err != nil {
		return "", err
	}
	for _, policy := range found.ScalingPolicies {
		if !slices.Contains(alarm.policies, aws.ToString(policy.PolicyARN)) {
			continue
		}
		adjustment := whole(policy.ScalingAdjustment)
		for _, step := range policy.StepAdjustments {
			adjustment = whole(step.ScalingAdjustment)
		}
		switch {
		case adjustment > 0 && fleet.Desired >= fleet.Max:
			return fmt.Sprintf("the fleet has the most nodes that it may have, %d", fleet.Max), nil
		case adjustment < 0 && fleet.Desired <= fleet.Min:
			return fmt.Sprintf("the fleet has the fewest nodes that it may have, %d", fleet.Min), nil
		case policy.Cooldown != nil:
			return fmt.Sprintf("the policy's cooldown of %d s after the last change holds", *policy.Cooldown), nil
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
