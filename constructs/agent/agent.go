// Package agent installs and configures the CloudWatch agent through Systems Manager, on server and fleet alike: memory,
// swap and disk, which EC2 cannot see from outside, and logs.
package agent

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
)

// LogGroupProps are the log group's.
type LogGroupProps struct {
	// RetentionDays is how long lines are kept, one of the numbers that CloudWatch Logs takes.
	RetentionDays int
}

// LogGroup is what the agent writes to.
type LogGroup struct{ Name, Arn string }

// NewLogGroup makes the log group. It outlives the stack, and the rollback of a first deploy above all: what a machine said last
// is read there (docs/machine.md). RetainExceptOnCreate would delete it in that very rollback ("DeletionPolicy attribute",
// CloudFormation Template Reference). CloudFormation names it, so that the one that stays is in nobody's way.
func NewLogGroup(scope constructs.Construct, id string, props *LogGroupProps) *LogGroup {
	// L1: hash-free logical id.
	group := awslogs.NewCfnLogGroup(scope, jsii.String(id), &awslogs.CfnLogGroupProps{RetentionInDays: jsii.Number(props.RetentionDays)})
	group.CfnOptions().SetDeletionPolicy(awscdk.CfnDeletionPolicy_RETAIN)
	return &LogGroup{Name: *group.Ref(), Arn: text.Sub(scope, *group.AttrArn())}
}

// Props of the agent's document.
type Props struct {
	// Name is the backend's, AppUser the user whose pm2 writes logs.
	Name, AppUser string
	LogGroupName  string
}

// Agent is the document that installs the agent.
type Agent struct {
	Document awscdk.CfnResource
}

// New makes the document.
func New(scope constructs.Construct, id string, props *Props) *Agent {
	const file = "/root/backend.json"
	// L1: there is no L2. NewVersion, since the default would replace the document under its associations.
	document := awsssm.NewCfnDocument(scope, jsii.String(id), &awsssm.CfnDocumentProps{
		DocumentType: jsii.String("Command"), UpdateMethod: jsii.String("NewVersion"),
		Content: map[string]any{"schemaVersion": "2.2", "mainSteps": []any{
			// The package is installed by dpkg, which does not wait for its lock (amazon-cloudwatch-agent #426, #428), and a
			// machine's first minutes are those of its own installations. A step that fails stops none after it
			// (amazon-ssm-agent, runpluginutil.go).
			map[string]any{"action": "aws:runShellScript", "name": "wait",
				"inputs": map[string]any{"runCommand": []string{"apt-get -qq -o DPkg::Lock::Timeout=600 check"}}},
			map[string]any{"action": "aws:configurePackage", "name": "install",
				"inputs": map[string]any{"name": "AmazonCloudWatchAgent", "action": "Install"}},
			map[string]any{"action": "aws:runShellScript", "name": "configure", "inputs": map[string]any{"runCommand": []string{
				text.Sub(scope, "cat >"+file+" <<'JSON'\n"+configuration(props)+"\nJSON"),
				// The package leads to it from /usr/bin (amazon-cloudwatch-agent, Tools/src/create_deb.sh).
				"amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:" + file,
			}}},
		}},
	})
	return &Agent{document}
}

// configuration is the agent's own ("Manually create or edit the CloudWatch agent configuration file", CloudWatch User
// Guide).
func configuration(props *Props) string {
	measure := func(measurement string, more map[string]any) map[string]any {
		if more == nil {
			more = map[string]any{}
		}
		more["measurement"] = []string{measurement}
		return more
	}
	log := func(path, stream string) map[string]any {
		return map[string]any{"file_path": path, "log_group_name": props.LogGroupName, "log_stream_name": "{instance_id}/" + stream}
	}
	// Of a pattern the agent follows only the file that was written last, and so none of pm2's error logs while an app talks;
	// with this all of them, each in a stream that ends in its path (amazon-cloudwatch-agent, logfile.go, getTargetFiles).
	pm2 := log("/home/"+props.AppUser+"/.pm2/logs/*.log", "pm2")
	pm2["publish_multi_logs"] = true
	written, err := json.Marshal(map[string]any{
		"metrics": map[string]any{
			"append_dimensions":      map[string]any{"InstanceId": "${aws:InstanceId}", "AutoScalingGroupName": "${aws:AutoScalingGroupName}"},
			"aggregation_dimensions": [][]string{{"InstanceId"}, {"AutoScalingGroupName"}},
			"metrics_collected": map[string]any{
				"mem":  measure("mem_used_percent", nil),
				"swap": measure("swap_used_percent", nil),
				// Beside the two that are watched, the agent would publish each by all dimensions at once, path and file
				// system too. Only of the disk's can that be left out: by InstanceId a server's memory is such an original
				// itself, and not made again by aggregation (amazon-cloudwatch-agent, ProcessRollup).
				"disk": measure("disk_used_percent", map[string]any{"resources": []string{"/"}, "drop_device": true,
					"drop_original_metrics": []string{"disk_used_percent"}}),
			},
		},
		"logs": map[string]any{"logs_collected": map[string]any{"files": map[string]any{"collect_list": []any{
			log("/var/log/"+props.Name+"/boot.log", "boot"),
			log("/var/log/cloud-init-output.log", "cloud-init"),
			pm2,
		}}}},
	})
	if err != nil {
		panic(err) // strings and maps of them always marshal
	}
	return string(written)
}

// OnServer runs the document on one server, by its id: a tag would bring the fleet in.
func (a *Agent) OnServer(scope constructs.Construct, id, instanceID string) awscdk.CfnResource {
	return a.run(scope, id, "InstanceIds", instanceID)
}

// OnFleet runs the document on every node of a group, new ones included, by the tag that Auto Scaling gives them.
func (a *Agent) OnFleet(scope constructs.Construct, id, groupName string) awscdk.CfnResource {
	return a.run(scope, id, "tag:aws:autoscaling:groupName", groupName)
}

// run runs the document at once and again each day: what has no schedule runs once, and a run that failed is not tried again
// (amazon-ssm-agent, association/model/model.go, SetNextScheduledDate).
func (a *Agent) run(scope constructs.Construct, id, key, value string) awscdk.CfnResource {
	return awsssm.NewCfnAssociation(scope, jsii.String(id), &awsssm.CfnAssociationProps{
		Name: a.Document.Ref(), ScheduleExpression: jsii.String("rate(1 day)"),
		Targets: []any{&awsssm.CfnAssociation_TargetProperty{Key: jsii.String(key), Values: jsii.Strings(value)}},
	})
}
