package local

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// network is a VPC with a public subnet in each of the configuration's zones.
func (s *seeding) network() {
	s.do("VPC", func() error {
		made, err := s.machines.CreateVpc(s.ctx, &ec2.CreateVpcInput{
			CidrBlock: aws.String("172.30.0.0/16"), TagSpecifications: named(ec2types.ResourceTypeVpc, "database"),
		})
		if err == nil {
			s.facts["vpcId"] = *made.Vpc.VpcId
		}
		return err
	})
	var routes string
	s.do("route to the internet", func() (err error) {
		routes, err = s.gateway()
		return err
	})
	var subnets []string
	for i, zone := range s.config.AvailabilityZones {
		s.do("subnet in "+zone, func() error {
			subnet, err := s.subnet(zone, fmt.Sprintf("172.30.%d.0/24", i), routes)
			subnets = append(subnets, subnet)
			return err
		})
	}
	s.facts["availabilityZones"], s.facts["publicSubnetIds"] = strings.Join(s.config.AvailabilityZones, ","), strings.Join(subnets, ",")
}

// gateway opens the VPC to the internet and returns the id of the route table that leads there.
func (s *seeding) gateway() (string, error) {
	vpc := aws.String(s.facts["vpcId"])
	gateway, err := s.machines.CreateInternetGateway(s.ctx, &ec2.CreateInternetGatewayInput{})
	if err != nil {
		return "", err
	}
	id := gateway.InternetGateway.InternetGatewayId
	_, err = s.machines.AttachInternetGateway(s.ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: id, VpcId: vpc})
	if err != nil {
		return "", err
	}
	table, err := s.machines.CreateRouteTable(s.ctx, &ec2.CreateRouteTableInput{VpcId: vpc})
	if err != nil {
		return "", err
	}
	_, err = s.machines.CreateRoute(s.ctx, &ec2.CreateRouteInput{
		RouteTableId: table.RouteTable.RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: id,
	})
	return *table.RouteTable.RouteTableId, err
}

// subnet makes one that assigns public addresses at launch.
func (s *seeding) subnet(zone, cidr, routes string) (string, error) {
	made, err := s.machines.CreateSubnet(s.ctx, &ec2.CreateSubnetInput{
		VpcId: aws.String(s.facts["vpcId"]), AvailabilityZone: aws.String(zone), CidrBlock: aws.String(cidr),
	})
	if err != nil {
		return "", err
	}
	id := made.Subnet.SubnetId
	_, err = s.machines.ModifySubnetAttribute(s.ctx, &ec2.ModifySubnetAttributeInput{
		SubnetId: id, MapPublicIpOnLaunch: &ec2types.AttributeBooleanValue{Value: aws.Bool(true)},
	})
	if err != nil {
		return "", err
	}
	_, err = s.machines.AssociateRouteTable(s.ctx, &ec2.AssociateRouteTableInput{RouteTableId: aws.String(routes), SubnetId: id})
	return *id, err
}
