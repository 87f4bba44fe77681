package local

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

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
