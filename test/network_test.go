package test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// networkTypes make up a VPC.
var networkTypes = []string{"AWS::EC2::VPC", "AWS::EC2::InternetGateway", "AWS::EC2::VPCGatewayAttachment", "AWS::EC2::RouteTable",
	"AWS::EC2::Route", "AWS::EC2::Subnet", "AWS::EC2::SubnetRouteTableAssociation"}

// A new VPC, in full: two public subnets in the named zones, one route table, one way out.
func TestNewNetwork(t *testing.T) {
	c := kora.and(context{"availabilityZones": []any{"ap-south-1b", "ap-south-1a"}})
	expectEach(t, []property{
		{"VPC", c, "NetworkVpc", `{"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": true, "EnableDnsSupport": true}`},
		{"gateway", c, "NetworkGateway", ""},
		{"attachment", c, "NetworkGatewayAttachment", `{"VpcId": "<NetworkVpc>", "InternetGatewayId": "<NetworkGateway>"}`},
		{"route table", c, "NetworkRouteTable", `{"VpcId": "<NetworkVpc>"}`},
		{"default route", c, "NetworkDefaultRoute", `{"RouteTableId": "<NetworkRouteTable>", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "<NetworkGateway>"}`},
		{"first subnet", c, "NetworkSubnet1", `{"VpcId": "<NetworkVpc>", "AvailabilityZone": "ap-south-1b", "CidrBlock": "10.0.0.0/20", "MapPublicIpOnLaunch": true}`},
		{"first subnet's routes", c, "NetworkSubnet1Routes", `{"SubnetId": "<NetworkSubnet1>", "RouteTableId": "<NetworkRouteTable>"}`},
		{"second subnet", c, "NetworkSubnet2", `{"VpcId": "<NetworkVpc>", "AvailabilityZone": "ap-south-1a", "CidrBlock": "10.0.16.0/20", "MapPublicIpOnLaunch": true}`},
		{"second subnet's routes", c, "NetworkSubnet2Routes", `{"SubnetId": "<NetworkSubnet2>", "RouteTableId": "<NetworkRouteTable>"}`},
		// The attachment, not the gateway alone, and the subnets' way to this table.
		{"the default route comes last", c, "NetworkDefaultRoute/DependsOn", `["NetworkGatewayAttachment", "NetworkSubnet1Routes", "NetworkSubnet2Routes"]`},
		{"first zone by default", kora, "NetworkSubnet1/AvailabilityZone", `"ap-south-1a"`},
		{"second zone by default", kora, "NetworkSubnet2/AvailabilityZone", `"ap-south-1b"`},
	})
	got := networkOf(must(t, c))
	if diff := cmp.Diff(got, []string{"NetworkDefaultRoute", "NetworkGateway", "NetworkGatewayAttachment", "NetworkRouteTable",
		"NetworkSubnet1", "NetworkSubnet1Routes", "NetworkSubnet2", "NetworkSubnet2Routes", "NetworkVpc"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func networkOf(tpl *template) []string {
	var all []string
	for id, r := range tpl.Resources {
		if slices.Contains(networkTypes, r.Type) {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}

// Nothing that has a public address is made before the internet can be reached; in a given VPC it can.
func TestPublicAddressesAwaitTheDefaultRoute(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if c.VpcID != "" {
			if got := networkOf(tpl); got != nil {
				t.Errorf("a network is made in a given VPC: %v", got)
			}
			return
		}
		for _, id := range []string{"Server", "Address", "LoadBalancer", "Fleet"} {
			if _, ok := tpl.Resources[id]; ok && !tpl.awaited(id)["NetworkDefaultRoute"] {
				t.Errorf("%s does not wait for the default route", id)
			}
		}
	})
}

// The server stands in the first subnet and its zone, whatever the stage; balancer, fleet and cache in all.
func TestWhereThingsStand(t *testing.T) {
	fresh, given := fleet(nil), existing.and(context{"stage": "horizontal", "sessions": "redis"})
	const own, theirs = `["<NetworkSubnet1>", "<NetworkSubnet2>"]`, `["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712", "subnet-0a1b2c3d4e5f60713"]`
	expectEach(t, []property{
		{"server", fresh, "Server/SubnetId", `"<NetworkSubnet1>"`},
		{"server's zone", fresh, "Server/AvailabilityZone", `"ap-south-1a"`},
		{"server in a given VPC", given, "Server/SubnetId", `"subnet-0a1b2c3d4e5f60711"`},
		{"server's zone in a given VPC", given, "Server/AvailabilityZone", `"ap-south-1b"`},
		{"balancer", fresh, "LoadBalancer/Subnets", own},
		{"balancer in a given VPC", given, "LoadBalancer/Subnets", theirs},
		{"fleet", fresh, "Fleet/VPCZoneIdentifier", own},
		{"fleet in a given VPC", given, "Fleet/VPCZoneIdentifier", theirs},
		{"cache", fresh, "CacheSubnetGroup/SubnetIds", own},
		{"cache in a given VPC", given, "CacheSubnetGroup/SubnetIds", theirs},
	})
	for _, test := range []struct {
		name    string
		context context
		want    string
	}{{"new VPC", fresh, "<NetworkVpc>"}, {"given VPC", given, "vpc-0a1b2c3d4e5f60718"}} {
		t.Run(test.name, func(t *testing.T) {
			tpl := must(t, test.context)
			for id, r := range tpl.Resources {
				if r.Type == "AWS::EC2::SecurityGroup" || r.Type == "AWS::ElasticLoadBalancingV2::TargetGroup" {
					if got := tpl.at(id + "/VpcId"); got != test.want {
						t.Errorf("%s: got %v, want %s", id, got, test.want)
					}
				}
			}
		})
	}
}
