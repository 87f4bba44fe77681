package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/test/policy"
)

// A managed policy has at most so many characters, white space not counted (IAM and STS quotas, IAM User Guide).
const managedPolicyLimit = 6144

// leftOut are permissions that a handler's schema names and no document gives: patterns, and why none of our templates needs
// them.
var leftOut = []struct{ pattern, why string }{
	{"acm-pca:*", "the certificate is a public one"},
	{"cognito-idp:*", "no listener authenticates users"},
	{"firehose:*", "no log is delivered to Firehose"},
	{"kms:*", "nothing is encrypted with a key of the account's own"},
	{"logs:CreateLogStream", "the cache delivers no log"},
	{"logs:*LogDeliver*", "nothing delivers logs but the machines' agents"},
	{"logs:PutLogEvents", "the cache delivers no log"},
	{"managed-fleets:*", "no reference of AWS's actions knows this service: the schema is ahead of it"},
	{"resource-groups:*", "the association names its targets by tag or id"},
	{"s3:REST.PUT.OBJECT", "no action of S3: a name of its access log"},
	{"s3:DeleteBucketAnalyticsConfiguration", notAnAction + "s3:PutAnalyticsConfiguration"},
	{"s3:DeleteBucketCors", notAnAction + "s3:PutBucketCORS"},
	{"s3:DeleteBucketEncryption", notAnAction + "s3:PutEncryptionConfiguration"},
	{"s3:DeleteBucketLifecycle", notAnAction + "s3:PutLifecycleConfiguration"},
	{"s3:DeleteBucketMetricsConfiguration", notAnAction + "s3:PutMetricsConfiguration"},
	{"s3:DeleteBucketReplication", notAnAction + "s3:PutReplicationConfiguration"},
	{"s3:GetObject", "no document of Systems Manager has attachments in a bucket"},
	{"s3:PutBucketReplication", notAnAction + "s3:PutReplicationConfiguration"},
	{"s3:PutObjectLockConfiguration", notAnAction + "s3:PutBucketObjectLockConfiguration"},
	{"s3:*Metadata*", "the bucket has no metadata table"},
	{"s3tables:*", "the bucket has no metadata table"},
	{"ssm:Get\\*", "would read every secret of the account: the documents give the image's public parameter"},
	{"vpc-lattice:*", "the fleet is behind a load balancer"},
}

// notAnAction is said of what is an operation of S3's API: the Service Authorization Reference names the action that it is
// decided by ("Actions, resources, and condition keys for Amazon S3").
const notAnAction = "no action of S3 but an operation, which is decided by "

// serviceLinked are the services that make a role of their own in an account the first time that they are used, and for which
// type ("AWS services that work with IAM", IAM User Guide).
var serviceLinked = map[string]string{
	"autoscaling.amazonaws.com":          "AWS::AutoScaling::AutoScalingGroup",
	"elasticache.amazonaws.com":          "AWS::ElastiCache::ReplicationGroup",
	"elasticloadbalancing.amazonaws.com": "AWS::ElasticLoadBalancingV2::LoadBalancer",
	"ssm.amazonaws.com":                  "AWS::SSM::Association",
}

// scopes are what an action may be narrowed to, by the form of its ARN in the Service Authorization Reference: what bears our
// names.
func scopes() map[string]string {
	d := policy.Deployer
	all := map[string]string{}
	for _, of := range []struct{ service, form, ours string }{
		{"autoscaling", "autoScalingGroup:${GroupId}:autoScalingGroupName/${GroupFriendlyName}", "autoScalingGroup:*:autoScalingGroupName/" + d.Name + "-asg"},
		{"cloudformation", "stack/${StackName}/${Id}", "stack/" + d.Stack + "/*"},
		{"ec2", "instance/${InstanceId}", "instance/*"},
		{"logs", "log-group:${LogGroupName}", "log-group:" + d.Stack + "-*"},
		{"sns", "${TopicName}", d.Stack + "-*"},
		{"ssm", "association/${AssociationId}", "association/*"},
		{"ssm", "document/${DocumentName}", "document/" + d.Stack + "-*"},
		{"ssm", "parameter/${ParameterNameWithoutLeadingSlash}", "parameter/" + d.Name + "/*"},
	} {
		all["arn:${Partition}:"+of.service+":${Region}:${Account}:"+of.form] = here(of.service, of.ours)
	}
	iam := func(what string) string { return "arn:aws:iam::" + d.Account + ":" + what + "/" + d.Stack + "-*" }
	all["arn:${Partition}:iam::${Account}:instance-profile/${InstanceProfileNameWithPath}"] = iam("instance-profile")
	all["arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"] = iam("role")
	all["arn:${Partition}:budgets::${Account}:budget/${BudgetName}"] = "arn:aws:budgets::" + d.Account + ":budget/*"
	all["arn:${Partition}:route53:::change/${Id}"] = "arn:aws:route53:::change/*"
	all["arn:${Partition}:route53:::hostedzone/${Id}"] = "arn:aws:route53:::hostedzone/*"
	all["arn:${Partition}:s3:::${BucketName}"] = "arn:aws:s3:::" + strings.ToLower(d.Stack) + "-*"
	all["arn:${Partition}:s3:::${BucketName}/${ObjectName}"] = "arn:aws:s3:::" + strings.ToLower(d.Stack) + "-*/*"
	return all
}

