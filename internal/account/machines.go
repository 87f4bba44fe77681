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
	// Address is its public one while it runs, Elastic IP or not, "" for none.
	Address string
	// Stack is the name of the stack that made it, and Fleet that of the Auto Scaling group, each "" for none.
	Stack, Fleet string
}

// Machines are all of the region that are not terminated.
func (a *Account) Machines(ctx context.Context) ([]Machine, error) {
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{})
	return all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []Machine {
		var found []Machine
		for _, reservation := range p.Reservations {
			for _, i := range reservation.Instances {
				if i.State.Name != types.InstanceStateNameTerminated {
					found = append(found, newMachine(i))
				}
			}
		}
		return found
	})
}

func newMachine(i types.Instance) Machine {
	return Machine{aws.ToString(i.InstanceId), string(i.InstanceType), string(i.State.Name), aws.ToString(i.PublicIpAddress), stackOf(i.Tags),
		tagged(i.Tags, "aws:autoscaling:groupName")}
}

// stackOf is the stack that CloudFormation says, by a tag, has made a resource.
func stackOf(tags []types.Tag) string { return tagged(tags, "aws:cloudformation:stack-name") }

// tagged is the value of a tag, "" for none.
func tagged(tags []types.Tag, key string) string {
	for _, tag := range tags {
		if aws.ToString(tag.Key) == key {
			return aws.ToString(tag.Value)
		}
	}
	return ""
}
