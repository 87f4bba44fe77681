package deploy

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// An alarm of the guide's name that was made by hand ends the first deploy before anything is made, by change set and
// directly, and stays as it is. By change set the command line says which; directly it leaves that to aws cloudformation
// describe-events --stack-name KoraBackend --filters FailedEvents=true. Once it is deleted, the deploy goes through.
func TestTakenNames(t *testing.T) {
	for method, tells := range map[string]string{
		"change-set": "'AWS::CloudWatch::Alarm' with identifier 'high-cpu-kora' already exists",
		"direct":     "Call DescribeEvents to retrieve the full list of issues",
	} {
		t.Run(method, func(t *testing.T) {
			a := newAccount(t)
			a.takeName()
			before := a.see()
			changes := single.changes.and(values{"hostedZoneId": a.zone()})
			said, code := a.cdk(t.Context(), changes, "deploy", "--require-approval", "never", "--method", method)
			if code == 0 || !strings.Contains(said, tells) {
				t.Errorf("exit code %d\n%s", code, said)
			}
			if found, want := a.foreseen(), "Resource of type 'AWS::CloudWatch::Alarm' with identifier 'high-cpu-kora' already exists."; !strings.HasSuffix(found, want) {
				t.Errorf("DescribeEvents says %q, want %q", found, want)
			}
			if changed := differences(before, a.see()); len(changed) > 0 {
				t.Errorf("the refused deploy changed:\n%s", strings.Join(changed, "\n"))
			}
			a.giveName()
			a.mustCDK(changes, "deploy", "--require-approval", "never", "--method", method)
			a.finds(single)
		})
	}
}

// takeName makes an alarm of the guide's name by hand.
func (a *account) takeName() {
	a.Helper()
	_, err := a.watch.PutMetricAlarm(a.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("high-cpu-kora"), Namespace: aws.String("AWS/EC2"), MetricName: aws.String("CPUUtilization"),
		Statistic: cwtypes.StatisticAverage, Period: aws.Int32(300), EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(70),
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold})
	a.must(err)
}

// giveName deletes it.
func (a *account) giveName() {
	a.Helper()
	_, err := a.watch.DeleteAlarms(a.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"high-cpu-kora"}})
	a.must(err)
}

// foreseen is what early validation found in the stack's last operation, as DescribeEvents tells it.
func (a *account) foreseen() string {
	a.Helper()
	output := got[*cloudformation.DescribeEventsOutput](a)(a.cfn.DescribeEvents(a.Context(), &cloudformation.DescribeEventsInput{
		StackName: aws.String(stackName), Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}}))
	var found []string
	for _, event := range output.OperationEvents {
		if event.EventType == types.EventTypeValidationError {
			found = append(found, aws.ToString(event.LogicalResourceId)+": "+aws.ToString(event.ValidationStatusReason))
		}
	}
	return strings.Join(found, "; ")
}
