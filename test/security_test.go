package test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Who may connect to what, all of it: users to the public ports of server and balancer, one network to SSH, the balancer
// to the app, the app to cache and database.
func TestWhoMayConnect(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		want := []string{"PublicSecurityGroup: tcp 80-80 from 0.0.0.0/0", "PublicSecurityGroup: tcp 443-443 from 0.0.0.0/0"}
		if c.SSHCidr != "" {
			want = append(want, "PublicSecurityGroup: tcp 22-22 from "+c.SSHCidr)
		}
		if c.DatabaseSecurityGroupID != "" {
			want = append(want, c.DatabaseSecurityGroupID+": tcp 5432-5432 from <BackendSecurityGroup.GroupId>")
		}
		if c.Stage == stage.Horizontal {
			want = append(want, "LoadBalancerSecurityGroup: tcp 80-80 from 0.0.0.0/0",
				"<BackendSecurityGroup.GroupId>: tcp 3001-3001 from <LoadBalancerSecurityGroup.GroupId>")
			if c.DomainName != "" || c.CertificateArn != "" {
				want = append(want, "LoadBalancerSecurityGroup: tcp 443-443 from 0.0.0.0/0")
			}
			if c.Sessions == "redis" {
				want = append(want, "CacheSecurityGroup: tcp 6379-6379 from <BackendSecurityGroup.GroupId>")
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(openings(tpl), want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// openings lists all that security groups let in: the group, the ports, and from where.
func openings(t *template) []string {
	var all []string
	add := func(group string, rule any) {
		r := rule.(map[string]any)
		var from []string
		for _, source := range []string{"CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName"} {
			if r[source] != nil {
				from = append(from, fmt.Sprint(r[source]))
			}
		}
		all = append(all, fmt.Sprintf("%s: %v %v-%v from %s", group, r["IpProtocol"], r["FromPort"], r["ToPort"], strings.Join(from, " and ")))
	}
	for id, r := range t.Resources {
		switch r.Type {
		case "AWS::EC2::SecurityGroup":
			rules, _ := t.at(id + "/SecurityGroupIngress").([]any)
			for _, rule := range rules {
				add(id, rule)
			}
		case "AWS::EC2::SecurityGroupIngress":
			add(fmt.Sprint(t.at(id+"/GroupId")), t.at(id))
		}
	}
	slices.Sort(all)
	return all
}

func TestPortsByConfiguration(t *testing.T) {
	for _, test := range []struct {
		name    string
		context context
		want    []string
	}{
		{"ports of one's own", context{"publicPorts": []any{3001.0}}, []string{"PublicSecurityGroup: tcp 3001-3001 from 0.0.0.0/0"}},
		{"SSH besides them", context{"publicPorts": []any{8080.0, 443.0}, "sshCidr": "198.51.100.0/24"}, []string{
			"PublicSecurityGroup: tcp 22-22 from 198.51.100.0/24",
			"PublicSecurityGroup: tcp 443-443 from 0.0.0.0/0",
			"PublicSecurityGroup: tcp 8080-8080 from 0.0.0.0/0",
		}},
		{"the app's port, to the balancer and the cache's clients only",
			context{"stage": "horizontal", "keepServer": "single", "port": 8000.0, "sessions": "redis", "publicPorts": []any{443.0}}, []string{
				"<BackendSecurityGroup.GroupId>: tcp 8000-8000 from <LoadBalancerSecurityGroup.GroupId>",
				"CacheSecurityGroup: tcp 6379-6379 from <BackendSecurityGroup.GroupId>",
				"LoadBalancerSecurityGroup: tcp 80-80 from 0.0.0.0/0",
				"PublicSecurityGroup: tcp 443-443 from 0.0.0.0/0",
			}},
		{"another database port", existing.and(context{"databasePort": 3306.0}), []string{
			"PublicSecurityGroup: tcp 443-443 from 0.0.0.0/0",
			"PublicSecurityGroup: tcp 80-80 from 0.0.0.0/0",
			"sg-0a1b2c3d4e5f60718: tcp 3306-3306 from <BackendSecurityGroup.GroupId>",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(openings(must(t, test.context)), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// What a group is for. A change of the words replaces the group, and with it what carries it.
func TestGroupsSayWhatTheyAreFor(t *testing.T) {
	c := existing.and(context{"stage": "horizontal", "sessions": "redis"})
	expectEach(t, []property{
		{"backend", c, "BackendSecurityGroup/GroupDescription", `"Server and fleet: the app, from the load balancer"`},
		{"public", c, "PublicSecurityGroup/GroupDescription", `"Server: users and administrators"`},
		{"balancer", c, "LoadBalancerSecurityGroup/GroupDescription", `"Load balancer: HTTP and HTTPS from everywhere"`},
		{"cache", c, "CacheSecurityGroup/GroupDescription", `"Session cache: server and fleet only"`},
		{"database", c, "BackendSecurityGroupToDatabase/Description", `"Server and fleet of the backend"`},
	})
}

// EC2 refuses other characters in a group's or a rule's description, an apostrophe for one, and no schema says so (EC2 API
// Reference, CreateSecurityGroup and IpRange; terraform-provider-aws #18874).
var description = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func TestDescriptionsAreTaken(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for id, r := range tpl.Resources {
			if !strings.HasPrefix(r.Type, "AWS::EC2::SecurityGroup") {
				continue
			}
			for name, text := range r.Properties {
				if strings.HasSuffix(name, "Description") && !description.MatchString(text.(string)) {
					t.Errorf("EC2 refuses %s of %s: %q", name, id, text)
				}
			}
		}
	})
}

// The balancer reaches the app and nothing else; machines reach what they need, as the VPC's default has it.
func TestWhatMayBeReached(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for id, r := range tpl.Resources {
			want := ""
			if id == "LoadBalancerSecurityGroup" {
				want = `[{"IpProtocol": "tcp", "FromPort": 3001, "ToPort": 3001, "DestinationSecurityGroupId": "<BackendSecurityGroup.GroupId>"}]`
			}
			if r.Type == "AWS::EC2::SecurityGroup" {
				expect(t, id, tpl.at(id+"/SecurityGroupEgress"), want)
			}
			if r.Type == "AWS::EC2::SecurityGroupEgress" {
				t.Errorf("%s is a rule that nothing here makes", id)
			}
		}
	})
}

// The server carries both groups from the first day, a node of the fleet never the one that lets the internet in.
func TestGroupsThatMachinesCarry(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		own := ""
		for _, id := range c.AdditionalSecurityGroupIDs {
			own += fmt.Sprintf(", %q", id)
		}
		for path, want := range map[string]string{
			"Server/SecurityGroupIds": `["<BackendSecurityGroup.GroupId>", "<PublicSecurityGroup.GroupId>"` + own + `]`,
			"FleetLaunchTemplate/LaunchTemplateData/NetworkInterfaces": `[{"DeviceIndex": 0, "AssociatePublicIpAddress": true,
				"Groups": ["<BackendSecurityGroup.GroupId>"` + own + `]}]`,
			"FleetLaunchTemplate/LaunchTemplateData/SecurityGroupIds": "", // the interface has them
			"LoadBalancer/SecurityGroups":                             `["<LoadBalancerSecurityGroup.GroupId>"]`,
			"Cache/SecurityGroupIds":                                  `["<CacheSecurityGroup.GroupId>"]`,
		} {
			id, _, _ := strings.Cut(path, "/")
			if _, ok := tpl.Resources[id]; ok {
				expect(t, path, tpl.at(path), want)
			}
		}
	})
}

// What the metadata service gives away needs a token (IMDSv2), by MetadataOptions, which change in place. A network
// interface on the server would replace it with every change of its groups, and a launch template with every change.
func TestMachinesAreClosed(t *testing.T) {
	const disk = `[{"DeviceName": "/dev/sda1", "Ebs": {"Encrypted": true, "VolumeType": "gp3", "DeleteOnTermination": %t}}]`
	large := strings.Replace(disk, `"gp3"`, `"gp3", "VolumeSize": 30`, 1)
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		volume := disk
		if c.VolumeSizeGib == 30 {
			volume = large
		}
		if c.HasServer() && c.AdoptedServer == nil { // which stays as open as it was: kora adopt says so
			expect(t, "Server/MetadataOptions", tpl.at("Server/MetadataOptions"), `{"HttpTokens": "required"}`)
			expect(t, "Server/NetworkInterfaces", tpl.at("Server/NetworkInterfaces"), "")
			expect(t, "Server/LaunchTemplate", tpl.at("Server/LaunchTemplate"), "")
			// The server's disk outlives it.
			expect(t, "Server/BlockDeviceMappings", tpl.at("Server/BlockDeviceMappings"), fmt.Sprintf(volume, false))
		}
		if c.Stage == stage.Horizontal {
			const data = "FleetLaunchTemplate/LaunchTemplateData"
			expect(t, data, tpl.at(data+"/MetadataOptions"), `{"HttpTokens": "required"}`)
			expect(t, data, tpl.at(data+"/BlockDeviceMappings"), fmt.Sprintf(volume, true))
		}
	})
}

// No instance beside the server, no template beside the fleet's: the test above would not see it.
func TestNoOtherMachine(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for id, r := range tpl.Resources {
			machine := r.Type == "AWS::EC2::Instance" || r.Type == "AWS::EC2::LaunchTemplate" || r.Type == "AWS::AutoScaling::LaunchConfiguration"
			if machine && id != "Server" && id != "FleetLaunchTemplate" {
				t.Errorf("%s is an %s", id, r.Type)
			}
		}
	})
}

