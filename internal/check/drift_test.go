package check_test

import (
	"context"
	"errors"
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// detecting is the deploy of a template that touches these, with drift asked for.
func (w *world) detecting(touches map[string]check.Touch) check.Subject {
	w.Helper()
	s := w.subject(nil)
	s.Touches = touches
	s.Drifts = func(ctx context.Context, ids ...string) (map[string]account.Drift, error) {
		return account.DetectorAt(w.cloud.URL, region).Drifts(ctx, s.Config.StackName(), ids...)
	}
	return s
}

func TestDrift(t *testing.T) {
	w := newWorld(t)
	w.deploys(`{"Resources": {` + alarm("drifting") + `, "Same": {"Type": "AWS::SNS::Topic"}, "Gone": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "gone"}},
		"Group": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}`)
	w.call("PutMetricAlarm", cloudWatch, "AlarmName=drifting", "ComparisonOperator=GreaterThanThreshold", "EvaluationPeriods=1", "MetricName=CPUUtilization",
		"Namespace=AWS/EC2", "Period=300", "Statistic=Average", "Threshold=90")
	w.call("DeleteTopic", "Version=2010-03-31", "TopicArn=arn:aws:sns:"+region+":000000000000:gone")
	raised := map[string]map[check.Verdict]bool{"drift": {}}
	for _, test := range []struct {
		name    string
		touches map[string]check.Touch
		want    string
	}{
		{"as it was", map[string]check.Touch{"Same": {}}, "pass drift : 1 are as the template says"},
		{"changed by hand", map[string]check.Touch{"High": {}, "Same": {}}, "warn drift High: the template says otherwise: /Threshold: 80 is 90\npass drift : 1 are as the template says"},
		{"gone, and to be changed", map[string]check.Touch{"Gone": {}}, "fail drift Gone: it is gone already"},
		{"gone, and to be removed", map[string]check.Touch{"Gone": {Gone: true}}, "warn drift Gone: it is gone already"},
		{"of a type that is not compared", map[string]check.Touch{"Group": {}}, "unknown drift : CloudFormation does not compare Group"},
		{"nothing is touched", map[string]check.Touch{}, "pass drift : the deploy touches nothing that stands"},
		{"nobody could compare", nil, "unknown drift : it could not be asked: the deployed template could not be compared"},
	} {
		t.Run(test.name, func(t *testing.T) {
			results := check.Check(t.Context(), w.detecting(test.touches))
			if got := of(results, "drift"); got != test.want {
				t.Errorf("\n%s\nwant\n%s", got, test.want)
			}
			for _, r := range results {
				if raised[r.Code] != nil {
					raised[r.Code][r.Verdict] = true
				}
			}
		})
	}
	holdEveryVerdict(t, "--drift", raised)

	half := w.detecting(map[string]check.Touch{"Same": {}, "Other": {}})
	half.Drifts = func(context.Context, ...string) (map[string]account.Drift, error) {
		return map[string]account.Drift{"Same": {Status: "IN_SYNC"}}, errors.New("half of it")
	}
	if got, want := of(check.Check(t.Context(), half), "drift"),
		"pass drift : 1 are as the template says\nunknown drift : CloudFormation does not compare Other\nunknown drift : it could not be asked: half of it"; got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	client := &emulator.Client{URL: w.cloud.URL}
	for action := range denialsOfDrift {
		if err := client.Deny(t.Context(), action); err != nil {
			t.Fatal(err)
		}
		if got := verdicts(check.Check(t.Context(), w.detecting(map[string]check.Touch{"Same": {}})))["drift"]; got != check.Unknown {
			t.Errorf("%s denied: %s", action, got)
		}
	}
}

// denialsOfDrift are the calls without which drift is unknown.
var denialsOfDrift = map[string]bool{"cloudformation:DetectStackDrift": true, "cloudformation:DescribeStackDriftDetectionStatus": true,
	"cloudformation:DescribeStackResourceDrifts": true}
