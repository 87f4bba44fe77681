package account

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Alarm is one of CloudWatch's.
type Alarm struct {
	Name string
	// State is OK, ALARM or INSUFFICIENT_DATA.
	State string
	// Policies are the ARNs of what it scales.
	Policies []string
	// Topics are the ARNs of those that it notifies.
	Topics []string
	// Recovers is the id of the machine that it recovers, "" for none, and Silent whether its actions are switched off.
	Recovers string
	Silent   bool
}

// StateAlarm is the state of an alarm that has gone off, and StateOK that of one that has not.
const (
	StateAlarm = string(types.StateValueAlarm)
	StateOK    = string(types.StateValueOk)
)

// Alarms are all of the region.
func (a *Account) Alarms(ctx context.Context) ([]Alarm, error) {
	pages := cloudwatch.NewDescribeAlarmsPaginator(a.alarms, &cloudwatch.DescribeAlarmsInput{})
	return all(ctx, pages, func(p *cloudwatch.DescribeAlarmsOutput) []Alarm { return each(p.MetricAlarms, newAlarm) })
}

func newAlarm(m types.MetricAlarm) Alarm {
	alarm := Alarm{Name: aws.ToString(m.AlarmName), State: string(m.StateValue), Silent: m.ActionsEnabled != nil && !*m.ActionsEnabled}
	for _, action := range m.AlarmActions {
		switch {
		case strings.Contains(action, ":scalingPolicy:"):
			alarm.Policies = append(alarm.Policies, action)
		case strings.HasPrefix(action, "arn:aws:sns:"):
			alarm.Topics = append(alarm.Topics, action)
		case strings.HasSuffix(action, ":ec2:recover"):
			alarm.Recovers = watched(m.Dimensions)
		}
	}
	return alarm
}

// watched is the machine whose metric it is, which an action of EC2's is for too: such an alarm "must be configured with an EC2
// per-instance metric" (aws-cdk-lib, aws_cloudwatch_actions.Ec2InstanceAction).
func watched(dimensions []types.Dimension) string {
	for _, d := range dimensions {
		if aws.ToString(d.Name) == "InstanceId" {
			return aws.ToString(d.Value)
		}
	}
	return ""
}

// Fleet is the group that the alarm's policies scale, as their ARN names it, "" for none
// (arn:aws:autoscaling:REGION:ACCOUNT:scalingPolicy:ID:autoScalingGroupName/NAME:policyName/NAME).
func (a Alarm) Fleet() string {
	for _, policy := range a.Policies {
		if _, rest, found := strings.Cut(policy, ":autoScalingGroupName/"); found {
			name, _, _ := strings.Cut(rest, ":")
			return name
		}
	}
	return ""
}
