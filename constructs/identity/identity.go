// Package identity is what the machines may do in the account: one role and its instance profile, the same in every
// stage.
package identity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
)

// Props of the machines' role.
type Props struct {
	// Name is the backend's: the role reads parameters below /<Name>/ and no others.
	Name string
	// LogGroupArn is where the CloudWatch agent writes.
	LogGroupArn string
	// UploadsBucketArn may be read and written; "" for none.
	UploadsBucketArn string
}

// Profile is the instance profile that gives a machine the role.
type Profile struct{ Name, Arn string }

// New makes role and instance profile.
func New(scope constructs.Construct, id string, props *Props) *Profile {
	// L1: policies inline in the role, so that what depends on the profile waits for its rights too. The L2 role makes a
	// resource of its own of them, which an L1 launch template would not wait for.
	role := awsiam.NewCfnRole(scope, jsii.String(id), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: document(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "ec2.amazonaws.com"},
		}),
		Policies: []any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("machine"), PolicyDocument: document(statements(scope, props)...)}},
	})
	profile := awsiam.NewCfnInstanceProfile(scope, jsii.String(id+"Profile"), &awsiam.CfnInstanceProfileProps{Roles: &[]any{role.Ref()}})
	return &Profile{Name: *profile.Ref(), Arn: text.Sub(scope, *profile.AttrArn())}
}

func document(statements ...any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

func allow(resource any, actions ...string) map[string]any {
	if len(actions) == 1 {
		return map[string]any{"Effect": "Allow", "Action": actions[0], "Resource": resource}
	}
	return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resource}
}

func statements(scope constructs.Construct, props *Props) []any {
	list := []any{
		// Session Manager and State Manager: AmazonSSMManagedInstanceCore without its ssm:GetParameter(s) on everything, and
		// without patching and inventory, which are not used (AWS Managed Policy Reference). The CloudWatch agent asks for the
		// machine's tags; signals wait for the load balancer, which knows targets by asking for all of them only.
		allow("*", "ec2:DescribeTags", "ec2messages:*", "elasticloadbalancing:DescribeTargetHealth", "ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:GetManifest",
			"ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:PutComplianceItems", "ssm:PutConfigurePackageResult",
			"ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation", "ssmmessages:*"),
		// The CloudWatch agent: CloudWatchAgentServerPolicy without tracing, without reading Amazon's parameters, and without what
		// it asks only to set a log group's retention or to name volumes.
		map[string]any{"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*",
			"Condition": map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": "CWAgent"}}},
		allow(props.LogGroupArn, "logs:CreateLogStream", "logs:PutLogEvents"),
		// A signal names the stack, without the id that ends its ARN. Whether AWS decides by the stack's whole ARN or by one that
		// ends in a star, reports differ (aws-parallelcluster #754): this is both.
		allow(awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AWS::StackName}/*"), nil),
			"cloudformation:SignalResource"),
		allow(awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/"+props.Name+"/*"), nil),
			"ssm:GetParameter", "ssm:GetParametersByPath"),
	}
	if props.UploadsBucketArn != "" {
		list = append(list,
			allow(props.UploadsBucketArn, "s3:ListBucket"),
			allow(text.Sub(scope, props.UploadsBucketArn+"/*"), "s3:DeleteObject", "s3:GetObject", "s3:PutObject"))
	}
	return list
}
