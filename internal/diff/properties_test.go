package diff

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

var goldens = []string{"single", "vertical", "horizontal", "existing/single", "existing/vertical", "existing/horizontal", step1, step2, step3, step4, step5}

// A template and itself differ in nothing.
func TestSameIsEmpty(t *testing.T) {
	for _, name := range goldens {
		if d := Compare(golden(t, name), golden(t, name)); !d.Empty() || len(d.Sequence) > 0 || len(d.Hazards) > 0 || d.Downtime.MaxSeconds > 0 {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// There and back are about the same resources and properties, with creates for deletes.
func TestThereAndBack(t *testing.T) {
	for _, a := range goldens {
		for _, b := range goldens {
			there, back := Compare(golden(t, a), golden(t, b)), Compare(golden(t, b), golden(t, a))
			if diff := cmp.Diff(shape(there, false), shape(back, true)); diff != "" {
				t.Errorf("%s -> %s (-there +back):\n%s", a, b, diff)
			}
		}
	}
}

// shape is what a diff says of each resource, the other way round when turned.
func shape(d *Diff, turned bool) map[string]string {
	all := map[string]string{}
	for _, c := range d.Changes {
		action := c.Action
		if turned {
			action = map[Action]Action{Create: Delete, Delete: Create, Retain: Create}[action]
			if action == "" {
				action = c.Action
			}
		} else if action == Retain {
			action = Delete
		}
		all[c.ID] = string(action)
		for _, p := range c.Properties {
			from, to := p.From, p.To
			if turned {
				from, to = to, from
			}
			// What follows another resource says so in one direction only.
			if !strings.HasSuffix(fmt.Sprint(to), ")") && !strings.HasSuffix(fmt.Sprint(from), ")") && len(c.Properties) == 1 {
				all[c.ID] += fmt.Sprintf(" %s: %v -> %v", p.Path, from, to)
			}
		}
	}
	return all
}

// Whatever is made or changed stands in the sequence once, and after what it needs; so does the clean-up, backwards. What is
// deleted first goes before all of the clean-up.
func TestSequence(t *testing.T) {
	for _, a := range goldens {
		for _, b := range goldens {
			from, to := golden(t, a), golden(t, b)
			d := Compare(from, to)
			checkSequence(t, a+" -> "+b, from, to, d)
		}
	}
}

func checkSequence(t *testing.T, name string, from, to *template.Template, d *Diff) {
	t.Helper()
	made, gone := map[string]int{}, map[string]int{}
	for i, s := range d.Sequence {
		for _, item := range s.Items {
			place := made
			if s.CleanUp || item.Action == Delete {
				place = gone
			}
			if _, twice := place[item.ID]; twice {
				t.Errorf("%s: %s stands twice", name, item.ID)
			}
			place[item.ID] = i
		}
	}
	for _, c := range d.Changes {
		_, isMade := made[c.ID]
		_, isGone := gone[c.ID]
		if isMade != (c.After != nil && c.Touched()) || isGone != (c.After == nil || c.replaced()) {
			t.Errorf("%s: %s, %s, is made %v, gone %v", name, c.ID, c.Action, isMade, isGone)
		}
	}
	for id, at := range made {
		for _, need := range to.DependsOn(to.Resource(id)) {
			if before, there := made[need]; there && before >= at {
				t.Errorf("%s: %s does not wait for %s", name, id, need)
			}
		}
	}
	for id, at := range gone {
		for _, need := range from.DependsOn(from.Resource(id)) {
			if before, there := gone[need]; there && before <= at && d.Sequence[before].CleanUp {
				t.Errorf("%s: %s goes before %s", name, need, id)
			}
		}
	}
}

// The order of the file and of lists that CloudFormation takes as sets do not count; "80" is 80.
func TestWhatIsNoChange(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit edit
	}{
		{"a number written otherwise", set("LogGroup.Properties.RetentionInDays", `"30.0"`)},
		{"a number as text", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[{"CidrIp": "0.0.0.0/0", "FromPort": "80", "IpProtocol": "tcp", "ToPort": 80}, {"CidrIp": "0.0.0.0/0", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443}]`)},
		{"truth as text", set("NetworkVpc.Properties.EnableDnsSupport", `"true"`)},
		{"DependsOn in another order", set("Server.DependsOn", `["ServerSettings", "NetworkDefaultRoute", "ProgramRevision", "ProgramBoot"]`)},
		{"one dependency as text", set("Address.DependsOn", `"NetworkDefaultRoute"`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := Compare(golden(t, "single"), edited(t, "single", tc.edit)); !d.Empty() {
				t.Errorf("changes: %v", shape(d, false))
			}
		})
	}
}

// Policies and security groups are shown as the rules that come and go.
func TestRules(t *testing.T) {
	statement := `{"Action": ["s3:GetObject", "s3:PutObject"], "Effect": "Allow", "Principal": "*", "Resource": {"Fn::GetAtt": ["UploadsBucket", "Arn"]}, "Condition": {"Bool": {"aws:SecureTransport": false}}}`
	for _, tc := range []struct {
		name     string
		from, to *template.Template
		id       string
		want     []string
	}{
		{"a port", golden(t, "single"), edited(t, "single", set("PublicSecurityGroup.Properties.SecurityGroupIngress", `[{"CidrIp": "0.0.0.0/0", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443}, {"CidrIp": "203.0.113.7/32", "FromPort": 22, "IpProtocol": "tcp", "ToPort": 22}]`)),
			"PublicSecurityGroup", []string{"- tcp 80 from 0.0.0.0/0", "+ tcp 22 from 203.0.113.7/32"}},
		{"everything from a group", golden(t, "single"), edited(t, "single", set("BackendSecurityGroup.Properties.SecurityGroupEgress", `[{"IpProtocol": "-1", "DestinationSecurityGroupId": {"Ref": "PublicSecurityGroup"}}, {"IpProtocol": "udp", "FromPort": 1, "ToPort": 9, "CidrIpv6": "::/0"}]`)),
			"BackendSecurityGroup", []string{"+ everything to PublicSecurityGroup", "+ udp 1-9 from ::/0"}},
		{"a bucket's policy", golden(t, "single"), edited(t, "single", set("UploadsBucketPolicy.Properties.PolicyDocument.Statement", `[`+statement+`]`)),
			"UploadsBucketPolicy", []string{
				"- deny s3:* if {\"Bool\":{\"aws:SecureTransport\":false}} for * on UploadsBucket.Arn, ${UploadsBucket.Arn}/*",
				"+ allow s3:GetObject if {\"Bool\":{\"aws:SecureTransport\":false}} for * on UploadsBucket.Arn",
				"+ allow s3:PutObject if {\"Bool\":{\"aws:SecureTransport\":false}} for * on UploadsBucket.Arn",
			}},
		{"a role's policy", golden(t, "single"), edited(t, "single", set("Role.Properties.Policies", `[{"PolicyName": "machine", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}}]`)),
			"Role", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newMove(tc.from, tc.to).byID[tc.id]
			var got []string
			for _, p := range c.Properties {
				if p.From != nil {
					got = append(got, "- "+template.Text(p.From))
				} else {
					got = append(got, "+ "+template.Text(p.To))
				}
			}
			if tc.want == nil {
				if last := got[len(got)-1]; last != "+ machine: allow ec2:* on *" || len(got) < 10 {
					t.Errorf("got %v", got)
				}
				return
			}
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// A replacement goes on to what must refer to the new one, and a new version to what follows it.
func TestPropagation(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit edit
		want map[string]Action
	}{
		{"a new server", set("Server.Properties.KeyName", `"k"`), map[string]Action{
			"Server": Replace, "AddressAssociation": Replace, "ServerAgent": Update, "Dashboard": Update, "ServerMemoryWarningAlarm": Update}},
		{"a new version of the launch template", set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`), map[string]Action{
			"FleetLaunchTemplate": Update, "Fleet": Update}},
		{"a program that user data holds", set("ProgramAws.Properties.Value", `"x"`), map[string]Action{
			"ProgramAws": Update, "Server": Interrupt, "FleetLaunchTemplate": Update, "Fleet": Update}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newMove(golden(t, step4), edited(t, step4, tc.edit))
			got := map[string]Action{}
			for id := range tc.want {
				if c := m.byID[id]; c != nil {
					got[id] = c.Action
				}
			}
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// What becomes worse on the way is followed again: here the server changes by itself first, and is then replaced.
func TestPropagationOfWorse(t *testing.T) {
	both := func(text string) (*template.Template, *template.Template) {
		parse := func(text string) *template.Template {
			read, err := template.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return read
		}
		return parse(strings.NewReplacer("MONITORING", "false", "CIDR", "10.0.0.0/20").Replace(text)), parse(strings.NewReplacer("MONITORING", "true", "CIDR", "10.0.16.0/20").Replace(text))
	}
	m := newMove(both(`{"Resources": {
		"Server": {"Type": "AWS::EC2::Instance", "Properties": {"Monitoring": MONITORING, "SubnetId": {"Ref": "Subnet"}}},
		"Association": {"Type": "AWS::EC2::EIPAssociation", "Properties": {"InstanceId": {"Ref": "Server"}}},
		"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"CidrBlock": "CIDR"}}}}`))
	for _, id := range []string{"Server", "Association", "Subnet"} {
		if c := m.byID[id]; c == nil || c.Action != Replace {
			t.Errorf("%s: %+v", id, c)
		}
	}
}

// The worst of a resource's properties decides.
func TestWorst(t *testing.T) {
	to := edited(t, "single", set("Server.Properties.Colour", `"red"`), set("Server.Properties.KeyName", `"k"`), set("Server.Properties.InstanceType", `"t2.small"`))
	if got := newMove(golden(t, "single"), to).byID["Server"].Action; got != Replace {
		t.Errorf("with an unknown and a replacing property: %s", got)
	}
	to = edited(t, "single", set("Server.Properties.Colour", `"red"`), set("Server.Properties.InstanceType", `"t2.small"`))
	if got := newMove(golden(t, "single"), to).byID["Server"].Action; got != Unknown {
		t.Errorf("with an unknown and an interrupting property: %s", got)
	}
}

// The old one of a replaced resource stays only when both templates say so.
func TestOldOne(t *testing.T) {
	for _, tc := range []struct {
		name, before, after string
		want                Action
	}{
		{"both", `"Retain"`, `"Retain"`, Retain},
		{"before", `"Retain"`, `"Delete"`, Delete},
		{"after", `"Delete"`, `"Retain"`, Delete},
	} {
		from := edited(t, "single", set("Server.UpdateReplacePolicy", tc.before))
		d := Compare(from, edited(t, "single", set("Server.UpdateReplacePolicy", tc.after), set("Server.Properties.KeyName", `"k"`)))
		var got Action
		for _, s := range d.Sequence {
			for _, item := range s.Items {
				if s.CleanUp && item.ID == "Server" {
					got = item.Action
				}
			}
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// The gravest hazards come first.
func TestHazardsAreSorted(t *testing.T) {
	rank := map[finding.Severity]int{Stop: 0, Warn: 1, Note: 2}
	for _, pair := range [][2]string{{step1, step5}, {"vertical", step4}, {step4, step5}} {
		last := 0
		for _, h := range Compare(golden(t, pair[0]), golden(t, pair[1])).Hazards {
			if rank[h.Severity] < last {
				t.Errorf("%v: %s comes after a milder one", pair, h.Code)
			}
			last = rank[h.Severity]
		}
	}
}

// What other sections decide is never shown as nothing.
func TestSections(t *testing.T) {
	base := []edit{section("Parameters", `{"P": {"Type": "String"}}`), section("Conditions", `{"C": {"Fn::Equals": ["a", "a"]}, "O": {"Fn::Equals": ["a", {"Ref": "P"}]}}`), section("Mappings", `{"M": {"a": {"b": "t2.micro"}}}`),
		set("Server.Properties.InstanceType", `{"Fn::FindInMap": ["M", "a", "b"]}`), set("Server.Properties.KeyName", `{"Fn::If": ["C", "k", "l"]}`), set("Record.Condition", `"C"`)}
	with := func(more ...edit) *template.Template {
		return edited(t, "single", append(slices.Clone(base), more...)...)
	}
	for _, tc := range []struct {
		name string
		edit edit
		want map[string]Action
	}{
		{"a mapping", section("Mappings", `{"M": {"a": {"b": "t2.small"}}}`), map[string]Action{"Server": Interrupt}},
		{"a condition", section("Conditions", `{"C": {"Fn::Equals": ["a", "b"]}}`), map[string]Action{"Server": Replace, "Record": Delete}},
		{"whether a resource exists", set("Record.Condition", `"O"`), map[string]Action{"Record": Unknown}},
		{"a condition that nobody knows", set("Server.Properties.KeyName", `{"Fn::If": ["O", "k", "l"]}`), map[string]Action{"Server": MayReplace}},
		{"a rule", section("Rules", `{"R": {}}`), map[string]Action{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := Compare(with(), with(tc.edit))
			if d.Empty() {
				t.Error("nothing changes")
			}
			got := map[string]Action{}
			for _, id := range []string{"Server", "Record"} {
				for _, c := range d.Changes {
					if c.ID == id {
						got[id] = c.Action
					}
				}
			}
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// serverServes sends all of the balancer's users to the server.
func serverServes(tb testing.TB, raw map[string]any) {
	set("LoadBalancerHttps.Properties.DefaultActions", `[{"Type": "forward", "TargetGroupArn": {"Ref": "LoadBalancerServerTargets"}}]`)(tb, raw)
	set("LoadBalancerHttp.Properties.DefaultActions", `[{"Type": "forward", "TargetGroupArn": {"Ref": "LoadBalancerServerTargets"}}]`)(tb, raw)
}

// ownAddress gives the server an address of the stack's that knows its server.
func ownAddress(tb testing.TB, raw map[string]any) {
	drop("AddressAssociation")(tb, raw)
	set("Record.DependsOn", `[]`)(tb, raw)
	set("Address", `{"Type": "AWS::EC2::EIP", "Properties": {"InstanceId": {"Ref": "Server"}}}`)(tb, raw)
}

// How long users are without service.
func TestDowntime(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to side
		min, max int
	}{
		{"resize", of("single"), of("vertical"), 60, 180},
		{"to the fleet, the server kept", of("single"), of(step4), 0, 0},
		{"resize behind the balancer, fleet serves", of(step4), of(step4, set("Server.Properties.InstanceType", `"t2.small"`)), 0, 0},
		{"resize behind the balancer, server serves", of(step2), of(step2, set("Server.Properties.InstanceType", `"t2.small"`)), 60, 180},
		{"only the groups", of("single"), of("single", set("Server.Properties.SecurityGroupIds", `["sg-1"]`)), 0, 180},
		{"straight to the fleet without the server", of("single"), of(step5), 0, 60},
		{"clean up", of(step4), of(step5), 0, 0},
		{"the balancer with the record on it", of(step4), of("single"), 0, 60},
		{"back to a server that is resized", of(step4), of("vertical"), 0, 240},
		{"back to an empty server", of(step5), of("single"), 60, 960},
		{"another image, nothing proves it", of("single"), of("single", set("Server.Properties.ImageId", `"ami-1"`)), 60, 900},
		{"another image, proven", of("existing/single"), of("existing/single", set("Server.Properties.ImageId", `"ami-1"`)), 2, 60},
		{"another image behind the balancer, proven", of("existing/horizontal", serverServes), of("existing/horizontal", serverServes, set("Server.Properties.ImageId", `"ami-1"`)), 0, 120},
		{"another image, an address that is its own", of("existing/single", ownAddress), of("existing/single", ownAddress, set("Server.Properties.ImageId", `"ami-1"`)), 0, 60},
		{"roll with signals", of(step4), of(step4, set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`)), 0, 0},
		{"no roll, with nobody left if it did", of(step4), of(step4, set("Fleet.Properties.Cooldown", `"60"`), set("Fleet.UpdatePolicy.AutoScalingRollingUpdate.MinInstancesInService", `0`)), 0, 0},
		{"roll with nobody left", of(step4), of(step4, set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-1"`), set("Fleet.UpdatePolicy.AutoScalingRollingUpdate.MinInstancesInService", `0`)), 60, 900},
		{"another address", of("single"), of("single", set("Address.Properties.Domain", `"standard"`)), 2, 120},
		{"a tag on the address", of("single"), of("single", set("Address.Properties.Tags", `[{"Key": "a", "Value": "b"}]`)), 0, 30},
		{"nothing holds the address", of("single"), of("single", drop("AddressAssociation"), drop("Record.DependsOn")), 0, 30},
		{"no record any more", of("single"), of("single", drop("Record")), 0, 900},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := Compare(tc.from.read(t), tc.to.read(t)).Downtime
			if d.MinSeconds != tc.min || d.MaxSeconds != tc.max {
				t.Errorf("%d to %d s, want %d to %d: %v", d.MinSeconds, d.MaxSeconds, tc.min, tc.max, d.Causes)
			}
		})
	}
}

// What a replacement keeps is told where it is listed, counted and ordered.
func TestKept(t *testing.T) {
	for _, tc := range []struct {
		name              string
		from, to          side
		keeps             bool
		headline, heading string
	}{
		{"kept", of("single"), of("single", set("Server.Properties.KeyName", `"k"`)), true, "replaced, the old one kept", "the old one stays in the account"},
		{"deleted", of("single", set("Server.UpdateReplacePolicy", `"Delete"`)), of("single", set("Server.UpdateReplacePolicy", `"Delete"`), set("Server.Properties.KeyName", `"k"`)), false, "2 replaced", "the old one goes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := Compare(tc.from.read(t), tc.to.read(t))
			if !strings.Contains(d.Headline(), tc.headline) {
				t.Errorf("headline %s", d.Headline())
			}
			for _, g := range d.Groups() {
				for _, c := range g.Changes {
					if c.ID == "Server" && (c.Keeps != tc.keeps || !strings.Contains(g.Heading, tc.heading)) {
						t.Errorf("keeps %v, under %q", c.Keeps, g.Heading)
					}
				}
			}
		})
	}
}

// Who uses an address that the stack adopts has a pause too, though the stack has served nobody yet.
func TestFirstDeployOverAnAddress(t *testing.T) {
	d := Compare(nothing.read(t), golden(t, "existing/single"))
	if d.Downtime.MinSeconds != 0 || d.Downtime.MaxSeconds != associateMax || d.Downtime.Causes[0].ID != "AddressAssociation" {
		t.Errorf("%+v", d.Downtime)
	}
	d = Compare(nothing.read(t), edited(t, "existing/single", drop("Server.CreationPolicy")))
	if d.Downtime.MinSeconds != bootMin || severityOf(d.Hazards, "unproven-target", "Server") != Stop {
		t.Errorf("unproven: %+v %v", d.Downtime, codes(d.Hazards))
	}
}

// The old association goes before the new one is made, and both after the new server; all else that is replaced goes last,
// and an association that is retained is left as it is.
func TestDeletedFirst(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit edit
		want []string
	}{
		{"as it is", set("Server.Properties.Tags", `[]`), []string{"replace Server", "delete AddressAssociation", "replace AddressAssociation", "clean-up: retain Server"}},
		{"retained", set("AddressAssociation.UpdateReplacePolicy", `"Retain"`), []string{"replace Server", "replace AddressAssociation", "clean-up: retain AddressAssociation", "clean-up: retain Server"}},
	} {
		var got []string
		for _, s := range Compare(edited(t, "existing/single", tc.edit), edited(t, "existing/single", tc.edit, set("Server.Properties.ImageId", `"ami-1"`))).Sequence {
			for _, item := range s.Items {
				if item.ID == "Server" || item.ID == "AddressAssociation" {
					got = append(got, map[bool]string{true: "clean-up: "}[s.CleanUp]+string(item.Action)+" "+item.ID)
				}
			}
		}
		if diff := cmp.Diff(got, tc.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tc.name, diff)
		}
	}
}

// Each name that may be taken can be looked up with a command that can be copied.
func TestLooks(t *testing.T) {
	for _, resourceType := range schema.Types() {
		if (schema.NameProperty(resourceType) != "") != (looks[resourceType] != "") {
			t.Errorf("%s: a name in %q, looked up by %q", resourceType, schema.NameProperty(resourceType), looks[resourceType])
		}
	}
	for _, tc := range []struct {
		resourceType string
		names        []string
		want         string
	}{
		{"AWS::CloudWatch::Alarm", []string{"a", "b's"}, `aws cloudwatch describe-alarms --alarm-names a 'b'\''s'`},
		{"AWS::SNS::Topic", []string{"a"}, "aws sns list-topics, and look for a"},
		{"AWS::S3::Bucket", []string{"a", "b"}, "aws s3api head-bucket --bucket a; aws s3api head-bucket --bucket b"},
	} {
		if got := lookup(tc.resourceType, tc.names); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}

// Where there is no pause, it says what keeps users served.
func TestWhyNoPause(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to side
		want     string
	}{
		{"first deploy", nothing, of("single"), "this stack serves nobody yet"},
		{"first deploy over an adopted address", nothing, of("existing/single"), ""},
		{"to the fleet", of("single"), of(step4), "Server serves until Fleet has said that it serves"},
		{"beside the fleet", of("single"), of(step1), "what serves them, Server, goes on"},
		{"through the balancer", of(step1), of(step2), "Server stands throughout"},
		{"canary", of(step2), of(step3), "Fleet, Server stand throughout"},
		{"clean up", of(step4), of(step5), "what serves them, Fleet, goes on"},
		{"a resize", of("single"), of("vertical"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Compare(tc.from.read(t), tc.to.read(t)).Downtime.Why; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func database(name string) string {
	return `{"Type": "AWS::RDS::DBInstance", "UpdateReplacePolicy": "Snapshot", "Properties": {"DBInstanceIdentifier": "` + name + `"}}`
}

// The last point from which the way back is a number.
func TestWayBack(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to side
		want     string
	}{
		{"a resize", of("single"), of("vertical"), "at any time: deploy the old values again, with the same pause once more"},
		{"to the fleet", of("single"), of(step4), "at any time: the server stands; fleetTrafficPercent=0, then dnsTarget=server, lead users back to it"},
		{"canary to fleet", of(step3), of(step4), "at any time: deploy the old values again"},
		{"clean up", of(step4), of(step5), "before this deploy: its clean-up takes Server away, and the way back is a new server from the image"},
		{"another image, the old server kept", of("single"), of("single", set("Server.Properties.ImageId", `"ami-1"`)), "by hand: the old Server stays in the account, in no stack: aws ec2 associate-address --allocation-id <id> --instance-id <the old server> leads users to it again; to deploy the old values makes another one"},
		{"another image behind the balancer", of(step2), of(step2, set("Server.Properties.ImageId", `"ami-1"`)), "by hand: the old Server stays in the account, in no stack: aws elbv2 register-targets --target-group-arn <arn> --targets Id=<the old server> leads users to it again; to deploy the old values makes another one"},
		{"a bucket is replaced, and kept", of("single"), of("single", set("UploadsBucket.Properties.BucketName", `"kora-uploads"`)), "by hand: the old UploadsBucket stays in the account, in no stack: lead to it by hand, or import it; to deploy the old values makes another one"},
		{"a bucket is replaced", of("single", drop("UploadsBucket.UpdateReplacePolicy")), of("single", drop("UploadsBucket.UpdateReplacePolicy"), set("UploadsBucket.Properties.BucketName", `"kora-uploads"`)), "before this deploy: its clean-up deletes UploadsBucket, and the way back makes an empty one"},
		{"the address leaves", of(step5), of(step5, drop("Address")), "by hand: Address stays in the account, in no stack, and comes back by an import; to deploy the old values makes another one"},
		{"a database is replaced, of which a snapshot stays", of("single", set("Data", database("a"))), of("single", set("Data", database("b"))),
			"before this deploy: its clean-up deletes Data, and the way back is to restore the snapshot that stays"},
		{"a server and a bucket are kept", of("single"), of("single", set("Server.Properties.KeyName", `"k"`), set("UploadsBucket.Properties.BucketName", `"kora-uploads"`)),
			"by hand: the old Server, UploadsBucket stay in the account, in no stack: aws ec2 associate-address --allocation-id <id> --instance-id <the old server> leads users to it again; to deploy the old values makes another one"},
		{"a server and a bucket go", of("single", drop("Server.UpdateReplacePolicy"), drop("UploadsBucket.DeletionPolicy")),
			of("single", drop("Server.UpdateReplacePolicy"), set("Server.Properties.KeyName", `"k"`), drop("UploadsBucket"), drop("UploadsBucketPolicy")),
			"before this deploy: its clean-up deletes Server, UploadsBucket with what they hold, and the way back makes new ones"},
		{"the address is released", of(step5, drop("Address.DeletionPolicy")), of(step5, drop("Address")), "before this deploy: its clean-up releases Address, and the way back makes another address"},
		{"first deploy", nothing, of("single"), "deleting the stack"},
		{"first deploy over an adopted address", nothing, of("existing/single"), "by hand: aws ec2 associate-address --allocation-id eipalloc-0a1b2c3d4e5f60718 --instance-id <the old server> leads users back to it; to delete the stack alone takes the address off its server, and then nobody holds it"},
		{"another image", of("single", set("Server.UpdateReplacePolicy", `"Delete"`)), of("single", set("Server.UpdateReplacePolicy", `"Delete"`), set("Server.Properties.ImageId", `"ami-1"`)), "before this deploy: its clean-up takes Server away, and the way back is a new server from the image"},
		{"a bucket goes", of("single", drop("UploadsBucket.DeletionPolicy")), of("single", drop("UploadsBucket"), drop("UploadsBucketPolicy")), "before this deploy: its clean-up deletes UploadsBucket, and the way back makes an empty one"},
		{"nothing", of("single"), of("single"), "nothing changes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Compare(tc.from.read(t), tc.to.read(t)).Return; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestBills(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to Bill
		want     string
	}{
		{"more", Bill{10, 10, 10}, Bill{12.5, 12.5, 12.5}, "$10.00 -> $12.50 a month (+$2.50)"},
		{"less", Bill{12.5, 12.5, 12.5}, Bill{10, 10, 10}, "$12.50 -> $10.00 a month (-$2.50)"},
		{"a range", Bill{10, 10, 10}, Bill{20, 30, 40}, "$10.00 -> $30.00 a month (+$20.00); $20.00 to $40.00 by the fleet's size"},
		{"less than a cent", Bill{10, 10, 10}, Bill{9.999, 9.999, 9.999}, "$10.00 -> $10.00 a month (+$0.00)"},
	} {
		if got := (Bills{From: tc.from, To: tc.to}).String(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// A template of 500 resources takes at most as long for each as one of 50, times three; the test only says so in its log,
// and holds that it comes to an end.
func TestLargeTemplates(t *testing.T) {
	perResource := func(n int) time.Duration {
		from, to := large(t, n, "a"), large(t, n, "b")
		start := time.Now()
		const times = 20
		for range times {
			if d := Compare(from, to); len(d.Changes) != n {
				t.Fatalf("%d changes of %d", len(d.Changes), n)
			}
		}
		return time.Since(start) / time.Duration(times*n)
	}
	few, many := perResource(50), perResource(500)
	t.Logf("50 resources: %v each, 500: %v each, ratio %.2f", few, many, float64(many)/float64(few))
}

// large is a template of n resources, each of which refers to some before it.
func large(tb testing.TB, n int, value string) *template.Template {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`{"Resources": {`)
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"P%d": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Name": "/p/%d", "Description": {"Fn::Sub": "${P%d} ${P%d.Value}"}, "Value": %q}}`,
			i, i, (i+n-1)%n/2, i/3, value)
	}
	b.WriteString("}}")
	t, err := template.Parse([]byte(b.String()))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{50, 500} {
		from, to := large(b, n, "a"), large(b, n, "b")
		b.Run(fmt.Sprintf("%d resources", n), func(b *testing.B) {
			for b.Loop() {
				Compare(from, to)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/resource")
		})
	}
}

// No pair of texts, however broken, makes a comparison crash or hang.
func FuzzCompare(f *testing.F) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "test", "testdata", "templates", filepath.FromSlash(name)+".template.json"))
		if err != nil {
			f.Fatal(err)
		}
		return text
	}
	f.Add([]byte(`{"Resources": {"A": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": {"Ref": "A"}}}}}`),
		[]byte(`{"Resources": {"A": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": ["t2."]}, "DependsOn": "A"}}}`))
	f.Add([]byte(`{"Resources": {"L": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"DefaultActions": [{"ForwardConfig": {"TargetGroups": [{"Weight": -1, "TargetGroupArn": {"Ref": "L"}}]}}]}}}}`),
		[]byte(`{"Resources": {"L": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"DefaultActions": {"TargetGroupArn": {"Fn::GetAtt": []}}}}}}`))
	f.Add([]byte(`{"Resources": {"R": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "A", "TTL": "1e999"}}}}`),
		[]byte(`{"Resources": {"R": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "A", "Name": {"Fn::Join": []}}}}}`))
	f.Add(read("single"), read("vertical"))
	f.Add(read(step4), read("single"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		from, err := template.Parse(a)
		if err != nil {
			return
		}
		to, err := template.Parse(b)
		if err != nil {
			return
		}
		Compare(from, to)
		if !Compare(from, from).Empty() {
			t.Error("a template differs from itself")
		}
	})
}

// Two sides of two stacks: the new one is made, and nothing happens to the old one.
func TestTwoStacks(t *testing.T) {
	d := Compare(of("single").in("A", "ap-south-1").read(t), of("vertical").in("B", "ap-south-1").read(t))
	for _, c := range d.Changes {
		if c.Action != Create {
			t.Errorf("%s: %s", c.ID, c.Action)
		}
	}
	if len(d.Changes) == 0 || d.Other != "A in ap-south-1" || d.Downtime.Why != "the stack A serves on as it is" {
		t.Errorf("%d changes, other %q, %q", len(d.Changes), d.Other, d.Downtime.Why)
	}
	if d := Compare(of("single").in("A", "ap-south-1").read(t), of("single").in("A", "ap-south-1").read(t)); !d.Empty() {
		t.Error("one stack differs from itself")
	}
}

// What an attribute or a page decides is said as that: of a cache's shards, of a secret's default.
func TestEffects(t *testing.T) {
	cache := func(shards, policy string) *template.Template {
		return edited(t, "single", section("Parameters", `{"Secret": {"Type": "String", "NoEcho": true, "Default": "`+shards+`hush"}, "P": {"Type": "String"}}`),
			set("Cache", `{"Type": "AWS::ElastiCache::ReplicationGroup", "UpdatePolicy": `+policy+`, "Properties": {"NumNodeGroups": `+shards+`}}`))
	}
	for policy, want := range map[string]Action{
		`{"UseOnlineResharding": "true"}`:       Update,
		`{"UseOnlineResharding": false}`:        Replace,
		`{}`:                                    Replace,
		`{"UseOnlineResharding": {"Ref": "P"}}`: MayReplace,
	} {
		d := Compare(cache("1", policy), cache("2", policy))
		if got := d.Changes[len(d.Changes)-1].Action; got != want {
			t.Errorf("%s: %s, want %s", policy, got, want)
		}
		if said := fmt.Sprint(d.Sections); strings.Contains(said, "hush") || !strings.Contains(said, "(NoEcho, another)") {
			t.Errorf("a secret is shown, or its change is not:\n%s", said)
		}
	}
}

// What rests on something that may be replaced may be replaced.
func TestMayGoesOn(t *testing.T) {
	zone := func(value string) *template.Template {
		return edited(t, "single", section("Parameters", `{"P": {"Type": "String"}}`), set("NetworkSubnet1.Properties.AvailabilityZone", value))
	}
	m := newMove(zone(`"ap-south-1a"`), zone(`{"Ref": "P"}`))
	for id, want := range map[string]Action{"NetworkSubnet1": MayReplace, "Server": MayReplace, "AddressAssociation": MayReplace, "Dashboard": Update} {
		if c := m.byID[id]; c == nil || c.Action != want {
			t.Errorf("%s: %+v, want %s", id, c, want)
		}
	}
}

// Spelling changes no hazard, no pause and no step: numbers and truths as text, functions by others.
func TestSpellingChangesNoHazard(t *testing.T) {
	for _, tc := range hazardCases {
		want := Compare(tc.from.read(t), tc.to.read(t))
		got := Compare(respelt(t, tc.from), respelt(t, tc.to))
		for what, pair := range map[string][2]any{"hazards": {weighed(got), weighed(want)}, "pauses": {got.Downtime, want.Downtime}, "steps": {got.Sequence, want.Sequence}} {
			if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
				t.Errorf("%s, %s, %s (-respelt +as it was):\n%s", tc.code, tc.name, what, diff)
			}
		}
	}
	for _, name := range goldens {
		if d := Compare(golden(t, name), respelt(t, of(name))); !d.Empty() {
			t.Errorf("%s differs from itself: %v", name, shape(d, false))
		}
	}
}

func weighed(d *Diff) []string {
	var all []string
	for _, h := range d.Hazards {
		if h.Code == "too-large" { // counts characters
			continue
		}
		all = append(all, fmt.Sprintf("%s %s %s", h.Severity, h.Code, h.Subject))
	}
	return all
}

// respelt is a side with its resources in another spelling.
func respelt(t *testing.T, s side) *template.Template {
	t.Helper()
	s.edits = append(slices.Clone(s.edits), func(_ testing.TB, raw map[string]any) {
		raw["Resources"] = otherwise(raw["Resources"])
	})
	return s.read(t)
}

func otherwise(value any) any {
	switch v := value.(type) {
	case bool, float64:
		return template.Text(v)
	case map[string]any:
		if id, ok := v["Ref"].(string); ok && len(v) == 1 && id != "AWS::NoValue" {
			return map[string]any{"Fn::Join": []any{"-", []any{map[string]any{"Fn::Sub": "${" + id + "}"}}}}
		}
		if to, ok := template.Refers(v); ok && to.Attribute != "" {
			return map[string]any{"Fn::GetAtt": to.ID + "." + to.Attribute}
		}
		all := map[string]any{}
		for key, each := range v {
			all[key] = otherwise(each)
		}
		return all
	case []any:
		var all []any
		for _, each := range v {
			all = append(all, otherwise(each))
		}
		return append([]any{}, all...)
	}
	return value
}
