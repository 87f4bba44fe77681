package schema

import "github.com/korakagazindia/provisioner/internal/template"

// An Exception is a property of which AWS's pages say more than the schema.
type Exception struct {
	Type, Property string
	Effect         Effect
	Why            string // in a few words, for a person
	Page           string

	when func(from, to any) bool // nil: always
}

const (
	instancePage = "AWS::EC2::Instance, CloudFormation Template Reference"
	addressPage  = "AWS::EC2::EIP, CloudFormation Template Reference"
	groupPage    = "UpdatePolicy attribute, CloudFormation Template Reference"
	keyPage      = "AWS::KMS::Key, CloudFormation Template Reference"
	tablePage    = "AWS::DynamoDB::Table, CloudFormation Template Reference"
	registry     = "the registry's schema in cfn-lint 1.58.0"
)

// exceptions are read from the pages as of December 2023, the last state of awsdocs/aws-cloudformation-user-guide: the list
// of Instance is exactly the properties that it marks "Update requires: Some interruptions".
//
// Of SecurityGroupIds the page of 2017 and 2018 said "No interruption for instances that are in a VPC", that since 2019 "Some
// interruptions" without a condition. ModifyInstanceAttribute changes them on a running server (EC2 API Reference), and
// people have done so by CloudFormation without a stop (elifesciences/builder #137). The worse answer stands.
var exceptions = []Exception{
	{Type: "AWS::EC2::Instance", Property: "InstanceType", Effect: Interrupt, Page: instancePage,
		Why: "stops and starts: its disk is an EBS volume"},
	{Type: "AWS::EC2::Instance", Property: "UserData", Effect: Interrupt, Page: instancePage,
		Why: "stops and starts: its disk is an EBS volume; the script does not run again"},
	{Type: "AWS::EC2::Instance", Property: "EbsOptimized", Effect: Interrupt, Page: instancePage,
		Why: "stops and starts: its disk is an EBS volume"},
	{Type: "AWS::EC2::Instance", Property: "SecurityGroupIds", Effect: Interrupt, Page: instancePage,
		Why: "the page says some interruption; EC2 itself changes the groups of a server in a VPC while it runs"},
	{Type: "AWS::EC2::Instance", Property: "KernelId", Effect: Interrupt, Page: instancePage,
		Why: "stops and starts: its disk is an EBS volume"},
	{Type: "AWS::EC2::Instance", Property: "RamdiskId", Effect: Interrupt, Page: instancePage,
		Why: "stops and starts: its disk is an EBS volume"},
	{Type: "AWS::EC2::Instance", Property: "BlockDeviceMappings", Effect: Replace, Page: "AWS::EC2::Instance Ebs, CloudFormation Template Reference",
		Why: "of a running server's disks only DeleteOnTermination can change", when: disksDiffer},
	{Type: "AWS::EC2::Instance", Property: "BlockDeviceMappings", Effect: Interrupt, Page: "AWS::EC2::Instance Ebs, CloudFormation Template Reference",
		Why: "only DeleteOnTermination of its disks changes"},
	{Type: "AWS::EC2::EIP", Property: "InstanceId", Effect: Interrupt, Page: addressPage, Why: "associates the address anew"},
	{Type: "AWS::EC2::EIP", Property: "PublicIpv4Pool", Effect: Interrupt, Page: addressPage, Why: "associates the address anew"},
	{Type: "AWS::EC2::EIP", Property: "Tags", Effect: Interrupt, Page: addressPage, Why: "associates the address anew"},
	{Type: "AWS::AutoScaling::AutoScalingGroup", Property: "LaunchTemplate", Effect: Update, Page: groupPage,
		Why: "the group stays; its nodes are replaced as the UpdatePolicy says"},
	{Type: "AWS::AutoScaling::AutoScalingGroup", Property: "LaunchConfigurationName", Effect: Update, Page: groupPage,
		Why: "the group stays; its nodes are replaced as the UpdatePolicy says"},
	{Type: "AWS::AutoScaling::AutoScalingGroup", Property: "MixedInstancesPolicy", Effect: Update, Page: groupPage,
		Why: "the group stays; its nodes are replaced as the UpdatePolicy says"},
	{Type: "AWS::AutoScaling::AutoScalingGroup", Property: "VPCZoneIdentifier", Effect: Update, Page: groupPage,
		Why: "the group stays; its nodes are replaced as the UpdatePolicy says"},
	{Type: "AWS::EC2::VPC", Property: "InstanceTenancy", Effect: Update, Page: "AWS::EC2::VPC, CloudFormation Template Reference",
		Why: "from dedicated to default it needs no replacement", when: values("dedicated", "default")},
	{Type: "AWS::EC2::VPC", Property: "InstanceTenancy", Effect: Replace, Page: "AWS::EC2::VPC, CloudFormation Template Reference",
		Why: "from default to dedicated it is replaced", when: values("default", "dedicated")},
	{Type: "AWS::ElastiCache::ReplicationGroup", Property: "AuthToken", Effect: Replace, Page: "AWS::ElastiCache::ReplicationGroup, CloudFormation Template Reference",
		Why: "a token that is added replaces it", when: added},
	{Type: "AWS::EC2::Volume", Property: "Size", Effect: Refuse, Page: "AWS::EC2::Volume, CloudFormation Template Reference",
		Why: "a volume does not become smaller", when: shrinks},
	{Type: "AWS::KMS::Key", Property: "KeySpec", Effect: Refuse, Page: keyPage, Why: "the update request fails"},
	{Type: "AWS::KMS::Key", Property: "KeyUsage", Effect: Refuse, Page: keyPage, Why: "the update request fails"},
	{Type: "AWS::KMS::Key", Property: "MultiRegion", Effect: Refuse, Page: keyPage, Why: "the update request fails"},
	{Type: "AWS::KMS::Key", Property: "Origin", Effect: Refuse, Page: keyPage, Why: "a key's origin cannot change"},
	{Type: "AWS::DynamoDB::Table", Property: "GlobalSecondaryIndexes", Effect: Refuse, Page: tablePage,
		Why: "an index cannot change; one can be added or deleted", when: within("IndexName", "KeySchema", "Projection")},
	{Type: "AWS::DynamoDB::Table", Property: "LocalSecondaryIndexes", Effect: Refuse, Page: tablePage,
		Why: "an index cannot change", when: within("IndexName", "KeySchema", "Projection")},
	{Type: "AWS::Route53::HealthCheck", Property: "HealthCheckConfig", Effect: Replace, Page: "AWS::Route53::HealthCheck HealthCheckConfig, CloudFormation Template Reference",
		Why: "its type, latency and interval are for its life", when: within("Type", "MeasureLatency", "RequestInterval")},
	{Type: "AWS::EC2::VPCEndpoint", Property: "DnsOptions", Effect: Replace, Page: registry,
		Why: "create-only below the top level", when: within("PrivateDnsPreference", "PrivateDnsSpecifiedDomains")},
	{Type: "AWS::SNS::Subscription", Property: "Region", Effect: MayReplace, Page: registry, Why: secondSource},
	{Type: "AWS::EC2::NetworkInterface", Property: "EnablePrimaryIpv6", Effect: MayReplace, Page: registry, Why: secondSource},
	{Type: "AWS::EC2::NetworkInterface", Property: "ConnectionTrackingSpecification", Effect: MayReplace, Page: registry, Why: secondSource},
	{Type: "AWS::ElastiCache::CacheCluster", Property: "IpDiscovery", Effect: MayReplace, Page: registry, Why: secondSource},
	{Type: "AWS::ElastiCache::ServerlessCache", Property: "ConnectionType", Effect: MayReplace, Page: registry, Why: secondSource},
	{Type: "AWS::Lambda::Function", Property: "DurableConfig", Effect: MayReplace, Page: registry, Why: secondSource},
	{Type: "AWS::Route53::HostedZone", Property: "DelegationSetId", Effect: MayReplace, Page: registry, Why: secondSource},
}

