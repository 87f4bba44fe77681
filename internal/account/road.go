package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Road is an account with what decides where a request of a user goes. It is the emulator's: of AWS, where requests find their way
// by themselves, kora asks none of this.
type Road struct {
	*Account
	balancing roads
}

type roads interface {
	balancers
	DescribeTargetGroupAttributes(context.Context, *elb.DescribeTargetGroupAttributesInput, ...func(*elb.Options)) (
		*elb.DescribeTargetGroupAttributesOutput, error)
}

// RoadAt reaches the emulator at url, as At does.
func RoadAt(url, region string) *Road {
	c := ConfigurationAt(url, region)
	return &Road{newAccount(c), elb.NewFromConfig(c)}
}

// Host is a machine, as far as it can be reached.
type Host struct {
	ID, State string
	// Address is its public one, "" for none; Fleet is the group whose node it is, "" for none.
	Address, Fleet string
	GroupIDs       []string
}

// Hosts are the machines that are not terminated, by id.
func (r *Road) Hosts(ctx context.Context) (map[string]Host, error) {
	pages := ec2.NewDescribeInstancesPaginator(r.machines, &ec2.DescribeInstancesInput{})
	found, err := all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []Host {
		var hosts []Host
		for _, reservation := range p.Reservations {
			hosts = append(hosts, each(reservation.Instances, newHost)...)
		}
		return hosts
	})
	hosts := map[string]Host{}
	for _, h := range found {
		if h.State != string(ec2types.InstanceStateNameTerminated) {
			hosts[h.ID] = h
		}
	}
	return hosts, err
}

func newHost(i ec2types.Instance) Host {
	return Host{aws.ToString(i.InstanceId), string(i.State.Name), aws.ToString(i.PublicIpAddress), tagged(i.Tags, "aws:autoscaling:groupName"),
		each(i.SecurityGroups, func(g ec2types.GroupIdentifier) string { return aws.ToString(g.GroupId) })}
}

// Front is a load balancer with what is behind it.
type Front struct {
	DNSName   string
	GroupIDs  []string
	Listeners []Listener
}

// Listener is what a balancer does with what comes to a port.
type Listener struct {
	Port                             int
	Protocol, Policy, CertificateARN string
	// Redirect is where it sends clients, nil for nowhere.
	Redirect *Redirect
	// Shares are what it forwards to, and StickySeconds for how long a client stays with one of them, 0 for no time.
	Shares        []Share
	StickySeconds int
}

// Redirect is the parts of the address that clients are sent to, where #{host} and the like stand for what they asked for.
type Redirect struct{ Protocol, Host, Port, Path, Query, Status string }

// Share is the weight of a target group.
type Share struct {
	GroupARN string
	Weight   int
}

// Fronts are the balancers of the region.
func (r *Road) Fronts(ctx context.Context) ([]Front, error) {
	pages := elb.NewDescribeLoadBalancersPaginator(r.balancing, &elb.DescribeLoadBalancersInput{})
	found, err := all(ctx, pages, func(p *elb.DescribeLoadBalancersOutput) []types.LoadBalancer { return p.LoadBalancers })
	if err != nil {
		return nil, err
	}
	var fronts []Front
	for _, b := range found {
		pages := elb.NewDescribeListenersPaginator(r.balancing, &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
		listeners, err := all(ctx, pages, func(p *elb.DescribeListenersOutput) []Listener { return each(p.Listeners, newListener) })
		if err != nil {
			return nil, err
		}
		fronts = append(fronts, Front{aws.ToString(b.DNSName), b.SecurityGroups, listeners})
	}
	return fronts, nil
}

func newListener(l types.Listener) Listener {
	listener := Listener{Port: whole(l.Port), Protocol: string(l.Protocol), Policy: aws.ToString(l.SslPolicy)}
	for _, c := range l.Certificates {
		listener.CertificateARN = aws.ToString(c.CertificateArn)
	}
	for _, action := range l.DefaultActions {
		if to := action.RedirectConfig; to != nil {
			listener.Redirect = &Redirect{aws.ToString(to.Protocol), aws.ToString(to.Host), aws.ToString(to.Port), aws.ToString(to.Path),
				aws.ToString(to.Query), string(to.StatusCode)}
		}
		if action.ForwardConfig == nil && action.TargetGroupArn != nil {
			listener.Shares = []Share{{*action.TargetGroupArn, 1}}
		}
		if action.ForwardConfig != nil {
			listener.Shares = each(action.ForwardConfig.TargetGroups, func(g types.TargetGroupTuple) Share {
				return Share{aws.ToString(g.TargetGroupArn), weight(g)}
			})
			if sticky := action.ForwardConfig.TargetGroupStickinessConfig; sticky != nil && aws.ToBool(sticky.Enabled) {
				listener.StickySeconds = whole(sticky.DurationSeconds)
			}
		}
	}
	return listener
}

// Targets are those of a target group.
func (r *Road) Targets(ctx context.Context, groupARN string) ([]Target, error) {
	found, err := r.balancing.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &groupARN})
	if err != nil {
		return nil, Plain(err)
	}
	return each(found.TargetHealthDescriptions, newTarget), nil
}

// Settings are the attributes of a target group, such as stickiness.enabled.
func (r *Road) Settings(ctx context.Context, groupARN string) (map[string]string, error) {
	found, err := r.balancing.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &groupARN})
	if err != nil {
		return nil, Plain(err)
	}
	settings := map[string]string{}
	for _, a := range found.Attributes {
		settings[aws.ToString(a.Key)] = aws.ToString(a.Value)
	}
	return settings, nil
}

// Rules are who may come in where, by security group.
func (r *Road) Rules(ctx context.Context) (map[string][]Rule, error) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(r.machines, &ec2.DescribeSecurityGroupsInput{})
	found, err := all(ctx, pages, func(p *ec2.DescribeSecurityGroupsOutput) []Group { return each(p.SecurityGroups, newGroup) })
	rules := map[string][]Rule{}
	for _, group := range found {
		rules[group.ID] = group.Rules
	}
	return rules, err
}
