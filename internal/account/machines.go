package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Machine is one of EC2's.
type Machine struct {
	ID    string
	Type  string
	State string
	// Address is the Elastic IP that it holds, "" for none.
	Address string
	// Stack is the name of the stack that made it, "" for none.
	Stack string
}

// Machines are all of the region that are not terminated.
func (a *Account) Machines(ctx context.Context) ([]Machine, error) {
	addresses, err := a.addresses(ctx)
	if err != nil {
		return nil, err
	}
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{})
	return all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []Machine {
		var found []Machine
		for _, reservation := range p.Reservations {
			for _, i := range reservation.Instances {
				if i.State.Name != types.InstanceStateNameTerminated {
					found = append(found, newMachine(i, addresses))
				}
			}
		}
		return found
	})
}

func newMachine(i types.Instance, addresses map[string]string) Machine {
	id := aws.ToString(i.InstanceId)
	return Machine{ID: id, Type: string(i.InstanceType), State: string(i.State.Name), Address: addresses[id], Stack: stackOf(i.Tags)}
}

// stackOf is the stack that CloudFormation says, by a tag, has made a resource.
func stackOf(tags []types.Tag) string {
	for _, tag := range tags {
		if aws.ToString(tag.Key) == "aws:cloudformation:stack-name" {
			return aws.ToString(tag.Value)
		}
	}
	return ""
}

// addresses are the Elastic IPs by the machine that holds them.
func (a *Account) addresses(ctx context.Context) (map[string]string, error) {
	found, err := a.machines.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return nil, Plain(err)
	}
	held := map[string]string{}
	for _, address := range found.Addresses {
		held[aws.ToString(address.InstanceId)] = aws.ToString(address.PublicIp)
	}
	delete(held, "") // those that no machine holds
	return held, nil
}
