package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/machine"
)

const (
	ubuntu    = `"{{resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/20260714/amd64/hvm/ebs-gp3/ami-id}}"`
	ubuntuArm = `"{{resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/20260714/arm64/hvm/ebs-gp3/ami-id}}"`
)

func TestServer(t *testing.T) {
	vertical := context{"stage": "vertical"}
	image := context{"imageId": "ami-0123456789abcdef0"}
	arm := matrix()["arm64"]
	expectEach(t, []property{
		{"the guide's type", kora, "Server/InstanceType", `"t2.micro"`},
		{"single by default", context{}, "Server/InstanceType", `"t2.micro"`},
		{"the guide's larger type", kora.and(vertical), "Server/InstanceType", `"t2.small"`},
		{"a type of one's own", existing, "Server/InstanceType", `"t3.micro"`},
		{"a larger type of one's own", existing.and(vertical), "Server/InstanceType", `"t3.medium"`},
		{"kept as single has it", fleet(context{"keepServer": "single"}), "Server/InstanceType", `"t2.micro"`},
		{"kept as vertical has it", fleet(context{"keepServer": "vertical"}), "Server/InstanceType", `"t2.small"`},
		{"not kept", fleet(context{"keepServer": "none"}), "Server", ""},

		{"the key pair", kora, "Server/KeyName", `"korakagaz-backend-key"`},
		{"no key pair", context{}, "Server/KeyName", ""},
		{"the image's own size", kora, "Server/BlockDeviceMappings/0/Ebs/VolumeSize", ""},
		{"a size of one's own", kora.and(context{"volumeSizeGib": 16.0}), "Server/BlockDeviceMappings/0/Ebs/VolumeSize", "16"},

		{"a dated image", kora, "Server/ImageId", ubuntu},
		{"a dated image for arm64", arm, "Server/ImageId", ubuntuArm},
		{"an image of one's own", kora.and(image), "Server/ImageId", `"ami-0123456789abcdef0"`},
		{"the fleet's image is not the server's", fleet(context{"fleetImageId": "ami-0123456789abcdef1"}), "Server/ImageId", ubuntu},

		{"named", kora, "Server/Tags", `[{"Key": "DailySnapshot", "Value": "kora-backend-server"}, {"Key": "Name", "Value": "kora-backend-server"}]`},
		{"named without snapshots, too", kora.and(context{"snapshotRetentionDays": 0.0}), "Server/Tags",
			`[{"Key": "DailySnapshot", "Value": "kora-backend-server"}, {"Key": "Name", "Value": "kora-backend-server"}]`},
	})
}

// An image that moves would replace the running server at any deploy.
func TestImagesDoNotMove(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if strings.Contains(string(tpl.text), "/current/") {
			t.Error("the template refers to the current image")
		}
	})
}

