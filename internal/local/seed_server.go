package local

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// server is today's: made by hand, with an address and a record.
func (s *seeding) server() {
	var instance string
	s.do("server", func() (err error) {
		instance, err = s.launch()
		return err
	})
	s.do("address", s.address)
	s.do("address of the server", func() error {
		_, err := s.machines.AssociateAddress(s.ctx, &ec2.AssociateAddressInput{
			AllocationId: aws.String(s.facts["elasticIpAllocationId"]), InstanceId: aws.String(instance),
		})
		return err
	})
	if s.facts["hostedZoneId"] != "" {
		s.do("record", func() error { return s.record(s.facts["elasticIpAddress"]) })
	}
}

// leaveOut keeps from the stack what serves users today: it is handed over in a deploy of its own, or never (docs/way-in.md).
func (s *seeding) leaveOut() {
	for _, key := range []string{"elasticIpAllocationId", "elasticIpAddress", "hostedZoneName", "hostedZoneId"} {
		s.facts[key] = ""
	}
}

// publicImage is that of a distribution, which the server was once made from; the account's own image was made of the server
// later. ministack starts no machine from an image that it was told of, and does from any other.
const publicImage = "ami-0123456789abcdef0"

func (s *seeding) launch() (string, error) {
	subnet, _, _ := strings.Cut(s.facts["publicSubnetIds"], ",")
	group, _, _ := strings.Cut(s.facts["additionalSecurityGroupIds"], ",")
	input := &ec2.RunInstancesInput{
		ImageId: aws.String(publicImage), InstanceType: ec2types.InstanceType(s.config.SingleInstanceType),
		MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String(subnet),
		SecurityGroupIds:  []string{group},
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

// address is the one that the configuration names, or any.
func (s *seeding) address() error {
	want := s.config.ElasticIPAddress
	input := &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc}
	if want != "" {
		input.Address = aws.String(want)
	}
	made, err := s.machines.AllocateAddress(s.ctx, input)
	if err != nil {
		return err
	}
	if want != "" && *made.PublicIp != want {
		return errors.New("the emulator gave " + *made.PublicIp + ", not " + want)
	}
	s.facts["elasticIpAllocationId"], s.facts["elasticIpAddress"] = *made.AllocationId, *made.PublicIp
	return nil
}
