// Package local plays with the backend on this machine: it deploys to the emulator as one deploys to AWS, and shows,
// through AWS's own APIs, what then stands there. It speaks to loopback only, with keys that are none.
package local

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/korakagazindia/provisioner/internal/emulator"
)

// dummy is the access key and the secret that the emulator takes, as it takes any.
const dummy = "test"

// account is the emulator's, by AWS's APIs.
type account struct {
	machines  *ec2.Client
	groups    *autoscaling.Client
	balancers *elasticloadbalancingv2.Client
	zones     *route53.Client
	alarms    *cloudwatch.Client
	stacks    *cloudformation.Client
}

// connect reaches the emulator at url. Nothing of the user's environment, profile or keys is read.
func connect(url, region string) *account {
	c := aws.Config{
		Region: region, BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider(dummy, dummy, ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} }, // there is no network that could lose a call
		HTTPClient:  emulator.HTTPClient(),
	}
	return &account{
		ec2.NewFromConfig(c), autoscaling.NewFromConfig(c), elasticloadbalancingv2.NewFromConfig(c),
		route53.NewFromConfig(c), cloudwatch.NewFromConfig(c), cloudformation.NewFromConfig(c),
	}
}