// The server is all it needs to be and nothing else: each property that could come to it by accident either replaces it,
// restarts it, or keeps the stack from removing it.
func TestServerHasNoOtherProperty(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if !c.HasServer() || c.AdoptedServer != nil { // which has what it had: TestAdoptedServer
			return
		}
		want := map[string]bool{"AvailabilityZone": true, "BlockDeviceMappings": true, "IamInstanceProfile": true, "ImageId": true,
			"InstanceType": true, "MetadataOptions": true, "SecurityGroupIds": true, "SubnetId": true, "Tags": true, "UserData": true}
		if c.KeyPairName != "" {
			want["KeyName"] = true
		}
		got := map[string]bool{}
		for name := range tpl.Resources["Server"].Properties {
			got[name] = true
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// With an image or a repository the server serves, and the stack waits for its signal: as long as it may take to become
// healthy, and a minute in which it can still say that it failed. With neither there is nothing to wait for.
func TestServerProvesItself(t *testing.T) {
	repository := context{"gitRepository": "https://example.com/kora.git", "gitRef": "v1"}
	image := context{"imageId": "ami-0123456789abcdef0"}
	waits := func(seconds int) string {
		return fmt.Sprintf(`{"ResourceSignal": {"Timeout": "PT%dS"}}`, seconds)
	}
	for _, test := range []struct {
		name     string
		context  context
		creation string
		serves   string
	}{
		{"neither", kora, "", ""},
		{"an image", kora.and(image), waits(480), "yes"},
		{"a repository, which is installed first", kora.and(repository), waits(480 + 900), "yes"},
		{"both, with patience", kora.and(repository).and(image).and(context{"healthCheckGraceSeconds": 900.0}), waits(1080 + 900), "yes"},
		{"vertical", kora.and(image).and(context{"stage": "vertical"}), waits(480), "yes"},
		{"kept beside a fleet", fleet(image), waits(480), "yes"},
		{"an image for the fleet alone", fleet(context{"fleetImageId": "ami-0123456789abcdef1"}), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tpl := must(t, test.context)
			expect(t, "Server/CreationPolicy", tpl.at("Server/CreationPolicy"), test.creation)
			if got, ok := settings(tpl.at("ServerSettings/Value"))["SERVES"]; got != test.serves || !ok {
				t.Errorf("SERVES: got %q, want %q", got, test.serves)
			}
			if script := fmt.Sprint(tpl.at("Server/UserData")); !strings.Contains(script, " RESOURCE=Server ") {
				t.Errorf("the server does not signal Server:\n%s", script)
			}
			expect(t, "Server/UpdatePolicy", tpl.at("Server/UpdatePolicy"), "")
		})
	}
}

// What the server is told stands in a parameter, which it reads anew for every revision.
func TestServerSettings(t *testing.T) {
	changed := kora.and(context{
		"port": 8080.0, "healthCheckPath": "/up", "healthCheckGraceSeconds": 400.0, "appDirectory": "/srv/it's", "repositoryDirectory": "/srv", "appUser": "app",
		"gitRepository": "https://example.com/kora.git", "gitRef": "v1.2.3", "gitCredentialsParameter": "/kora-backend/git",
		"buildCommand": "npm run build",
	})
	expectEach(t, []property{{"where they are", kora, "ServerSettings/Name", `"/kora-backend/server"`}, {"in the clear", kora, "ServerSettings/Type", `"String"`}})
	for _, test := range []struct {
		name    string
		context context
		want    map[string]string
	}{
		{"Kora's", kora, map[string]string{
			"PORT": "3001", "HEALTH_PATH": "/health", "GRACE": "300", "APP_DIRECTORY": "/home/ubuntu/kora/Backend",
			"APP_USER": "ubuntu", "GIT_REPOSITORY": "", "GIT_REF": "", "DOMAIN": "server.korakagazindia.com",
			"UPLOADS_BUCKET": "<UploadsBucket>", "SERVES": "", "LOGS": "<LogGroup>",
		}},
		{"by default", context{}, map[string]string{
			"PORT": "3001", "HEALTH_PATH": "/health", "GRACE": "300", "APP_DIRECTORY": "/home/ubuntu/app",
			"APP_USER": "ubuntu", "GIT_REPOSITORY": "", "GIT_REF": "", "DOMAIN": "", "UPLOADS_BUCKET": "", "SERVES": "", "LOGS": "<LogGroup>",
		}},
		{"others", changed, map[string]string{
			"PORT": "8080", "HEALTH_PATH": "/up", "GRACE": "400", "APP_DIRECTORY": `/srv/it'\''s`,
			"APP_USER": "app", "GIT_REPOSITORY": "https://example.com/kora.git", "GIT_REF": "v1.2.3", "GIT_CREDENTIALS": "/kora-backend/git",
			"BUILD_COMMAND": "npm run build", "REPOSITORY_DIRECTORY": "/srv", "DOMAIN": "server.korakagazindia.com", "UPLOADS_BUCKET": "<UploadsBucket>", "SERVES": "yes", "LOGS": "<LogGroup>", "PROXY": machine.Proxy.Packed(),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(settings(must(t, test.context).at("ServerSettings/Value")), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// The user data tells name and region, the same in every stage (TestServerUserDataIsForEver), and the programs that the
// server fetches are there before it.
func TestServerFetches(t *testing.T) {
	script := fmt.Sprint(must(t, existing).at("Server/UserData"))
	if want := "NAME=shop-api REGION=ap-south-1"; !strings.Contains(script, want) {
		t.Errorf("the user data does not say %s:\n%s", want, script)
	}
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if !c.HasServer() || c.AdoptedServer != nil { // which runs already
			return
		}
		before := tpl.awaited("Server")
		for id, r := range tpl.Resources {
			if r.Type == "AWS::SSM::Parameter" && !before[id] {
				t.Errorf("the server does not wait for %s", id)
			}
		}
		if !before["Role"] {
			t.Error("the server does not wait for its rights")
		}
		// The server proves itself on itself alone.
		for _, id := range []string{"Certificate", "Record", "LoadBalancer", "AddressAssociation"} {
			if before[id] {
				t.Errorf("the server waits for %s", id)
			}
		}
	})
}

// A new revision runs on the server that is there, by its id, and the stack waits for it.
func TestServerRevision(t *testing.T) {
	c := kora.and(context{"gitRepository": "https://example.com/kora.git", "gitRef": "v1.2.3"})
	expectEach(t, []property{
		{"the server alone, and the stack waits", c, "ServerRevisionAssociation", `{"Name": "<ServerRevision>", "Parameters": {"gitRef": ["v1.2.3"]},
			"Targets": [{"Key": "InstanceIds", "Values": ["<Server>"]}], "WaitForSuccessTimeoutSeconds": 1380}`},
		{"as long as its health check may take", c.and(context{"healthCheckGraceSeconds": 600.0}),
			"ServerRevisionAssociation/WaitForSuccessTimeoutSeconds", "1680"},
		{"and its build", c.and(context{"buildCommand": "make"}), "ServerRevisionAssociation/WaitForSuccessTimeoutSeconds", "1980"},
		{"what it runs", c, "ServerRevision", `{"DocumentType": "Command", "UpdateMethod": "NewVersion", "Content": {"schemaVersion": "2.2",
			"parameters": {"gitRef": {"type": "String"}}, "mainSteps": [{"action": "aws:runShellScript", "name": "revision", "inputs": {"runCommand":
			["NAME=kora-backend REGION=ap-south-1 RUN=revision exec bash \"/opt/kora-backend/run\""], "timeoutSeconds": "6360"}}]}}`},
		{"what it reads is there", c, "ServerRevisionAssociation/DependsOn", `["ProgramBoot", "ProgramRevision", "ServerSettings"]`},
		{"no revision", kora, "ServerRevisionAssociation", ""},
		{"no server", c.and(context{"stage": "horizontal", "keepServer": "none"}), "ServerRevisionAssociation", ""},
	})
}

// One resource owns the association of the address in every state with a server, and none without.
func TestAddress(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		var owners []string
		for id, r := range tpl.Resources {
			if r.Type == "AWS::EC2::EIPAssociation" || r.Type == "AWS::EC2::EIP" && r.Properties["InstanceId"] != nil {
				owners = append(owners, id)
			}
		}
		var want []string
		if c.HasServer() {
			want = []string{"AddressAssociation"}
		}
		if diff := cmp.Diff(owners, want); diff != "" {
			t.Errorf("who owns the association (-got +want):\n%s", diff)
		}
		created := c.ElasticIPAllocationID == "" && c.KeepElasticIP
		if got := tpl.Resources["Address"].Type == "AWS::EC2::EIP"; got != created {
			t.Errorf("an address is made: got %t, want %t", got, created)
		}
	})
	none := context{"stage": "horizontal", "keepServer": "none"}
	expectEach(t, []property{
		// No tag: one that varied by stage would associate it anew.
		{"a new one", kora, "Address", `{"Domain": "vpc"}`},
		{"a new one, associated", kora, "AddressAssociation", `{"AllocationId": "<Address.AllocationId>", "InstanceId": "<Server>"}`},
		{"an adopted one", existing, "AddressAssociation", `{"AllocationId": "eipalloc-0a1b2c3d4e5f60718", "InstanceId": "<Server>"}`},
		{"kept without a server", kora.and(none), "Address", `{"Domain": "vpc"}`},
		{"given up", kora.and(none).and(context{"keepElasticIp": false}), "Address", ""},
	})
}

// An adopted address leaves the server that holds it last: a deploy that fails takes the association back, and nobody would
// have it. Only what needs the address comes after it: a record that leads elsewhere, and the agent, whose connection ends
// when the server's public address changes.
func TestAdoptedAddressComesLast(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if !c.HasServer() || c.ElasticIPAllocationID == "" || c.AdoptedServer != nil { // which holds its address: TestAdoptedServer
			return
		}
		after := []string{"AddressAssociation", "ServerAgent"}
		before := tpl.awaited("AddressAssociation")
		for id := range tpl.Resources {
			if slices.Contains(after, id) == before[id] {
				t.Errorf("%s stands before the address: got %t", id, before[id])
			}
		}
	})
	expectEach(t, []property{
		{"the agent after an adopted address", existing, "ServerAgent/DependsOn", `["AddressAssociation"]`},
		{"the agent after a new address", kora, "ServerAgent/DependsOn", `["AddressAssociation"]`},
		{"a new address waits for nothing but the server", kora, "AddressAssociation/DependsOn", ""},
	})
}

