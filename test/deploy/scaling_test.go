package deploy

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"
)

// Scaling acts within the limits, and not before the cooldown is over. The emulator is the model here: this holds it to the
// documentation (docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html), not AWS.
func TestSimpleScaling(t *testing.T) {
	a := newAccount(t)
	a.mustDeploy(template(t, a.zoned().and(row(5, "single").changes)))
	for _, c := range []struct {
		alarm string
		want  []int // the desired capacity after each time that the alarm goes off
	}{
		{"ScaleOutAlarm", []int{3, 4, 5, 5}},
		{"ScaleInAlarm", []int{4, 3, 2, 2}},
	} {
		var got []int
		name := a.physical(c.alarm)
		for range c.want {
			got = append(got, a.alarmed(name))
			if again := a.alarmed(name); again != got[len(got)-1] {
				t.Errorf("%s within the cooldown: %d nodes, then %d", c.alarm, got[len(got)-1], again)
			}
			a.must(cloud.SkipTime(t.Context(), 301*time.Second))
		}
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", c.alarm, diff)
		}
	}
	if nodes := a.nodes(); len(nodes) != 2 || a.healthyTargets()["kora-backend-targets"] != 2 {
		t.Errorf("in service %v, healthy %v", nodes, a.healthyTargets())
	}
}

// The other policies that the configuration offers act too, as far as the emulator models them.
func TestOtherScalingPolicies(t *testing.T) {
	for name, changes := range map[string]values{
		"step":                     {"scalingPolicy": "step"},
		"target tracking, CPU":     {"scalingPolicy": "targetTracking", "targetTrackingMetric": "cpu"},
		"target tracking, request": {"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests", "targetRequestsPerMinute": 600},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.mustDeploy(template(t, a.zoned().and(row(5, "single").changes).and(changes)))
			out, in := a.scalingAlarms()
			if got := a.alarmed(out); got != 3 {
				t.Errorf("%s: %d nodes, want 3", out, got)
			}
			a.must(cloud.SkipTime(t.Context(), time.Hour))
			if got := a.alarmed(in); got != 2 {
				t.Errorf("%s: %d nodes, want 2", in, got)
			}
		})
	}
}

// alarmed sets an alarm off, and gives the capacity that the group then wants.
func (a *account) alarmed(name string) int {
	a.Helper()
	for _, state := range []cwtypes.StateValue{cwtypes.StateValueOk, cwtypes.StateValueAlarm} {
		got[*cloudwatch.SetAlarmStateOutput](a)(a.watch.SetAlarmState(a.Context(), &cloudwatch.SetAlarmStateInput{
			AlarmName: &name, StateValue: state, StateReason: aws.String("a test")}))
	}
	wanted := a.desired()
	for until := time.Now().Add(10 * time.Second); len(a.nodes()) != wanted && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
	if nodes := a.nodes(); len(nodes) != wanted {
		a.Errorf("%d nodes in service, %d wanted", len(nodes), wanted)
	}
	return wanted
}

func (a *account) desired() int {
	a.Helper()
	output := got[*autoscaling.DescribeAutoScalingGroupsOutput](a)(a.scaling.DescribeAutoScalingGroups(a.Context(), &autoscaling.DescribeAutoScalingGroupsInput{}))
	return int(*output.AutoScalingGroups[0].DesiredCapacity)
}

// scalingAlarms are the names of the alarms that call the group's policies: out, then in.
func (a *account) scalingAlarms() (out, in string) {
	a.Helper()
	policies := got[*autoscaling.DescribePoliciesOutput](a)(a.scaling.DescribePolicies(a.Context(), &autoscaling.DescribePoliciesInput{}))
	var arns []string
	for _, policy := range policies.ScalingPolicies {
		arns = append(arns, *policy.PolicyARN)
	}
	alarms := got[*cloudwatch.DescribeAlarmsOutput](a)(a.watch.DescribeAlarms(a.Context(), &cloudwatch.DescribeAlarmsInput{}))
	for _, alarm := range alarms.MetricAlarms {
		calls := slices.ContainsFunc(alarm.AlarmActions, func(action string) bool { return slices.Contains(arns, action) })
		switch {
		case calls && (alarm.ComparisonOperator == cwtypes.ComparisonOperatorGreaterThanThreshold || alarm.ComparisonOperator == cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold):
			out = *alarm.AlarmName
		case calls:
			in = *alarm.AlarmName
		}
	}
	if out == "" || in == "" {
		a.Fatalf("alarms that scale: out %q, in %q", out, in)
	}
	return out, in
}
