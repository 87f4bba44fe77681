package policy

import "strings"

// Machine is whose calls are decided: one of a backend's in an account.
type Machine struct {
	Region, Account, Stack string
	Name                   string // the backend's
	LogGroup               string // the log group's name
	Bucket                 string // the bucket of uploads, "" for none
}

// Values are what the references in the role's policies come to, for FromTemplate.
func (m Machine) Values() map[string]string {
	return map[string]string{
		"AWS::Partition": "aws", "AWS::Region": m.Region, "AWS::AccountId": m.Account,
		"AWS::StackName": m.Stack, "AWS::StackId": m.stack(stackID),
		// With the suffix that means all streams of the group ("AWS::Logs::LogGroup", return values).
		"LogGroup.Arn": m.arn("logs", "log-group:"+m.LogGroup+":*"), "UploadsBucket.Arn": "arn:aws:s3:::" + m.Bucket,
	}
}

// stackID is the last part of a stack's id.
const stackID = "5cdd7a40-0000-11f1-8f0a-0a1b2c3d4e5f"

func (m Machine) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + m.Region + ":" + m.Account + ":" + resource
}

func (m Machine) stack(id string) string { return m.arn("cloudformation", "stack/"+m.Stack+"/"+id) }

// Parameters is a call that reads parameters by name, or what is below a path. Of a path some messages of AWS's have an ARN
// that ends in a slash, and others as it was asked for: either must be allowed.
func (m Machine) Parameters(action string, names ...string) Call {
	c := Call{Action: "ssm:" + action}
	for _, name := range names {
		arn := m.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
		c.Resources = append(c.Resources, arn)
		if action == "GetParametersByPath" {
			c.Resources = append(c.Resources, strings.TrimSuffix(arn, "/")+"/")
		}
	}
	return c
}

// Signal is a signal for a resource of a stack, which the call names. AWS was seen to decide by an ARN that has * for the id
// it was not told (ecs-refarch-continuous-deployment #21, aws-parallelcluster #754), and CDK grants the id alone (awscdk,
// CfnInit's and AutoScalingGroup's signals): either must be allowed.
func (m Machine) Signal(stack string) Call {
	if strings.HasPrefix(stack, "arn:") {
		return Call{Action: "cloudformation:SignalResource", Resources: []string{stack}}
	}
	m.Stack = stack
	return Call{Action: "cloudformation:SignalResource", Resources: []string{m.stack("*"), m.stack(stackID)}}
}

// TargetHealth asks a balancer for the health of its targets, which takes no resource.
func (m Machine) TargetHealth() Call {
	return Call{Action: "elasticloadbalancing:DescribeTargetHealth"}
}

// LogStream is a call about one of a log group's streams.
func (m Machine) LogStream(action, group, stream string) Call {
	return Call{Action: "logs:" + action, Resources: []string{m.arn("logs", "log-group:"+group+":log-stream:"+stream)}}
}

// Calls lists all that the programs on a machine ask of AWS, with the ARNs and keys of the Service Authorization Reference.
func (m Machine) Calls() []Call {
	all := []Call{
		m.Parameters("GetParameter", "/"+m.Name+"/server"),
		m.Parameters("GetParametersByPath", "/"+m.Name+"/env"),
		m.Signal(m.Stack),
		m.TargetHealth(),
		m.LogStream("CreateLogStream", m.LogGroup, "i-0123456789abcdef0/failure"),
		m.LogStream("PutLogEvents", m.LogGroup, "i-0123456789abcdef0/failure"),
	}
	all = append(all, m.managementAgent()...)
	all = append(all, m.metricsAgent()...)
	if m.Bucket != "" {
		all = append(all, m.app()...)
	}
	return all
}

// managementAgent is the SSM agent: Session Manager, the associations, and the step that installs a package. From its source
// (amazon-ssm-agent 3.3: agent/ssm/service.go, agent/plugins/configurepackage/birdwatcher, agent/association/compliance,
// agent/session/service, agent/runcommand/mds), and of the two channels, whose requests are not made by the SDK, from
// AmazonSSMManagedInstanceCore (AWS Managed Policy Reference).
func (m Machine) managementAgent() []Call {
	return withoutResource(
		"ssm:UpdateInstanceInformation", "ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus", "ssm:GetDocument",
		"ssm:PutComplianceItems", // after each run of an association
		// Where the list of instance associations is refused it turns to the older calls.
		"ssm:ListAssociations", "ssm:DescribeAssociation", "ssm:UpdateAssociationStatus",
		// aws:configurePackage
		"ssm:GetManifest", "ssm:DescribeDocument", "ssm:PutConfigurePackageResult",
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		"ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
		"ec2messages:GetMessages", "ec2messages:SendReply",
	)
}

func withoutResource(actions ...string) []Call {
	var all []Call
	for _, action := range actions {
		all = append(all, Call{Action: action})
	}
	return all
}

// metricsAgent is the CloudWatch agent. It makes streams, and the group only where there is none; it describes groups only
// when it is told a retention, and volumes only when it is told to name them, which it is not (amazon-cloudwatch-agent
// 1.300071: plugins/outputs/cloudwatch, plugins/outputs/cloudwatchlogs/internal/pusher/target.go and
// plugins/processors/ec2tagger).
func (m Machine) metricsAgent() []Call {
	stream := m.arn("logs", "log-group:"+m.LogGroup+":log-stream:i-0123456789abcdef0/boot")
	return []Call{
		{Action: "cloudwatch:PutMetricData", Keys: map[string]string{"cloudwatch:namespace": "CWAgent"}},
		{Action: "ec2:DescribeTags"}, // the name of its Auto Scaling group
		{Action: "logs:CreateLogStream", Resources: []string{stream}},
		{Action: "logs:PutLogEvents", Resources: []string{stream}},
	}
}

// app is the owners' own, with a bucket for uploads: it lists, reads, writes and deletes there.
func (m Machine) app() []Call {
	bucket := "arn:aws:s3:::" + m.Bucket
	all := []Call{{Action: "s3:ListBucket", Resources: []string{bucket}}}
	for _, action := range []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"} {
		all = append(all, Call{Action: action, Resources: []string{bucket + "/a/b.png"}})
	}
	return all
}
