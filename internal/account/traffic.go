package account

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Balancer is a load balancer.
type Balancer struct{ ARN, Name, DNSName string }

// Balancers are all of the region.
func (a *Account) Balancers(ctx context.Context) ([]Balancer, error) {
	pages := elb.NewDescribeLoadBalancersPaginator(a.balancers, &elb.DescribeLoadBalancersInput{})
	return all(ctx, pages, func(p *elb.DescribeLoadBalancersOutput) []Balancer {
		return each(p.LoadBalancers, func(b types.LoadBalancer) Balancer {
			return Balancer{aws.ToString(b.LoadBalancerArn), aws.ToString(b.LoadBalancerName), aws.ToString(b.DNSName)}
		})
	})
}

// Shares is the share of a balancer's new clients, in percent, of each target group by its ARN. Listeners that forward agree
// on it.
func (a *Account) Shares(ctx context.Context, balancerARN string) (map[string]int, error) {
	pages := elb.NewDescribeListenersPaginator(a.balancers, &elb.DescribeListenersInput{LoadBalancerArn: &balancerARN})
	actions, err := all(ctx, pages, func(p *elb.DescribeListenersOutput) []types.Action {
		var actions []types.Action
		for _, listener := range p.Listeners {
			actions = append(actions, listener.DefaultActions...)
		}
		return actions
	})
	shares := map[string]int{}
	for _, action := range actions {
		maps.Copy(shares, forwarded(action))
	}
	return shares, err
}

// forwarded is what one action forwards, in percent: by weights, or all of it.
func forwarded(action types.Action) map[string]int {
	shares := map[string]int{}
	if action.ForwardConfig == nil {
		if action.TargetGroupArn != nil {
			shares[*action.TargetGroupArn] = 100
		}
		return shares
	}
	total := 0
	for _, g := range action.ForwardConfig.TargetGroups {
		total += weight(g)
	}
	for _, g := range action.ForwardConfig.TargetGroups {
		if total > 0 {
			shares[aws.ToString(g.TargetGroupArn)] = 100 * weight(g) / total
		}
	}
	return shares
}

// weight is 1 where none is said: of one group alone, that is all.
func weight(g types.TargetGroupTuple) int {
	if g.Weight == nil {
		return 1
	}
	return whole(g.Weight)
}

// TargetGroup is what a balancer can forward to.
type TargetGroup struct{ ARN, Name string }

// TargetGroups are all of the region.
func (a *Account) TargetGroups(ctx context.Context) ([]TargetGroup, error) {
	pages := elb.NewDescribeTargetGroupsPaginator(a.balancers, &elb.DescribeTargetGroupsInput{})
	return all(ctx, pages, func(p *elb.DescribeTargetGroupsOutput) []TargetGroup {
		return each(p.TargetGroups, func(g types.TargetGroup) TargetGroup {
			return TargetGroup{aws.ToString(g.TargetGroupArn), aws.ToString(g.TargetGroupName)}
		})
	})
}

// Target is a machine in a target group, at a port, in the health that the balancer finds it in.
type Target struct {
	ID   string
	Port int
	// Health is healthy, initial, unhealthy, draining, unused or unavailable.
	Health string
	// Reason is why it is not healthy: Elastic Load Balancing's code of it, with its words, "" for one that is.
	Reason string
}

// Targets are a group's, with their health.
func (a *Account) Targets(ctx context.Context, groupARN string) ([]Target, error) {
	found, err := a.balancers.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &groupARN})
	if err != nil {
		return nil, Plain(err)
	}
	return each(found.TargetHealthDescriptions, newTarget), nil
}

func newTarget(d types.TargetHealthDescription) Target {
	t := Target{ID: aws.ToString(d.Target.Id), Port: whole(d.Target.Port)}
	if h := d.TargetHealth; h != nil {
		t.Health, t.Reason = string(h.State), strings.Trim(string(h.Reason)+": "+aws.ToString(h.Description), ": ")
	}
	return t
}
