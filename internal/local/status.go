package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
)

// Status is what stands in the emulator, in terms of the product. Lists are in the order of
// names or ids, nodes in that of their zones.
type Status struct {
	// URL is the emulator's.
	URL string `json:"url"`
	// Stack is nil before the first deploy.
	Stack *Stack `json:"stack"`
	// Servers are the machines that are in no fleet, also those that the stack did not make or no longer has.
	Servers []Server `json:"servers"`
	// Fleets are one in horizontal, and none in the other stages.
	Fleets []Fleet `json:"fleets"`
	// TargetGroups are what the balancer sends users to.
	TargetGroups []TargetGroup `json:"targetGroups"`
	// Records are the address records of the zone.
	Records []Record `json:"records"`
	// Alarms are all there are.
	Alarms []Alarm `json:"alarms"`

	byBalancer map[string]string // a balancer's name by its DNS name
}

// Stack is CloudFormation's.
type Stack struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	// Reason is why it has that status, "" where CloudFormation does not say.
	Reason string `json:"reason,omitempty"`
}

// Server is one machine.
type Server struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	State   string `json:"state"`
	Address string `json:"address"`
	// InStack says that the stack has it.
	InStack bool `json:"inStack"`
}

// Fleet is an Auto Scaling group.
type Fleet struct {
	Name    string `json:"name"`
	Min     int    `json:"min"`
	Desired int    `json:"desired"`
	Max     int    `json:"max"`
	Nodes   []Node `json:"nodes"`
}

// Node is one machine of a fleet.
type Node struct {
	ID        string `json:"id"`
	Zone      string `json:"zone"`
	Lifecycle string `json:"lifecycle"`
	Health    string `json:"health"`
}

// ReadStatus reads what stands in the project's emulator.
func ReadStatus(ctx context.Context, p *project.Project, environment []string) (*Status, error) {
	state, a, stackName, err := standing(ctx, p, environment)
	if err != nil {
		return nil, err
	}
	s, err := a.status(ctx, stackName)
	if err != nil {
		return nil, fmt.Errorf("reading what stands in the emulator at %s: %w", state.URL, err)
	}
	s.URL = state.URL
	return s, nil
}

// standing is the project's emulator, its account, and the name of the stack in it: cdk.json's, or, where a deploy said
// another name, that of the only stack there is.
func standing(ctx context.Context, p *project.Project, environment []string) (*emulator.State, *account, string, error) {
	state, err := running(p, environment)
	if err != nil {
		return nil, nil, "", err
	}
	c, err := p.Config(nil)
	if err != nil {
		return nil, nil, "", err
	}
	a := connect(state.URL, state.Region)
	found, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	if err != nil {
		return nil, nil, "", fmt.Errorf("asking the emulator at %s for its stacks: %w", state.URL, err)
	}
	if len(found.Stacks) == 1 {
		return state, a, aws.ToString(found.Stacks[0].StackName), nil
	}
	return state, a, c.StackName(), nil
}

// status reads one part after the other: later ones refer to earlier ones.
func (a *account) status(ctx context.Context, stackName string) (*Status, error) {
	s := &Status{byBalancer: map[string]string{}}
	ids, err := a.resources(ctx, stackName)
	if err != nil {
		return nil, err
	}
	parts := []func() error{
		func() error { return a.readStack(ctx, s, stackName) },
		func() error { return a.readFleets(ctx, s) },
		func() error { return a.readServers(ctx, s, ids["Server"]) },
		func() error { return a.readTargetGroups(ctx, s) },
		func() error { return a.readRecords(ctx, s) },
		func() error { return a.readAlarms(ctx, s, ids) },
	}
	for _, part := range parts {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// resources maps the stack's logical ids to physical ones. Without the stack there are none.
func (a *account) resources(ctx context.Context, stackName string) (map[string]string, error) {
	ids := map[string]string{}
	pages := cloudformation.NewListStackResourcesPaginator(a.stacks, &cloudformation.ListStackResourcesInput{StackName: &stackName})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if absent(err) {
			return ids, nil
		}
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			ids[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
		}
	}
	return ids, nil
}

// absent tells that CloudFormation knows no such stack; it has no error of its own for that.
func absent(err error) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && strings.Contains(answer.ErrorMessage(), "does not exist")
}

func (a *account) readStack(ctx context.Context, s *Status, name string) error {
	found, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if absent(err) || err == nil && len(found.Stacks) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	stack := found.Stacks[0]
	s.Stack = &Stack{name, string(stack.StackStatus), aws.ToString(stack.StackStatusReason)}
	return nil
}

func (a *account) readFleets(ctx context.Context, s *Status) error {
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(a.groups, &autoscaling.DescribeAutoScalingGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.AutoScalingGroups {
			fleet := Fleet{aws.ToString(g.AutoScalingGroupName), whole(g.MinSize), whole(g.DesiredCapacity), whole(g.MaxSize), nil}
			for _, i := range g.Instances {
				fleet.Nodes = append(fleet.Nodes, Node{
					aws.ToString(i.InstanceId), aws.ToString(i.AvailabilityZone), string(i.LifecycleState), aws.ToString(i.HealthStatus),
				})
			}
			slices.SortFunc(fleet.Nodes, func(a, b Node) int {
				return cmp.Or(strings.Compare(a.Zone, b.Zone), strings.Compare(a.ID, b.ID))
			})
			s.Fleets = append(s.Fleets, fleet)
		}
	}
	slices.SortFunc(s.Fleets, func(a, b Fleet) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func whole(n *int32) int { return int(aws.ToInt32(n)) }

func (a *account) readServers(ctx context.Context, s *Status, inStack string) error {
	addresses, err := a.addresses(ctx)
	if err != nil {
		return err
	}
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, reservation := range page.Reservations {
			for _, i := range reservation.Instances {
				if i.State.Name == ec2types.InstanceStateNameTerminated || s.isNode(aws.ToString(i.InstanceId)) {
					continue
				}
				id := aws.ToString(i.InstanceId)
				s.Servers = append(s.Servers, Server{id, string(i.InstanceType), string(i.State.Name), addresses[id], id == inStack})
			}
		}
	}
	slices.SortFunc(s.Servers, func(a, b Server) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func (s *Status) isNode(id string) bool {
	return slices.ContainsFunc(s.Fleets, func(f Fleet) bool {
		return slices.ContainsFunc(f.Nodes, func(n Node) bool { return n.ID == id })
	})
}

// addresses are the Elastic IPs by the machine that holds them.
func (a *account) addresses(ctx context.Context) (map[string]string, error) {
	found, err := a.machines.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return nil, err
	}
	held := map[string]string{}
	for _, address := range found.Addresses {
		held[aws.ToString(address.InstanceId)] = aws.ToString(address.PublicIp)
	}
	return held, nil
}