// Nothing that bills by the hour without need, nothing that runs code of its own in a deploy, and nothing that the stack's
// own moves and rollbacks could not remove.
func TestWhatNoTemplateHolds(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for id, r := range tpl.Resources {
			for _, kind := range []string{"AWS::EC2::NatGateway", "AWS::Lambda::", "AWS::CloudFormation::CustomResource", "Custom::", "AWS::IAM::User", "AWS::IAM::AccessKey"} {
				if strings.HasPrefix(r.Type, kind) {
					t.Errorf("%s is an %s", id, r.Type)
				}
			}
		}
		for _, protection := range []string{"DisableApiTermination", "DisableApiStop", "deletion_protection", "DeletionProtection", "NewInstancesProtectedFromScaleIn"} {
			if strings.Contains(string(tpl.text), protection) {
				t.Errorf("the template holds %s", protection)
			}
		}
		for key := range tpl.whole {
			if !slices.Contains([]string{"Description", "Resources", "Outputs"}, key) {
				t.Errorf("the template has %s", key)
			}
		}
	})
}

// No secret is in the template: the machines read theirs from parameters, by name.
func TestNoSecretTravels(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for _, text := range []string{"resolve:ssm-secure", "resolve:secretsmanager", "SESSION_SECRET", "DATABASE_URL"} {
			if strings.Contains(string(tpl.text), text) {
				t.Errorf("the template holds %s", text)
			}
		}
	})
	for _, s := range states(everything) {
		tpl := must(t, s.context)
		for _, path := range []string{"ServerSettings/Value", "FleetLaunchTemplate/LaunchTemplateData/UserData"} {
			if script := tpl.at(path); script != nil {
				if got, want := settings(script)["GIT_CREDENTIALS"], "/kora-backend-long-name24/git-credentials"; got != want {
					t.Errorf("%s: %s: got %q, want the parameter's name %q", s.name, path, got, want)
				}
			}
		}
	}
}

