package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// quota is a limit of the account that a deploy of ours can meet.
type quota struct {
	what string
	// service and code are those of Service Quotas, and begins is what AWS begins with (the row's page).
	service, code string
	begins        int
	// own is what the service itself tells where Service Quotas does not, nil for one that tells nothing; false where it does
	// not know.
	own func(context.Context, *looking) (int, bool, error)
	// count is how much the region has already, and how much more the deploy makes.
	count func(context.Context, *looking) (used, wanted int, err error)
}

// networkQuotas are of Amazon VPC (vpc/latest/userguide/amazon-vpc-limits.html, "VPC and subnets", "Gateways").
var networkQuotas = []quota{
	{"VPCs", "vpc", "L-F678F1CE", 5, nil, made("AWS::EC2::VPC", (*account.Account).VPCs)},
	{"internet gateways", "vpc", "L-A4707A72", 5, nil, made("AWS::EC2::InternetGateway", (*account.Account).Gateways)},
}

// addressQuotas are of Elastic IPs (AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html, "Elastic IP address quota").
var addressQuotas = []quota{
	{"Elastic IPs", "ec2", "L-0263D0A3", 5, ofVPC("vpc-max-elastic-ips"), made("AWS::EC2::EIP", (*account.Account).Addresses)},
}

// groupQuotas are of security groups (vpc/latest/userguide/amazon-vpc-limits.html, "Security groups").
var groupQuotas = []quota{
	{"security groups", "vpc", "L-E79EC296", 2500, nil, made("AWS::EC2::SecurityGroup", (*account.Account).GroupIDs)},
	{"security groups of one machine", "vpc", "L-2AFB9258", 5, ofVPC("vpc-max-security-groups-per-interface"), groupsOfOne},
	{"rules of one security group", "vpc", "L-0EA8095F", 60, nil, rulesOfOne},
}

// balancerQuotas are of load balancers (elasticloadbalancing/latest/application/load-balancer-limits.html).
var balancerQuotas = []quota{
	{"load balancers", "elasticloadbalancing", "L-53DA6B97", 50, ofBalancing("application-load-balancers"),
		made("AWS::ElasticLoadBalancingV2::LoadBalancer", (*account.Account).ApplicationBalancers)},
	{"target groups", "elasticloadbalancing", "L-B22855CB", 3000, ofBalancing("target-groups"),
		made("AWS::ElasticLoadBalancingV2::TargetGroup", (*account.Account).TargetGroups)},
}

// fleetQuotas are of Auto Scaling (autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html).
var fleetQuotas = []quota{
	{"Auto Scaling groups", "autoscaling", "L-CDE20ADC", 500, func(ctx context.Context, l *looking) (int, bool, error) {
		most, err := l.Account.FleetLimit(ctx)
		return most, true, err
	}, made("AWS::AutoScaling::AutoScalingGroup", (*account.Account).Fleets)},
}

// within makes the check of some quotas.
func within(quotas []quota) func(context.Context, *looking) ([]Result, error) {
	return func(ctx context.Context, l *looking) ([]Result, error) {
		var results []Result
		for _, q := range quotas {
			result, err := q.look(ctx, l)
			if err != nil {
				result = is(Unknown, q.subject(), "it could not be asked: %s", err)
			}
			results = append(results, result)
		}
		return results, nil
	}
}

func (q quota) subject() string { return fmt.Sprintf("%s (%s %s)", q.what, q.service, q.code) }

func (q quota) look(ctx context.Context, l *looking) (Result, error) {
	used, wanted, err := q.count(ctx, l)
	switch {
	case err != nil:
		return Result{}, err
	case wanted == 0:
		return is(Pass, q.subject(), "the deploy makes none"), nil
	}
	return q.judge(ctx, l, used, wanted), nil
}

// judge compares what is used and wanted with what is allowed.
func (q quota) judge(ctx context.Context, l *looking, used, wanted int) Result {
	said := fmt.Sprintf("%d are needed", wanted)
	if used > 0 {
		said = fmt.Sprintf("%d are there, %d more are needed", used, wanted)
	}
	most, err := q.most(ctx, l)
	switch {
	case err != nil:
		return is(Unknown, q.subject(), "%s, and how many are allowed could not be asked, where AWS begins with %d: %s", said, q.begins, err)
	case most.Default:
		return judged(used+wanted <= most.Most, Fail, q.subject(), "%s, %d are allowed, with which AWS begins", said, most.Most)
	}
	return judged(used+wanted <= most.Most, Fail, q.subject(), "%s, %d are allowed", said, most.Most)
}

