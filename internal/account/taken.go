package account

import "context"

// NameKind is a kind of resources with names of their own, of which each is given once.
type NameKind struct {
	// Type is CloudFormation's, and Noun what people call one.
	Type, Noun string
	names      func(a *Account, ctx context.Context, path string) ([]string, error)
}

// NameKinds are those whose names a deploy of ours can find taken.
func NameKinds() []NameKind {
	return []NameKind{
		{"AWS::CloudWatch::Alarm", "alarm", namesOf((*Account).Alarms, func(a Alarm) string { return a.Name })},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer", namesOf((*Account).Balancers, func(b Balancer) string { return b.Name })},
		{"AWS::ElasticLoadBalancingV2::TargetGroup", "target group", namesOf((*Account).TargetGroups, func(g TargetGroup) string { return g.Name })},
		{"AWS::AutoScaling::AutoScalingGroup", "Auto Scaling group", namesOf((*Account).Fleets, func(f Fleet) string { return f.Name })},
		{"AWS::EC2::LaunchTemplate", "launch template", namesOf((*Account).LaunchTemplateNames, func(name string) string { return name })},
		{"AWS::SSM::Parameter", "parameter", (*Account).ParameterNames},
	}
}

// Names are the names of a kind that there are, of parameters those below a path.
func (a *Account) Names(ctx context.Context, of NameKind, path string) ([]string, error) {
	return of.names(a, ctx, path)
}

func namesOf[Noun any](all func(*Account, context.Context) ([]Noun, error), name func(Noun) string) func(*Account, context.Context, string) ([]string, error) {
	return func(a *Account, ctx context.Context, _ string) ([]string, error) {
		found, err := all(a, ctx)
		return each(found, name), err
	}
}