// What is stored and what travels: private, encrypted, and over TLS.
func TestUploadsBucket(t *testing.T) {
	uploads := func(value string) context { return kora.and(context{"uploads": value}) }
	expectEach(t, []property{
		{"private, encrypted, versioned", uploads("create"), "UploadsBucket", `{
			"BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
			"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
			"VersioningConfiguration": {"Status": "Enabled"}}`},
		{"TLS only", uploads("create"), "UploadsBucketPolicy", `{"Bucket": "<UploadsBucket>", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
			"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["<UploadsBucket.Arn>", "<UploadsBucket.Arn>/*"],
			"Condition": {"Bool": {"aws:SecureTransport": false}}}]}}`},
		{"none unless asked for", context{}, "UploadsBucket", ""},
		{"none", uploads("none"), "UploadsBucket", ""},
		{"none, no policy", uploads("none"), "UploadsBucketPolicy", ""},
		{"an existing one is left alone", uploads("kora-uploads"), "UploadsBucket", ""},
		{"an existing one keeps its policy", uploads("kora-uploads"), "UploadsBucketPolicy", ""},
	})
	for value, want := range map[string]string{"create": "<UploadsBucket>", "none": "", "kora-uploads": "kora-uploads"} {
		t.Run("the app is told: "+value, func(t *testing.T) {
			for _, path := range []string{"ServerSettings/Value", "FleetLaunchTemplate/LaunchTemplateData/UserData"} {
				if got, ok := settings(must(t, fleet(context{"uploads": value})).at(path))["UPLOADS_BUCKET"]; got != want || !ok {
					t.Errorf("%s: got %q, want %q", path, got, want)
				}
			}
		})
	}
}

// grants lists what a role may do: actions, on what, and on which condition.
func grants(t *testing.T, tpl *template, role string) []string {
	t.Helper()
	var all []string
	policies, _ := tpl.at(role + "/Policies").([]any)
	for _, policy := range policies {
		statements, _ := at(policy, "PolicyDocument/Statement").([]any)
		if version := at(policy, "PolicyDocument/Version"); version != "2012-10-17" {
			t.Errorf("%s: a policy of version %v", role, version)
		}
		for _, entry := range statements {
			s := entry.(map[string]any)
			grant := fmt.Sprintf("%v %v on %v", s["Effect"], s["Action"], s["Resource"])
			if s["Condition"] != nil {
				grant += fmt.Sprintf(" if %v", s["Condition"])
			}
			if len(s) > 4 || len(s) > 3 && s["Condition"] == nil {
				t.Errorf("%s: a statement has more than is read here: %v", role, s)
			}
			all = append(all, grant)
		}
	}
	return all
}

