// Package monitoring is who is told, of what, and where to look: the alerts topic, the alarms and the dashboard.
//
// All of it is L1: rows of a table say it better, and the L2 alarms alone would fill half of a template that must fit
// into 50 KB.
package monitoring

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TopicProps are the topic's.
type TopicProps struct {
	// Email is who is told, and must confirm once; "" for nobody.
	Email string
}

// Topic is what alarms publish to.
type Topic struct {
	Arn string
	// Resources are its policy and its subscription.
	Resources []awscdk.CfnResource
}

// NewTopic makes the topic.
func NewTopic(scope constructs.Construct, id string, props *TopicProps) *Topic {
	arn := *awssns.NewCfnTopic(scope, jsii.String(id), nil).Ref()
	// A policy of one's own replaces the default: without this statement alarms could not publish. No encryption by the
	// AWS-managed key, which keeps CloudWatch out ("Amazon SNS encryption", CloudWatch User Guide).
	policy := awssns.NewCfnTopicPolicy(scope, jsii.String(id+"Policy"), &awssns.CfnTopicPolicyProps{
		Topics: jsii.Strings(arn),
		PolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn,
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
		}}},
	})
	topic := &Topic{Arn: arn, Resources: []awscdk.CfnResource{policy}}
	if props.Email != "" {
		topic.Resources = append(topic.Resources, awssns.NewCfnSubscription(scope, jsii.String(id+"Email"), &awssns.CfnSubscriptionProps{
			TopicArn: jsii.String(arn), Protocol: jsii.String("email"), Endpoint: jsii.String(props.Email),
		}))
	}
	return topic
}
