package deploy

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dlm"
	dlmtypes "github.com/aws/aws-sdk-go-v2/service/dlm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
)

// Every program that calls is refused what AWS's models and pages refuse, and reads so in its protocol: AWS's own SDK does.
func TestRefusedOverTheWire(t *testing.T) {
	a := newAccount(t)
	ctx := t.Context()
	for code, call := range map[string]func() error{
		"InvalidParameterValue": func() error { // EC2
			_, err := a.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("a"), Description: aws.String("The backend's")})
			return err
		},
		"ValidationError": func() error { // query
			_, err := a.scaling.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String(""), DesiredCapacity: aws.Int32(1)})
			return err
		},
		"ValidationException": func() error { // JSON
			_, err := a.systems.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/aws/one"), Value: aws.String("1")})
			return err
		},
		"InvalidInput": func() error { // XML
			_, err := a.dns.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String(strings.Repeat("Z", 33))})
			return err
		},
		"InvalidBucketName": func() error {
			_, err := a.storage.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("Kora")})
			return err
		},
		"InvalidRequestException": func() error { // JSON below a path
			_, err := a.snapshots.GetLifecyclePolicies(ctx, &dlm.GetLifecyclePoliciesInput{State: dlmtypes.GettablePolicyStateValues("ON")})
			return err
		},
		"ValidationError of CloudWatch": func() error { // CBOR
			_, err := a.watch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: make([]string, 101)})
			return err
		},
	} {
		t.Run(code, func(t *testing.T) {
			var refused smithy.APIError
			if err := call(); !errors.As(err, &refused) || refused.ErrorCode() != strings.Fields(code)[0] {
				t.Errorf("%v, want %s", err, code)
			}
		})
	}
}
