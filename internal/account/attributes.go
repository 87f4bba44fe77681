package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Attributes are what EC2 tells of a server only when it is asked for one by one.
type Attributes struct {
	// UserData is as EC2 has it, in base64, "" for none.
	UserData string
	// Kept reports whether EC2 refuses to end the server (DisableApiTermination).
	Kept bool
	// Shutdown is what a shutdown from within does: stop or terminate.
	Shutdown string
}

// Attributes are those of the server of that id.
func (a *Account) Attributes(ctx context.Context, id string) (*Attributes, error) {
	found := &Attributes{}
	for _, name := range []types.InstanceAttributeName{
		types.InstanceAttributeNameUserData, types.InstanceAttributeNameDisableApiTermination,
		types.InstanceAttributeNameInstanceInitiatedShutdownBehavior,
	} {
		said, err := a.machines.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{InstanceId: &id, Attribute: name})
		if err != nil {
			return nil, Plain(err)
		}
		found.take(said)
	}
	return found, nil
}

// take notes what an answer holds, which is one attribute.
func (a *Attributes) take(said *ec2.DescribeInstanceAttributeOutput) {
	if said.UserData != nil {
		a.UserData = aws.ToString(said.UserData.Value)
	}
	if said.DisableApiTermination != nil {
		a.Kept = aws.ToBool(said.DisableApiTermination.Value)
	}
	if said.InstanceInitiatedShutdownBehavior != nil {
		a.Shutdown = aws.ToString(said.InstanceInitiatedShutdownBehavior.Value)
	}
}

// Credits is how burstable machines, by their ids, pay for CPU above their baseline: standard or unlimited. EC2 refuses to say it
// of one that is not burstable.
func (a *Account) Credits(ctx context.Context, ids ...string) (map[string]string, error) {
	modes := map[string]string{}
	pages := ec2.NewDescribeInstanceCreditSpecificationsPaginator(a.machines, &ec2.DescribeInstanceCreditSpecificationsInput{InstanceIds: ids})
	found, err := all(ctx, pages, func(p *ec2.DescribeInstanceCreditSpecificationsOutput) []types.InstanceCreditSpecification {
		return p.InstanceCreditSpecifications
	})
	for _, one := range found {
		modes[aws.ToString(one.InstanceId)] = aws.ToString(one.CpuCredits)
	}
	return modes, err
}

// Volume is a disk of EC2's.
type Volume struct {
	ID, Type   string
	GiB        int
	Encrypted  bool
	IOPS       int
	Throughput int // MiB/s, 0 for a type that has none to choose
	// Machine is the id of the one that has it, and Stack the name of the stack that made it, each "" for none: what a server
	// brought with it is of no stack.
	Machine, Stack string
}

// Volumes are those of the ids, without any all of the region.
func (a *Account) Volumes(ctx context.Context, ids []string) ([]Volume, error) {
	pages := ec2.NewDescribeVolumesPaginator(a.machines, &ec2.DescribeVolumesInput{VolumeIds: ids})
	return all(ctx, pages, func(p *ec2.DescribeVolumesOutput) []Volume {
		return each(p.Volumes, newVolume)
	})
}

func newVolume(v types.Volume) Volume {
	machine := ""
	for _, attached := range v.Attachments {
		machine = aws.ToString(attached.InstanceId)
	}
	return Volume{aws.ToString(v.VolumeId), string(v.VolumeType), whole(v.Size), aws.ToBool(v.Encrypted), whole(v.Iops),
		whole(v.Throughput), machine, stackOf(v.Tags)}
}

// Image is an image's name, "" where it is gone: EC2 tells nothing of one that was deregistered.
func (a *Account) Image(ctx context.Context, id string) (string, error) {
	pages := ec2.NewDescribeImagesPaginator(a.machines, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	names, err := all(ctx, pages, func(p *ec2.DescribeImagesOutput) []string {
		return each(p.Images, func(i types.Image) string { return aws.ToString(i.Name) })
	})
	if code(err) == "InvalidAMIID.NotFound" || code(err) == "InvalidAMIID.Unavailable" {
		return "", nil
	}
	return strings.Join(names, ""), err
}

// LaunchTemplateNames are those of the region.
func (a *Account) LaunchTemplateNames(ctx context.Context) ([]string, error) {
	pages := ec2.NewDescribeLaunchTemplatesPaginator(a.machines, &ec2.DescribeLaunchTemplatesInput{})
	return all(ctx, pages, func(p *ec2.DescribeLaunchTemplatesOutput) []string {
		return each(p.LaunchTemplates, func(t types.LaunchTemplate) string { return aws.ToString(t.LaunchTemplateName) })
	})
}

// KeyPair reports whether there is a key pair of that name.
func (a *Account) KeyPair(ctx context.Context, name string) (bool, error) {
	_, err := a.machines.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{KeyNames: []string{name}})
	if code(err) == "InvalidKeyPair.NotFound" {
		return false, nil
	}
	return err == nil, Plain(err)
}

// Address is an Elastic IP and who holds it.
type Address struct {
	IP, AllocationID, AssociationID string
	// InstanceID and PrivateIP are whose it is, "" for nobody's.
	InstanceID, PrivateIP string
	// Stack is the name of the stack that made it, "" for none.
	Stack string
}

// Addresses are all of the region.
func (a *Account) Addresses(ctx context.Context) ([]Address, error) {
	found, err := a.machines.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return nil, Plain(err)
	}
	return each(found.Addresses, newAddress), nil
}

// Address is the Elastic IP of the region with that address, nil where there is none.
func (a *Account) Address(ctx context.Context, ip string) (*Address, error) {
	found, err := a.machines.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{PublicIps: []string{ip}})
	if code(err) == "InvalidAddress.NotFound" {
		return nil, nil
	}
	if err != nil || len(found.Addresses) == 0 {
		return nil, Plain(err)
	}
	address := newAddress(found.Addresses[0])
	return &address, nil
}

// AddressesOf are the Elastic IPs that a server holds.
func (a *Account) AddressesOf(ctx context.Context, instanceID string) ([]Address, error) {
	found, err := a.machines.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{
		Filters: []types.Filter{{Name: aws.String("instance-id"), Values: []string{instanceID}}},
	})
	if err != nil {
		return nil, Plain(err)
	}
	return each(found.Addresses, newAddress), nil
}

func newAddress(a types.Address) Address {
	return Address{aws.ToString(a.PublicIp), aws.ToString(a.AllocationId), aws.ToString(a.AssociationId), aws.ToString(a.InstanceId),
		aws.ToString(a.PrivateIpAddress), stackOf(a.Tags)}
}

// Hash is the SHA-256 of a text in hexadecimal, "" of none.
func Hash(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
