package schema

// names is where a type keeps its physical name (Template Reference, each type's page). A type that is not here has none
// that a template can set, or is not one of ours.
var names = map[string]string{
	"AWS::AutoScaling::AutoScalingGroup":        "AutoScalingGroupName",
	"AWS::CloudWatch::Alarm":                    "AlarmName",
	"AWS::CloudWatch::CompositeAlarm":           "AlarmName",
	"AWS::CloudWatch::Dashboard":                "DashboardName",
	"AWS::DynamoDB::Table":                      "TableName",
	"AWS::EC2::LaunchTemplate":                  "LaunchTemplateName",
	"AWS::EC2::SecurityGroup":                   "GroupName",
	"AWS::ElastiCache::ReplicationGroup":        "ReplicationGroupId",
	"AWS::ElastiCache::SubnetGroup":             "CacheSubnetGroupName",
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
	"AWS::ElasticLoadBalancingV2::TargetGroup":  "Name",
	"AWS::IAM::InstanceProfile":                 "InstanceProfileName",
	"AWS::IAM::ManagedPolicy":                   "ManagedPolicyName",
	"AWS::IAM::Role":                            "RoleName",
	"AWS::Lambda::Function":                     "FunctionName",
	"AWS::Logs::LogGroup":                       "LogGroupName",
	"AWS::RDS::DBInstance":                      "DBInstanceIdentifier",
	"AWS::S3::Bucket":                           "BucketName",
	"AWS::SNS::Topic":                           "TopicName",
	"AWS::SQS::Queue":                           "QueueName",
	"AWS::SSM::Document":                        "Name",
	"AWS::SSM::Parameter":                       "Name",
	"AWS::SecretsManager::Secret":               "Name",
}

// NameProperty is the property in which a type keeps its physical name, "" for a type that has none.
func NameProperty(resourceType string) string { return names[resourceType] }
