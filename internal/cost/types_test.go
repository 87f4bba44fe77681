package cost

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// byHand is a bill of each priced type, computed by hand from the price pages: what X costs a month at the default usage, its
// own lines and no free tier. companions are the resources that X needs beside it.
var byHand = []struct {
	kind, properties, companions string
	want                         float64
}{
	// 0.0112 x 730 + an IPv4 0.005 x 730 + 10 x 0.0912
	{"AWS::EC2::Instance", `"InstanceType": "t3.micro", "BlockDeviceMappings": [{"Ebs": {"VolumeType": "gp3", "VolumeSize": 10}}]`, "",
		8.176 + 3.65 + 0.912},
	// twice 0.0112 x 730 + an IPv4 0.005 x 730 + the image's 8 x 0.0912
	{"AWS::AutoScaling::AutoScalingGroup", `"MinSize": "2", "MaxSize": "4", "LaunchTemplate": {"LaunchTemplateId": {"Ref": "T"}}`,
		`"T": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "t3.micro"}}}`,
		2 * (8.176 + 3.65 + 0.7296)},
	{"AWS::AutoScaling::ScalingPolicy", `"PolicyType": "TargetTrackingScaling"`, "", 2 * 0.10},
	{"AWS::EC2::Volume", `"VolumeType": "gp3", "Size": 100`, "", 100 * 0.0912},
	{"AWS::EC2::Volume", `"Size": 100`, "", 100 * 0.114}, // gp2, the default
	// 4 GiB, and twice what half a day changes
	{"AWS::DLM::LifecyclePolicy", `"PolicyDetails": {"TargetTags": [{"Key": "K", "Value": "V"}], "Schedules": [
		{"CreateRule": {"Interval": 12}, "RetainRule": {"Count": 3}}]}`,
		`"S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t3.micro", "Tags": [{"Key": "K", "Value": "V"}]}}`,
		(4 + 2*0.1) * 0.05},
	{"AWS::EC2::EIP", ``, "", 0.005 * 730},
	{"AWS::EC2::EIPAssociation", `"AllocationId": "eipalloc-1"`, "", 0.005 * 730},
	{"AWS::EC2::EIPAssociation", `"AllocationId": {"Fn::GetAtt": ["A", "AllocationId"]}`, `"A": {"Type": "AWS::EC2::EIP"}`, 0}, // the address is counted
	{"AWS::EC2::NatGateway", ``, "", 0.056 * 730},                                                                              // the data is counted once for all of them
	{"AWS::EC2::VPCEndpoint", ``, "", 0},
	// 0.0239 x 730, 0.04 LCU, two addresses
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", `"Subnets": ["a", "b"]`, "", 17.447 + 0.04*0.008*730 + 2*3.65},
	// One request a second that stays for 10 minutes is 600 connections of 3,000.
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", `"Subnets": ["a", "b"], "LoadBalancerAttributes": [
		{"Key": "idle_timeout.timeout_seconds", "Value": "600"}]`, "", 17.447 + 0.2*0.008*730 + 2*3.65},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", `"Scheme": "internal", "Subnets": ["a", "b"]`, "", 17.447 + 0.04*0.008*730},
	{"AWS::ElastiCache::ReplicationGroup", `"Engine": "valkey", "CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 2`, "", 2 * 0.016 * 730},
	{"AWS::ElastiCache::CacheCluster", `"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1`, "", 0.021 * 730},
	{"AWS::CloudWatch::Alarm", `"Period": 60`, "", 0.10},
	{"AWS::CloudWatch::Alarm", `"Metrics": [{"MetricStat": {}}, {"Expression": "ANOMALY_DETECTION_BAND(m, 3)"}]`, "", 0.30},
	{"AWS::CloudWatch::Dashboard", ``, "", 3},
	// written, and kept for twice the 730 hours of a month
	{"AWS::Logs::LogGroup", `"RetentionInDays": 60`, "", 0.67 + 0.03*60*24/730},
	{"AWS::SSM::Association", `"Name": {"Ref": "D"}, "Targets": [{"Key": "InstanceIds", "Values": [{"Ref": "S"}]}]`,
		`"D": {"Type": "AWS::SSM::Document", "Properties": {"Content": {"run": "cat <<E\n{\"metrics\": {\"metrics_collected\": {\"mem\": {\"measurement\": [\"used\", \"free\"]}}}}\nE"}}},
		 "S": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t3.micro"}}`, 2 * 0.30},
	{"AWS::SSM::Parameter", ``, "", 0},
	{"AWS::Route53::HostedZone", ``, "", 0.50},
	{"AWS::Route53::RecordSet", `"HostedZoneId": "Z1"`, "", 0.5 * 0.40}, // half a million queries; the zone is a line of its own
	{"AWS::Route53::RecordSet", `"HostedZoneId": "Z1", "AliasTarget": {}`, "", 0},
	{"AWS::S3::Bucket", ``, "", 10*0.025 + 5*0.005 + 100*0.0004},
	{"AWS::SNS::Topic", `"Subscription": [{"Protocol": "email"}]`, "", 0.1 * 0.02}, // 100 e-mails
	{"AWS::SNS::Subscription", `"Protocol": "email"`, "", 0.1 * 0.02},
	{"AWS::CertificateManager::Certificate", ``, "", 0},
}

// Each priced type has a bill by hand, as each hazard has its case.
func TestEachPricedTypeByHand(t *testing.T) {
	var seen []string
	usage := Defaults()
	usage.NoFreeTier = true
	for _, test := range byHand {
		seen = append(seen, test.kind)
		t.Run(test.kind, func(t *testing.T) {
			resources := `"X": {"Type": "` + test.kind + `", "Properties": {` + test.properties + `}}`
			if test.companions != "" {
				resources += ", " + test.companions
			}
			bill := of(t, stack(t, resources), usage)
			if got := bill.Resource("X").Typical; cmp.Diff(got, test.want, cent) != "" || len(bill.Unpriced) != 0 {
				t.Errorf("%.4f, want %.4f; not priced: %v", got, test.want, bill.Unpriced)
			}
		})
	}
	for _, kind := range Priced() {
		if !slices.Contains(seen, kind) {
			t.Errorf("%s has no bill by hand in byHand", kind)
		}
	}
}
