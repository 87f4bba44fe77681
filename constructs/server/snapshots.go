package server

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdlm"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
)

// snapshotTag is what the snapshot policy looks for; only a server carries it, no node of a fleet.
const snapshotTag = "DailySnapshot"

// SnapshotsProps are the snapshots'.
type SnapshotsProps struct {
	// ServerName is Props.Name of the server whose volumes are copied.
	ServerName string
	// Keep is how many are kept, the last ones.
	Keep int
}

// Snapshots is what copies a server's disk.
type Snapshots struct {
	Policy awscdk.CfnResource
}

// NewSnapshots takes a snapshot of every volume of the server once a day, at 20:30 UTC (02:00 in India), by Data Lifecycle
// Manager.
func NewSnapshots(scope constructs.Construct, id string, props *SnapshotsProps) *Snapshots {
	// L1: there is no L2 of the policy, and the role's logical id would have a hash.
	role := awsiam.NewCfnRole(scope, jsii.String(id+"Role"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "dlm.amazonaws.com"},
		}}},
		ManagedPolicyArns: &[]any{"arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"},
	})
	policy := awsdlm.NewCfnLifecyclePolicy(scope, jsii.String(id), &awsdlm.CfnLifecyclePolicyProps{
		Description: jsii.String("Daily snapshots of the server " + props.ServerName), State: jsii.String("ENABLED"),
		ExecutionRoleArn: jsii.String(text.Sub(scope, *role.AttrArn())),
		PolicyDetails: &awsdlm.CfnLifecyclePolicy_PolicyDetailsProperty{
			ResourceTypes: jsii.Strings("INSTANCE"),
			TargetTags:    []any{&awscdk.CfnTag{Key: jsii.String(snapshotTag), Value: jsii.String(props.ServerName)}},
			Schedules: []any{&awsdlm.CfnLifecyclePolicy_ScheduleProperty{
				Name: jsii.String("daily"),
				CreateRule: &awsdlm.CfnLifecyclePolicy_CreateRuleProperty{
					Interval: jsii.Number(24), IntervalUnit: jsii.String("HOURS"), Times: jsii.Strings("20:30"),
				},
				RetainRule: &awsdlm.CfnLifecyclePolicy_RetainRuleProperty{Count: jsii.Number(props.Keep)},
			}},
		},
	})
	return &Snapshots{Policy: policy}
}
