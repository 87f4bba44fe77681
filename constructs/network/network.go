// Package network is the VPC that the backend stands in: an existing one, or a new one with two public subnets.
package network

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of a network.
type Props struct {
	// VpcID is an existing VPC, and SubnetIDs its public subnets. Without it a new VPC is made.
	VpcID     string
	SubnetIDs []string
	// Zones are the subnets' availability zones, in their order; a new VPC gets one subnet in each.
	Zones []string
}

// Network is where machines and load balancer are placed.
type Network struct {
	VpcID     string
	SubnetIDs []string
	Zones     []string
	// DefaultRoute comes last in a new VPC: from then on the internet can be reached. It is nil in an existing VPC, which has
	// one.
	DefaultRoute awscdk.CfnResource
}

// The ranges of a new VPC: 65,536 addresses, 4,096 in each subnet.
const vpcCidr = "10.0.0.0/16"

var subnetCidrs = []string{"10.0.0.0/20", "10.0.16.0/20"}

// New makes the VPC, or takes the existing one as it is. There is no NAT gateway: the machines have public addresses.
func New(scope constructs.Construct, id string, props *Props) *Network {
	if props.VpcID != "" {
		return &Network{VpcID: props.VpcID, SubnetIDs: props.SubnetIDs, Zones: props.Zones}
	}
	// L1: the L2 VPC makes a route table for each subnet and takes a fifth of the time of a synthesis.
	vpc := awsec2.NewCfnVPC(scope, jsii.String(id+"Vpc"), &awsec2.CfnVPCProps{
		CidrBlock: jsii.String(vpcCidr), EnableDnsSupport: true, EnableDnsHostnames: true,
	})
	vpcID := vpc.Ref()
	gateway := awsec2.NewCfnInternetGateway(scope, jsii.String(id+"Gateway"), nil).Ref()
	attachment := awsec2.NewCfnVPCGatewayAttachment(scope, jsii.String(id+"GatewayAttachment"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId: vpcID, InternetGatewayId: gateway,
	})
	table := awsec2.NewCfnRouteTable(scope, jsii.String(id+"RouteTable"), &awsec2.CfnRouteTableProps{VpcId: vpcID}).Ref()
	route := awsec2.NewCfnRoute(scope, jsii.String(id+"DefaultRoute"), &awsec2.CfnRouteProps{
		RouteTableId: table, DestinationCidrBlock: jsii.String("0.0.0.0/0"), GatewayId: gateway,
	})
	// The attachment, not the gateway alone ("DependsOn attribute", CloudFormation Template Reference).
	route.AddResourceDependency(attachment, nil)

	n := &Network{VpcID: *vpcID, Zones: props.Zones, DefaultRoute: route}
	for i, zone := range props.Zones {
		subnetID := fmt.Sprintf("%sSubnet%d", id, i+1)
		subnet := awsec2.NewCfnSubnet(scope, jsii.String(subnetID), &awsec2.CfnSubnetProps{
			VpcId: vpcID, AvailabilityZone: jsii.String(zone), CidrBlock: jsii.String(subnetCidrs[i]), MapPublicIpOnLaunch: true,
		}).Ref()
		association := awsec2.NewCfnSubnetRouteTableAssociation(scope, jsii.String(subnetID+"Routes"), &awsec2.CfnSubnetRouteTableAssociationProps{
			SubnetId: subnet, RouteTableId: table,
		})
		n.SubnetIDs = append(n.SubnetIDs, *subnet)
		route.AddResourceDependency(association, nil)
	}
	return n
}