// here is the ARN of what is in the region and the account of who deploys.
func here(service, rest string) string {
	return "arn:aws:" + service + ":" + policy.Deployer.Region + ":" + policy.Deployer.Account + ":" + rest
}

// ofAWS is the ARN of what AWS has in the region for everybody.
func ofAWS(service, rest string) string {
	return "arn:aws:" + service + ":" + policy.Deployer.Region + ":*:" + rest
}

// global are the services whose requests go to a region of theirs, whichever the backend's is.
var global = []string{"budgets", "ce", "iam", "route53", "s3"}

// grant is what one action is given on.
type grant struct {
	resources []string
	condition map[string][]string // StringEquals
}

// grantOf narrows an action to what bears our names, where the reference knows how.
func grantOf(action string, forms []string) grant {
	d := policy.Deployer
	service, _, _ := strings.Cut(action, ":")
	switch action {
	case "iam:PassRole":
		return grant{[]string{"arn:aws:iam::" + d.Account + ":role/" + d.Stack + "-*"},
			map[string][]string{"iam:PassedToService": {"dlm.amazonaws.com", "ec2.amazonaws.com"}}}
	case "iam:GetRole": // that of a service too
		return grant{[]string{"arn:aws:iam::" + d.Account + ":role/" + d.Stack + "-*", "arn:aws:iam::" + d.Account + ":role/aws-service-role/*"}, nil}
	case "iam:CreateServiceLinkedRole":
		return grant{[]string{"arn:aws:iam::" + d.Account + ":role/aws-service-role/*"},
			map[string][]string{"iam:AWSServiceName": slices.Sorted(maps.Keys(serviceLinked))}}
	case "iam:SimulatePrincipalPolicy": // of who asks, a user or the role of a session
		return grant{[]string{"arn:aws:iam::" + d.Account + ":role/*", "arn:aws:iam::" + d.Account + ":user/*"}, nil}
	case "ec2:ModifyInstanceAttribute": // of a server its groups and disks too
		return grant{[]string{here("ec2", "instance/*"), here("ec2", "security-group/*"), here("ec2", "volume/*")}, nil}
	case "ssm:SendCommand": // of AWS's own document, and whatever the script does
		return grant{[]string{here("ec2", "instance/*"), ofAWS("ssm", "document/AWS-RunShellScript")}, nil}
	case "ssm:GetParameters": // the image's public parameter too, which is AWS's
		return grant{[]string{ofAWS("ssm", "parameter/aws/service/*"), here("ssm", "parameter/"+d.Name+"/*")}, nil}
	}
	var g grant
	known := scopes()
	for _, form := range forms {
		if arn := known[form]; arn != "" && service != "ec2" {
			g.resources = append(g.resources, arn)
		}
	}
	slices.Sort(g.resources)
	g.resources = slices.Compact(g.resources)
	if len(g.resources) == 0 {
		g.resources = []string{"*"}
		if !slices.Contains(global, service) {
			g.condition = map[string][]string{"aws:RequestedRegion": {d.Region}}
		}
	}
	return g
}

// statement is one of a document.
type statement struct {
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// documentOf is the policy that gives actions.
func documentOf(actions []string, forms map[string][]string) []statement {
	var all []statement
	of := map[string]int{}
	for _, action := range actions {
		if slices.ContainsFunc(actions, func(wider string) bool { return wider != action && covers(wider, action) }) {
			continue
		}
		g := grantOf(action, forms[action])
		key := fmt.Sprint(g.resources, g.condition)
		if _, known := of[key]; !known {
			of[key] = len(all)
			s := statement{Effect: "Allow", Resource: g.resources}
			if g.condition != nil {
				s.Condition = map[string]map[string][]string{"StringEquals": g.condition}
			}
			all = append(all, s)
		}
		all[of[key]].Action = append(all[of[key]].Action, action)
	}
	return all
}

// covers reports whether a pattern such as ec2:Describe* has an action in it.
func covers(pattern, action string) bool {
	fits, err := path.Match(pattern, action)
	return err == nil && fits
}

// document is a policy to paste.
type document struct {
	name       string
	statements []statement
}

// JSON is the document as it is pasted: an action a line.
func (d document) JSON(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", d.statements}); err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Join(strings.Fields(out.String()), "")); n > managedPolicyLimit {
		t.Errorf("%s has %d characters, more than the %d of a managed policy", d.name, n, managedPolicyLimit)
	}
	return out.String()
}
