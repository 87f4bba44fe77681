package local

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestShare(t *testing.T) {
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
			got := map[string]int{}
			share(test.action, got)
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	s := &Status{
		Servers:    []Server{{ID: "i-1", Address: "192.0.2.7"}, {ID: "i-2"}},
		byBalancer: map[string]string{"lb.example.com": "kora-backend-alb"},
	}
	address := func(value string) r53types.ResourceRecordSet {
		return r53types.ResourceRecordSet{Name: aws.String("a.example.com."), TTL: aws.Int64(60), ResourceRecords: []r53types.ResourceRecord{{Value: &value}}}
	}
	alias := func(name string) r53types.ResourceRecordSet {
		return r53types.ResourceRecordSet{Name: aws.String("a.example.com."), AliasTarget: &r53types.AliasTarget{DNSName: &name}}
	}
	tests := []struct {
		name string
		set  r53types.ResourceRecordSet
		want Record
	}{
		{"a server's address", address("192.0.2.7"), Record{"a.example.com", 60, "192.0.2.7", "server i-1"}},
		{"nobody's address", address("192.0.2.8"), Record{"a.example.com", 60, "192.0.2.8", ""}},
		{"no address", address(""), Record{"a.example.com", 60, "", ""}},
		{"the balancer", alias("lb.example.com."), Record{"a.example.com", 0, "lb.example.com", "balancer kora-backend-alb"}},
		{"the balancer by both protocols", alias("dualstack.lb.example.com."), Record{"a.example.com", 0, "dualstack.lb.example.com", "balancer kora-backend-alb"}},
		{"a balancer that is gone", alias("old.example.com."), Record{"a.example.com", 0, "old.example.com", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(s.record(test.set), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestAlarms(t *testing.T) {
	const policy = "arn:aws:autoscaling:ap-south-1:123456789012:scalingPolicy:1:autoScalingGroupName/kora-backend-asg:policyName/FleetScaleOut"
	logical := map[string]string{"KoraBackend-ScaleOutAlarm-1ABC": "ScaleOutAlarm", "high-cpu-kora": "HighCpuAlarm"}
	tests := []struct {
		name  string
		alarm cwtypes.MetricAlarm
		want  Alarm
		fleet string
	}{
		{"named by CloudFormation", cwtypes.MetricAlarm{AlarmName: aws.String("KoraBackend-ScaleOutAlarm-1ABC"), StateValue: "OK",
			AlarmActions: []string{policy, "arn:aws:sns:ap-south-1:123456789012:alerts"}},
			Alarm{Name: "ScaleOutAlarm", State: "OK", physical: "KoraBackend-ScaleOutAlarm-1ABC", policies: []string{policy}, topics: 1}, "kora-backend-asg"},
		{"named by us", cwtypes.MetricAlarm{AlarmName: aws.String("high-cpu-kora"), StateValue: "ALARM"},
			Alarm{Name: "high-cpu-kora", State: "ALARM", physical: "high-cpu-kora"}, ""},
		{"not in the stack", cwtypes.MetricAlarm{AlarmName: aws.String("other"), StateValue: "OK"},
			Alarm{Name: "other", State: "OK", physical: "other"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := newAlarm(test.alarm, logical)
			if diff := cmp.Diff(got, test.want, cmp.AllowUnexported(Alarm{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if got.fleet() != test.fleet {
				t.Errorf("fleet %q, want %q", got.fleet(), test.fleet)
			}
		})
	}
}

func TestUnknownAlarm(t *testing.T) {
	s := &Status{Alarms: []Alarm{{Name: "ScaleOutAlarm", physical: "KoraBackend-ScaleOutAlarm-1ABC"}, {Name: "high-cpu-kora"}}}
	if _, err := s.alarm("KoraBackend-ScaleOutAlarm-1ABC"); err != nil {
		t.Error(err)
	}
	_, err := s.alarm("scale-out")
	want := `alarm "scale-out": there is none of that name: the nearest is ScaleOutAlarm; kora local status lists all`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = (&Status{}).alarm("x")
	if want := `alarm "x": there are no alarms: kora local deploy makes them`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
