package status

import (
	"context"
	"errors"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Part is one part of a status, which is unknown where what it asks is denied.
type Part struct {
	// Code is stable.
	Code string
	// Means is what it is, and Field where it is in the JSON, which then is null, or the word unknown.
	Means, Field string
	// Needs are the actions that it asks for.
	Needs []string

	read func(*reading, context.Context) error
	lost func(*Status)
}

// Parts are all of them, in the order in which they are read.
var Parts = []Part{
	{"stack", "the stack and its state", ".stack", []string{"cloudformation:DescribeStacks"},
		(*reading).readStack, func(s *Status) { s.Stack = nil }},
	{"operation", "what was last done to the stack, and what failed", ".stack.operation, .stack.failures",
		[]string{"cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents", "cloudformation:DescribeEvents"}, (*reading).operation, lostOperation},
	{"row", "the row of the table of moves", ".row", []string{"cloudformation:DescribeStacks", "cloudformation:GetTemplate"},
		(*reading).row, func(s *Status) { s.Row = nil }},
	{"fleets", "the fleet and its nodes", ".fleets", []string{"autoscaling:DescribeAutoScalingGroups", "cloudformation:ListStackResources"},
		(*reading).fleets, func(s *Status) { s.Fleets = nil }},
	{"servers", "servers", ".servers; of nodes .type, .address", []string{"ec2:DescribeInstances", "cloudformation:ListStackResources"},
		(*reading).servers, func(s *Status) { s.Servers = nil }},
	{"serves", "the commit that each machine has proven to serve", ".commit", []string{"logs:GetLogEvents", "cloudformation:ListStackResources"},
		(*reading).proofs, func(*Status) {}},
	{"credits", "the CPU credits of machines that have some", ".credits",
		[]string{"cloudwatch:GetMetricData", "ec2:DescribeInstanceCreditSpecifications", "ec2:DescribeInstances"}, (*reading).readCredits, func(*Status) {}},
	{"balancers", "the balancer", ".balancers", []string{"elasticloadbalancing:DescribeLoadBalancers", "cloudformation:ListStackResources"},
		(*reading).readBalancers, func(s *Status) { s.Balancers = nil }},
	{"targets", "the target groups, and each machine's health there", ".targetGroups, .target",
		[]string{"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "cloudformation:ListStackResources"},
		(*reading).readTargets, func(s *Status) { s.TargetGroups = nil }},
	{"traffic", "the share of new clients of each target group", ".targetGroups[].percent", []string{"elasticloadbalancing:DescribeListeners"},
		(*reading).traffic, func(*Status) {}},
	{"record", "the record as Route 53 has it", ".records; items of kind zone, record",
		[]string{"route53:ListHostedZones", "route53:ListResourceRecordSets"}, (*reading).records, func(s *Status) { s.Records = nil }},
	{"resolvers", "the record as resolvers answer", ".records[].resolved", nil, (*reading).resolvers, func(*Status) {}},
	{"alarms", "the alarms by state", ".alarms", []string{"cloudwatch:DescribeAlarms", "cloudformation:ListStackResources"},
		(*reading).alarms, func(s *Status) { s.Alarms = nil }},
	{"addresses", "the addresses", "items of kind address; of servers .address", []string{"ec2:DescribeAddresses", "cloudformation:ListStackResources"},
		(*reading).addresses, func(*Status) {}},
	{"disks", "the disks", "items of kind disk", []string{"ec2:DescribeVolumes", "ec2:DescribeInstances", "cloudformation:ListStackResources"}, (*reading).disks, func(*Status) {}},
	{"snapshots", "the snapshots", "items of kind snapshots", []string{"ec2:DescribeSnapshots", "cloudformation:ListStackResources"}, (*reading).snapshots, func(*Status) {}},
	{"buckets", "the buckets", "items of kind bucket", []string{"s3:ListAllMyBuckets", "cloudformation:ListStackResources"}, (*reading).buckets, func(*Status) {}},
	{"logs", "the log groups", "items of kind log group, cache", []string{"logs:DescribeLogGroups", "cloudformation:ListStackResources"}, (*reading).logs, func(*Status) {}},
	{"last-words", "what the machine that failed last wrote", ".lastWords", []string{"cloudformation:DescribeStacks", "logs:DescribeLogGroups", "logs:DescribeLogStreams"},
		(*reading).lastWords, func(*Status) {}},
}

// Guard is the part that the command reads, of an adopted server alone.
var Guard = Part{Code: "guard", Means: "whether the guard of an adoption is left", Field: "items of kind guard",
	Needs: []string{"ec2:GetConsoleScreenshot"}}

// Unread is a part that is unknown.
type Unread struct {
	// Part is the code of one of Parts.
	Part string `json:"part"`
	// Reason is what AWS answered, or who could not be asked.
	Reason string `json:"reason"`
	// Permission is the action that is missing, as AWS names it, "" where it names none or that is not why.
	Permission string `json:"permission,omitempty"`
}

func newUnread(part string, err error) Unread {
	u := Unread{Part: part, Reason: err.Error()}
	if account.Denied(err) {
		u.Permission = account.Permission(err)
	}
	return u
}

// Unreached is a status of which nothing is known, since nobody could be asked.
func Unreached(err error) *Status {
	s := empty()
	for _, part := range Parts {
		part.lost(s)
		s.Unknown = append(s.Unknown, newUnread(part.Code, err))
	}
	return s
}

// Guarded adds the guard of an adoption that is left, or that nobody knows whether it is; nil and no error for none.
func (s *Status) Guarded(left *Item, err error) {
	if err != nil {
		s.Unknown = append(s.Unknown, newUnread(Guard.Code, err))
	}
	if left != nil {
		s.Items = append(s.Items, *left)
		s.Findings = findings(s)
	}
}

// errNoResolvers is why nobody is asked for a name of an emulator's account.
var errNoResolvers = errors.New("an emulator's names are not the world's")