// most is how much is allowed: as Service Quotas has it, or else as the service says.
func (q quota) most(ctx context.Context, l *looking) (account.Quota, error) {
	told, err := l.Account.Quota(ctx, q.service, q.code)
	if err == nil && !told.Default || q.own == nil {
		return told, err
	}
	most, known, failed := q.own(ctx, l)
	if failed != nil || !known {
		return told, err // what Service Quotas said is nearer to the cause
	}
	return account.Quota{Most: most}, nil
}

func ofVPC(name string) func(context.Context, *looking) (int, bool, error) {
	return func(ctx context.Context, l *looking) (int, bool, error) { return l.Account.VPCLimit(ctx, name) }
}

func ofBalancing(name string) func(context.Context, *looking) (int, bool, error) {
	return func(ctx context.Context, l *looking) (int, bool, error) {
		limits, err := l.Account.BalancingLimits(ctx)
		most, known := limits[name]
		return most, known, err
	}
}

// made counts what the deploy makes of a type, beside all that the region has of it.
func made[Noun any](resourceType string, all func(*account.Account, context.Context) ([]Noun, error)) func(context.Context, *looking) (int, int, error) {
	return func(ctx context.Context, l *looking) (int, int, error) {
		wanted := 0
		for _, r := range l.Template.OfType(resourceType) {
			makes, err := l.makes(r)
			if err != nil {
				return 0, 0, err
			}
			if makes {
				wanted++
			}
		}
		if wanted == 0 {
			return 0, 0, nil
		}
		found, err := all(l.Account, ctx)
		return len(found), wanted, err
	}
}

// makes reports whether the deploy makes a resource: a new one, or anew beside the old one.
func (l *looking) makes(r *template.Resource) (bool, error) {
	id, err := l.physical(r.ID)
	if err != nil || id == "" {
		return err == nil, err
	}
	return l.replaces(r)
}

// replaces reports whether the deploy makes a resource anew that the stack has. Until the end of the deploy the old one is there
// too.
func (l *looking) replaces(r *template.Resource) (bool, error) {
	deployed, err := l.deployed()
	if err != nil {
		return false, err
	}
	before := deployed.Resource(r.ID)
	if before == nil || before.Type != r.Type {
		return before != nil, nil
	}
	for _, one := range [2]*template.Resource{before, r} {
		for name := range one.Properties {
			from, to := before.Properties[name], r.Properties[name]
			if effect, _ := schema.Of(r.Type, name, from, to); effect == schema.Replace && !template.Same(from, to) {
				return true, nil
			}
		}
	}
	return false, nil
}

// groupsOfOne is how many groups the machine or balancer has that has most of them.
func groupsOfOne(_ context.Context, l *looking) (int, int, error) {
	most := 0
	for _, r := range l.Template.OfType("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::ElasticLoadBalancingV2::LoadBalancer") {
		most = max(most, len(template.List(r.Get("SecurityGroupIds"))), len(template.List(r.Get("SecurityGroups"))),
			len(template.List(r.Get("LaunchTemplateData", "NetworkInterfaces", 0, "Groups"))))
	}
	return 0, most, nil
}

// rulesOfOne is how many rules for traffic in the group has, and gets, that has most of them. A rule for another group counts as one,
// and a list of prefixes, which AWS counts by its size, as one too.
func rulesOfOne(ctx context.Context, l *looking) (used, wanted int, err error) {
	gets := map[string]int{} // by the id of a group, a logical one where it is the template's
	for _, r := range l.Template.OfType("AWS::EC2::SecurityGroup") {
		gets[r.ID] += len(template.List(r.Get("SecurityGroupIngress")))
	}
	for _, r := range l.Template.OfType("AWS::EC2::SecurityGroupIngress") {
		id := r.Text("GroupId")
		if group, own := r.Get("GroupId").(*template.Unknown); own {
			id = group.Resource
		}
		made, err := l.physical(r.ID)
		if err != nil {
			return 0, 0, err
		}
		if made == "" || !strings.HasPrefix(id, "sg-") { // else it is among those that are read
			gets[id]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(gets)) {
		there, count := 0, gets[id]
		if strings.HasPrefix(id, "sg-") {
			if there, err = l.Account.RuleCount(ctx, id); err != nil {
				return 0, 0, err
			}
		}
		if there+count > used+wanted {
			used, wanted = there, count
		}
	}
	return used, wanted, nil
}
