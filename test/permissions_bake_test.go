package test

import (
	"slices"
	"testing"

	"github.com/korakagazindia/provisioner/test/policy"
)

// baking is the verb that makes images and snapshots.
const baking = "bake"

// bakes are the actions of the verb that are narrowed beyond what grantOf knows: to the kinds of things that each is about, and
// to what bears the stack's own tags where something is changed or removed ("Actions, resources, and condition keys for Amazon
// EC2", Service Authorization Reference). Images and snapshots have ARNs without an account.
var bakes = []struct {
	actions   []string
	resources []string // the kinds
	condition map[string][]string
}{
	{[]string{"ec2:CreateImage"}, []string{"image", "instance", "snapshot"}, nil},
	{[]string{"ec2:CreateSnapshots"}, []string{"instance", "snapshot", "volume"}, nil},
	{[]string{"ec2:CreateTags"}, []string{"image", "instance", "security-group", "snapshot", "volume"},
		map[string][]string{"ec2:CreateAction": {"CreateImage", "CreateSecurityGroup", "CreateSnapshots", "RunInstances"}}},
	{[]string{"ec2:CreateSecurityGroup"}, []string{"security-group", "vpc"}, nil},
	{[]string{"ec2:RunInstances"}, []string{"instance", "network-interface", "subnet", "volume"}, nil},
	{[]string{"ec2:RunInstances"}, []string{"image", "security-group", "snapshot"}, ours},
	{[]string{"ec2:AuthorizeSecurityGroupEgress", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupEgress"}, []string{"security-group"}, ours},
	{[]string{"ec2:DeregisterImage"}, []string{"image"}, ours},
	{[]string{"ec2:DeleteSnapshot"}, []string{"snapshot"}, ours},
	{[]string{"ec2:TerminateInstances"}, []string{"instance"}, map[string][]string{"aws:ResourceTag/kora:bake": {"trial"}, stackTag: {policy.Deployer.Stack}}},
}

const stackTag = "aws:ResourceTag/kora:stack"

// ours is what kora bake has made for the stack.
var ours = map[string][]string{stackTag: {policy.Deployer.Stack}}

// implied are actions that no call is named by: what is made with tags asks for that of tagging too, and a
// machine with a profile for handing its role on ("Grant permission to tag Amazon EC2 resources during creation", and "Grant
// permissions to pass an IAM role to an instance", EC2 User Guide).
var implied = []string{"ec2:CreateTags", "iam:PassRole"}

// bakeStatements give what the verb does.
func bakeStatements(t *testing.T, does []string) []statement {
	t.Helper()
	var all []statement
	wanted := slices.Concat(does, implied)
	for _, b := range bakes {
		s := statement{Effect: "Allow", Action: b.actions}
		for _, kind := range b.resources {
			arn := here("ec2", kind+"/*")
			if kind == "image" || kind == "snapshot" {
				arn = "arn:aws:ec2:" + policy.Deployer.Region + "::" + kind + "/*"
			}
			s.Resource = append(s.Resource, arn)
		}
		if b.condition != nil {
			s.Condition = map[string]map[string][]string{"StringEquals": b.condition}
		}
		all = append(all, s)
		wanted = slices.DeleteFunc(wanted, func(action string) bool { return slices.Contains(b.actions, action) })
	}
	return append(all, documentOf(wanted, formsOf(t, wanted))...)
}
