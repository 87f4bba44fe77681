package deploy

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dlm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/korakagazindia/provisioner/internal/loopback"
)

// account is an AWS account as its APIs show it.
type account struct {
	*testing.T
	endpoint    string // where the command line is led; the emulator itself when empty
	cfn         *cloudformation.Client
	ec2         *ec2.Client
	balancing   *elasticloadbalancingv2.Client
	scaling     *autoscaling.Client
	watch       *cloudwatch.Client
	logs        *cloudwatchlogs.Client
	dns         *route53.Client
	certificate *acm.Client
	identity    *iam.Client
	systems     *ssm.Client
	notify      *sns.Client
	storage     *s3.Client
	cache       *elasticache.Client
	snapshots   *dlm.Client
}

// newAccount is an account with what Kora has outside the stack, and nothing else.
func newAccount(t *testing.T) *account {
	t.Helper()
	a := connect(t)
	a.must(cloud.Reset(t.Context()))
	a.seed()
	return a
}

// connect is the account as it is.
func connect(t *testing.T) *account {
	c := aws.Config{Region: region, BaseEndpoint: &cloud.URL, RetryMaxAttempts: 1, HTTPClient: loopback.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	return &account{
		T: t, cfn: cloudformation.NewFromConfig(c), ec2: ec2.NewFromConfig(c), balancing: elasticloadbalancingv2.NewFromConfig(c),
		scaling: autoscaling.NewFromConfig(c), watch: cloudwatch.NewFromConfig(c), logs: cloudwatchlogs.NewFromConfig(c),
		dns: route53.NewFromConfig(c), certificate: acm.NewFromConfig(c), identity: iam.NewFromConfig(c), systems: ssm.NewFromConfig(c),
		notify: sns.NewFromConfig(c), cache: elasticache.NewFromConfig(c), snapshots: dlm.NewFromConfig(c),
		storage: s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// seed makes what stands outside the stack: the hosted zone, and the key pair.
func (a *account) seed() {
	a.Helper()
	ctx := a.Context()
	_, err := a.dns.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{Name: aws.String("korakagazindia.com"), CallerReference: aws.String("kora")})
	a.must(err)
	_, err = a.ec2.CreateKeyPair(ctx, &ec2.CreateKeyPairInput{KeyName: aws.String("korakagaz-backend-key")})
	a.must(err)
}

func (a *account) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// got is a call's output, or the end of the test.
func got[T any](a *account) func(T, error) T {
	return func(output T, err error) T {
		a.Helper()
		a.must(err)
		return output
	}
}
