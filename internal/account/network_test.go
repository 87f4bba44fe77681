package account

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
)

func TestRule(t *testing.T) {
	tcp := func(from, to int32, cidrs ...string) types.IpPermission {
		p := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &from, ToPort: &to}
		for _, cidr := range cidrs {
			p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: aws.String(cidr)})
		}
		return p
	}
	all := types.IpPermission{IpProtocol: aws.String("-1"), Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}}
	for _, tc := range []struct {
		name                 string
		rule                 types.IpPermission
		covers, world, admit bool // port 443, everybody, 10.0.1.5
		ports                string
	}{
		{"the port", tcp(443, 443, "0.0.0.0/0"), true, true, true, "443"},
		{"a range around it", tcp(400, 500, "10.0.0.0/8"), true, false, true, "400-500"},
		{"one beside it", tcp(80, 80, "10.0.1.5/32"), false, false, true, "80"},
		{"another network", tcp(443, 443, "10.0.2.0/24"), true, false, false, "443"},
		{"all protocols, by IPv6", all, true, true, false, "all"},
		{"UDP", types.IpPermission{IpProtocol: aws.String("udp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443)}, false, false, false, "udp 443"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRule(tc.rule)
			if r.Covers(443) != tc.covers || r.World() != tc.world || r.Admits("10.0.1.5") != tc.admit || r.Ports() != tc.ports {
				t.Errorf("%+v: covers %v, world %v, admits %v, %s", r, r.Covers(443), r.World(), r.Admits("10.0.1.5"), r.Ports())
			}
		})
	}
}

// What is not of the ordinary kind is said in words.
func TestOdd(t *testing.T) {
	tag := func(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }
	for _, tc := range []struct {
		name string
		of   types.Instance
		want []string
	}{
		{"ordinary", types.Instance{Placement: &types.Placement{Tenancy: types.TenancyDefault}, Tags: tag("Name", "x")}, nil},
		{"spot", types.Instance{InstanceLifecycle: types.InstanceLifecycleTypeSpot}, []string{"is a spot instance"}},
		{"a host of its own", types.Instance{Placement: &types.Placement{Tenancy: types.TenancyHost, GroupName: aws.String("close")}},
			[]string{"has the tenancy host", "is in the placement group close"}},
		{"hibernation", types.Instance{HibernationOptions: &types.HibernationOptions{Configured: aws.Bool(true)}}, []string{"may hibernate"}},
		{"an enclave", types.Instance{EnclaveOptions: &types.EnclaveOptions{Enabled: aws.Bool(true)}}, []string{"has an enclave"}},
		{"a fleet's", types.Instance{Tags: tag("aws:autoscaling:groupName", "web")}, []string{"belongs to the Auto Scaling group web"}},
		{"Beanstalk's", types.Instance{Tags: tag("elasticbeanstalk:environment-name", "web")}, []string{"belongs to the Elastic Beanstalk environment web"}},
		{"OpsWorks'", types.Instance{Tags: tag("opsworks:stack", "web")}, []string{"belongs to the OpsWorks stack web"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(odd(tc.of), tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}