// secondSource is a disagreement of the two sources, of which the worse answer is only possible.
const secondSource = "create-only in the second source, not in the first"

// disksDiffer reports whether more than DeleteOnTermination differs between two lists of disks.
func disksDiffer(from, to any) bool {
	return !template.Same(withoutDeletion(from), withoutDeletion(to))
}

// values reports a change from one text to another; "default" is what is not set, too.
func values(before, after string) func(from, to any) bool {
	is := func(value any, text string) bool { return value == text || value == nil && text == "default" }
	return func(from, to any) bool { return is(from, before) && is(to, after) }
}

// added reports a value where there was none.
func added(from, to any) bool { return from == nil && to != nil }

// shrinks reports a number that becomes smaller.
func shrinks(from, to any) bool {
	before, was := template.Number(from)
	after, is := template.Number(to)
	return was && is && after < before
}

// within reports whether something at one of these names within a property differs, of which it has as many as before.
func within(names ...string) func(from, to any) bool {
	return func(from, to any) bool {
		before, after := []any{from}, []any{to}
		if list, ok := first[[]any](from, to); ok {
			before, after = template.List(from), template.List(to)
			if len(before) != len(after) || len(list) == 0 {
				return false
			}
		}
		for i := range before {
			for _, name := range names {
				if !template.Same(template.Get(before[i], name), template.Get(after[i], name)) {
					return true
				}
			}
		}
		return false
	}
}

// first is the first of two values that is a T.
func first[T any](from, to any) (T, bool) {
	if value, ok := from.(T); ok {
		return value, true
	}
	value, ok := to.(T)
	return value, ok
}

func withoutDeletion(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = withoutDeletion(item)
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for key, item := range v {
			if key != "DeleteOnTermination" {
				m[key] = withoutDeletion(item)
			}
		}
		return m
	}
	return value
}
