package schema

import "reflect"

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
)

// exceptions are read from the pages as of December 2023, the last state of awsdocs/aws-cloudformation-user-guide: the list
// of Instance is exactly the properties that it marks "Update requires: Some interruptions".
//
// Of SecurityGroupIds the page of 2017 and 2018 said "No interruption for instances that are in a VPC", that since 2019 "Some
// interruptions" without a condition. ModifyInstanceAttribute changes them on a running server (EC2 API Reference), and people
// have done so by CloudFormation without a stop (elifesciences/builder #137). The worse answer stands.
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
	{Type: "AWS::SNS::Subscription", Property: "Region", Effect: MayReplace, Page: "the registry's schema in cfn-lint 1.58.0",
		Why: "create-only in the second source, not in the first"},
}

// Exceptions lists where Of differs from Plain, each with its reason and page.
func Exceptions() []Exception { return exceptions }

// disksDiffer says whether more than DeleteOnTermination differs between two lists of disks.
func disksDiffer(from, to any) bool {
	return !reflect.DeepEqual(withoutDeletion(from), withoutDeletion(to))
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
