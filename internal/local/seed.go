package local

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
)

// seeding makes, one after the other, what is there before the stack is, and notes the context keys that say so. After an
// error nothing more is made.
type seeding struct {
	ctx      context.Context
	machines *ec2.Client
	zones    *route53.Client
	config   *config.Config
	facts    map[string]string
	err      error
}

// Seed fills the empty emulator at url with what the owners have outside the stack: a VPC with the database's security group,
// the key pair, an image, the hosted zone; with handMade also today's server, its address and its record. The facts it returns
// are context keys that say so. What cannot be made is an error.
func Seed(ctx context.Context, url string, c *config.Config, handMade bool) (map[string]string, error) {
	clients := account.ConfigurationAt(url, c.Region)
	s := &seeding{
		ctx: ctx, machines: ec2.NewFromConfig(clients), zones: route53.NewFromConfig(clients), config: c, facts: map[string]string{},
	}
	s.network()
	s.database()
	s.keyPair()
	s.image()
	s.zone()
	if handMade {
		s.server()
	} else {
		s.facts["elasticIpAddress"] = "" // what cdk.json says is an address of another account
	}
	if s.err != nil {
		return nil, fmt.Errorf("seeding the emulator: %w", s.err)
	}
	return s.facts, nil
}

// do makes one thing, unless another could not be made.
func (s *seeding) do(what string, make func() error) {
	if s.err != nil {
		return
	}
	if err := make(); err != nil {
		s.err = fmt.Errorf("%s: %w", what, account.Plain(err))
	}
}

// named tags a resource with a name, as a person would in the console.
func named(kind ec2types.ResourceType, name string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String(name)}}}}
}

// network is a VPC with a public subnet in each of two zones.
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
	var zones, subnets []string
	for i, letter := range []string{"a", "b"} {
		zone := s.config.Region + letter
		s.do("subnet in "+zone, func() error {
			subnet, err := s.subnet(zone, fmt.Sprintf("172.30.%d.0/24", i), routes)
			zones, subnets = append(zones, zone), append(subnets, subnet)
			return err
		})
	}
	s.facts["availabilityZones"], s.facts["publicSubnetIds"] = strings.Join(zones, ","), strings.Join(subnets, ",")
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

// database is the security group of the database; the database itself is nothing that the stack touches.
func (s *seeding) database() {
	s.do("the database's security group", func() error {
		id, err := s.group("database", "Database of the backend")
		s.facts["databaseSecurityGroupId"] = id
		return err
	})
}

func (s *seeding) group(name, description string) (string, error) {
	made, err := s.machines.CreateSecurityGroup(s.ctx, &ec2.CreateSecurityGroupInput{
		GroupName: aws.String(name), Description: aws.String(description), VpcId: aws.String(s.facts["vpcId"]),
	})
	return aws.ToString(idOf(made)), err
}

func idOf(made *ec2.CreateSecurityGroupOutput) *string {
	if made == nil {
		return nil
	}
	return made.GroupId
}

func (s *seeding) keyPair() {
	if s.config.KeyPairName == "" {
		return
	}
	s.do("key pair", func() error {
		_, err := s.machines.CreateKeyPair(s.ctx, &ec2.CreateKeyPairInput{KeyName: aws.String(s.config.KeyPairName)})
		return err
	})
}

// image is one of a server that has the app.
func (s *seeding) image() {
	s.do("image", func() error {
		made, err := s.machines.RegisterImage(s.ctx, &ec2.RegisterImageInput{
			Name: aws.String(s.config.Name + "-1"), Architecture: ec2types.ArchitectureValues(s.config.Architecture),
			RootDeviceName: aws.String("/dev/sda1"),
		})
		if err == nil {
			s.facts["imageId"] = *made.ImageId
		}
		return err
	})
}

func (s *seeding) zone() {
	if s.config.HostedZoneName == "" {
		return
	}
	s.do("hosted zone", func() error {
		made, err := s.zones.CreateHostedZone(s.ctx, &route53.CreateHostedZoneInput{
			Name: aws.String(s.config.HostedZoneName), CallerReference: aws.String("seed"),
		})
		if err == nil {
			s.facts["hostedZoneId"] = strings.TrimPrefix(*made.HostedZone.Id, "/hostedzone/")
		}
		return err
	})
}

// handMadeTTL is the TTL of the record that a person made, in seconds: what the console of Route 53 offers.
const handMadeTTL = 300

// server is today's: made by hand, with an address, a security group and a record of its own.
func (s *seeding) server() {
	c := s.config
	s.do("the server's security group", func() error {
		id, err := s.group("launch-wizard-1", "launch-wizard-1 created by hand")
		s.facts["additionalSecurityGroupIds"] = id
		return err
	})
	var instance string
	s.do("server", func() (err error) {
		instance, err = s.launch()
		return err
	})
	s.do("address", func() error { return s.address(instance) })
	if c.HostedZoneName != "" && c.DomainName != "" {
		s.do("record", s.record)
	}
}

// publicImage is that of a distribution, which the server was once made from; the account's own image was made of the server
// later. ministack starts no machine from an image that it was told of, and does from any other.
const publicImage = "ami-0123456789abcdef0"

func (s *seeding) launch() (string, error) {
	subnet, _, _ := strings.Cut(s.facts["publicSubnetIds"], ",")
	input := &ec2.RunInstancesInput{
		ImageId: aws.String(publicImage), InstanceType: ec2types.InstanceType(s.config.SingleInstanceType),
		MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String(subnet),
		SecurityGroupIds:  []string{s.facts["additionalSecurityGroupIds"]},
		TagSpecifications: named(ec2types.ResourceTypeInstance, "made by hand"),
	}
	if s.config.KeyPairName != "" {
		input.KeyName = aws.String(s.config.KeyPairName)
	}
	made, err := s.machines.RunInstances(s.ctx, input)
	if err != nil {
		return "", err
	}
	return *made.Instances[0].InstanceId, nil
}

// address is the one that cdk.json says that the server has, or any.
func (s *seeding) address(instance string) error {
	input := &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc}
	if want := s.config.ElasticIPAddress; want != "" {
		input.Address = aws.String(want)
	}
	made, err := s.machines.AllocateAddress(s.ctx, input)
	if err != nil {
		return err
	}
	if want := s.config.ElasticIPAddress; want != "" && *made.PublicIp != want {
		return errors.New("the emulator gave " + *made.PublicIp + ", not " + want)
	}
	s.facts["elasticIpAllocationId"], s.facts["elasticIpAddress"] = *made.AllocationId, *made.PublicIp
	_, err = s.machines.AssociateAddress(s.ctx, &ec2.AssociateAddressInput{
		AllocationId: made.AllocationId, InstanceId: aws.String(instance),
	})
	return err
}

func (s *seeding) record() error {
	s.facts["dnsTtlSeconds"] = fmt.Sprint(handMadeTTL)
	_, err := s.zones.ChangeResourceRecordSets(s.ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(s.facts["hostedZoneId"]),
		ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{
			Action: r53types.ChangeActionCreate,
			ResourceRecordSet: &r53types.ResourceRecordSet{
				Name: aws.String(s.config.DomainName), Type: r53types.RRTypeA, TTL: aws.Int64(handMadeTTL),
				ResourceRecords: []r53types.ResourceRecord{{Value: aws.String(s.facts["elasticIpAddress"])}},
			},
		}}},
	})
	return err
}
