package check_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/template"
)

// standing is the name of a stack that stands on the emulator, with a server of its own.
const (
	standing     = "kora-standing"
	standingName = "standing.korakagazindia.com"
)

// call makes a call of one of AWS's older APIs, and returns what it answers.
func (w *world) call(action string, parameters ...string) string {
	w.Helper()
	form := url.Values{"Action": {action}}
	for _, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		form.Set(name, value)
	}
	signed := "AWS4-HMAC-SHA256 Credential=test/20260101/" + region + "/" + services["Version="+form.Get("Version")] + "/aws4_request, SignedHeaders=host, Signature=none"
	return w.post(http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {signed}}, form.Encode())
}

// ask makes a call of one that takes JSON.
func (w *world) ask(target, body string) string {
	w.Helper()
	return w.post(http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}}, body)
}

func (w *world) post(header http.Header, body string) string {
	w.Helper()
	return w.send(w.cloud.URL, header, body)
}

// names makes a call of Route 53, which takes XML.
func (w *world) names(path, body string) string {
	w.Helper()
	signed := "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=none"
	return w.send(w.cloud.URL+"/2013-04-01/hostedzone"+path, http.Header{"Content-Type": {"text/xml"}, "Authorization": {signed}}, body)
}

func (w *world) send(to string, header http.Header, body string) string {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		w.Fatalf("%s: %s %v", body, said, err)
	}
	return string(said)
}

// between is what stands in a text between two others.
func (w *world) between(text, before, after string) string {
	w.Helper()
	_, rest, found := strings.Cut(text, before)
	inner, _, ends := strings.Cut(rest, after)
	if !found || !ends {
		w.Fatalf("no %s in %s", before, text)
	}
	return inner
}

// The versions of the older APIs, by which they are told apart here.
const (
	ec2            = "Version=2016-11-15"
	cloudFormation = "Version=2010-05-15"
	cloudWatch     = "Version=2010-08-01"
	iam            = "Version=2010-05-08"
	sns            = "Version=2010-03-31"
)

var services = map[string]string{ec2: "ec2", cloudFormation: "cloudformation", cloudWatch: "monitoring", iam: "iam", sns: "sns"}

// server is what the stack that stands has of a server.
type server struct{ stack, id, volume, address, topic string }

// stand makes the stack with a server, its logs and its alerts.
func (w *world) stand() server {
	w.Helper()
	s := server{stack: w.stack(standing, `{"Resources": {
		"Server": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-0123456789abcdef0", "InstanceType": "t2.micro"}},
		"LogGroup": {"Type": "AWS::Logs::LogGroup"}, "HighCpuAlarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"ComparisonOperator": "GreaterThanThreshold",
			"EvaluationPeriods": 1, "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Period": 300, "Statistic": "Average", "Threshold": 80}},
		"AlertsTopic": {"Type": "AWS::SNS::Topic"}, "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
		"Record": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "korakagazindia.com.", "Name": "`+standingName+`.", "Type": "A", "TTL": "300",
			"ResourceRecords": [{"Ref": "Address"}]}}}}`)}
	a := account.At(w.cloud.URL, region)
	ids, err := a.Resources(w.Context(), s.stack)
	if err != nil {
		w.Fatal(err)
	}
	s.id, s.address, s.topic = ids["Server"], ids["Address"], ids["AlertsTopic"]
	found, err := a.Server(w.Context(), s.id)
	if err != nil || len(found.Volumes) == 0 {
		w.Fatal(found, err)
	}
	s.volume = found.Volumes[0].VolumeID
	return s
}

// stack makes one of a name, as cdk.json has it, and waits until it stands or has failed.
func (w *world) stack(name, body string) string {
	w.Helper()
	full := w.config(map[string]string{"name": name}).StackName()
	w.call("CreateStack", cloudFormation, "StackName="+full, "TemplateBody="+body)
	for {
		stack, err := account.At(w.cloud.URL, region).Stack(w.Context(), full)
		if err != nil {
			w.Fatal(err)
		}
		if !strings.HasSuffix(stack.Status, "_IN_PROGRESS") {
			return full
		}
	}
}

// image registers one, and returns its id.
func (w *world) image(name string, parameters ...string) string {
	w.Helper()
	given := append([]string{ec2, "Name=" + name, "Architecture=x86_64", "EnaSupport=true", "RootDeviceName=/dev/sda1"}, parameters...)
	return w.between(w.call("RegisterImage", given...), "<imageId>", "</imageId>")
}

// reports lets the agent of a server report a metric, and line one of its logs, written so long ago.
func (w *world) reports(id, metric, percent string) {
	w.Helper()
	w.call("PutMetricData", cloudWatch, "Namespace=CWAgent", "MetricData.member.1.MetricName="+metric, "MetricData.member.1.Value="+percent,
		"MetricData.member.1.Timestamp="+time.Now().Add(-10*time.Minute).UTC().Format(time.RFC3339),
		"MetricData.member.1.Dimensions.member.1.Name=InstanceId", "MetricData.member.1.Dimensions.member.1.Value="+id)
}

