package diff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/template"
)

// Who serves users, by whatever way a template leads there.
func TestTraffic(t *testing.T) {
	const (
		server   = `"Web": {"Type": "AWS::EC2::Instance"}`
		balancer = `"Alb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}`
		group    = `"Group": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"TargetGroupARNs": [{"Ref": "Nodes"}]}}`
		targets  = `"Nodes": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"}, "Old": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Targets": [{"Id": {"Ref": "Web"}}]}}`
		alias    = `"Name": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "A", "AliasTarget": {"DNSName": {"Fn::Sub": "dualstack.${Alb.DNSName}"}}}}`
	)
	listener := func(actions string) string {
		return `"Https": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Alb"}, "DefaultActions": ` + actions + `}}`
	}
	for _, tc := range []struct {
		name, resources, balancer string
		serves                    map[string]float64
	}{
		{"nothing", ``, "", map[string]float64{}},
		{"a server alone", server, "", map[string]float64{"Web": 1}},
		{"of two, the one with the address", server + `, "Other": {"Type": "AWS::EC2::Instance"}, "A": {"Type": "AWS::EC2::EIPAssociation", "Properties": {"InstanceId": {"Ref": "Web"}}}`, "", map[string]float64{"Web": 1}},
		{"the address knows its server", server + `, "Other": {"Type": "AWS::EC2::Instance"}, "A": {"Type": "AWS::EC2::EIP", "Properties": {"InstanceId": {"Ref": "Other"}}}`, "", map[string]float64{"Other": 1}},
		{"a record that is none of a host", server + `, "Mail": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "MX"}}`, "", map[string]float64{"Web": 1}},
		{"one action", join(server, balancer, group, targets, alias, listener(`[{"TargetGroupArn": {"Ref": "Nodes"}, "Type": "forward"}]`)), "Alb", map[string]float64{"Group": 1}},
		{"weights", join(server, balancer, group, targets, alias, listener(`[{"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Nodes"}, "Weight": "1"}, {"TargetGroupArn": {"Ref": "Old"}, "Weight": 3}]}}]`)), "Alb", map[string]float64{"Group": 0.25, "Web": 0.75}},
		{"no weight for one", join(server, balancer, group, targets, alias, listener(`[{"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Nodes"}, "Weight": 0}, {"TargetGroupArn": {"Ref": "Old"}, "Weight": 3}]}}]`)), "Alb", map[string]float64{"Web": 1}},
		{"two listeners, the larger share counts", join(server, balancer, group, targets, alias, listener(`[{"TargetGroupArn": {"Ref": "Nodes"}}]`), `"Http": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Alb"}, "DefaultActions": [{"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Nodes"}, "Weight": 0}, {"TargetGroupArn": {"Ref": "Old"}, "Weight": 1}]}}]}}`), "Alb", map[string]float64{"Group": 1, "Web": 1}},
		{"a rule of the listener", join(server, balancer, group, targets, alias, listener(`[]`), `"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Https"}, "Actions": [{"TargetGroupArn": {"Ref": "Nodes"}}]}}`), "Alb", map[string]float64{"Group": 1}},
		{"the record leads past the balancer", join(server, balancer, group, targets, listener(`[{"TargetGroupArn": {"Ref": "Nodes"}}]`), `"Name": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "A", "ResourceRecords": ["203.0.113.1"]}}`), "", map[string]float64{"Web": 1}},
		{"no record, one balancer", join(balancer, group, targets, listener(`[{"TargetGroupArn": {"Ref": "Nodes"}}]`)), "Alb", map[string]float64{"Group": 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			read, err := template.Parse([]byte(`{"Resources": {` + tc.resources + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			got := trafficOf(read)
			if diff := cmp.Diff(got.serves, tc.serves); diff != "" || got.balancer != tc.balancer {
				t.Errorf("by %q (-got +want):\n%s", got.balancer, diff)
			}
		})
	}
}

func join(parts ...string) string { return strings.Join(parts, ", ") }
