package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// Fleet is an Auto Scaling group.
type Fleet struct {
	Name              string
	Min, Desired, Max int
	Nodes             []Node
	// Check is who finds nodes unhealthy: EC2 or ELB, and Suspended what the group does not do at present.
	Check     string
	Suspended []string
}

// Node is one machine of a fleet.
type Node struct {
	ID, Zone string
	// Lifecycle and Health are as Auto Scaling has them, such as InService and Healthy.
	Lifecycle, Health string
}

// Fleets are all of the region.
func (a *Account) Fleets(ctx context.Context) ([]Fleet, error) {
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(a.groups, &autoscaling.DescribeAutoScalingGroupsInput{})
	return all(ctx, pages, func(p *autoscaling.DescribeAutoScalingGroupsOutput) []Fleet {
		return each(p.AutoScalingGroups, newFleet)
	})
}

// Fleet is the one of that name, nil where there is none.
func (a *Account) Fleet(ctx context.Context, name string) (*Fleet, error) {
	found, err := a.groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
	if err != nil {
		return nil, Plain(err)
	}
	if len(found.AutoScalingGroups) == 0 {
		return nil, nil
	}
	fleet := newFleet(found.AutoScalingGroups[0])
	return &fleet, nil
}

func newFleet(g types.AutoScalingGroup) Fleet {
	nodes := each(g.Instances, func(i types.Instance) Node {
		return Node{aws.ToString(i.InstanceId), aws.ToString(i.AvailabilityZone), string(i.LifecycleState), aws.ToString(i.HealthStatus)}
	})
	suspended := each(g.SuspendedProcesses, func(p types.SuspendedProcess) string { return aws.ToString(p.ProcessName) })
	return Fleet{aws.ToString(g.AutoScalingGroupName), whole(g.MinSize), whole(g.DesiredCapacity), whole(g.MaxSize), nodes,
		aws.ToString(g.HealthCheckType), suspended}
}

// Policy is what an alarm does to a fleet.
type Policy struct {
	ARN string
	// Adjustment is by how many nodes it changes the fleet; of steps, by the last of them.
	Adjustment int
	// CooldownSeconds is how long it then does nothing, nil where it has no cooldown of its own.
	CooldownSeconds *int
}

// Policies are a fleet's.
func (a *Account) Policies(ctx context.Context, fleet string) ([]Policy, error) {
	pages := autoscaling.NewDescribePoliciesPaginator(a.groups, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: &fleet})
	return all(ctx, pages, func(p *autoscaling.DescribePoliciesOutput) []Policy { return each(p.ScalingPolicies, newPolicy) })
}

func newPolicy(p types.ScalingPolicy) Policy {
	policy := Policy{ARN: aws.ToString(p.PolicyARN), Adjustment: whole(p.ScalingAdjustment)}
	for _, step := range p.StepAdjustments {
		policy.Adjustment = whole(step.ScalingAdjustment)
	}
	if p.Cooldown != nil {
		seconds := whole(p.Cooldown)
		policy.CooldownSeconds = &seconds
	}
	return policy
}

func whole(n *int32) int { return int(aws.ToInt32(n)) }