// using sets the machine that is launched of the fleet, or the server where there is no fleet.
func using(property string, value any) func(*check.Subject) {
	return func(s *check.Subject) {
		data := s.Template.Resource("FleetLaunchTemplate").Properties["LaunchTemplateData"].(map[string]any)
		data[property] = value
	}
}

// parse reads a template.
func (w *world) parse(text string) *template.Template {
	w.Helper()
	t, err := template.Parse([]byte(text))
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// oneCase is an account, a configuration and a template for which a check has a verdict.
type oneCase struct {
	code, name string
	want       check.Verdict
	change     map[string]string
	// account is what is done to the account before; it is as it was afterwards.
	account func()
	subject func(*check.Subject)
}

// alert is a budget's.
const alert = `, "NotificationsWithSubscribers": [{"Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80},
				"Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ops@korakagazindia.com"}]}]`

// cases has, for each code, what raises each of its verdicts, and near misses that do not.
func (w *world) cases(s server) []oneCase {
	client := &emulator.Client{URL: w.cloud.URL}
	quotas := func(of map[string]int) func() {
		return func() { w.models(client, emulator.Models{Quotas: of}) }
	}
	models := func(m emulator.Models) func() { return func() { w.models(client, m) } }
	at := map[string]string{"name": standing}
	there := map[string]string{"name": standing, "domainName": standingName}
	now := func(after time.Duration) func(*check.Subject) {
		return func(s *check.Subject) { s.Now = s.Now.Add(after) }
	}
	asks := func(status int, err error) func(*check.Subject) {
		return func(s *check.Subject) { s.Ask = func(context.Context, string) (int, error) { return status, err } }
	}
	second := new(string)
	subnetOf := func(id *string, text string) func(*check.Subject) {
		return func(s *check.Subject) { s.Config.PublicSubnetIDs[1], s.Template = *id, w.parse(text) }
	}
	alarms := func(before, after string) func(*check.Subject) {
		return func(s *check.Subject) {
			s.Template = w.parse(`{"Resources": {"HighCpuAlarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "` + after + `"}}}}`)
			s.Deployed = w.parse(`{"Resources": {"HighCpuAlarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "` + before + `"}}}}`)
		}
	}
	topics := func(property string) func(*check.Subject) {
		return func(s *check.Subject) {
			s.Template = w.parse(`{"Resources": {"AlertsTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "ours", "` + property + `": true}}}}`)
			s.Deployed = w.parse(`{"Resources": {"AlertsTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "ours"}}}}`)
		}
	}
	onMachines := func(kind string) func(*check.Subject) { return using("InstanceType", kind) }
	return slices.Concat([]oneCase{
		{"credentials", "a user's", check.Pass, nil, nil, nil},
		{"credentials", "none", check.Unknown, nil, nil, func(s *check.Subject) { s.Account, s.Why = nil, account.ErrNoCredentials }},
		{"credentials", "the root user's", check.Warn, nil, models(emulator.Models{Caller: "root"}), nil},
		{"rights", "a user that may all", check.Pass, nil, func() { w.mayAll("") }, nil},
		{"rights", "one who may not start a server", check.Fail, nil, func() { w.mayAll("ec2:RunInstances") }, nil},
		{"rights", "a user whom nobody knows", check.Unknown, nil, nil, nil},
		{"stack-state", "none yet", check.Pass, nil, nil, nil},
		{"stack-state", "it stands", check.Pass, at, nil, nil},
		{"stack-state", "a change set waits", check.Warn, map[string]string{"name": "kora-review"}, func() {
			w.call("CreateChangeSet", cloudFormation, "StackName="+w.config(map[string]string{"name": "kora-review"}).StackName(), "ChangeSetName=one",
				"ChangeSetType=CREATE", `TemplateBody={"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}`)
		}, nil},
		{"stack-state", "it could not be deleted", check.Fail, map[string]string{"name": "kora-stuck"}, func() {
			if err := client.Fault(w.Context(), emulator.Fault{Operation: "delete", LogicalID: "T", When: "before", Times: 9}); err != nil {
				w.Fatal(err)
			}
			name := "StackName=" + w.config(map[string]string{"name": "kora-stuck"}).StackName()
			w.call("CreateStack", cloudFormation, name, `TemplateBody={"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}`)
			w.call("DeleteStack", cloudFormation, name)
		}, nil},
		{"stack-state", "the first deploy failed", check.Warn, map[string]string{"name": "kora-failed"}, func() {
			w.stack("kora-failed", `{"Resources": {"S": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-00000000000000000"}}}}`)
		}, nil},
		{"stack-state", "the first deploy failed, and the stack is protected", check.Fail, map[string]string{"name": "kora-failed"}, func() {
			name := w.stack("kora-failed", `{"Resources": {"S": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-00000000000000000"}}}}`)
			w.call("UpdateTerminationProtection", cloudFormation, "StackName="+name, "EnableTerminationProtection=true")
		}, nil},
		{"template-size", "as ours is", check.Pass, nil, nil, nil},
		{"template-size", "too long", check.Fail, nil, nil, func(s *check.Subject) { s.Template.Raw["Metadata"] = strings.Repeat("x", 51200) }},
		{"template-size", "hardly short enough", check.Warn, nil, nil, func(s *check.Subject) { s.Template.Raw["Metadata"] = strings.Repeat("x", 2900) }},
		{"template-size", "too long, and sent by a bucket", check.Pass, map[string]string{"bootstrapped": "true"}, nil,
			func(s *check.Subject) { s.Template.Raw["Metadata"] = strings.Repeat("x", 51200) }},
		{"template-size", "a parameter of 4,096 bytes", check.Pass, nil, nil, func(s *check.Subject) {
			s.Template.Resource("ServerSettings").Properties["Value"] = strings.Repeat("x", 4096)
		}},
		{"template-size", "a parameter of 4,097 bytes", check.Fail, nil, nil, func(s *check.Subject) {
			s.Template.Resource("ServerSettings").Properties["Value"] = strings.Repeat("x", 4097)
		}},
		{"names-free", "free", check.Pass, nil, nil, nil},
		{"names-free", "somebody's alarm", check.Fail, nil, nil, func(s *check.Subject) { s.Template.Resource("HighCpuAlarm").Properties["AlarmName"] = "high-cpu-kora" }},
		{"names-free", "somebody's, for an alarm that the stack has", check.Fail, at, nil, alarms("high-cpu-ours", "high-cpu-kora")},
		{"names-free", "another, for an alarm that the stack has", check.Pass, at, nil, alarms("high-cpu-ours", "high-cpu-kora-fleet")},
		{"names-free", "its own, and it stays", check.Pass, at, nil, topics("ContentBasedDeduplication")},
		{"names-free", "its own, and it is made anew", check.Fail, at, nil, topics("FifoTopic")},
		{"key-pair", "there", check.Pass, nil, nil, nil},
		{"key-pair", "not there", check.Fail, map[string]string{"keyPairName": "nobodys"}, nil, nil},
		{"key-pair", "none asked for", check.Pass, map[string]string{"keyPairName": ""}, nil, nil},
		{"type-offered", "in both zones", check.Pass, nil, nil, nil},
		{"type-offered", "not in one", check.Fail, map[string]string{"availabilityZones": "ap-south-1a,ap-south-1c"}, nil, nil},
		{"subnets", "public", check.Pass, nil, nil, nil},
		{"subnets", "the stack's own", check.Pass, map[string]string{"vpcId": "", "publicSubnetIds": ""}, nil, nil},
		{"subnets", "without public addresses", check.Fail, nil, func() {
			w.call("ModifySubnetAttribute", ec2, "SubnetId="+w.subnets()[0], "MapPublicIpOnLaunch.Value=false")
		}, nil},
		{"subnets", "both of one zone", check.Fail, nil, func() { *second = w.subnet() }, func(s *check.Subject) { s.Config.PublicSubnetIDs[1] = *second }},
		{"subnets", "of other zones than those said", check.Fail, map[string]string{"availabilityZones": "ap-south-1b,ap-south-1a"}, nil, nil},
		{"subnets", "seven addresses are free", check.Fail, nil, func() { *second = w.small() }, subnetOf(second, `{"Resources": {"LoadBalancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}}}`)},
		{"subnets", "seven addresses are free, and no load balancer comes", check.Pass, nil, func() { *second = w.small() }, subnetOf(second, `{"Resources": {}}`)},
		{"subnets", "another VPC's", check.Fail, map[string]string{"publicSubnetIds": "subnet-0123456789abcdef0"}, nil, nil},
		{"zone", "the world asks it", check.Pass, nil, nil, nil},
		{"zone", "the world asks another", check.Fail, nil, nil, func(s *check.Subject) {
			s.NameServers = func(context.Context, string) ([]string, error) { return []string{"ns1.registrar.example."}, nil }
		}},
		{"zone", "the world cannot be asked", check.Unknown, nil, nil, func(s *check.Subject) {
			s.NameServers = func(context.Context, string) ([]string, error) { return nil, errors.New("no network") }
		}},
		{"zone", "two of that name", check.Fail, nil, func() { w.zone("second", false) }, nil},
		{"zone", "a private one beside it", check.Pass, nil, func() { w.zone("second", true) }, nil},
		{"zone", "not ours", check.Fail, map[string]string{"hostedZoneName": "example.com"}, nil, nil},
		{"certificate", "issued, for a year", check.Pass, nil, nil, nil},
		{"certificate", "31 days from its end", check.Pass, nil, nil, now(365*24*time.Hour - 31*24*time.Hour)},
		{"certificate", "29 days from its end", check.Warn, nil, nil, now(396*24*time.Hour - 29*24*time.Hour)},
		{"certificate", "over", check.Fail, nil, nil, now(2 * 365 * 24 * time.Hour)},
		{"certificate", "of another name", check.Fail, map[string]string{"domainName": "www.example.com"}, nil, nil},
		{"certificate", "not issued", check.Fail, map[string]string{
			"certificateArn": "arn:aws:acm:ap-south-1:000000000000:certificate/00000000-616e-401f-b145-0f0466d23eff"}, nil, nil},
		{"health", "well", check.Pass, nil, nil, nil},
		{"health", "a redirect", check.Fail, nil, nil, asks(302, nil)},
		{"health", "nobody answers", check.Fail, nil, nil, asks(0, errors.New("connection refused"))},
		{"health", "no such name", check.Fail, nil, nil, func(s *check.Subject) {
			asks(0, &net.DNSError{Err: "no such host", IsNotFound: true})(s)
			s.NameServers = func(context.Context, string) ([]string, error) { return []string{"a.root-servers.net."}, nil }
		}},
		{"health", "no such name, nor any other", check.Unknown, nil, nil, asks(0, &net.DNSError{Err: "no such host", IsNotFound: true})},
		{"health", "no resolver", check.Unknown, nil, nil, asks(0, &net.DNSError{Err: "server misbehaving", IsTemporary: true})},
		{"health", "no network", check.Unknown, nil, nil, asks(0, syscall.ENETUNREACH)},
		{"health", "there are no users", check.Unknown, nil, nil, func(s *check.Subject) { s.Ask = nil }},
		{"database", "in the VPC", check.Pass, nil, nil, nil},
		{"database", "in another", check.Fail, map[string]string{"databaseSecurityGroupId": "sg-0123456789abcdef0"}, nil, nil},
		{"database", "the stack makes a VPC", check.Fail, map[string]string{"vpcId": "", "publicSubnetIds": ""}, nil, nil},
		{"record", "it would be made, and is there", check.Fail, nil, nil, nil},
		{"record", "it would be made, and a CNAME is there", check.Fail, map[string]string{"domainName": "www.korakagazindia.com"}, func() {
			w.set(w.ourZone(), "UPSERT", "www.korakagazindia.com", "CNAME", "", "60", "korakagazindia.com")
		}, nil},
		{"record", "it would be made, and is there under the new name", check.Fail, map[string]string{"name": standing}, nil, nil},
		{"record", "the stack's, and a zone of that name has another", check.Warn, there, func() {
			w.set(w.zoneOf(standingName, "nearer", ""), "UPSERT", standingName, "A", "", "60", "198.51.100.7")
		}, nil},
		{"record", "there is none", check.Warn, map[string]string{"domainName": "www.korakagazindia.com"}, nil, nil},
		{"record", "the stack's, of 300 s", check.Pass, there, nil, nil},
		{"record", "the stack's, of an hour", check.Warn, there, func() { w.leads("", "3600", s.address) }, nil},
		{"record", "to another address", check.Warn, there, func() { w.leads("", "60", "198.51.100.7") }, nil},
		{"record", "one of several", check.Warn, there, func() {
			w.change("DELETE", "", "300", s.address)
			w.leads("<SetIdentifier>one</SetIdentifier><Weight>1</Weight>", "60", s.address)
		}, nil},
		{"record", "there is no domain", check.Pass, map[string]string{"domainName": ""}, nil, nil},
		{"service-role", "there", check.Pass, nil, nil, nil},
		{"service-role", "missing", check.Warn, nil, models(emulator.Models{ScalingRole: "missing"}), nil},
		{"alarms-heard", "the deploy makes the topic", check.Pass, nil, nil, nil},
		{"alarms-heard", "for nobody", check.Warn, map[string]string{"alarmEmail": ""}, nil, nil},
		{"alarms-heard", "there is nobody", check.Warn, at, nil, nil},
		{"alarms-heard", "nobody has confirmed", check.Warn, at, func() { w.subscribe(s, "email", "ops@korakagazindia.com") }, nil},
		{"alarms-heard", "only a queue has, and who is to hear has not", check.Warn, at, func() {
			w.subscribe(s, "sqs", "arn:aws:sqs:"+region+":000000000000:alerts")
			w.subscribe(s, "email", "ops@korakagazindia.com")
		}, nil},
		{"alarms-heard", "a queue needs not to", check.Pass, at, func() { w.subscribe(s, "sqs", "arn:aws:sqs:"+region+":000000000000:alerts") }, nil},
		{"budget", "none", check.Warn, nil, nil, nil},
		{"budget", "one without alerts", check.Warn, nil, func() { w.budget("") }, nil},
		{"budget", "one of usage with an alert", check.Warn, nil, func() { w.budgetOf("USAGE", "GB", alert) }, nil},
		{"budget", "one with an alert", check.Pass, nil, func() { w.budget(alert) }, nil},
	}, w.parameterCases(), w.imageCases(client, s), w.serverCases(s, now), []oneCase{
		{"vcpu-quota", "plenty", check.Pass, nil, nil, nil},
		// the server and five nodes of one each; by hand runs one, and one of the stack that stands
		{"vcpu-quota", "as many as it takes, with one to move", check.Pass, nil, quotas(map[string]int{"L-1216C47A": 9}), nil},
		{"vcpu-quota", "as many as it takes", check.Warn, nil, quotas(map[string]int{"L-1216C47A": 8}), nil},
		{"vcpu-quota", "one too few", check.Fail, nil, quotas(map[string]int{"L-1216C47A": 7}), nil},
		{"vcpu-quota", "its own server runs already", check.Warn, at, quotas(map[string]int{"L-1216C47A": 7}), func(s *check.Subject) { s.Deployed = s.Template }},
		{"vcpu-quota", "its own server is made anew", check.Fail, at, quotas(map[string]int{"L-1216C47A": 7}), func(s *check.Subject) {
			s.Template.Resource("Server").Properties["ImageId"] = "ami-0123456789abcdef1"
			s.Deployed = w.parse(`{"Resources": {"Server": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-0123456789abcdef0"}}}}`)
		}},
		{"vcpu-quota", "a larger type", check.Fail, nil, quotas(map[string]int{"L-1216C47A": 12}), onMachines("t3.micro")},
		{"vcpu-quota", "of another quota", check.Unknown, nil, nil, onMachines("u-3tb1.56xlarge")},
		{"vcpu-quota", "only AWS's 5 are known", check.Fail, nil, models(emulator.Models{AppliedQuotas: "missing"}), nil},
		{"address-quota", "room for one", check.Pass, nil, quotas(map[string]int{"L-0263D0A3": 3}), nil},
		{"address-quota", "no room", check.Fail, nil, quotas(map[string]int{"L-0263D0A3": 2}), nil},
		{"address-quota", "no room, and none made", check.Pass, map[string]string{"elasticIpAllocationId": "eipalloc-0123456789abcdef0"},
			quotas(map[string]int{"L-0263D0A3": 2}), func(s *check.Subject) { s.Template = w.parse(`{"Resources": {}}`) }},
		{"address-quota", "no room, and the stack has its own", check.Pass, at, quotas(map[string]int{"L-0263D0A3": 2}), func(s *check.Subject) { s.Deployed = s.Template }},
		{"network-quota", "room for one", check.Pass, nil, quotas(map[string]int{"L-F678F1CE": 2, "L-A4707A72": 2}), nil},
		{"network-quota", "no room for a VPC", check.Fail, nil, quotas(map[string]int{"L-F678F1CE": 1}), nil},
		{"network-quota", "no room for a gateway", check.Fail, nil, quotas(map[string]int{"L-A4707A72": 1}), nil},
		{"network-quota", "only AWS's 5 are known", check.Pass, nil, models(emulator.Models{AppliedQuotas: "missing"}), nil},
		{"group-quota", "room", check.Pass, nil, quotas(map[string]int{"L-2AFB9258": 2, "L-0EA8095F": 2}), nil},
		{"group-quota", "too few for a machine", check.Fail, nil, quotas(map[string]int{"L-2AFB9258": 1}), nil},
		{"group-quota", "too few rules", check.Fail, nil, quotas(map[string]int{"L-0EA8095F": 1}), nil},
		{"group-quota", "too few rules of the database's group", check.Fail, nil, quotas(map[string]int{"L-0EA8095F": 2}), func(s *check.Subject) {
			s.Template = w.parse(`{"Resources": {
				"Own": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"FromPort": 80}, {"FromPort": 443}]}},
				"A": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "` + w.facts["databaseSecurityGroupId"] + `"}},
				"B": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "` + w.facts["databaseSecurityGroupId"] + `"}}}}`)
		}},
		{"group-quota", "no room", check.Fail, nil, quotas(map[string]int{"L-E79EC296": 5}), nil},
		{"balancer-quota", "room for one", check.Pass, nil, quotas(map[string]int{"L-53DA6B97": 1, "L-B22855CB": 2}), nil},
		{"balancer-quota", "no room", check.Fail, nil, quotas(map[string]int{"L-53DA6B97": 0}), nil},
		{"balancer-quota", "no room for a target group", check.Fail, nil, quotas(map[string]int{"L-B22855CB": 1}), nil},
		{"fleet-quota", "room for one", check.Pass, nil, quotas(map[string]int{"L-CDE20ADC": 1}), nil},
		{"fleet-quota", "no room", check.Fail, nil, quotas(map[string]int{"L-CDE20ADC": 0}), nil},
	})
}

func (w *world) models(client *emulator.Client, m emulator.Models) {
	w.Helper()
	if err := client.SetModels(w.Context(), m); err != nil {
		w.Fatal(err)
	}
}

func (w *world) parameterCases() []oneCase {
	const name = "/kora-backend/git"
	given := map[string]string{"gitCredentialsParameter": name, "gitRepository": "https://github.com/korakagazindia/kora.git"}
	put := func(kind string) func() {
		return func() {
			w.ask("AmazonSSM.PutParameter", `{"Name": "`+name+`", "Value": "user:token", "Type": "`+kind+`"}`)
		}
	}
	return []oneCase{
		{"parameters", "none asked for", check.Pass, nil, nil, nil},
		{"parameters", "missing", check.Fail, given, nil, nil},
		{"parameters", "a secret", check.Pass, given, put("SecureString"), nil},
		{"parameters", "a secret that is none", check.Warn, given, put("String"), nil},
		{"parameters", "no secret of the sessions", check.Fail, map[string]string{"sessions": "redis"}, nil, nil},
	}
}

func (w *world) imageCases(client *emulator.Client, s server) []oneCase {
	disk := func(gib int) map[string]any {
		return map[string]any{"DeviceName": "/dev/sda1", "Ebs": map[string]any{"VolumeSize": float64(gib)}}
	}
	of := func(id *string, mappings ...any) func(*check.Subject) {
		return func(s *check.Subject) {
			using("ImageId", *id)(s)
			if len(mappings) > 0 {
				using("BlockDeviceMappings", mappings)(s)
			}
		}
	}
	made := new(string)
	registers := func(parameters ...string) func() { return func() { *made = w.image("ours", parameters...) } }
	twenty := []string{"BlockDeviceMapping.1.DeviceName=/dev/sda1", "BlockDeviceMapping.1.Ebs.VolumeSize=20"}
	gone, arm := "ami-0123456789abcdefe", []string{"Architecture=arm64"}
	return []oneCase{
		{"image", "Ubuntu's", check.Pass, nil, nil, nil},
		{"image", "Ubuntu's, which is gone", check.Fail, nil, nil, using("ImageId", "{{resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/nonsense/amd64/hvm/ebs-gp3/ami-id}}")},
		{"image", "ours", check.Pass, nil, registers(), of(made)},
		{"image", "gone", check.Fail, nil, nil, of(&gone)},
		{"image", "for another processor", check.Fail, nil, registers(arm...), of(made)},
		{"image", "started by UEFI, which t2 does not", check.Fail, nil, registers("BootMode=uefi"), of(made)},
		{"image", "started by UEFI where it can be", check.Pass, nil, registers("BootMode=uefi-preferred"), of(made)},
		{"image", "larger than its disk", check.Fail, nil, registers(twenty...), of(made, disk(19))},
		{"image", "as large as its disk", check.Pass, nil, registers(twenty...), of(made, disk(20))},
		{"image", "with another root disk", check.Warn, nil, registers("RootDeviceName=/dev/xvda"), of(made)},
		{"image", "not made yet", check.Fail, nil, func() {
			w.models(client, emulator.Models{ImageSeconds: 600})
			*made = w.between(w.call("CreateImage", ec2, "InstanceId="+s.id, "Name=ours"), "<imageId>", "</imageId>")
		}, of(made)},
		{"image", "just made, of a server with another root disk", check.Warn, nil, func() {
			*made = w.between(w.call("CreateImage", ec2, "InstanceId="+s.id, "Name=ours"), "<imageId>", "</imageId>")
		}, of(made)},
		{"image", "outdated", check.Warn, nil, func() {
			registers()()
			w.call("EnableImageDeprecation", ec2, "ImageId="+*made, "DeprecateAt=2026-01-01T00:00:00Z")
		}, of(made)},
		{"image", "outdated some day", check.Pass, nil, func() {
			registers()()
			w.call("EnableImageDeprecation", ec2, "ImageId="+*made, "DeprecateAt=2036-01-01T00:00:00Z")
		}, of(made)},
	}
}

func (w *world) serverCases(s server, now func(time.Duration) func(*check.Subject)) []oneCase {
	at := map[string]string{"name": standing}
	snapshot := func() { w.call("CreateSnapshot", ec2, "VolumeId="+s.volume) }
	reports := func(disk, memory string) func() {
		return func() { w.reports(s.id, "disk_used_percent", disk); w.reports(s.id, "mem_used_percent", memory) }
	}
	return []oneCase{
		{"agent", "no server", check.Pass, nil, nil, nil},
		{"agent", "without a role", check.Warn, at, nil, nil},
		{"agent", "online", check.Pass, at, func() { w.profile(s.id) }, nil},
		{"room-on-server", "no server", check.Pass, nil, nil, nil},
		{"room-on-server", "nothing reported", check.Unknown, at, nil, nil},
		{"room-on-server", "room", check.Pass, at, reports("80", "80"), nil},
		{"room-on-server", "a full disk", check.Warn, at, reports("81", "10"), nil},
		{"room-on-server", "a full memory", check.Warn, at, reports("10", "81"), nil},
		{"room-on-server", "reported hours ago", check.Unknown, at, reports("10", "10"), now(2 * time.Hour)},
		{"clock", "no server", check.Pass, nil, nil, nil},
		{"clock", "no line", check.Unknown, at, func() { w.quiet(s) }, nil},
		{"clock", "right", check.Pass, at, func() { w.line(s, 3*time.Second) }, nil},
		{"clock", "right, and one line came late", check.Pass, at, func() { w.line(s, time.Hour); w.line(s, 3*time.Second) }, nil},
		{"clock", "another machine's is wrong", check.Unknown, at, func() { w.quiet(s); w.line(server{stack: s.stack, id: "i-0123456789abcdef0"}, -10*time.Minute) }, nil},
		{"clock", "a line of last week", check.Unknown, at, func() { w.line(s, 3*time.Second) }, now(7 * 24 * time.Hour)},
		{"clock", "behind", check.Warn, at, func() { w.quiet(s); w.line(s, 3*time.Minute) }, nil},
		{"clock", "ahead", check.Warn, at, func() { w.line(s, -3*time.Minute) }, nil},
		{"clock", "far ahead", check.Fail, at, func() { w.line(s, -6*time.Minute) }, nil},
		{"backup", "no server", check.Pass, nil, nil, nil},
		{"backup", "none", check.Warn, at, nil, nil},
		{"backup", "of today", check.Pass, at, snapshot, now(23 * time.Hour)},
		{"backup", "of yesterday", check.Warn, at, snapshot, now(25 * time.Hour)},
	}
}

// subnets are those of cdk.json.
func (w *world) subnets() []string { return strings.Split(w.facts["publicSubnetIds"], ",") }

// subnet makes a public one in the zone of the first.
func (w *world) subnet() string {
	w.Helper()
	id := w.between(w.call("CreateSubnet", ec2, "VpcId="+w.facts["vpcId"], "CidrBlock=172.31.240.0/24", "AvailabilityZone="+region+"a"), "<subnetId>", "</subnetId>")
	w.call("ModifySubnetAttribute", ec2, "SubnetId="+id, "MapPublicIpOnLaunch.Value=true")
	return id
}

// small makes a public one in the zone of the second, with few addresses.
func (w *world) small() string {
	w.Helper()
	id := w.between(w.call("CreateSubnet", ec2, "VpcId="+w.facts["vpcId"], "CidrBlock=172.31.241.0/28", "AvailabilityZone="+region+"b"), "<subnetId>", "</subnetId>")
	w.call("ModifySubnetAttribute", ec2, "SubnetId="+id, "MapPublicIpOnLaunch.Value=true")
	for range 4 { // of the eleven that it has
		w.call("CreateNetworkInterface", ec2, "SubnetId="+id)
	}
	return id
}

// zone makes a hosted zone of the name of ours.
func (w *world) zone(reference string, private bool) {
	w.Helper()
	vpc := ""
	if private {
		vpc = "<VPC><VPCRegion>" + region + "</VPCRegion><VPCId>" + w.facts["vpcId"] + "</VPCId></VPC>"
	}
	w.zoneOf("korakagazindia.com", reference, vpc)
}

// zoneOf makes a hosted zone, of a VPC or of the world, and returns its id.
func (w *world) zoneOf(name, reference, vpc string) string {
	w.Helper()
	said := w.names("", `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>`+name+"</Name>"+vpc+
		"<CallerReference>"+reference+"</CallerReference><HostedZoneConfig><PrivateZone>"+strconv.FormatBool(vpc != "")+"</PrivateZone></HostedZoneConfig></CreateHostedZoneRequest>")
	return w.between(said, "/hostedzone/", "</Id>")
}

// ourZone is the id of the zone of our names.
func (w *world) ourZone() string {
	w.Helper()
	zones, err := account.At(w.cloud.URL, region).Zones(w.Context())
	if err != nil || len(zones) == 0 {
		w.Fatal(zones, err)
	}
	return zones[0].ID
}

// leads lets the stack's record lead there, and be kept so long.
func (w *world) leads(more, seconds, to string) {
	w.Helper()
	w.change("UPSERT", more, seconds, to)
}

func (w *world) change(action, more, seconds, to string) {
	w.Helper()
	w.set(w.ourZone(), action, standingName, "A", more, seconds, to)
}

// set changes what a zone says of a name.
func (w *world) set(zone, action, name, kind, more, seconds, to string) {
	w.Helper()
	w.names("/"+zone+"/rrset", `<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>`+action+
		"</Action><ResourceRecordSet><Name>"+name+".</Name><Type>"+kind+"</Type>"+more+"<TTL>"+seconds+"</TTL><ResourceRecords><ResourceRecord><Value>"+to+
		"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>")
}

// subscribe lets somebody hear of the stack's alerts.
func (w *world) subscribe(s server, protocol, endpoint string) {
	w.Helper()
	w.call("Subscribe", sns, "TopicArn="+s.topic, "Protocol="+protocol, "Endpoint="+endpoint)
}

// budget makes one, with alerts or without.
func (w *world) budget(alerts string) { w.Helper(); w.budgetOf("COST", "USD", alerts) }

func (w *world) budgetOf(kind, unit, alerts string) {
	w.Helper()
	w.ask("AWSBudgetServiceGateway.CreateBudget", `{"AccountId": "000000000000", "Budget": {"BudgetName": "all", "BudgetType": "`+kind+`",
		"TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "100", "Unit": "`+unit+`"}}`+alerts+"}")
}

// profile gives a server a role.
func (w *world) profile(id string) {
	w.Helper()
	w.call("CreateRole", iam, "RoleName=one", `AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`)
	w.call("CreateInstanceProfile", iam, "InstanceProfileName=one")
	w.call("AddRoleToInstanceProfile", iam, "InstanceProfileName=one", "RoleName=one")
	w.call("AssociateIamInstanceProfile", ec2, "InstanceId="+id, "IamInstanceProfile.Name=one")
}

// quiet takes away what the server has logged by itself.
func (w *world) quiet(s server) {
	w.Helper()
	a := account.At(w.cloud.URL, region)
	ids, err := a.Resources(w.Context(), s.stack)
	if err != nil {
		w.Fatal(err)
	}
	streams, err := a.LogStreams(w.Context(), ids["LogGroup"])
	if err != nil {
		w.Fatal(err)
	}
	for _, stream := range streams {
		w.ask("Logs_20140328.DeleteLogStream", `{"logGroupName": "`+ids["LogGroup"]+`", "logStreamName": "`+stream+`"}`)
	}
}

// line lets a server's agent send one that it says was written so long ago.
func (w *world) line(s server, ago time.Duration) {
	w.Helper()
	ids, err := account.At(w.cloud.URL, region).Resources(w.Context(), s.stack)
	if err != nil {
		w.Fatal(err)
	}
	stream := `"logGroupName": "` + ids["LogGroup"] + `", "logStreamName": "` + s.id + `/` + ago.String() + `"`
	w.ask("Logs_20140328.CreateLogStream", "{"+stream+"}")
	w.ask("Logs_20140328.PutLogEvents", "{"+stream+`, "logEvents": [{"timestamp": `+strconv.FormatInt(time.Now().Add(-ago).UnixMilli(), 10)+`, "message": "up"}]}`)
}

// Every check in every account that is made for it.
func TestCases(t *testing.T) {
	w := newWorld(t)
	s := w.stand()
	client := &emulator.Client{URL: w.cloud.URL}
	before, err := client.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raised := map[string]map[check.Verdict]bool{}
	for _, one := range w.cases(s) {
		if raised[one.code] == nil {
			raised[one.code] = map[check.Verdict]bool{}
		}
		raised[one.code][one.want] = true
		t.Run(one.code+"/"+one.name, func(t *testing.T) {
			defer func(outer *testing.T) { w.T = outer }(w.T)
			w.T = t
			if one.account != nil {
				one.account()
				defer func() {
					if err := errors.Join(client.Restore(t.Context(), before), client.SetModels(t.Context(), emulator.Models{})); err != nil {
						t.Fatal(err)
					}
				}()
			}
			subject := w.subject(one.change)
			if one.subject != nil {
				one.subject(&subject)
			}
			results := check.Only(t.Context(), subject, one.code)
			if got := verdicts(results)[one.code]; got != one.want {
				t.Errorf("%s, want %s", got, one.want)
				for _, r := range results {
					t.Errorf("%s [%s] %s", r.Verdict, r.Subject, r.Evidence)
				}
			}
		})
	}
	holdEveryVerdict(t, "", raised)
}