func TestWhatMachinesMayDo(t *testing.T) {
	shared := []string{
		"Allow [ec2:DescribeTags ec2messages:* elasticloadbalancing:DescribeTargetHealth ssm:DescribeAssociation ssm:DescribeDocument ssm:GetDocument ssm:GetManifest ssm:ListAssociations " +
			"ssm:ListInstanceAssociations ssm:PutComplianceItems ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus " +
			"ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation ssmmessages:*] on *",
		"Allow cloudwatch:PutMetricData on * if map[StringEquals:map[cloudwatch:namespace:CWAgent]]",
		"Allow [logs:CreateLogStream logs:PutLogEvents] on <LogGroup.Arn>",
		"Allow cloudformation:SignalResource on arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/<AWS::StackName>/*",
		"Allow [ssm:GetParameter ssm:GetParametersByPath] on " +
			"arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/kora-backend/*",
	}
	objects := func(bucket string) []string {
		return append(slices.Clone(shared), "Allow s3:ListBucket on "+bucket, "Allow [s3:DeleteObject s3:GetObject s3:PutObject] on "+bucket+"/*")
	}
	for uploads, want := range map[string][]string{
		"none":         shared,
		"create":       objects("<UploadsBucket.Arn>"),
		"kora-uploads": objects("arn:<AWS::Partition>:s3:::kora-uploads"),
	} {
		t.Run("uploads="+uploads, func(t *testing.T) {
			if diff := cmp.Diff(grants(t, must(t, kora.and(context{"uploads": uploads})), "Role"), want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// The rights of the machines in every state: what the test above lists, for their own name, and no policy beside it.
func TestRightsInEveryState(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for _, grant := range grants(t, tpl, "Role") {
			if strings.Contains(grant, "ssm:GetParameter") && !strings.HasSuffix(grant, ":parameter/"+c.Name+"/*") {
				t.Errorf("parameters beyond /%s/: %s", c.Name, grant)
			}
			actions, _, _ := strings.Cut(strings.TrimPrefix(grant, "Allow "), " on ")
			for action := range strings.FieldsSeq(strings.Trim(actions, "[]")) {
				if strings.Contains(action, "*") && action != "ec2messages:*" && action != "ssmmessages:*" {
					t.Errorf("more than is listed: %s", grant)
				}
			}
			if !strings.HasPrefix(grant, "Allow ") {
				t.Errorf("not a grant: %s", grant)
			}
		}
		for id, r := range tpl.Resources {
			if strings.HasPrefix(r.Type, "AWS::IAM::") && !slices.Contains([]string{"Role", "RoleProfile", "ServerSnapshotsRole"}, id) {
				t.Errorf("%s is an %s", id, r.Type)
			}
		}
		expect(t, "Role/ManagedPolicyArns", tpl.at("Role/ManagedPolicyArns"), "")
		expect(t, "Role/AssumeRolePolicyDocument", tpl.at("Role/AssumeRolePolicyDocument"), `{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}`)
		expect(t, "RoleProfile", tpl.at("RoleProfile"), `{"Roles": ["<Role>"]}`)
		if c.HasServer() {
			expect(t, "Server/IamInstanceProfile", tpl.at("Server/IamInstanceProfile"), `"<RoleProfile>"`)
		}
		if c.Stage == stage.Horizontal {
			expect(t, "FleetLaunchTemplate/LaunchTemplateData/IamInstanceProfile",
				tpl.at("FleetLaunchTemplate/LaunchTemplateData/IamInstanceProfile"), `{"Arn": "<RoleProfile.Arn>"}`)
		}
	})
}

// A policy of its own replaces the topic's default: without CloudWatch in it no alarm could publish.
func TestAlertsTopic(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		expect(t, "AlertsTopicPolicy", tpl.at("AlertsTopicPolicy"), `{"Topics": ["<AlertsTopic>"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
			"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": "<AlertsTopic>",
			"Condition": {"StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"}}}]}}`)
		// The key that AWS manages for SNS keeps CloudWatch out.
		expect(t, "AlertsTopic", tpl.at("AlertsTopic"), "")
		email := ""
		if c.AlarmEmail != "" {
			email = fmt.Sprintf(`{"TopicArn": "<AlertsTopic>", "Protocol": "email", "Endpoint": %q}`, c.AlarmEmail)
		}
		expect(t, "AlertsTopicEmail", tpl.at("AlertsTopicEmail"), email)
	})
}
