package check

import (
	"context"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/schema"
)

// nameOf is the property in which a type has its physical name.
func nameOf(resourceType string) string { return schema.NameProperty(resourceType) }

// takers list the names that there are, for each type of the stages that has a name of its own.
var takers = []struct {
	of, noun string
	names    func(context.Context, *looking) ([]string, error)
}{
	{"AWS::CloudWatch::Alarm", "an alarm", func(_ context.Context, l *looking) ([]string, error) {
		alarms, err := l.alarms()
		return each(alarms, func(a account.Alarm) string { return a.Name }), err
	}},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "a load balancer", func(ctx context.Context, l *looking) ([]string, error) {
		found, err := l.Account.Balancers(ctx)
		return each(found, func(b account.Balancer) string { return b.Name }), err
	}},
	{"AWS::ElasticLoadBalancingV2::TargetGroup", "a target group", func(ctx context.Context, l *looking) ([]string, error) {
		found, err := l.Account.TargetGroups(ctx)
		return each(found, func(g account.TargetGroup) string { return g.Name }), err
	}},
	{"AWS::AutoScaling::AutoScalingGroup", "an Auto Scaling group", func(ctx context.Context, l *looking) ([]string, error) {
		found, err := l.Account.Fleets(ctx)
		return each(found, func(f account.Fleet) string { return f.Name }), err
	}},
	{"AWS::EC2::LaunchTemplate", "a launch template", func(ctx context.Context, l *looking) ([]string, error) {
		return l.Account.LaunchTemplateNames(ctx)
	}},
	{"AWS::SSM::Parameter", "a parameter", func(ctx context.Context, l *looking) ([]string, error) {
		return l.Account.ParameterNames(ctx, "/"+l.Config.Name)
	}},
}

func each[Item, Noun any](items []Item, noun func(Item) Noun) []Noun {
	var nouns []Noun
	for _, item := range items {
		nouns = append(nouns, noun(item))
	}
	return nouns
}
