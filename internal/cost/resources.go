package cost

import (
	"regexp"

	"github.com/korakagazindia/provisioner/internal/template"
)

var zonePattern = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$`)

// counters is every type that costs money, and what counts it. What is neither here nor in Free is shown as not priced.
var counters = map[string]func(*counter, *template.Resource){
	"AWS::EC2::Instance":                        (*counter).instance,
	"AWS::AutoScaling::AutoScalingGroup":        (*counter).group,
	"AWS::AutoScaling::ScalingPolicy":           (*counter).scalingPolicy,
	"AWS::EC2::Volume":                          (*counter).volume,
	"AWS::DLM::LifecyclePolicy":                 (*counter).snapshots,
	"AWS::EC2::EIP":                             (*counter).address,
	"AWS::EC2::EIPAssociation":                  (*counter).association,
	"AWS::EC2::NatGateway":                      (*counter).natGateway,
	"AWS::EC2::VPCEndpoint":                     (*counter).endpoint,
	"AWS::ElasticLoadBalancingV2::LoadBalancer": (*counter).balancer,
	"AWS::ElastiCache::ReplicationGroup":        (*counter).cache,
	"AWS::ElastiCache::CacheCluster":            (*counter).cache,
	"AWS::CloudWatch::Alarm":                    (*counter).alarm,
	"AWS::CloudWatch::Dashboard":                (*counter).dashboard,
	"AWS::Logs::LogGroup":                       (*counter).logs,
	"AWS::SSM::Association":                     (*counter).agent,
	"AWS::SSM::Parameter":                       (*counter).parameter,
	"AWS::Route53::HostedZone":                  (*counter).hostedZone,
	"AWS::Route53::RecordSet":                   (*counter).record,
	"AWS::S3::Bucket":                           (*counter).bucket,
	"AWS::SNS::Topic":                           (*counter).topic,
	"AWS::SNS::Subscription":                    (*counter).subscription,
	"AWS::CertificateManager::Certificate":      (*counter).certificate,
}

// Free is every type that costs nothing by itself, and why.
var Free = map[string]string{
	"AWS::CloudFormation::WaitCondition":               "CloudFormation costs nothing for AWS's own types",
	"AWS::CloudFormation::WaitConditionHandle":         "CloudFormation costs nothing for AWS's own types",
	"AWS::CDK::Metadata":                               "it makes nothing",
	"AWS::EC2::InternetGateway":                        "only the data through it costs: data transfer",
	"AWS::AutoScaling::LaunchConfiguration":            "what is launched from it is counted at the group",
	"AWS::EC2::NetworkInterface":                       "a network's parts cost nothing; its public address is counted",
	"AWS::EC2::NetworkInterfaceAttachment":             "a network's parts cost nothing",
	"AWS::EC2::LaunchTemplate":                         "what is launched from it is counted at the server or group",
	"AWS::EC2::Route":                                  "a network's parts cost nothing",
	"AWS::EC2::RouteTable":                             "a network's parts cost nothing",
	"AWS::EC2::SecurityGroup":                          "a network's parts cost nothing",
	"AWS::EC2::SecurityGroupEgress":                    "a network's parts cost nothing",
	"AWS::EC2::SecurityGroupIngress":                   "a network's parts cost nothing",
	"AWS::EC2::Subnet":                                 "a network's parts cost nothing",
	"AWS::EC2::SubnetRouteTableAssociation":            "a network's parts cost nothing",
	"AWS::EC2::VPC":                                    "a network's parts cost nothing",
	"AWS::EC2::VPCGatewayAttachment":                   "a network's parts cost nothing",
	"AWS::EC2::VolumeAttachment":                       "the volume is counted",
	"AWS::ElastiCache::ParameterGroup":                 "the cache's nodes are counted",
	"AWS::ElastiCache::SubnetGroup":                    "the cache's nodes are counted",
	"AWS::ElasticLoadBalancingV2::Listener":            "the load balancer is counted",
	"AWS::ElasticLoadBalancingV2::ListenerRule":        "the first ten rules cost nothing; the load balancer is counted",
	"AWS::ElasticLoadBalancingV2::TargetGroup":         "the load balancer is counted",
	"AWS::IAM::InstanceProfile":                        "IAM costs nothing",
	"AWS::IAM::ManagedPolicy":                          "IAM costs nothing",
	"AWS::IAM::Policy":                                 "IAM costs nothing",
	"AWS::IAM::Role":                                   "IAM costs nothing",
	"AWS::S3::BucketPolicy":                            "the bucket is counted",
	"AWS::SNS::TopicPolicy":                            "the topic's e-mails are counted at its subscription",
	"AWS::SSM::Document":                               "documents and Run Command on EC2 cost nothing",
	"AWS::AutoScaling::LifecycleHook":                  "Auto Scaling costs nothing; the group's servers are counted",
	"AWS::AutoScaling::ScheduledAction":                "Auto Scaling costs nothing; the group's servers are counted",
	"AWS::ElasticLoadBalancingV2::ListenerCertificate": "the load balancer is counted",
}

// Priced lists the types that are counted.
func Priced() []string {
	all := make([]string, 0, len(counters))
	for name := range counters {
		all = append(all, name)
	}
	return all
}

// count puts one resource on the bill, in one way or another.
func (c *counter) count(r *template.Resource) {
	if count, ok := counters[r.Type]; ok {
		if r.Raw["Condition"] != nil {
			c.note("%s is counted as if its condition held: whether it does is known only when it is deployed", r.ID)
		}
		count(c, r)
		return
	}
	if _, free := Free[r.Type]; !free {
		c.unpriced(r, "the price book knows no %s", kindOf(r))
	}
}

func kindOf(r *template.Resource) string {
	if r.Type == "" {
		return "resource without a type"
	}
	return r.Type
}

// text is a property as text; false when the template does not tell it.
func (c *counter) text(value any) (string, bool) {
	text, ok := value.(string)
	return text, ok && !template.Dynamic(text)
}

// number is a property as a number, or otherwise when it is not there; 0 and false when the template does not tell it.
func (c *counter) number(value any, otherwise float64) (float64, bool) {
	if value == nil {
		return otherwise, true
	}
	n, ok := template.Number(value)
	if !ok || !(n >= 0 && n < 1e9) {
		return 0, false
	}
	return n, true
}

// target is the resource of the template that value refers to, nil when it is none.
func (c *counter) target(value any) *template.Resource {
	ref, ok := template.Refers(value)
	if !ok {
		return nil
	}
	return c.template.Resource(ref.ID)
}
