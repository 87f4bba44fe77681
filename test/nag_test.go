package test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/stacks"
)

// nagExceptions are the findings of cdk-nag that stand. They are here and not on the constructs, where they would travel
// in the template.
var nagExceptions = []exception{
	{"AwsSolutions-VPC7", "NetworkVpc", "flow logs are billed by the gigabyte and answer no question that the owners have; the security groups say who may talk to whom"},
	{"AwsSolutions-EC23", "PublicSecurityGroup", "users reach the server on 80 and 443 from everywhere; 22 is open to sshCidr only"},
	{"AwsSolutions-EC23", "LoadBalancerSecurityGroup", "it is the public door: 80 and 443 from everywhere"},

	{"AwsSolutions-IAM5[Action::ec2messages:*]", "Role", "the message channel of the SSM agent: AmazonSSMManagedInstanceCore grants the same actions one by one"},
	{"AwsSolutions-IAM5[Action::ssmmessages:*]", "Role", "the session channel of the SSM agent: AmazonSSMManagedInstanceCore grants the same actions one by one"},
	{"AwsSolutions-IAM5[Resource::*]", "Role", "the SSM agent's calls as in AmazonSSMManagedInstanceCore; PutMetricData (held to the agent's namespace), DescribeTags and DescribeTargetHealth take no resource"},
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/<AWS::StackName>/*]", "Role", "the stack's own id, which a signal that names the stack does not tell"},
	{"AwsSolutions-IAM5[Resource::<UploadsBucket.Arn>/*]", "Role", "the app reads, writes and deletes what is in its own bucket"},
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::shop-api-uploads/*]", "Role", "the app reads, writes and deletes what is in its own bucket"},
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/kora-backend/*]", "Role", "the backend's own parameters, whose names below env/ are the owners' to choose"},
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/shop-api/*]", "Role", "the backend's own parameters, whose names below env/ are the owners' to choose"},
	{"AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole]", "ServerSnapshotsRole", "only Data Lifecycle Manager takes this role, and AWS keeps the policy in step with what that service calls"},

	{"AwsSolutions-EC28", "Server", "its alarms look every five minutes, as basic monitoring reports; status checks come every minute either way, and detailed monitoring is billed"},
	{"AwsSolutions-EC29", "Server", "the stack's own moves and rollbacks must be able to remove it (rain #187); the stack has termination protection, and the disk outlives the server"},
	{"AwsSolutions-EC26", "Server", "an adopted server's disk is as it was made, by hand: nothing encrypts a disk in place, and another one is another server"},
	{"CdkNagValidationFailure[AwsSolutions-EC26]", "Server", "cdk-nag 2.35.0 fails on an instance without a launch template beside one that exists; without a fleet the rule runs and finds the same disk encrypted"},

	{"AwsSolutions-S1", "UploadsBucket", "access logs need a second bucket that grows for ever; only the machines' role may use this one, and its versions keep what was overwritten"},
	{"AwsSolutions-SNS3", "AlertsTopic", "its policy lets in CloudWatch alone, and how an AWS service connects is not ours to choose"},

	{"AwsSolutions-ELB2", "LoadBalancer", "access logs need a bucket that grows for ever; the app logs its requests, and alarms watch errors and slow answers"},
	{"AwsSolutions-AS3", "Fleet", "alarms tell of too few nodes, sick nodes and a fleet at its maximum; a mail for each node that comes or goes would bury them"},
	{"AwsSolutions-AEC4", "Cache", "it holds sessions: losing the node logs users out, once, and a second one would double its bill"},
	{"AwsSolutions-AEC5", "Cache", "6379 is what the app's client is written for, and only server and fleet reach it"},
	{"AwsSolutions-AEC6", "Cache", "the app's client, createClient({host, port}), sends no password, and only server and fleet reach it"},
}

// cdk-nag's AwsSolutions find nothing in the stages of two configurations and in every row of the table of moves.
func TestNag(t *testing.T) {
	var findings []finding
	for _, g := range goldens() {
		findings = append(findings, nag(t, g)...)
	}
	judge(t, findings, nagExceptions)
}

// nag synthesizes a golden's context under cdk-nag's eyes and gives all it says.
func nag(t *testing.T, g golden) []finding {
	t.Helper()
	checked, err := config.FromContext(g.context)
	if err != nil {
		t.Fatal(err)
	}
	dir, name := filepath.Join(scratch, "nag", g.file), checked.StackName()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false), Outdir: jsii.String(dir)})
	stacks.NewBackend(app, checked)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	app.Synth(nil)

	// Its own report leaves out which wildcard or policy a finding is of; the metadata of the assembly has it.
	var metadata map[string][]struct{ Data any }
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, name+".metadata.json"))), &metadata); err != nil {
		t.Fatal(err)
	}
	var findings []finding
	for path, entries := range metadata {
		for _, entry := range entries {
			message, _ := entry.Data.(string)
			if said := nagMessage.FindStringSubmatch(message); said != nil {
				findings = append(findings, finding{said[1], strings.TrimPrefix(path, "/"+name+"/"), g.file + ": " + said[2]})
			}
		}
	}
	return findings
}

// nagMessage is a rule, with what in the resource it is of, and the finding. A rule that fails is one, too.
var nagMessage = regexp.MustCompile(`^((?:AwsSolutions-|CdkNag)\w+(?:\[.*?\])?): (.*)`)
