// Package uploads is the bucket that holds what users upload, once no single machine's disk can.
package uploads

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
)

// Bucket is a bucket's name and ARN; both are empty when there is none.
type Bucket struct {
	Name, Arn string
	Policy    awscdk.CfnResource // of a bucket that the stack makes, else nil
}

// New makes a private, encrypted, versioned bucket that takes TLS only. It stays in the account when it leaves the stack.
func New(scope constructs.Construct, id string) *Bucket {
	// L1: hash-free logical ids, and no policy beyond the one rule.
	bucket := awss3.NewCfnBucket(scope, jsii.String(id), &awss3.CfnBucketProps{
		BucketEncryption: &awss3.CfnBucket_BucketEncryptionProperty{ServerSideEncryptionConfiguration: []any{
			&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
				ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{SseAlgorithm: jsii.String("AES256")},
			},
		}},
		PublicAccessBlockConfiguration: &awss3.CfnBucket_PublicAccessBlockConfigurationProperty{
			BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
		},
		VersioningConfiguration: &awss3.CfnBucket_VersioningConfigurationProperty{Status: jsii.String("Enabled")},
	})
	bucket.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	arn := text.Sub(scope, *bucket.AttrArn())
	policy := awss3.NewCfnBucketPolicy(scope, jsii.String(id+"Policy"), &awss3.CfnBucketPolicyProps{
		Bucket: bucket.Ref(),
		PolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []string{arn, text.Sub(scope, arn+"/*")},
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": false}},
		}}},
	})
	return &Bucket{Name: *bucket.Ref(), Arn: arn, Policy: policy}
}

// Existing is a bucket of the account, by name.
func Existing(name string) *Bucket {
	return &Bucket{Name: name, Arn: *awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:s3:::"+name), nil)}
}
