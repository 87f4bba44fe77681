package diff

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/template"
)

// golden reads one of the templates that the stages' tests keep.
func golden(tb testing.TB, name string) *template.Template {
	tb.Helper()
	t, err := template.Read(filepath.Join("..", "..", "test", "testdata", "templates", filepath.FromSlash(name)+".template.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// An edit changes a template's JSON.
type edit func(tb testing.TB, raw map[string]any)

// edited is a golden with edits.
func edited(tb testing.TB, name string, edits ...edit) *template.Template {
	tb.Helper()
	text, err := json.Marshal(golden(tb, name).Raw)
	if err != nil {
		tb.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		tb.Fatal(err)
	}
	for _, change := range edits {
		change(tb, raw)
	}
	if text, err = json.Marshal(raw); err != nil {
		tb.Fatal(err)
	}
	t, err := template.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// set puts a JSON value at a path: set("Server.Properties.InstanceType", `"t3.micro"`). The parents are made.
func set(path, value string) edit {
	return func(tb testing.TB, raw map[string]any) {
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			tb.Fatalf("%s: %v", value, err)
		}
		steps := strings.Split(path, ".")
		at := raw["Resources"].(map[string]any)
		for _, step := range steps[:len(steps)-1] {
			next, ok := at[step].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[step] = next
			}
			at = next
		}
		at[steps[len(steps)-1]] = v
	}
}

// drop takes out what is at a path, which must be there.
func drop(path string) edit {
	return func(tb testing.TB, raw map[string]any) {
		steps := strings.Split(path, ".")
		at := raw["Resources"].(map[string]any)
		for _, step := range steps[:len(steps)-1] {
			at = at[step].(map[string]any)
		}
		if _, there := at[steps[len(steps)-1]]; !there {
			tb.Fatalf("nothing at %s", path)
		}
		delete(at, steps[len(steps)-1])
	}
}

// told is the output that tells the owner of a record where to lead it.
func told(to string) edit {
	id, attribute, _ := strings.Cut(to, ".")
	value := fmt.Sprintf(`{"Ref": %q}`, id)
	if attribute != "" {
		value = fmt.Sprintf(`{"Fn::GetAtt": [%q, %q]}`, id, attribute)
	}
	return section("Outputs", `{"DnsTarget": {"Value": `+value+`}}`)
}

// section puts a JSON value into a section of the template.
func section(name, value string) edit {
	return func(tb testing.TB, raw map[string]any) {
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			tb.Fatal(err)
		}
		raw[name] = v
	}
}

// image takes the server's image from a parameter with that default.
func image(id string) edit {
	return func(tb testing.TB, raw map[string]any) {
		section("Parameters", `{"Image": {"Type": "String", "Default": "`+id+`"}}`)(tb, raw)
		set("Server.Properties.ImageId", `{"Ref": "Image"}`)(tb, raw)
	}
}

// disk is a volume in a zone, so many GiB large.
func disk(zone string, size int) string {
	return fmt.Sprintf(`{"Type": "AWS::EC2::Volume", "Properties": {"AvailabilityZone": %q, "Size": %d}}`, zone, size)
}

// priorities are two rules of the listener.
func priorities(a, b int) edit {
	return func(tb testing.TB, raw map[string]any) {
		for id, priority := range map[string]int{"RuleA": a, "RuleB": b} {
			set(id, fmt.Sprintf(`{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "LoadBalancerHttps"}, "Priority": %d}}`, priority))(tb, raw)
		}
	}
}

// rule lets one address in at a port.
func rule(id string, port int) edit {
	return set(id, fmt.Sprintf(`{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": ["PublicSecurityGroup", "GroupId"]}, "CidrIp": "192.0.2.7/32", "FromPort": %d, "IpProtocol": "tcp", "ToPort": %d}}`, port, port))
}

// mount attaches a volume to the server.
func mount(id, device string) edit {
	return set(id, fmt.Sprintf(`{"Type": "AWS::EC2::VolumeAttachment", "Properties": {"InstanceId": {"Ref": "Server"}, "VolumeId": "vol-1", "Device": %q}}`, device))
}

// subnet is one in a network outside the stack.
func subnet(cidr string) edit {
	return set("Other", fmt.Sprintf(`{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-1", "CidrBlock": %q}}`, cidr))
}

// exported exports a resource's name.
func exported(name, id string) edit {
	return section("Outputs", `{"O": {"Value": {"Ref": "`+id+`"}, "Export": {"Name": "`+name+`"}}}`)
}

// replacedByPolicy gives the fleet a policy that makes it anew, and a name.
func replacedByPolicy(tb testing.TB, raw map[string]any) {
	set("Fleet.UpdatePolicy", `{"AutoScalingReplacingUpdate": {"WillReplace": true}}`)(tb, raw)
	set("Fleet.Properties.AutoScalingGroupName", `"fleet"`)(tb, raw)
}

// willReplace is a group's policy with a text where a truth belongs.
func willReplace(text string) edit {
	return set("Fleet.UpdatePolicy", fmt.Sprintf(`{"AutoScalingReplacingUpdate": {"WillReplace": %q}}`, text))
}

// openChoice brings a condition along that nobody knows, and one that holds.
func openChoice(tb testing.TB, raw map[string]any) {
	section("Parameters", `{"P": {"Type": "String"}}`)(tb, raw)
	section("Conditions", `{"Open": {"Fn::Equals": [{"Ref": "P"}, "x"]}, "Holds": {"Fn::Equals": ["x", "x"]}, "Never": {"Fn::Equals": ["x", "y"]}}`)(tb, raw)
}

// rename gives a resource another logical id, everywhere.
func rename(from, to string) edit {
	return func(tb testing.TB, raw map[string]any) {
		text, err := json.Marshal(raw)
		if err != nil {
			tb.Fatal(err)
		}
		clear(raw)
		// As a whole string, and as ${from} and ${from.attribute}.
		text = regexp.MustCompile(`(["{])`+from+`(["}.])`).ReplaceAll(text, []byte("${1}"+to+"${2}"))
		if err := json.Unmarshal(text, &raw); err != nil {
			tb.Fatal(err)
		}
	}
}

// A side is a golden with edits.
type side struct {
	golden        string
	edits         []edit
	stack, region string
	server        string // the id of the stack's, "" where nobody knows
	guarded       bool   // with termination protection
}

// nothing is a stack before its first deploy.
var nothing = of("single", func(_ testing.TB, raw map[string]any) { raw["Resources"] = map[string]any{} })

func of(name string, edits ...edit) side { return side{golden: name, edits: edits} }

// in is the side as one of that stack.
func (s side) in(stack, region string) side {
	s.stack, s.region = stack, region
	return s
}

// guarded is the side with termination protection.
func guarded(s side) side {
	s.guarded = true
	return s
}

// serving is the side as a stack that holds that instance.
func serving(id string, s side) side {
	s.server = id
	return s
}

func (s side) read(tb testing.TB) *template.Template {
	t := edited(tb, s.golden, s.edits...)
	if s.server != "" {
		t.PhysicalIDs = map[string]string{"Server": s.server}
	}
	t.Stack, t.Region, t.Protected = s.stack, s.region, s.guarded
	return t
}

const (
	step1, step2, step3, step4, step5 = "moves/1-build-and-prove", "moves/2-through-the-balancer", "moves/3-canary", "moves/4-fleet", "moves/5-clean-up"

	// pieces is a template of its own, in place of a stage's.
	zone = `{"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com."}}`
)

// hazardCases holds, for each kind, a move that raises it, on which resource and with which severity, and a near miss.
var hazardCases = []struct {
	code, name string
	from, to   side
	on         string
	severity   finding.Severity
	missFrom   side
	missTo     side
}{
	{"protected-replaced", "another image", of("single"), of("single", set("Server.Properties.ImageId", `"ami-1"`)), "Server", Stop,
		of("single"), of("single", set("Server.Properties.InstanceType", `"t2.small"`))},
	{"protected-replaced", "another key", of("single"), of("single", set("Server.Properties.KeyName", `"k"`)), "Server", Stop,
		of("single"), of("single", set("Server.Properties.IamInstanceProfile", `"p"`))},
	{"protected-replaced", "a larger disk", of("existing/single"), of("existing/single", set("Server.Properties.BlockDeviceMappings", `[{"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": false, "Encrypted": true, "VolumeSize": 40, "VolumeType": "gp3"}}]`)), "Server", Stop,
		of("existing/single"), of("existing/single", set("Server.Properties.BlockDeviceMappings", `[{"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": true, "Encrypted": true, "VolumeSize": 30, "VolumeType": "gp3"}}]`))},
	{"protected-replaced", "the record's name", of("single"), of("single", set("Record.Properties.Name", `"x.korakagazindia.com."`)), "Record", Stop,
		of("single"), of("single", set("Record.Properties.TTL", `"120"`))},
	{"protected-replaced", "by a subnet that is replaced", of("single"), of("single", set("NetworkSubnet1.Properties.CidrBlock", `"10.0.32.0/20"`)), "Server", Stop,
		of("single"), of("single", set("NetworkSubnet1.Properties.MapPublicIpOnLaunch", `false`))},
	{"protected-replaced", "retained, of another type", of("single", set("AlertsTopic.DeletionPolicy", `"Retain"`)), of("single", set("AlertsTopic.Properties.TopicName", `"a"`)), "AlertsTopic", Stop,
		of("single"), of("single", set("AlertsTopic.Properties.TopicName", `"a"`))},
	{"protected-deleted", "the record", of("single"), of("single", drop("Record")), "Record", Stop,
		of("single"), of("single", drop("Dashboard"))},
	{"protected-too-early", "a first deploy", nothing, guarded(of("single")), "", Warn,
		of("single"), guarded(of("vertical"))},
	{"protected-deleted", "an address that nothing retains", of(step5, drop("Address.DeletionPolicy")), of(step5, drop("Address")), "Address", Stop,
		of(step5), of(step5, drop("Address"))},
	{"protected-deleted", "what nobody knows to be retained", of("single", openChoice, set("LogGroup.DeletionPolicy", `{"Fn::If": ["Open", "Retain", "Delete"]}`)), of("single", openChoice, drop("LogGroup")), "LogGroup", Stop,
		of("single", openChoice, set("LogGroup.DeletionPolicy", `{"Fn::If": ["Holds", "Delete", "Retain"]}`)), of("single", openChoice, drop("LogGroup"))},
	{"protected-deleted", "a bucket that nothing retains", of("single", drop("UploadsBucket.DeletionPolicy")), of("single", drop("UploadsBucket"), drop("UploadsBucketPolicy")), "UploadsBucket", Stop,
		of("single"), of("single", drop("UploadsBucket"), drop("UploadsBucketPolicy"))},
	{"protected-deleted", "the server with its disk", of(step4, set("Server.Properties.BlockDeviceMappings", `[]`)), of(step5), "Server", Stop,
		of("single"), of("vertical")},
	{"server-terminated", "that served nobody", of(step4), of(step5), "Server", Note,
		of(step3), of(step4)},
	{"server-terminated", "that served everybody", of(step2), of(step5), "Server", Stop,
		of(step4, set("Server.Properties.BlockDeviceMappings", `[]`)), of(step5)},
	{"protection-taken-off", "of the address", of("single"), of("single", drop("Address.DeletionPolicy")), "Address", Warn,
		of("single"), of("single", set("Address.DeletionPolicy", `"Retain"`))},
	{"protection-taken-off", "of a replacement", of("single"), of("single", set("Server.UpdateReplacePolicy", `"Delete"`)), "Server", Warn,
		of("single"), of("single")},
	{"name-taken", "the balancer inside", of(step4), of(step4, set("LoadBalancer.Properties.Scheme", `"internal"`)), "LoadBalancer", Stop,
		of(step4), of(step4, set("LoadBalancer.Properties.Scheme", `"internal"`), set("LoadBalancer.Properties.Name", `"other"`))},
	{"update-refused", "a volume's zone", of("single", set("Disk", disk("ap-south-1a", 8))), of("single", set("Disk", disk("ap-south-1b", 8))), "Disk", Stop,
		of("single", set("Disk", disk("ap-south-1a", 8))), of("single", set("Disk", disk("ap-south-1a", 9)))},
	{"update-refused", "a smaller volume", of("single", set("Disk", disk("ap-south-1a", 8))), of("single", set("Disk", disk("ap-south-1a", 7))), "Disk", Stop,
		of("single"), of("single", set("Disk", disk("ap-south-1a", 8)))},
	{"still-taken", "the block of a subnet in another zone", of("single"), of("single", set("NetworkSubnet1.Properties.AvailabilityZone", `"ap-south-1c"`)), "NetworkSubnet1", Stop,
		of("single"), of("single", set("NetworkSubnet1.Properties.AvailabilityZone", `"ap-south-1c"`), set("NetworkSubnet1.Properties.CidrBlock", `"10.0.64.0/20"`))},
	{"still-taken", "a block that overlaps, under another logical id", of("single"), of("single", drop("NetworkSubnet2"), drop("NetworkSubnet2Routes"), set("Other", `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::GetAtt": "NetworkVpc.VpcId"}, "CidrBlock": "10.0.16.0/24"}}`)), "Other", Stop,
		of("single"), of("single", set("Other", `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "NetworkVpc"}, "CidrBlock": "10.0.128.0/24"}}`))},
	{"still-taken", "a block in a network that is new", of("single"), of("single", set("Other", `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "NetworkVpc"}, "CidrBlock": "10.0.0.0/24"}}`)), "Other", Stop,
		of("single"), of("single", set("NetworkVpc.Properties.CidrBlock", `"10.0.0.0/15"`))},
	{"still-taken", "a block, not in a network that is made anew with it", of("single"), of("single", set("NetworkSubnet1.Properties.AvailabilityZone", `"ap-south-1c"`)), "NetworkSubnet1", Stop,
		of("single"), of("single", set("NetworkVpc.Properties.CidrBlock", `"10.0.0.0/15"`))},
	{"still-taken", "a subnet's routes, not where the old ones go first", of("single", rename("NetworkSubnet1Routes", "Routes")), of("single"), "NetworkSubnet1Routes", Stop,
		of("single"), of("single", set("NetworkSubnet1Routes.Properties.RouteTableId", `"rtb-1"`))},
	{"still-taken", "a destination", of("single"), of("single", rename("NetworkDefaultRoute", "Way"), set("Way.Properties.NatGatewayId", `"nat-1"`)), "Way", Stop,
		of("single"), of("single", rename("NetworkDefaultRoute", "Way"), set("Way.Properties.DestinationCidrBlock", `"192.0.2.0/24"`))},
	{"still-taken", "a subnet's routes", of("single"), of("single", rename("NetworkSubnet1Routes", "Routes")), "Routes", Stop,
		of("single"), of("single", set("NetworkSubnet1Routes.Properties.RouteTableId", `"rtb-1"`))},
	{"still-taken", "a network's gateway", of("single"), of("single", rename("NetworkGatewayAttachment", "Door")), "Door", Stop,
		of("single"), of("single", set("NetworkGatewayAttachment.Properties.InternetGatewayId", `"igw-1"`))},
	{"still-taken", "a port", of(step4), of(step4, rename("LoadBalancerHttp", "Door")), "Door", Stop,
		of(step4), of(step4, set("LoadBalancerHttp.Properties.Port", `8080`))},
	{"still-taken", "a port that another gives up in the same step", of(step4), of(step4, set("LoadBalancerHttp.Properties.Port", `8080`), set("Door", `{"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "LoadBalancer"}, "Port": "80", "Protocol": "HTTP"}}`)), "Door", Warn,
		of(step4), of(step4, set("LoadBalancerHttp.Properties.Port", `8080`), set("Door", `{"Type": "AWS::ElasticLoadBalancingV2::Listener", "DependsOn": "LoadBalancerHttp", "Properties": {"LoadBalancerArn": {"Ref": "LoadBalancer"}, "Port": "80", "Protocol": "HTTP"}}`))},
	{"still-taken", "priorities that change places", of(step4, priorities(1, 2)), of(step4, priorities(2, 1)), "RuleA", Warn,
		of(step4, priorities(1, 2)), of(step4, priorities(1, 3))},
	{"still-taken", "a rule under another logical id", of("single", rule("Rule", 22)), of("single", rule("Other", 22)), "Other", Stop,
		of("single", rule("Rule", 22)), of("single", rule("Other", 2222))},
	{"still-taken", "a rule that its group brings along", of("single", rule("Rule", 22)), of("single", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[{"CidrIp": "192.0.2.7/32", "FromPort": "22", "IpProtocol": "tcp", "ToPort": "22"}]`)), "PublicSecurityGroup", Stop,
		of("single", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[{"CidrIp": "192.0.2.7/32", "FromPort": "22", "IpProtocol": "tcp", "ToPort": "22"}]`)), of("single", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[]`), rule("Rule", 22))},
	{"still-taken", "a volume", of("single", mount("Mount", "/dev/sdf")), of("single", mount("Mount", "/dev/sdg")), "Mount", Stop,
		of("single", mount("Mount", "/dev/sdf")), of("single", mount("Mount", "/dev/sdf"), set("Mount.DeletionPolicy", `"Delete"`))},
	{"still-taken", "a server's own address", of("single", set("Server.Properties.PrivateIpAddress", `"10.0.0.9"`)), of("single", set("Server.Properties.PrivateIpAddress", `"10.0.0.9"`), set("Server.Properties.KeyName", `"k"`)), "Server", Stop,
		of("single", set("Server.Properties.PrivateIpAddress", `"10.0.0.9"`)), of("single", set("Server.Properties.PrivateIpAddress", `"10.0.0.10"`), set("Server.Properties.KeyName", `"k"`))},
	{"still-taken", "a record that moves", of("single"), of("single", set("Record.Properties.Name", `"old.korakagazindia.com."`), set("Other", `{"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "korakagazindia.com.", "Name": "server.korakagazindia.com", "Type": "A"}}`)), "Other", Stop,
		of("single"), of("single", set("Other", `{"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "korakagazindia.com.", "Name": "new.korakagazindia.com", "Type": "A"}}`))},
	{"still-taken", "a rule by the number of its protocol", of("single", set("Rule", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "192.0.2.0/24"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": 6, "FromPort": 22, "ToPort": 22, "CidrIp": "192.0.2.7/24"}}`)), "Other", Stop,
		of("single", set("Rule", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "192.0.2.0/24"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": 17, "FromPort": 22, "ToPort": 22, "CidrIp": "192.0.2.0/24"}}`))},
	{"still-taken", "a rule of every protocol, whose ports do not count", of("single", set("Rule", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": -1, "CidrIp": "192.0.2.0/24"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "CidrIp": "192.0.2.0/24"}}`)), "Other", Stop,
		of("single", set("Rule", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": -1, "CidrIp": "192.0.2.0/24"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "-1", "CidrIp": "192.0.2.0/25"}}`))},
	{"still-taken", "a rule from a group by another spelling", of("single", set("Rule", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupId": {"Ref": "PublicSecurityGroup"}}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupId": {"Fn::GetAtt": "PublicSecurityGroup.GroupId"}}}`)), "Other", Stop,
		of("single", set("Rule", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupId": {"Ref": "PublicSecurityGroup"}}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "PublicSecurityGroup"}, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupId": "sg-1"}}`))},
	{"still-taken", "an entry of a network's list", of("single", set("Old", `{"Type": "AWS::EC2::NetworkAclEntry", "Properties": {"NetworkAclId": "acl-1", "RuleNumber": 100, "Egress": true}}`)), of("single", set("Other", `{"Type": "AWS::EC2::NetworkAclEntry", "Properties": {"NetworkAclId": "acl-1", "RuleNumber": 100, "Egress": true}}`)), "Other", Stop,
		of("single", set("Old", `{"Type": "AWS::EC2::NetworkAclEntry", "Properties": {"NetworkAclId": "acl-1", "RuleNumber": 100, "Egress": true}}`)), of("single", set("Other", `{"Type": "AWS::EC2::NetworkAclEntry", "Properties": {"NetworkAclId": "acl-1", "RuleNumber": 100, "Egress": false}}`))},
	{"still-taken", "a network's second block", of("single", set("Old", `{"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "NetworkVpc"}, "CidrBlock": "10.1.0.0/16"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "NetworkVpc"}, "CidrBlock": "10.1.0.0/16"}}`)), "Other", Stop,
		of("single", set("Old", `{"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "NetworkVpc"}, "CidrBlock": "10.1.0.0/16"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "NetworkVpc"}, "CidrBlock": "10.2.0.0/16"}}`))},
	{"still-taken", "a subnet's block of IPv6", of("single", set("Old", `{"Type": "AWS::EC2::SubnetCidrBlock", "Properties": {"SubnetId": {"Ref": "NetworkSubnet1"}, "Ipv6CidrBlock": "2001:db8::/64"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SubnetCidrBlock", "Properties": {"SubnetId": {"Ref": "NetworkSubnet1"}, "Ipv6CidrBlock": "2001:db8::/64"}}`)), "Other", Stop,
		of("single", set("Old", `{"Type": "AWS::EC2::SubnetCidrBlock", "Properties": {"SubnetId": {"Ref": "NetworkSubnet1"}, "Ipv6CidrBlock": "2001:db8::/64"}}`)), of("single", set("Other", `{"Type": "AWS::EC2::SubnetCidrBlock", "Properties": {"SubnetId": {"Ref": "NetworkSubnet1"}, "Ipv6CidrBlock": "2001:db8:0:1::/64"}}`))},
	{"still-taken", "a file system's target in a subnet", of("single", set("Old", `{"Type": "AWS::EFS::MountTarget", "Properties": {"FileSystemId": "fs-1", "SubnetId": {"Ref": "NetworkSubnet1"}}}`)), of("single", set("Other", `{"Type": "AWS::EFS::MountTarget", "Properties": {"FileSystemId": "fs-1", "SubnetId": {"Ref": "NetworkSubnet1"}}}`)), "Other", Stop,
		of("single", set("Old", `{"Type": "AWS::EFS::MountTarget", "Properties": {"FileSystemId": "fs-1", "SubnetId": {"Ref": "NetworkSubnet1"}}}`)), of("single", set("Other", `{"Type": "AWS::EFS::MountTarget", "Properties": {"FileSystemId": "fs-1", "SubnetId": {"Ref": "NetworkSubnet2"}}}`))},
	{"still-taken", "a record of a group of records", of("single", set("Old", `{"Type": "AWS::Route53::RecordSetGroup", "Properties": {"HostedZoneName": "example.org.", "RecordSets": [{"Name": "a.example.org", "Type": "A"}]}}`)), of("single", set("Other", `{"Type": "AWS::Route53::RecordSetGroup", "Properties": {"HostedZoneName": "example.org.", "RecordSets": [{"Name": "a.example.org", "Type": "A"}]}}`)), "Other", Stop,
		of("single", set("Old", `{"Type": "AWS::Route53::RecordSetGroup", "Properties": {"HostedZoneName": "example.org.", "RecordSets": [{"Name": "a.example.org", "Type": "A"}]}}`)), of("single", set("Other", `{"Type": "AWS::Route53::RecordSetGroup", "Properties": {"HostedZoneName": "example.org.", "RecordSets": [{"Name": "b.example.org", "Type": "A"}]}}`))},
	{"still-taken", "a device of a server's volume", of("single", set("Server.Properties.Volumes", `[{"Device": "/dev/sdf", "VolumeId": "vol-1"}]`)), of("single", set("Server.Properties.Volumes", `[{"Device": "/dev/sdf", "VolumeId": "vol-1"}]`), set("Other", `{"Type": "AWS::EC2::VolumeAttachment", "Properties": {"InstanceId": {"Ref": "Server"}, "VolumeId": "vol-2", "Device": "/dev/sdf"}}`)), "Other", Stop,
		of("single", set("Server.Properties.Volumes", `[{"Device": "/dev/sdf", "VolumeId": "vol-1"}]`)), of("single", set("Server.Properties.Volumes", `[{"Device": "/dev/sdf", "VolumeId": "vol-1"}]`), set("Other", `{"Type": "AWS::EC2::VolumeAttachment", "Properties": {"InstanceId": {"Ref": "Server"}, "VolumeId": "vol-2", "Device": "/dev/sdg"}}`))},
	{"still-taken", "a device of a server's disk", of("single"), of("single", set("Other", `{"Type": "AWS::EC2::VolumeAttachment", "Properties": {"InstanceId": {"Ref": "Server"}, "VolumeId": "vol-2", "Device": "/dev/sda1"}}`)), "Other", Stop,
		of("single"), of("single", set("Other", `{"Type": "AWS::EC2::VolumeAttachment", "Properties": {"InstanceId": {"Ref": "Server"}, "VolumeId": "vol-2", "Device": "/dev/sdg"}}`))},
	{"reference-missing", "a name that is misspelt", of("single"), of("single", set("New", `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "a-${Servr}"}}}`)), "New", Stop,
		of("single"), of("single", set("New", `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "a-${Server}"}}}`))},
	{"reference-missing", "what a condition leaves out", of("single", openChoice), of("single", openChoice, set("Gone", `{"Type": "AWS::SNS::Topic", "Condition": "Never"}`), set("New", `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": "Gone.TopicName"}}}`)), "New", Stop,
		of("single", openChoice), of("single", openChoice, set("Gone", `{"Type": "AWS::SNS::Topic", "Condition": "Holds"}`), set("New", `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": "Gone.TopicName"}}}`))},
	{"reference-missing", "a dependency", of("single"), of("single", set("New", `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "a"}, "DependsOn": ["Servr"]}`)), "New", Stop,
		of("single", openChoice), of("single", openChoice, set("New", `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::If": ["Open", {"Ref": "Gone"}, {"Ref": "P"}]}}, "DependsOn": ["Server"]}`))},
	{"still-taken", "a block that two new ones want", of("single"), of("single", subnet("192.0.2.0/24"), set("Twin", `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-1", "CidrBlock": "192.0.2.0/25"}}`)), "Other", Stop,
		of("single"), of("single", subnet("192.0.2.0/25"), set("Twin", `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-1", "CidrBlock": "192.0.2.128/25"}}`))},
	{"still-taken", "a block that two want, if a condition holds", of("single", openChoice), of("single", openChoice, subnet("192.0.2.0/24"), set("Twin", `{"Type": "AWS::EC2::Subnet", "Condition": "Open", "Properties": {"VpcId": "vpc-1", "CidrBlock": "192.0.2.0/25"}}`)), "Other", Warn,
		of("single", openChoice), of("single", openChoice, subnet("192.0.2.0/24"), set("Twin", `{"Type": "AWS::EC2::Subnet", "Condition": "Never", "Properties": {"VpcId": "vpc-1", "CidrBlock": "192.0.2.0/25"}}`))},
	{"two-stacks", "of two names", of("single").in("A", "ap-south-1"), of("single").in("B", "ap-south-1"), "", Warn,
		of("single").in("A", "ap-south-1"), of("vertical").in("A", "ap-south-1")},
	{"two-stacks", "of two regions", of("single").in("A", "ap-south-1"), of("single").in("A", "us-east-1"), "", Warn,
		of("single").in("A", "ap-south-1"), of("vertical")},
	{"name-taken", "by the other stack", of("single").in("A", "ap-south-1"), of("single").in("B", "ap-south-1"), "HighCpuAlarm", Stop,
		of("single").in("A", "ap-south-1"), of("single").in("A", "us-east-1")},
	{"name-taken", "a block in a network of neither stack", of("single", subnet("10.9.0.0/24")).in("A", "ap-south-1"), of("single", subnet("10.9.0.0/25")).in("B", "ap-south-1"), "Other", Stop,
		of("single", subnet("10.9.0.0/24")).in("A", "ap-south-1"), of("single", subnet("10.9.1.0/24")).in("B", "ap-south-1")},
	{"name-taken", "a record by the other stack, in another region", of("single").in("A", "ap-south-1"), of("single").in("A", "us-east-1"), "Record", Stop,
		of("single").in("A", "ap-south-1"), of("single", set("Record.Properties.Name", `"x.example.com"`)).in("A", "us-east-1")},
	{"name-taken", "a group that its policy replaces for another placement", of(step4, replacedByPolicy), of(step4, replacedByPolicy, set("Fleet.Properties.PlacementGroup", `"spread"`)), "Fleet", Stop,
		of(step4, replacedByPolicy), of(step4, replacedByPolicy, set("Fleet.Properties.MaxInstanceLifetime", `86400`))},
	{"name-taken", "a group that its policy may replace, by a word that is no truth", of(step4, replacedByPolicy, willReplace("yes")), of(step4, replacedByPolicy, willReplace("yes"), set("Fleet.Properties.PlacementGroup", `"spread"`)), "Fleet", Stop,
		of(step4, replacedByPolicy, willReplace("False")), of(step4, replacedByPolicy, willReplace("False"), set("Fleet.Properties.PlacementGroup", `"spread"`))},
	{"name-taken", "a group that its policy replaces", of(step4, replacedByPolicy), of(step4, replacedByPolicy, set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`)), "Fleet", Stop,
		of(step4), of(step4, set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`))},
	{"protection-taken-off", "a snapshot less", of("single", set("LogGroup.DeletionPolicy", `"Snapshot"`)), of("single", set("LogGroup.DeletionPolicy", `"Delete"`)), "LogGroup", Warn,
		of("single", set("LogGroup.DeletionPolicy", `"Snapshot"`)), of("single", set("LogGroup.DeletionPolicy", `"Retain"`))},
	{"protection-taken-off", "by a function that nobody knows", of("single"), of("single", openChoice, set("Address.DeletionPolicy", `{"Fn::If": ["Open", "Retain", "Delete"]}`)), "Address", Warn,
		of("single"), of("single", openChoice, set("Address.DeletionPolicy", `{"Fn::If": ["Holds", "Retain", "Delete"]}`))},
	{"name-taken", "targets on another port", of(step4), of(step4, set("LoadBalancerTargets.Properties.Port", `3002`)), "LoadBalancerTargets", Stop,
		of(step4), of(step4, set("LoadBalancerTargets.Properties.HealthCheckPath", `"/up"`))},
	{"name-moves", "of an alarm", of("single"), of("single", rename("HighCpuAlarm", "CpuAlarm")), "CpuAlarm", Stop,
		of("single"), of("single", set("HighCpuAlarm.Properties.AlarmName", `"another"`))},
	{"name-moves", "and does not stand under both", of("single"), of("single", rename("HighCpuAlarm", "CpuAlarm")), "CpuAlarm", Stop,
		of("single"), of("single", set("CpuAlarm", `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "high-cpu-kora"}}`))},
	{"name-twice", "of two alarms", of(step4), of(step4, set("ServerHighCpuAlarm.Properties.AlarmName", `"high-cpu-kora"`)), "ServerHighCpuAlarm", Stop,
		of(step4), of(step4, set("ServerHighCpuAlarm.Properties.AlarmName", `"high-cpu-kora-2"`))},
	{"id-changes", "of the network", of("single"), of("single", rename("NetworkVpc", "Vpc")), "Vpc", Stop,
		of("single"), of("single", set("NetworkVpc.Properties.EnableDnsSupport", `false`))},
	{"id-changes", "of the server, with what refers to it", of("single"), of("single", rename("Server", "Web")), "Web", Stop,
		of("single"), of("single", rename("Server", "Web"), set("Web.Properties.KeyName", `"k"`))},
	{"id-changes", "of the server, and of a group that it refers to", of("single"), of("single", rename("Server", "Web"), rename("BackendSecurityGroup", "Backend")), "Web", Stop,
		of("single"), of("single", rename("BackendSecurityGroup", "Backend"))},
	{"type-changes", "an alarm becomes a topic", of("single"), of("single", set("HighCpuAlarm", `{"Type": "AWS::SNS::Topic"}`)), "HighCpuAlarm", Stop,
		of("single"), of("single", set("HighCpuAlarm2", `{"Type": "AWS::SNS::Topic"}`))},
	{"record-id-changes", "and becomes an alias", of("single"), of(step4, rename("Record", "Alias")), "Alias", Stop,
		of("single"), of(step4)},
	{"server-shrinks", "keepServer=single from vertical", of("vertical"), of(step1), "Server", Stop,
		of("single"), of(step1)},
	{"server-shrinks", "of another family", of("vertical"), of("single", set("Server.Properties.InstanceType", `"t3.micro"`)), "Server", Warn,
		of("vertical"), of("single", set("Server.Properties.InstanceType", `"t3.small"`))},
	{"server-shrinks", "what cannot be compared", of("vertical"), of("single"), "Server", Warn,
		of("single", set("Server.Properties.InstanceType", `"m5.large"`)), of("single", set("Server.Properties.InstanceType", `"t3.medium"`))},
	{"server-shrinks", "back to single", of("vertical"), of("single"), "Server", Warn,
		of("single"), of("vertical")},
	{"adopted-elsewhere", "back after keepServer=none", of("adopted/horizontal", drop("Server")), of("adopted/single"), "Server", Stop,
		of(step5), of("single")},
	{"adopted-elsewhere", "another one", of("adopted/single"), of("adopted/single", set("Server.Metadata.adopted", `"i-1"`)), "Server", Stop,
		of("adopted/single"), of("adopted/horizontal")},
	{"adopted-elsewhere", "of a stack that holds another", serving("i-1", of("adopted/single")), of("adopted/single", set("Server.Properties.InstanceType", `"t3.micro"`)), "Server", Stop,
		serving("i-0a1b2c3d4e5f60718", of("adopted/single")), of("adopted/single", set("Server.Properties.InstanceType", `"t3.micro"`))},
	{"adopted-changed", "its image", of("adopted/single"), of("adopted/single", set("Server.Properties.ImageId", `"ami-1"`)), "Server", Stop,
		of("adopted/single"), of("adopted/single", set("Server.Properties.MetadataOptions.HttpTokens", `"required"`))},
	{"adopted-changed", "user data", of("adopted/single"), of("adopted/single", set("Server.Properties.UserData", `"x"`)), "Server", Stop,
		of("single"), of("single", set("Server.Properties.UserData", `"x"`))},
	{"adopted-changed", "by the join", of("adopted/single", drop("Server.Properties.IamInstanceProfile")),
		of("adopted/single", drop("Server.Properties.Monitoring")), "Server", Stop,
		of("adopted/single", drop("Server.Properties.IamInstanceProfile"), set("Server.Properties.Tags", `[]`), set("Server.Properties.SecurityGroupIds", `["sg-1"]`)),
		of("adopted/single")},
	{"adopted-given-up", "for a server of the stack's own", of("adopted/single"), of("adopted/single", drop("Server.Metadata"), set("Server.Properties.ImageId", `"ami-1"`)), "Server", Warn,
		of("single"), of("single", set("Server.Properties.ImageId", `"ami-1"`))},
	{"wrong-architecture", "t2 to t4g", of("single"), of("single", set("Server.Properties.InstanceType", `"t4g.small"`)), "Server", Stop,
		of("single"), of("single", set("Server.Properties.InstanceType", `"t4g.small"`), set("Server.Properties.ImageId", `"ami-arm"`))},
	{"needs-drivers", "t2 to t3", of("single"), of("single", set("Server.Properties.InstanceType", `"t3.small"`)), "Server", Warn,
		of("existing/single"), of("existing/single", set("Server.Properties.InstanceType", `"m7i.large"`))},
	{"moving-image", "the current Ubuntu", of("single"), of("single", set("Server.Properties.ImageId", `"{{resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id}}"`)), "Server", Stop,
		of("single"), of("vertical")},
	{"moving-image", "a parameter of the stack", of("single"), of("single", func(_ testing.TB, raw map[string]any) {
		raw["Parameters"] = map[string]any{"Image": map[string]any{"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}}
	}, set("Server.Properties.ImageId", `{"Ref": "Image"}`)), "Server", Stop,
		of("single"), of("single", set("Server.Properties.ImageId", `"{{resolve:ssm:/my/image:3}}"`))},
	{"user-data-changes", "itself", of("single"), of("single", set("Server.Properties.UserData", `"x"`)), "Server", Warn,
		of("single"), of("single", set("ServerSettings.Properties.Value", `"x"`))},
	{"user-data-changes", "by the program that it holds", of("single"), of("single", set("ProgramAws.Properties.Value", `"x"`)), "Server", Warn,
		of("single"), of("single", set("ProgramBoot.Properties.Value", `"x"`))},
	{"credits-lost", "by a resize", of("single"), of("vertical"), "Server", Note,
		of("existing/single"), of("existing/vertical")},
	{"credits-lost", "by more than its groups", of("single"), of("vertical"), "Server", Note,
		of("single"), of("single", set("Server.Properties.SecurityGroupIds", `["sg-1"]`))},
	{"address-moves", "an adopted one", of("existing/single", drop("AddressAssociation")), of("existing/single"), "AddressAssociation", Warn,
		of("single", drop("AddressAssociation")), of("single")},
	{"address-moves", "another one", of("existing/single"), of("existing/single", set("AddressAssociation.Properties.AllocationId", `"eipalloc-2"`)), "AddressAssociation", Warn,
		of("existing/single"), of("existing/single", set("Server.Properties.KeyName", `"k"`))},
	{"address-given-up", "by a server that is replaced", of("existing/single"), of("existing/single", set("Server.Properties.ImageId", `"ami-1"`)), "AddressAssociation", Warn,
		of("existing/single"), of("existing/vertical")},
	{"address-given-up", "by a server whose address changes", of("single"), of("single", set("AddressAssociation.Properties.AllocationId", `"eipalloc-2"`)), "AddressAssociation", Warn,
		of("single", drop("AddressAssociation")), of("single")},
	{"address-given-up", "by a server that users reach", of("single"), of("single", set("Server.Properties.KeyName", `"k"`)), "AddressAssociation", Warn,
		of(step4), of(step4, set("Server.Properties.KeyName", `"k"`))},
	{"address-given-up", "by a server that no balancer leads to", of("existing/single"), of("existing/single", set("Server.Properties.ImageId", `"ami-1"`)), "AddressAssociation", Warn,
		of("existing/horizontal", serverServes), of("existing/horizontal", serverServes, set("Server.Properties.ImageId", `"ami-1"`))},
	{"name-may-be-taken", "of a fleet", of("single"), of(step1), "", Warn,
		of(step1), of(step2)},
	{"name-may-be-taken", "of one alarm", of("single", drop("HighCpuAlarm")), of("single"), "", Warn,
		of("single"), of("single", rename("HighCpuAlarm", "CpuAlarm"))},
	{"name-may-be-taken", "of an alarm that is renamed", of("single"), of("single", set("HighCpuAlarm.Properties.AlarmName", `"b"`)), "", Warn,
		of("single"), of("single", set("HighCpuAlarm.Properties.Threshold", `1`))},
	{"first-group", "with more vCPUs than a new account has", of("single"), of(step1), "Fleet", Warn,
		of(step1), of(step2)},
	{"first-group", "of as many as it has", of("single"), of(step1, set("Fleet.Properties.MaxSize", `"4"`)), "Fleet", Note,
		of("single"), of("vertical")},
	{"first-group", "of a size that nobody knows", of("single"), of(step1, set("FleetLaunchTemplate.Properties.LaunchTemplateData.InstanceType", `"p3.2xlarge"`)), "Fleet", Warn,
		of(step1), of(step4)},
	{"headers-dropped", "through the balancer", of(step1), of(step2), "LoadBalancer", Warn,
		of("single"), of(step1)},
	{"headers-dropped", "by the first balancer", of("single"), of(step4), "LoadBalancer", Warn,
		of(step3), of(step4)},
	{"headers-dropped", "of users that there are", of("single"), of(step4), "LoadBalancer", Warn,
		nothing, of(step4)},
	{"headers-dropped", "switched on", of(step4, set("LoadBalancer.Properties.LoadBalancerAttributes", `[]`)), of(step4), "LoadBalancer", Warn,
		of(step1, set("LoadBalancer.Properties.LoadBalancerAttributes", `[]`)), of(step2, set("LoadBalancer.Properties.LoadBalancerAttributes", `[{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}]`))},
	{"address-leaves", "keepElasticIp=false", of(step5), of(step5, drop("Address")), "Address", Warn,
		of(step4), of(step5)},
	{"address-idle", "after the server", of(step4), of(step5), "Address", Note,
		of(step5), of(step5, drop("Address"))},
	{"record-exists", "the first deploy", of("single", drop("Record")), of("single"), "Record", Warn,
		of("single"), of(step4)},
	{"unproven-target", "a new server without signals", of(step5), of("single"), "Server", Stop,
		of(step5), of("existing/single")},
	{"unproven-target", "a record that does not wait", of("single"), of(step4, set("Record.DependsOn", `["LoadBalancerHttp"]`)), "Fleet", Stop,
		of("single"), of(step4)},
	{"unproven-target", "a fleet whose signals nobody knows", of("single", openChoice), of(step4, openChoice, set("Fleet.CreationPolicy", `{"Fn::If": ["Open", {"ResourceSignal": {"Count": 1}}, {"Ref": "AWS::NoValue"}]}`)), "Fleet", Stop,
		of("single", openChoice), of(step4, openChoice, set("Fleet.CreationPolicy", `{"Fn::If": ["Holds", {"ResourceSignal": {"Count": 1}}, {"Ref": "AWS::NoValue"}]}`))},
	{"unproven-target", "a fleet without signals", of("single"), of(step4, drop("Fleet.CreationPolicy")), "Fleet", Stop,
		of("single"), of(step1, drop("Fleet.CreationPolicy"))},
	{"unproven-target", "a server that is resized on the way back", of(step4), of("vertical"), "Server", Stop,
		of(step4), of("single")},
	{"unproven-target", "a server that is made anew on the way back", of(step4), of("single", set("Server.Properties.KeyName", `"k"`)), "Server", Stop,
		of(step4), of("single", set("Server.Properties.Monitoring", `true`))},
	{"long-ttl", "to the balancer", of("single", set("Record.Properties.TTL", `"300"`)), of(step4), "Record", Warn,
		of("single"), of(step4)},
	{"long-ttl", "lowered in a deploy before", of("single", set("Record.Properties.TTL", `"300"`)), of(step4), "Record", Warn,
		of("single", set("Record.Properties.TTL", `"300"`)), of("single")},
	{"balancer-leaves-with-dns", "horizontal to single", of(step4), of("single"), "LoadBalancer", Stop,
		of(step1), of("single")},
	{"balancer-leaves-with-dns", "a record of the owner's, who is told the balancer", of(step4, drop("Record"), told("LoadBalancer.DNSName")), of("single", drop("Record")), "LoadBalancer", Stop,
		of(step1, drop("Record"), told("Address")), of("single", drop("Record"))},
	{"sticky-weights", "canary to fleet", of(step3), of(step4), "LoadBalancerHttps", Warn,
		of(step2), of(step3)},
	{"sticky-weights", "a cookie of the target group", of(step2, set("LoadBalancerTargets.Properties.TargetGroupAttributes", `[{"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.lb_cookie.duration_seconds", "Value": "86400"}]`)), of(step4), "LoadBalancerHttps", Warn,
		of(step2, set("LoadBalancerTargets.Properties.TargetGroupAttributes", `[{"Key": "stickiness.enabled", "Value": "false"}]`)), of(step4)},
	{"desired-capacity", "set", of("single"), of(step4, set("Fleet.Properties.DesiredCapacity", `"2"`)), "Fleet", Warn,
		of("single"), of(step4)},
	{"does-not-roll", "no policy", of(step4), of(step4, drop("Fleet.UpdatePolicy"), set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`)), "Fleet", Warn,
		of(step4), of(step4, set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`))},
	{"does-not-roll", "a fixed version", of(step4, set("Fleet.Properties.LaunchTemplate.Version", `"1"`)), of(step4, set("Fleet.Properties.LaunchTemplate.Version", `"1"`), set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`)), "Fleet", Warn,
		of(step4, set("Fleet.Properties.LaunchTemplate.Version", `"1"`)), of(step4, set("Fleet.Properties.LaunchTemplate.Version", `"1"`), set("Fleet.Properties.Cooldown", `"60"`))},
	{"roll-without-signals", "switched off", of(step4), of(step4, set("Fleet.UpdatePolicy.AutoScalingRollingUpdate.WaitOnResourceSignals", `false`)), "Fleet", Warn,
		of(step4), of(step4, set("Fleet.UpdatePolicy.AutoScalingRollingUpdate.MaxBatchSize", `2`))},
	{"roll-has-no-room", "minimum is maximum", of(step4), of(step4, set("Fleet.Properties.MaxSize", `"2"`)), "Fleet", Stop,
		of(step4), of(step4, set("Fleet.Properties.MaxSize", `"3"`))},
	{"listener-changes-identity", "of the targets", of(step4), of(step4, set("LoadBalancerTargets.Properties.Protocol", `"HTTPS"`)), "LoadBalancerTargets", Stop,
		of(step4), of(step4, set("LoadBalancerTargets.Properties.HealthCheckIntervalSeconds", `10`))},
	{"listener-changes-identity", "another logical id", of(step4), of(step4, rename("LoadBalancerHttps", "Https"), set("Https.Properties.SslPolicy", `"x"`)), "Https", Stop,
		of(step4), of(step4, set("LoadBalancerHttps.Properties.SslPolicy", `"x"`))},
	{"certificate-waits", "without a zone", of("single"), of(step1), "Certificate", Stop,
		of("single"), of(step1, set("Certificate.Properties.DomainValidationOptions", `[{"DomainName": "server.korakagazindia.com", "HostedZoneId": "Z1"}]`))},
	{"certificate-waits", "with a zone that may be left out", of("single", openChoice), of(step1, openChoice, set("Certificate.Properties.DomainValidationOptions", `[{"DomainName": "server.korakagazindia.com", "HostedZoneId": {"Fn::If": ["Open", "Z1", {"Ref": "AWS::NoValue"}]}}]`)), "Certificate", Stop,
		of("single", openChoice), of(step1, openChoice, set("Certificate.Properties.DomainValidationOptions", `[{"DomainName": "server.korakagazindia.com", "HostedZoneId": {"Ref": "P"}}]`))},
	{"certificate-waits", "a second name without a zone", of("single"), of(step1, set("Certificate.Properties.SubjectAlternativeNames", `["b.example.com"]`), set("Certificate.Properties.DomainValidationOptions", `[{"DomainName": "server.korakagazindia.com", "HostedZoneId": "Z1"}]`)), "Certificate", Stop,
		of("single"), of("vertical")},
	{"too-large", "by one description", of("single"), of("single", set("Agent.Metadata.Text", `"`+strings.Repeat("x", 40_000)+`"`)), "", Stop,
		of("single"), of("single", set("Agent.Metadata.Text", `"`+strings.Repeat("x", 10_000)+`"`))},
	{"too-large", "but bootstrapped", of("single"), of("single", set("Agent.Metadata.Text", `"`+strings.Repeat("x", 40_000)+`"`)), "", Stop,
		of("single"), of("single", set("Agent.Metadata.Text", `"`+strings.Repeat("x", 40_000)+`"`), func(_ testing.TB, raw map[string]any) {
			raw["Parameters"] = map[string]any{"BootstrapVersion": map[string]any{"Type": "AWS::SSM::Parameter::Value<String>"}}
		})},
	{"server-leaves-at-once", "single to keepServer=none", of("single"), of(step5), "Server", Stop,
		of(step4), of(step5)},
	{"address-still-reached", "row 1 to row 5", of(step1), of(step5), "Server", Stop,
		of("single"), of("vertical")},
	{"address-still-reached", "row 4 to row 5", of(step4), of(step5), "Server", Warn,
		of(step3), of(step4)},
	{"protection-in-the-way", "of the server", of(step4, set("Server.Properties.DisableApiTermination", `true`)), of(step5), "Server", Stop,
		of(step4, set("Server.Properties.DisableApiTermination", `false`)), of(step5)},
	{"protection-in-the-way", "of a server that is replaced", of("single", set("Server.UpdateReplacePolicy", `"Delete"`), set("Server.Properties.DisableApiTermination", `true`)), of("single", set("Server.Properties.KeyName", `"k"`)), "Server", Stop,
		of("single", set("Server.Properties.DisableApiTermination", `true`)), of("single", set("Server.Properties.KeyName", `"k"`))},
	{"protection-in-the-way", "of the balancer", of(step1, set("LoadBalancer.Properties.LoadBalancerAttributes", `[{"Key": "deletion_protection.enabled", "Value": "true"}]`)), of("single"), "LoadBalancer", Stop,
		of(step1, set("LoadBalancer.Properties.LoadBalancerAttributes", `[{"Key": "deletion_protection.enabled", "Value": "true"}]`)), of(step2)},
	{"unknown-effect", "a type", of("single", set("New", `{"Type": "AWS::New::Thing", "Properties": {"A": 1}}`)), of("single", set("New", `{"Type": "AWS::New::Thing", "Properties": {"A": 2}}`)), "New", Warn,
		of("single"), of("single", set("New", `{"Type": "AWS::New::Thing"}`))},
	{"unknown-effect", "a property", of("single"), of("single", set("Server.Properties.Colour", `"red"`)), "Server", Warn,
		of("single"), of("single", set("Server.Properties.Monitoring", `true`))},
	{"rule-removed", "a port", of("single"), of("single", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[{"CidrIp": "0.0.0.0/0", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443}]`)), "PublicSecurityGroup", Warn,
		of("single", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[{"CidrIp": "0.0.0.0/0", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443}]`)), of("single")},
	{"fleet-shrinks", "its maximum", of(step4), of(step4, set("Fleet.Properties.MaxSize", `"4"`)), "Fleet", Warn,
		of(step4), of(step4, set("Fleet.Properties.MaxSize", `6`))},
	{"unseen-effect", "a transform", of("single"), of("single", section("Transform", `"Company::Defaults"`)), "", Warn,
		of("single"), of("single", section("Mappings", `{"M": {"a": {"b": "c"}}}`))},
	{"unseen-effect", "a rule", of("single"), of("single", section("Rules", `{"R": {}}`)), "", Warn,
		of("single"), of("single", section("Transform", `"AWS::LanguageExtensions"`))},
	{"not-understood", "a macro on both sides", of("single", section("Transform", `["AWS::LanguageExtensions", "Company::Defaults"]`)), of("single", section("Transform", `["AWS::LanguageExtensions", "Company::Defaults"]`)), "", Warn,
		of("single", section("Transform", `["AWS::LanguageExtensions"]`)), of("single", section("Transform", `"AWS::LanguageExtensions"`))},
	{"not-understood", "a macro in a resource", of("single"), of("single", set("Server.Properties.Fn::Transform", `{"Name": "Company::Tags"}`)), "Server", Warn,
		of("single"), of("single", set("Server.Properties.Monitoring", `true`))},
	{"not-understood", "a module", of("single"), of("single", set("Part", `{"Type": "Company::Web::Server::MODULE"}`)), "Part", Warn,
		of("single"), of("single", set("Part", `{"Type": "Company::Web::Server"}`))},
	{"export-changes", "goes", of("single", exported("a", "Server")), of("single"), "", Stop,
		of("single"), of("single", exported("a", "Server"))},
	{"export-changes", "gets another name", of("single", exported("a", "Server")), of("single", exported("b", "Server")), "", Stop,
		of("single", exported("a", "Server")), of("single", exported("a", "Server"), set("Server.Properties.Monitoring", `true`))},
	{"export-changes", "gets another value", of("single", exported("a", "Server")), of("single", exported("a", "Address")), "", Stop,
		of("single", exported("a", "Server")), of("single", exported("a", "Server"), set("Server.Properties.Monitoring", `true`))},
	{"export-changes", "follows a server that is replaced", of("single", exported("a", "Server")), of("single", exported("a", "Server"), set("Server.Properties.KeyName", `"k"`)), "", Stop,
		of("single", exported("a", "Server")), of("single", exported("a", "Server"), set("Server.Properties.InstanceType", `"t2.small"`))},
	{"export-changes", "and may go", of("single", exported("a", "Server")), of("single", openChoice, section("Outputs", `{"O": {"Condition": "Open", "Value": {"Ref": "Server"}, "Export": {"Name": "a"}}}`)), "", Stop,
		of("single", exported("a", "Server")), of("single", openChoice, section("Outputs", `{"O": {"Condition": "Holds", "Value": {"Ref": "Server"}, "Export": {"Name": "a"}}}`))},
	{"condition-open", "of a new resource", of("single", openChoice), of("single", openChoice, set("New", `{"Type": "AWS::SNS::Topic", "Condition": "Open"}`)), "New", Warn,
		of("single", openChoice), of("single", openChoice, set("New", `{"Type": "AWS::SNS::Topic", "Condition": "Holds"}`))},
	{"protected-replaced", "by a parameter's default", of("single", image("ami-1")), of("single", image("ami-2")), "Server", Stop,
		of("single", image("ami-1")), of("single", image("ami-1"), section("Description", `"x"`))},
	{"id-changes", "of a zone with all its records", of("single", set("Zone", zone)), of("single", set("TheZone", zone)), "TheZone", Stop,
		of("single", set("Zone", zone)), of("single", set("Zone", zone), set("ZoneTwo", zone))},
}

// Every kind of hazard is raised by a move, on the right resource, and is not by its near miss.
func TestHazards(t *testing.T) {
	raised := map[string]bool{}
	for _, tc := range hazardCases {
		raised[tc.code] = true
		t.Run(tc.code+", "+tc.name, func(t *testing.T) {
			found := Compare(tc.from.read(t), tc.to.read(t)).Hazards
			if got := severityOf(found, tc.code, tc.on); got != tc.severity {
				t.Errorf("severity %q on %q, want %q; found %v", got, tc.on, tc.severity, codes(found))
			}
			missed := Compare(tc.missFrom.read(t), tc.missTo.read(t)).Hazards
			if got := severityOf(missed, tc.code, tc.on); got != "" {
				t.Errorf("the near miss raises it as %s on %q", got, tc.on)
			}
		})
	}
	for _, kind := range Kinds() {
		if !raised[kind.Code] {
			t.Errorf("no move raises %s", kind.Code)
		}
	}
}

// severityOf is the severity of a hazard on a resource, "" when it is not there.
func severityOf(hazards []finding.Finding, code, id string) finding.Severity {
	for _, h := range hazards {
		if h.Code == code && h.Subject == id {
			return h.Severity
		}
	}
	return ""
}

func codes(hazards []finding.Finding) []string {
	var all []string
	for _, h := range hazards {
		all = append(all, h.Code+":"+h.Subject)
	}
	return all
}
