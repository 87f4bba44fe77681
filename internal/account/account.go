// Package account is the one door to an AWS account. Each of its calls returns what stands there as a value, or an error of
// one plain line. An Account only reads; what changes an account is a method of Writer.
package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Account is one account in one region. Its clients have no call that changes anything.
type Account struct {
	stacks    stacks
	machines  machines
	groups    groups
	balancers balancers
	zones     zones
	alarms    alarms
	spending  spending
	callers   callers

	certificates certificates
	databases    databases
	profiles     profiles
	nodes        nodes
	logs         logs
	buckets      s3.ListBucketsAPIClient
	quotas       quotas
	topics       sns.ListSubscriptionsByTopicAPIClient
	budgets      spends
}

// Open reaches an account. AWS_ENDPOINT_URL is respected: an emulator takes the keys of any profile, and needs none. The usual
// credentials are looked for at the first call.
func Open(ctx context.Context, at Place) (*Account, error) {
	c, err := Configuration(ctx, at)
	if err != nil {
		return nil, err
	}
	return newAccount(c), nil
}

// At reaches the emulator at url. Nothing of the user's environment, profile or keys is read.
func At(url, region string) *Account { return newAccount(ConfigurationAt(url, region)) }

func newAccount(c aws.Config) *Account {
	return &Account{
		cloudformation.NewFromConfig(c), ec2.NewFromConfig(c), autoscaling.NewFromConfig(c),
		elasticloadbalancingv2.NewFromConfig(c), route53.NewFromConfig(c), cloudwatch.NewFromConfig(c),
		costexplorer.NewFromConfig(c, func(o *costexplorer.Options) { o.Region = "us-east-1" }),
		sts.NewFromConfig(c), acm.NewFromConfig(c), rds.NewFromConfig(c), iam.NewFromConfig(c), ssm.NewFromConfig(c),
		cloudwatchlogs.NewFromConfig(c), s3.NewFromConfig(c),
		servicequotas.NewFromConfig(c), sns.NewFromConfig(c),
		budgets.NewFromConfig(c, func(o *budgets.Options) { o.Region = "us-east-1" }),
	}
}

type stacks interface {
	cloudformation.DescribeChangeSetAPIClient
	cloudformation.DescribeStacksAPIClient
	cloudformation.ListChangeSetsAPIClient
	cloudformation.ListStackResourcesAPIClient
	DescribeStackResources(context.Context, *cloudformation.DescribeStackResourcesInput, ...func(*cloudformation.Options)) (
		*cloudformation.DescribeStackResourcesOutput, error)
	cloudformation.DescribeStackEventsAPIClient
	cloudformation.DescribeEventsAPIClient
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
}

type machines interface {
	ec2.DescribeInstancesAPIClient
	ec2.DescribeInstanceCreditSpecificationsAPIClient
	ec2.DescribeInstanceStatusAPIClient
	ec2.DescribeInstanceTypeOfferingsAPIClient
	ec2.DescribeImagesAPIClient
	ec2.DescribeLaunchTemplatesAPIClient
	ec2.DescribeLaunchTemplateVersionsAPIClient
	ec2.DescribeRouteTablesAPIClient
	ec2.DescribeSecurityGroupsAPIClient
	ec2.DescribeSubnetsAPIClient
	ec2.DescribeVolumesAPIClient
	ec2.DescribeSnapshotsAPIClient
	ec2.DescribeVpcsAPIClient
	ec2.DescribeInternetGatewaysAPIClient
	ec2.DescribeInstanceTypesAPIClient
	DescribeAccountAttributes(context.Context, *ec2.DescribeAccountAttributesInput, ...func(*ec2.Options)) (
		*ec2.DescribeAccountAttributesOutput, error)
	ec2.DescribeNetworkInterfacesAPIClient
	ec2.DescribeVpcEndpointsAPIClient
	GetConsoleScreenshot(context.Context, *ec2.GetConsoleScreenshotInput, ...func(*ec2.Options)) (*ec2.GetConsoleScreenshotOutput, error)
	DescribeAddresses(context.Context, *ec2.DescribeAddressesInput, ...func(*ec2.Options)) (*ec2.DescribeAddressesOutput, error)
	DescribeInstanceAttribute(context.Context, *ec2.DescribeInstanceAttributeInput, ...func(*ec2.Options)) (
		*ec2.DescribeInstanceAttributeOutput, error)
	DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error)
	DescribeSnapshotAttribute(context.Context, *ec2.DescribeSnapshotAttributeInput, ...func(*ec2.Options)) (
		*ec2.DescribeSnapshotAttributeOutput, error)
	DescribeKeyPairs(context.Context, *ec2.DescribeKeyPairsInput, ...func(*ec2.Options)) (*ec2.DescribeKeyPairsOutput, error)
}

type groups interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribePoliciesAPIClient
	DescribeAccountLimits(context.Context, *autoscaling.DescribeAccountLimitsInput, ...func(*autoscaling.Options)) (
		*autoscaling.DescribeAccountLimitsOutput, error)
}

type balancers interface {
	elasticloadbalancingv2.DescribeLoadBalancersAPIClient
	elasticloadbalancingv2.DescribeListenersAPIClient
	elasticloadbalancingv2.DescribeTargetGroupsAPIClient
	elasticloadbalancingv2.DescribeTargetHealthAPIClient
	elasticloadbalancingv2.DescribeAccountLimitsAPIClient
}

type zones interface {
	route53.ListHostedZonesAPIClient
	route53.ListResourceRecordSetsAPIClient
	GetHostedZone(context.Context, *route53.GetHostedZoneInput, ...func(*route53.Options)) (*route53.GetHostedZoneOutput, error)
}

type alarms interface {
	cloudwatch.DescribeAlarmsAPIClient
	cloudwatch.GetMetricDataAPIClient
}

type callers interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

type certificates interface {
	acm.ListCertificatesAPIClient
	acm.DescribeCertificateAPIClient
}

type databases interface {
	rds.DescribeDBInstancesAPIClient
}

type profiles interface {
	iam.GetInstanceProfileAPIClient
	iam.ListAttachedRolePoliciesAPIClient
	iam.ListRolePoliciesAPIClient
	iam.SimulatePrincipalPolicyAPIClient
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
}

type nodes interface {
	ssm.DescribeInstanceInformationAPIClient
	ssm.DescribeParametersAPIClient
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	GetServiceSetting(context.Context, *ssm.GetServiceSettingInput, ...func(*ssm.Options)) (*ssm.GetServiceSettingOutput, error)
}

type spends interface {
	budgets.DescribeBudgetsAPIClient
	budgets.DescribeNotificationsForBudgetAPIClient
}

type logs interface {
	cloudwatchlogs.DescribeLogGroupsAPIClient
	cloudwatchlogs.DescribeLogStreamsAPIClient
	cloudwatchlogs.GetLogEventsAPIClient
}
