package local

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// TargetGroup is what a balancer sends a share of the users to.
type TargetGroup struct {
	Name string `json:"name"`
	// Percent is its share of new clients.
	Percent int `json:"percent"`
	// Targets counts its targets by their health: healthy, initial, unhealthy, draining, unused.
	Targets map[string]int `json:"targets"`
}

// Record is one that users resolve.
type Record struct {
	Name string `json:"name"`
	// TTLSeconds is 0 for an alias, which has none.
	TTLSeconds int `json:"ttlSeconds"`
	// To is what it resolves to: an address, or a balancer's DNS name.
	To string `json:"to"`
	// Where is what that belongs to: server and its id, balancer and its name, or "" for nothing that stands here.
	Where string `json:"where"`
}

func (a *account) readTargetGroups(ctx context.Context, s *Status) error {
	shares, err := a.shares(ctx, s)
	if err != nil {
		return err
	}
	pages := elb.NewDescribeTargetGroupsPaginator(a.balancers, &elb.DescribeTargetGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.TargetGroups {
			health, err := a.balancers.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
			if err != nil {
				return err
			}
			group := TargetGroup{aws.ToString(g.TargetGroupName), shares[aws.ToString(g.TargetGroupArn)], map[string]int{}}
			for _, target := range health.TargetHealthDescriptions {
				group.Targets[string(target.TargetHealth.State)]++
			}
			s.TargetGroups = append(s.TargetGroups, group)
		}
	}
	slices.SortFunc(s.TargetGroups, func(a, b TargetGroup) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// shares is the share of new clients, in percent, of each target group by its ARN. Listeners that forward agree on it.
func (a *account) shares(ctx context.Context, s *Status) (map[string]int, error) {
	shares := map[string]int{}
	pages := elb.NewDescribeLoadBalancersPaginator(a.balancers, &elb.DescribeLoadBalancersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range page.LoadBalancers {
			s.byBalancer[aws.ToString(b.DNSName)] = aws.ToString(b.LoadBalancerName)
			listeners, err := a.balancers.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
			if err != nil {
				return nil, err
			}
			for _, listener := range listeners.Listeners {
				for _, action := range listener.DefaultActions {
					share(action, shares)
				}
			}
		}
	}
	return shares, nil
}

// share adds what one action forwards: by weights, or all of it.
func share(action elbtypes.Action, shares map[string]int) {
	if action.ForwardConfig == nil {
		if action.TargetGroupArn != nil {
			shares[*action.TargetGroupArn] = 100
		}
		return
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
}

// weight is 1 where none is said: of one group alone, that is all.
func weight(g elbtypes.TargetGroupTuple) int {
	if g.Weight == nil {
		return 1
	}
	return whole(g.Weight)
}

func (a *account) readRecords(ctx context.Context, s *Status) error {
	zones, err := a.zones.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	if err != nil {
		return err
	}
	for _, zone := range zones.HostedZones {
		sets, err := a.zones.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: zone.Id})
		if err != nil {
			return err
		}
		for _, set := range sets.ResourceRecordSets {
			if set.Type == r53types.RRTypeA {
				s.Records = append(s.Records, s.record(set))
			}
		}
	}
	slices.SortFunc(s.Records, func(a, b Record) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func (s *Status) record(set r53types.ResourceRecordSet) Record {
	r := Record{Name: strings.TrimSuffix(aws.ToString(set.Name), "."), TTLSeconds: int(aws.ToInt64(set.TTL))}
	if set.AliasTarget != nil {
		r.To = strings.TrimSuffix(aws.ToString(set.AliasTarget.DNSName), ".")
		if name := s.byBalancer[strings.TrimPrefix(r.To, "dualstack.")]; name != "" {
			r.Where = "balancer " + name
		}
		return r
	}
	var values []string
	for _, v := range set.ResourceRecords {
		values = append(values, aws.ToString(v.Value))
	}
	r.To = strings.Join(values, ", ")
	for _, server := range s.Servers {
		if server.Address != "" && server.Address == r.To {
			r.Where = "server " + server.ID
		}
	}
	return r
}
