package cost

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// cent is when two sums of money are the same to a reader.
var cent = cmpopts.EquateApprox(0, 0.005)

// stack parses resources, written as JSON without their outermost braces.
func stack(t *testing.T, resources string) *template.Template {
	t.Helper()
	parsed, err := template.Parse([]byte(`{"Resources": {` + resources + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func golden(t testing.TB, name string) *template.Template {
	t.Helper()
	parsed, err := template.Read(filepath.Join("..", "..", "test", "testdata", "templates", name+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// goldens lists the committed templates by name.
func goldens(t testing.TB) []string {
	t.Helper()
	root := filepath.Join("..", "..", "test", "testdata", "templates")
	var names []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(path, ".template.json"); ok && err == nil {
			relative, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			names = append(names, filepath.ToSlash(relative))
		}
		return err
	})
	if err != nil || len(names) < 10 {
		t.Fatalf("%d templates (%v)", len(names), err)
	}
	return names
}

func of(t testing.TB, template *template.Template, usage Usage) Bill {
	t.Helper()
	bill, err := Of(template, usage)
	if err != nil {
		t.Fatal(err)
	}
	return bill
}

// item sums the lines of that item.
func (b Bill) item(name string) (quantity, monthly Range) {
	for _, l := range b.Lines {
		if l.Item == name {
			quantity, monthly = quantity.Plus(l.Quantity), monthly.Plus(l.Monthly)
		}
	}
	return quantity, monthly
}

// What these come to was computed by hand, on paper, from the price pages: a wrong price, a forgotten hour or address fails.
func TestByHand(t *testing.T) {
	tests := []struct {
		stage, item string
		want        Range
	}{
		{"single", "t2.micro server", same(9.05)},                             // 0.0124 x 730
		{"single", "Elastic IP, attached", same(3.65)},                        // 0.005 x 730
		{"single", "disk of the server, gp3", same(0.73)},                     // 8 x 0.0912
		{"single", "7 snapshots of the disk", same(0.26)},                     // (4 + 6 x 0.2) x 0.05
		{"single", "hosted zone, outside the stack", same(0.50)},              //
		{"single", "DNS queries", same(0.20)},                                 // 0.5 million x 0.40
		{"vertical", "t2.small server", same(18.10)},                          // 0.0248 x 730
		{"horizontal", "t2.micro node", Range{18.10, 18.10, 45.26}},           // 2 to 5
		{"horizontal", "IPv4 of the nodes", Range{7.30, 7.30, 18.25}},         // 2 to 5
		{"horizontal", "disk of the node, gp3", Range{1.46, 1.46, 3.65}},      // 2 to 5
		{"horizontal", "load balancer", same(17.45)},                          // 0.0239 x 730
		{"horizontal", "load balancer capacity", same(0.23)},                  // 1/25 x 730 x 0.008
		{"horizontal", "IPv4 of the balancer, 2 zones", same(7.30)},           // 2 x 3.65
		{"horizontal", "cache.t4g.micro, valkey", same(11.68)},                // 0.016 x 730
		{"horizontal", "detailed monitoring, node", Range{4.20, 4.20, 10.50}}, // 7 x 0.30 x 2 to 5
		{"horizontal", "alarms with anomaly detection", same(0.30)},           // 3 metrics
		{"horizontal", "alarms with metric math", same(0.30)},                 // 3 metrics
		{"horizontal", "DNS queries, by an alias", same(0)},                   //
		{"horizontal", "data between zones, both ways", same(0.20)},           // 2 x 10 x 0.01
		{"horizontal", "free: 10 alarm metrics", same(-1.00)},                 //
		{"horizontal", "free: 10 metrics", same(-3.00)},                       //
		{"horizontal", "free: 100 GB to users", same(-2.19)},                  // of 20 x 0.1093
		{"existing/horizontal", "IPv4 of the balancer, 3 zones", same(10.95)}, // 3 x 3.65
		{"existing/horizontal", "Elastic IP, outside the stack", same(3.65)},  //
		{"existing/horizontal", "alarms of target tracking", same(0.20)},      // 2 alarms
		{"existing/horizontal", "image ami-0a1b2c3d4e5f60718", same(0.20)},    // 4 x 0.05, once for server and fleet
		{"existing/horizontal", "t3.small node", Range{32.70, 32.70, 81.76}},  // 0.0224 x 730 x 2 to 5
		{"moves/5-clean-up", "Elastic IP, idle", same(3.65)},                  // nothing holds it any more
	}
	for _, test := range tests {
		t.Run(test.stage+", "+test.item, func(t *testing.T) {
			_, got := of(t, golden(t, test.stage), Defaults()).item(test.item)
			if diff := cmp.Diff(got, test.want, cent); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// The whole of a minimal fleet, as the price pages give it: 2 nodes with their addresses and disks 26.86, the load balancer
// 17.45 with 0.04 LCU 0.23 and two addresses 7.30, the zone 0.50, 14 metrics of which 10 cost nothing 1.20, and data between
// zones 0.20.
func TestFleetByHand(t *testing.T) {
	want := 26.86 + 17.45 + 0.23 + 7.30 + 0.50 + 1.20 + 0.20
	if got := of(t, minimalFleet(t), Defaults()).Total.Low; cmp.Diff(got, want, cmpopts.EquateApprox(0, 0.02)) != "" {
		t.Errorf("%.2f, want %.2f", got, want)
	}
}

func minimalFleet(t *testing.T) *template.Template {
	t.Helper()
	return stack(t, `
		"Template": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "t2.micro",
			"ImageId": "{{resolve:ssm:/aws/service/canonical/x}}", "Monitoring": {"Enabled": true},
			"NetworkInterfaces": [{"AssociatePublicIpAddress": true}],
			"BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeType": "gp3", "VolumeSize": 8}}]}}},
		"Fleet": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "2", "MaxSize": "5",
			"LaunchTemplate": {"LaunchTemplateId": {"Ref": "Template"}, "Version": "1"}}},
		"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": ["subnet-1", "subnet-2"]}},
		"Record": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "example.com.", "AliasTarget": {}}}`)
}

// All that the stages hold is on the bill or in the list of free types, with no exception.
func TestNothingOfAStageIsLeftOut(t *testing.T) {
	for _, name := range goldens(t) {
		if bill := of(t, golden(t, name), Defaults()); len(bill.Unpriced) > 0 {
			t.Errorf("%s: %v", name, bill.Unpriced)
		}
	}
}

// Free and priced are two lists, without a type in both; each free type has its reason, and each of either is one that a diff
// knows.
func TestATypeIsFreeOrPriced(t *testing.T) {
	for _, name := range Priced() {
		if Free[name] != "" {
			t.Errorf("%s is free and priced", name)
		}
		if !schema.Known(name) {
			t.Errorf("%s is not in internal/schema/types.txt", name)
		}
	}
	for name, reason := range Free {
		if reason == "" {
			t.Errorf("%s is free for no reason", name)
		}
		// What is CloudFormation's own, or the CDK's, has no schema in the registry.
		if !schema.Known(name) && !strings.HasPrefix(name, "AWS::CloudFormation::") && name != "AWS::CDK::Metadata" {
			t.Errorf("%s is not in internal/schema/types.txt", name)
		}
	}
}

// What cannot be priced is said with its reason, and never a line of zero; its near miss is priced.
func TestNotPriced(t *testing.T) {
	server := func(properties string) string {
		return `"X": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "{{resolve:ssm:/aws/service/x}}", ` + properties + `}}`
	}
	group := func(properties string) string {
		return `"X": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {` + properties + `}}`
	}
	resource := func(kind, properties string) string {
		return fmt.Sprintf(`"X": {"Type": %q, "Properties": {%s}}`, kind, properties)
	}
	tests := []struct {
		name, resource, near string
		want                 string
	}{
		{"a type that nobody knows", resource("AWS::Kinesis::Stream", ""), resource("AWS::EC2::VPC", ""),
			"the price book knows no AWS::Kinesis::Stream"},
		{"no type", `"X": {"Properties": {}}`, resource("AWS::EC2::VPC", ""), "the price book knows no resource without a type"},
		{"an unknown instance type", server(`"InstanceType": "t9.micro"`), server(`"InstanceType": "t3.micro"`),
			"t9.micro server: the price book of ap-south-1 has no ec2/t9.micro; kora cost refresh t9.micro reads it"},
		{"an instance type that is not known", server(`"InstanceType": {"Fn::ImportValue": "x"}`), server(`"InstanceType": "t3.micro"`),
			"its instance type is known only when it is deployed"},
		{"spot", server(`"InstanceType": "t3.micro", "InstanceMarketOptions": {"MarketType": "spot"}`), server(`"InstanceType": "t3.micro"`),
			"a spot price changes by the hour"},
		{"a tenancy", server(`"InstanceType": "t3.micro", "Tenancy": "dedicated"`), server(`"InstanceType": "t3.micro", "Tenancy": "default"`),
			"a tenancy of its own costs more than the price book's"},
		{"a disk type", resource("AWS::EC2::Volume", `"VolumeType": "io2", "Size": 8`), resource("AWS::EC2::Volume", `"VolumeType": "gp3", "Size": 8`),
			"disk, io2: the price book of ap-south-1 has no ebs/io2"},
		{"more IOPS", resource("AWS::EC2::Volume", `"VolumeType": "gp3", "Size": 8, "Iops": 4000`),
			resource("AWS::EC2::Volume", `"VolumeType": "gp3", "Size": 8, "Iops": 3000`), "disk: more than 3,000 IOPS or 125 MiB/s cost extra"},
		{"a group of nothing", group(`"MinSize": 1, "MaxSize": 2, "LaunchTemplate": {"LaunchTemplateId": "lt-1"}`), resource("AWS::EC2::VPC", ""),
			"its launch template is not in the template: what it launches is not known"},
		{"a mix", group(`"MinSize": 1, "MaxSize": 2, "MixedInstancesPolicy": {}`), resource("AWS::EC2::VPC", ""),
			"a mix of instance types: only the deployment tells which ones run"},
		{"a group without a size", group(`"MinSize": {"Fn::ImportValue": "x"}, "MaxSize": 2`), resource("AWS::EC2::VPC", ""),
			"MinSize and MaxSize are known only when it is deployed"},
		{"a network balancer", resource("AWS::ElasticLoadBalancingV2::LoadBalancer", `"Type": "network"`),
			resource("AWS::ElasticLoadBalancingV2::LoadBalancer", `"Type": "application"`), "the price book knows application load balancers only"},
		{"a balancer whose idle timeout is not known", resource("AWS::ElasticLoadBalancingV2::LoadBalancer",
			`"LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": {"Fn::ImportValue": "x"}}]`),
			resource("AWS::ElasticLoadBalancingV2::LoadBalancer", `"LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "60"}]`),
			"its capacity: the idle timeout is known only when it is deployed"},
		{"an interface endpoint", resource("AWS::EC2::VPCEndpoint", `"VpcEndpointType": "Interface"`), resource("AWS::EC2::VPCEndpoint", ""),
			"an endpoint of type Interface costs by the hour and zone"},
		{"a fast alarm", resource("AWS::CloudWatch::Alarm", `"Period": 10`), resource("AWS::CloudWatch::Alarm", `"Period": 60`),
			"an alarm that looks more often than each minute has a price of its own"},
		{"a query", resource("AWS::CloudWatch::Alarm", `"Metrics": [{"Expression": "SELECT MAX(x) FROM y"}]`),
			resource("AWS::CloudWatch::Alarm", `"Metrics": [{"Expression": "a+b"}]`), "a query counts each metric that it finds"},
		{"a text message", resource("AWS::SNS::Subscription", `"Protocol": "sms"`), resource("AWS::SNS::Subscription", `"Protocol": "email"`),
			"deliveries by sms have prices of their own"},
		{"a large parameter", resource("AWS::SSM::Parameter", `"Tier": "Advanced"`), resource("AWS::SSM::Parameter", `"Tier": "Standard"`),
			"a parameter of tier Advanced costs by the month"},
		{"a private authority", resource("AWS::CertificateManager::Certificate", `"CertificateAuthorityArn": "arn"`),
			resource("AWS::CertificateManager::Certificate", ""), "a private authority's certificate has a price of its own"},
		{"an unknown cache", resource("AWS::ElastiCache::CacheCluster", `"CacheNodeType": "cache.r6g.large", "Engine": "redis", "NumCacheNodes": 1`),
			resource("AWS::ElastiCache::CacheCluster", `"CacheNodeType": "cache.t4g.micro", "Engine": "redis", "NumCacheNodes": 1`),
			"cache.r6g.large, redis: the price book of ap-south-1 has no elasticache/redis/cache.r6g.large"},
		{"snapshots by age", resource("AWS::DLM::LifecyclePolicy", `"PolicyDetails": {"Schedules": [{"RetainRule": {"Interval": 7}}]}`),
			resource("AWS::DLM::LifecyclePolicy", `"PolicyDetails": {"Schedules": [{"RetainRule": {"Count": 7}}]}`),
			"how many snapshots it keeps is not told by a count"},
		{"the agent, configured elsewhere", resource("AWS::SSM::Association", `"Name": "AmazonCloudWatch-ManageAgent"`),
			resource("AWS::SSM::Association", `"Name": "AWS-UpdateSSMAgent"`), "what the agent publishes is not in the template"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bill := of(t, stack(t, test.resource), Defaults())
			if len(bill.Unpriced) != 1 || bill.Unpriced[0].Reason != test.want || bill.Unpriced[0].LogicalID != "X" {
				t.Errorf("not priced %v, want one: %s", bill.Unpriced, test.want)
			}
			for _, l := range bill.Lines {
				if l.LogicalID == "X" && l.Service == Machines {
					t.Errorf("priced all the same: %v", l)
				}
			}
			if near := of(t, stack(t, test.near), Defaults()); len(near.Unpriced) != 0 {
				t.Errorf("its near miss is not priced either: %v", near.Unpriced)
			}
		})
	}
}

func TestCredits(t *testing.T) {
	server := `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": %q, "CreditSpecification": {%s}}}`
	tests := []struct {
		name, kind, mode string
		cpu              float64
		want             float64 // USD a month
		note             string
	}{
		{"within the baseline", "t3.micro", "", 10, 0, ""},
		{"T3 is unlimited by default", "t3.micro", "", 60, 0.5 * 2 * 730 * 0.05, ""},
		{"Arm is cheaper", "t4g.micro", "", 60, 0.5 * 2 * 730 * 0.04, ""},
		{"T2 is standard by default", "t2.micro", "", 60, 0,
			"Server cannot hold 60 % CPU: t2.micro with standard credits falls to 10 % of each vCPU"},
		{"T2 unlimited", "t2.micro", `"CPUCredits": "unlimited"`, 60, 0.5 * 730 * 0.05, ""},
		{"no T at all", "m5.large", "", 60, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			usage := Defaults()
			usage.CPUPercent = test.cpu
			bill := of(t, stack(t, fmt.Sprintf(server, test.kind, test.mode)), usage)
			got := 0.0
			for _, l := range bill.Lines {
				if strings.HasPrefix(l.Price, "ec2/credits") {
					got += l.Monthly.Typical
				}
			}
			if cmp.Diff(got, test.want, cent) != "" {
				t.Errorf("%.2f, want %.2f", got, test.want)
			}
			if said := strings.Contains(strings.Join(bill.Notes, "\n"), test.note); !said || test.note == "" && strings.Contains(fmt.Sprint(bill.Notes), "cannot hold") {
				t.Errorf("notes %q, want %q", bill.Notes, test.note)
			}
		})
	}
}

// The agent of the stages publishes memory and swap once for a server, twice for a node and once for the group; the disk,
// which has dimensions of its own, once more.
func TestAgentMetrics(t *testing.T) {
	got, _ := of(t, golden(t, "horizontal"), Defaults()).item("the agent's metrics")
	if diff := cmp.Diff(got, Range{4 + 2*6 + 3, 4 + 2*6 + 3, 4 + 5*6 + 3}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	config, ok := configIn("cat <<'JSON'\n" + `{"metrics": {"metrics_collected": {"mem": {"measurement": ["a", "b"]},
		"disk": {"measurement": ["used"], "resources": ["/", "/data"]}, "procstat": {"measurement": ["cpu"]}}}}` + "\nJSON\n")
	if !ok {
		t.Fatal("the configuration was not found")
	}
	each, together, unknown := config.metrics(false)
	if each != 4 || together != 0 || fmt.Sprint(unknown) != "[procstat]" {
		t.Errorf("%d each, %d together, %v unknown; want 4, 0 and procstat", each, together, unknown)
	}
}

func TestInstances(t *testing.T) {
	usage := Defaults()
	usage.Instances = 3
	got, _ := of(t, golden(t, "horizontal"), usage).item("t2.micro node")
	if diff := cmp.Diff(got, Range{2 * 730, 3 * 730, 5 * 730}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	usage.Instances = 6
	_, err := Of(golden(t, "horizontal"), usage)
	if want := "--instances 6 is not allowed: Fleet takes 2 to 5"; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := Of(golden(t, "single"), usage); err != nil {
		t.Errorf("a template without a group: %v", err)
	}
}

func TestAnotherRegion(t *testing.T) {
	_, err := Of(stack(t, `"A": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-central-1a"}}`), Defaults())
	want := "A is in eu-central-1, and the prices are those of ap-south-1: kora cost refresh --region eu-central-1 --prices FILE reads the other ones, kora cost --prices FILE uses them"
	if fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Written and kept lines share the 5 GB, and each tier is summed where what it pays for is.
func TestFreeTiers(t *testing.T) {
	usage := Defaults()
	usage.LogsGiB = 4
	bill := of(t, stack(t, `"L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 60}}`), usage)
	quantity, _ := bill.item("free: 5 GB of logs")
	if diff := cmp.Diff(quantity, same(-5)); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for _, service := range []Service{Transfer, Monitoring} {
		if got := of(t, golden(t, "single"), Defaults()).Share(service); cmp.Diff(got, Range{}, cent) != "" {
			t.Errorf("%s costs %v, want nothing", service, got)
		}
	}
}

// An address says whether something holds it: the price is the same today, and need not stay so.
func TestIdleAddress(t *testing.T) {
	bill := of(t, stack(t, `"A": {"Type": "AWS::EC2::EIP"}, "B": {"Type": "AWS::EC2::EIP"},
		"Held": {"Type": "AWS::EC2::EIPAssociation", "Properties": {"AllocationId": {"Fn::GetAtt": ["B", "AllocationId"]}}}`), Defaults())
	var got []string
	for _, l := range bill.Lines {
		got = append(got, l.LogicalID+" "+l.Price)
	}
	if diff := cmp.Diff(got, []string{"A ipv4/idle", "B ipv4/in-use"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestCacheNodes(t *testing.T) {
	tests := []struct {
		name, properties string
		nodes            float64
	}{
		{"one", ``, 1},
		{"clusters", `, "NumCacheClusters": 3`, 3},
		{"shards with replicas", `, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 2`, 6},
		{"shards", `, "NumNodeGroups": 2`, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bill := of(t, stack(t, `"C": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"CacheNodeType": "cache.t4g.micro",
				"Engine": "valkey"`+test.properties+`}}`), Defaults())
			if got := bill.Lines[0].Quantity.Low; got != test.nodes*730 {
				t.Errorf("%v hours, want %v nodes", got, test.nodes)
			}
		})
	}
}

func TestTooManyResources(t *testing.T) {
	many := func(n int) *template.Template {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`"R%d": {"Type": "AWS::EC2::EIP"}`, i))
		}
		return stack(t, strings.Join(all, ","))
	}
	if _, err := Of(many(501), Defaults()); fmt.Sprint(err) != "501 resources: CloudFormation takes 500 in a template" {
		t.Errorf("error %v", err)
	}
	usage := Defaults()
	if got := of(t, many(500), usage).Total.Low; cmp.Diff(got, 500*3.65, cent) != "" {
		t.Errorf("500 addresses cost %v", got)
	}
}

// What stays when the last step of the move takes server and snapshots out of the stack.
func TestLeaving(t *testing.T) {
	var got []string
	for _, k := range of(t, golden(t, "moves/4-fleet"), Defaults()).Leaving(golden(t, "moves/5-clean-up")) {
		got = append(got, fmt.Sprintf("%s: %s %.2f, %s", k.LogicalID, k.Item, k.Monthly.High, k.Ends))
	}
	want := []string{
		"Server: the server's disk 0.73, aws ec2 delete-volume --volume-id <vol-...>",
		"ServerSnapshots: the snapshots 0.26, aws ec2 delete-snapshot --snapshot-id <snap-...>, each",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestTaxAndDatabase(t *testing.T) {
	usage := Defaults()
	without := of(t, golden(t, "single"), usage).Total
	usage.RDS, usage.GST = "db.t4g.micro", true
	got := of(t, golden(t, "single"), usage).Total
	want := without.Plus(same(15.33 + 2.62)).Times(1.18)
	if diff := cmp.Diff(got, want, cmpopts.EquateApprox(0, 0.01)); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestUsageCheck(t *testing.T) {
	usage := Defaults()
	if err := usage.Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	usage.CPUPercent, usage.EgressGiB, usage.Instances = 101, -1, -2
	want := "--egress-gib -1 is not allowed: it takes a number from 0 to 1000000000000\n" +
		"--cpu-percent 101 is not allowed: it takes a number from 0 to 100\n" +
		"--instances -2 is not allowed: it takes a whole number within the group's size"
	if err := usage.Check(); fmt.Sprint(err) != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
}
