package account

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Subnet is one of a VPC.
type Subnet struct {
	ID, Zone string
	// Default reports whether it came with the account's default VPC.
	Default bool
	// Assigns reports whether it gives public addresses at launch.
	Assigns bool
	// Public reports whether its route table leads to the internet by a gateway.
	Public bool
	// Free is how many of its addresses nobody has.
	Free int
}

// Subnets are those of a VPC, by zone.
func (a *Account) Subnets(ctx context.Context, vpcID string) ([]Subnet, error) {
	public, err := a.public(ctx, vpcID)
	if err != nil {
		return nil, err
	}
	pages := ec2.NewDescribeSubnetsPaginator(a.machines, &ec2.DescribeSubnetsInput{Filters: inVPC(vpcID)})
	found, err := all(ctx, pages, func(p *ec2.DescribeSubnetsOutput) []Subnet {
		return each(p.Subnets, func(s types.Subnet) Subnet {
			id := aws.ToString(s.SubnetId)
			return Subnet{id, aws.ToString(s.AvailabilityZone), aws.ToBool(s.DefaultForAz), aws.ToBool(s.MapPublicIpOnLaunch), public(id),
				whole(s.AvailableIpAddressCount)}
		})
	})
	slices.SortFunc(found, func(a, b Subnet) int { return strings.Compare(a.Zone+a.ID, b.Zone+b.ID) })
	return found, err
}

func inVPC(id string) []types.Filter {
	return []types.Filter{{Name: aws.String("vpc-id"), Values: []string{id}}}
}

// public returns what tells of a subnet's id whether its routes lead to the internet: those of its own table, or else those of
// the main one (VPC User Guide, "Subnet route tables").
func (a *Account) public(ctx context.Context, vpcID string) (func(subnetID string) bool, error) {
	pages := ec2.NewDescribeRouteTablesPaginator(a.machines, &ec2.DescribeRouteTablesInput{Filters: inVPC(vpcID)})
	tables, err := all(ctx, pages, func(p *ec2.DescribeRouteTablesOutput) []types.RouteTable { return p.RouteTables })
	own, main := map[string]bool{}, false
	for _, table := range tables {
		open := slices.ContainsFunc(table.Routes, func(r types.Route) bool {
			return aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" && strings.HasPrefix(aws.ToString(r.GatewayId), "igw-")
		})
		for _, association := range table.Associations {
			own[aws.ToString(association.SubnetId)] = open
			main = main || aws.ToBool(association.Main) && open
		}
	}
	return func(id string) bool {
		if open, has := own[id]; has {
			return open
		}
		return main
	}, err
}

// Offered maps the instance types that are asked about to the zones that have them.
func (a *Account) Offered(ctx context.Context, instanceTypes []string) (map[string][]string, error) {
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(a.machines, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone,
		Filters:      []types.Filter{{Name: aws.String("instance-type"), Values: instanceTypes}},
	})
	offers, err := all(ctx, pages, func(p *ec2.DescribeInstanceTypeOfferingsOutput) []types.InstanceTypeOffering {
		return p.InstanceTypeOfferings
	})
	zones := map[string][]string{}
	for _, offer := range offers {
		zones[string(offer.InstanceType)] = append(zones[string(offer.InstanceType)], aws.ToString(offer.Location))
	}
	return zones, err
}

// Group is a security group.
type Group struct {
	ID, Name, VpcID string
	Rules           []Rule
}

// Rule is who may come in where.
type Rule struct {
	// Protocol is tcp, udp, icmp, or -1 for all.
	Protocol string
	From, To int // ports; of all protocols all
	// CIDRs, IPv6 ones too, and GroupIDs are who.
	CIDRs, GroupIDs []string
}

// Groups are the security groups of a VPC, by id.
func (a *Account) Groups(ctx context.Context, vpcID string) (map[string]Group, error) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(a.machines, &ec2.DescribeSecurityGroupsInput{Filters: inVPC(vpcID)})
	found, err := all(ctx, pages, func(p *ec2.DescribeSecurityGroupsOutput) []Group { return each(p.SecurityGroups, newGroup) })
	groups := map[string]Group{}
	for _, group := range found {
		groups[group.ID] = group
	}
	return groups, err
}

func newGroup(g types.SecurityGroup) Group {
	return Group{aws.ToString(g.GroupId), aws.ToString(g.GroupName), aws.ToString(g.VpcId), each(g.IpPermissions, newRule)}
}

func newRule(p types.IpPermission) Rule {
	rule := Rule{Protocol: aws.ToString(p.IpProtocol), From: whole(p.FromPort), To: whole(p.ToPort)}
	if rule.Protocol == everyProtocol {
		rule.From, rule.To = 0, lastPort
	}
	for _, r := range p.IpRanges {
		rule.CIDRs = append(rule.CIDRs, aws.ToString(r.CidrIp))
	}
	for _, r := range p.Ipv6Ranges {
		rule.CIDRs = append(rule.CIDRs, aws.ToString(r.CidrIpv6))
	}
	for _, g := range p.UserIdGroupPairs {
		rule.GroupIDs = append(rule.GroupIDs, aws.ToString(g.GroupId))
	}
	return rule
}

const (
	everyProtocol = "-1"
	lastPort      = 65535
)

// Covers reports whether the rule is about a TCP port.
func (r Rule) Covers(port int) bool {
	return (r.Protocol == "tcp" || r.Protocol == everyProtocol) && r.From <= port && port <= r.To
}

// World reports whether the rule lets everybody in.
func (r Rule) World() bool {
	return slices.Contains(r.CIDRs, "0.0.0.0/0") || slices.Contains(r.CIDRs, "::/0")
}

// Admits reports whether the rule lets that address in.
func (r Rule) Admits(ip string) bool {
	address, err := netip.ParseAddr(ip)
	return err == nil && slices.ContainsFunc(r.CIDRs, func(cidr string) bool {
		prefix, err := netip.ParsePrefix(cidr)
		return err == nil && prefix.Contains(address)
	})
}

// Ports are the rule's, in words: 443, 8000-8010, all, udp 53.
func (r Rule) Ports() string {
	ports := fmt.Sprint(r.From)
	if r.To != r.From {
		ports = fmt.Sprintf("%d-%d", r.From, r.To)
	}
	switch r.Protocol {
	case "tcp":
		return ports
	case everyProtocol:
		return "all"
	}
	return r.Protocol + " " + ports
}