func TestSnapshots(t *testing.T) {
	const policy = `{"Description": "Daily snapshots of the server kora-backend-server", "State": "ENABLED", "ExecutionRoleArn": "<ServerSnapshotsRole.Arn>",
		"PolicyDetails": {"ResourceTypes": ["INSTANCE"], "TargetTags": [{"Key": "DailySnapshot", "Value": "kora-backend-server"}],
		"Schedules": [{"Name": "daily", "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS", "Times": ["20:30"]}, "RetainRule": {"Count": %d}}]}}`
	keep := func(days float64) context { return kora.and(context{"snapshotRetentionDays": days}) }
	expectEach(t, []property{
		{"daily, a week of them", kora, "ServerSnapshots", fmt.Sprintf(policy, 7)},
		{"a fortnight of them", keep(14), "ServerSnapshots", fmt.Sprintf(policy, 14)},
		{"one", keep(1), "ServerSnapshots", fmt.Sprintf(policy, 1)},
		{"none", keep(0), "ServerSnapshots", ""},
		{"none, no role", keep(0), "ServerSnapshotsRole", ""},
		{"none without a server", fleet(context{"keepServer": "none"}), "ServerSnapshots", ""},
		{"of the kept server", fleet(nil), "ServerSnapshots", fmt.Sprintf(policy, 7)},
		{"the role is the service's", kora, "ServerSnapshotsRole", `{"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "dlm.amazonaws.com"}}]},
			"ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"]}`},
	})
}

// The tag that snapshots are aimed at is on the server alone: nodes come and go, and their disks are worth nothing.
func TestOnlyTheServerIsSnapshotted(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		target := tpl.at("ServerSnapshots/PolicyDetails/TargetTags/0")
		if target == nil {
			return
		}
		var aimed []string
		for id := range tpl.Resources {
			// Wherever a resource keeps its tags, and those of what it launches.
			if id != "ServerSnapshots" && holds(tpl.at(id), target) {
				aimed = append(aimed, id)
			}
		}
		if diff := cmp.Diff(aimed, []string{"Server"}); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// holds reports whether a tag, by its key, is anywhere in a value.
func holds(value, tag any) bool {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if holds(item, tag) {
				return true
			}
		}
	case map[string]any:
		if v["Key"] != nil && v["Key"] == at(tag, "Key") {
			return true
		}
		for _, item := range v {
			if holds(item, tag) {
				return true
			}
		}
	}
	return false
}
