package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// nameMayBeTaken is one hazard for all names that a move brings in: CloudFormation refuses to create what exists under the
// name, mostly before it makes anything (User Guide, "Validate stack deployments": resource name conflicts). Names that only
// change their logical id have hazards of their own.
func nameMayBeTaken(m *move, h *found) {
	names, count := m.newNames(), 0
	var looks []string
	for _, t := range slices.Sorted(maps.Keys(names)) {
		count += len(names[t])
		looks = append(looks, lookup(t, names[t]))
	}
	if count == 0 {
		return
	}
	keys := "name"
	if names[alarmType] != nil {
		keys = alarmKeys
	}
	h.add("", "the move makes %s: CloudFormation refuses one that exists in the account", counted(count))
	h.all[0].Remedy = "look: " + strings.Join(looks, "; ") + "; where one is found: " + waysOut + keys
}

// counted is a number of names in words.
func counted(names int) string {
	if names == 1 {
		return "a resource with a name of its own"
	}
	return fmt.Sprintf("%d resources with names of their own", names)
}

// What to do where a look finds something, and the keys by which the stack's alarms and all else are named.
const (
	waysOut   = "delete it, or choose another by "
	alarmKeys = "highCpuAlarmName, lowHealthyHostsAlarmName or name"
)

// newNames lists the physical names that nothing in the old template bears, by type.
func (m *move) newNames() map[string][]string {
	before, names := named(m.from), map[string][]string{}
	for _, c := range m.changes {
		if c.Action != Create && !c.replaced() {
			continue
		}
		name := physicalName(c.After)
		if name != "" && len(before[c.Type+" "+name]) == 0 && !slices.Contains(names[c.Type], name) {
			names[c.Type] = append(names[c.Type], name)
		}
	}
	return names
}

// lookup is the command that finds resources of one type by their names.
func lookup(resourceType string, names []string) string {
	command := looks[resourceType]
	if strings.HasSuffix(command, "*") {
		return "aws " + strings.TrimSuffix(command, "*") + quoted(names)
	}
	var all []string
	for _, name := range names {
		all = append(all, "aws "+command+quoted([]string{name}))
	}
	return strings.Join(all, "; ")
}

// quoted are names as a shell takes them.
func quoted(names []string) string {
	words := ""
	for _, name := range names {
		if strings.ContainsAny(name, " '\"$`\\!&|;<>()*?[]{}~#") {
			name = "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
		}
		words += " " + name
	}
	return words
}

// looks holds, for each type that bears a name, the command that finds it; one that ends with * takes several names.
var looks = map[string]string{
	"AWS::AutoScaling::AutoScalingGroup":        "autoscaling describe-auto-scaling-groups --auto-scaling-group-names*",
	"AWS::CloudWatch::Alarm":                    "cloudwatch describe-alarms --alarm-names*",
	"AWS::CloudWatch::CompositeAlarm":           "cloudwatch describe-alarms --alarm-types CompositeAlarm --alarm-names*",
	"AWS::CloudWatch::Dashboard":                "cloudwatch get-dashboard --dashboard-name",
	"AWS::DynamoDB::Table":                      "dynamodb describe-table --table-name",
	"AWS::EC2::LaunchTemplate":                  "ec2 describe-launch-templates --launch-template-names*",
	"AWS::EC2::SecurityGroup":                   "ec2 describe-security-groups --group-names*",
	"AWS::ElastiCache::ReplicationGroup":        "elasticache describe-replication-groups --replication-group-id",
	"AWS::ElastiCache::SubnetGroup":             "elasticache describe-cache-subnet-groups --cache-subnet-group-name",
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "elbv2 describe-load-balancers --names*",
	"AWS::ElasticLoadBalancingV2::TargetGroup":  "elbv2 describe-target-groups --names*",
	"AWS::IAM::InstanceProfile":                 "iam get-instance-profile --instance-profile-name",
	"AWS::IAM::ManagedPolicy":                   "iam list-policies --scope Local, and look for",
	"AWS::IAM::Role":                            "iam get-role --role-name",
	"AWS::Lambda::Function":                     "lambda get-function --function-name",
	"AWS::Logs::LogGroup":                       "logs describe-log-groups --log-group-name-prefix",
	"AWS::RDS::DBInstance":                      "rds describe-db-instances --db-instance-identifier",
	"AWS::S3::Bucket":                           "s3api head-bucket --bucket",
	"AWS::SNS::Topic":                           "sns list-topics, and look for",
	"AWS::SQS::Queue":                           "sqs get-queue-url --queue-name",
	"AWS::SSM::Document":                        "ssm describe-document --name",
	"AWS::SSM::Parameter":                       "ssm get-parameters --names*",
	"AWS::SecretsManager::Secret":               "secretsmanager describe-secret --secret-id",
}
