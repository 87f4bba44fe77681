package account

import (
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What is handed an Account cannot change it: no client of its has a call that does. A simulation makes none of the calls that it
// decides on (API_SimulatePrincipalPolicy.html).
func TestAnAccountOnlyReads(t *testing.T) {
	reading := regexp.MustCompile(`^((Describe|Get|List)[A-Z]|SimulatePrincipalPolicy$)`)
	account := reflect.TypeFor[Account]()
	for i := range account.NumField() {
		client := account.Field(i)
		if client.Type.Kind() != reflect.Interface {
			t.Errorf("%s is a whole client: %s", client.Name, client.Type)
			continue
		}
		for call := range client.Type.NumMethod() {
			if name := client.Type.Method(call).Name; !reading.MatchString(name) {
				t.Errorf("%s can %s", client.Name, name)
			}
		}
	}
}

func TestForwarded(t *testing.T) {
	group := func(arn string, weight int32) elbtypes.TargetGroupTuple {
		return elbtypes.TargetGroupTuple{TargetGroupArn: aws.String(arn), Weight: aws.Int32(weight)}
	}
	forward := func(groups ...elbtypes.TargetGroupTuple) elbtypes.Action {
		return elbtypes.Action{ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: groups}}
	}
	tests := []struct {
		name   string
		action elbtypes.Action
		want   map[string]int
	}{
		{"a redirect", elbtypes.Action{}, map[string]int{}},
		{"one group, the short way", elbtypes.Action{TargetGroupArn: aws.String("a")}, map[string]int{"a": 100}},
		{"one group without a weight", forward(elbtypes.TargetGroupTuple{TargetGroupArn: aws.String("a")}), map[string]int{"a": 100}},
		{"two by weight", forward(group("a", 90), group("b", 10)), map[string]int{"a": 90, "b": 10}},
		{"weights that are no percents", forward(group("a", 3), group("b", 1)), map[string]int{"a": 75, "b": 25}},
		{"none has any", forward(group("a", 0), group("b", 0)), map[string]int{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(forwarded(test.action), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	tests := []struct {
		name string
		set  r53types.ResourceRecordSet
		want Record
	}{
		{"an address", r53types.ResourceRecordSet{Name: aws.String("a.example.com."), TTL: aws.Int64(60), ResourceRecords: []r53types.ResourceRecord{{Value: aws.String("192.0.2.7")}}},
			Record{Name: "a.example.com", TTLSeconds: 60, Values: []string{"192.0.2.7"}}},
		{"an alias", r53types.ResourceRecordSet{Name: aws.String("a.example.com."), AliasTarget: &r53types.AliasTarget{DNSName: aws.String("lb.example.com.")}},
			Record{Name: "a.example.com", Alias: "lb.example.com"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(newRecord(test.set), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestAlarm(t *testing.T) {
	const policy = "arn:aws:autoscaling:ap-south-1:123456789012:scalingPolicy:1:autoScalingGroupName/kora-backend-asg:policyName/FleetScaleOut"
	tests := []struct {
		name  string
		alarm types.MetricAlarm
		want  Alarm
		fleet string
	}{
		{"one that scales", types.MetricAlarm{AlarmName: aws.String("ScaleOut"), StateValue: "OK", AlarmActions: []string{policy, "arn:aws:sns:ap-south-1:123456789012:alerts"}},
			Alarm{Name: "ScaleOut", State: StateOK, Policies: []string{policy}, Topics: []string{"arn:aws:sns:ap-south-1:123456789012:alerts"}}, "kora-backend-asg"},
		{"one that does nothing", types.MetricAlarm{AlarmName: aws.String("high-cpu-kora"), StateValue: "ALARM"},
			Alarm{Name: "high-cpu-kora", State: StateAlarm}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := newAlarm(test.alarm)
			if diff := cmp.Diff(got, test.want, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if got.Fleet() != test.fleet {
				t.Errorf("fleet %q, want %q", got.Fleet(), test.fleet)
			}
		})
	}
}
