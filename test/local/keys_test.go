package local_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
)

// ofAnAccount are the keys whose value names what stands in an account, each with one.
var ofAnAccount = map[string]any{
	"imageId": "ami-0a1b2c3d4e5f60718", "fleetImageId": "ami-0a1b2c3d4e5f60719", "keyPairName": "by-hand",
	"availabilityZones": []string{"ap-south-1b", "ap-south-1a", "ap-south-1c"}, "vpcId": "vpc-0a1b2c3d4e5f60718",
	"publicSubnetIds":            []string{"subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712", "subnet-0a1b2c3d4e5f60713"},
	"additionalSecurityGroupIds": []string{"sg-0a1b2c3d4e5f60711", "sg-0a1b2c3d4e5f60712"},
	"elasticIpAllocationId":      "eipalloc-0a1b2c3d4e5f60718", "elasticIpAddress": "203.0.113.20",
	"gitCredentialsParameter": "/kora-backend/git", "uploads": "kora-uploads-of-old", "databaseSecurityGroupId": "sg-0a1b2c3d4e5f60718",
	"hostedZoneName": "korakagazindia.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ",
	"certificateArn": "arn:aws:acm:ap-south-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
}

// ofNone are the keys that name nothing, or what the stack makes; or what kora adopt alone writes, of a server that is there.
var ofNone = []string{"adoptedServer", "stage", "name", "region", "singleInstanceType", "verticalInstanceType", "fleetInstanceType", "architecture",
	"volumeSizeGib", "cpuCredits", "snapshotRetentionDays", "publicPorts", "sshCidr", "keepElasticIp", "port", "healthCheckPath",
	"healthCheckIntervalSeconds", "healthCheckGraceSeconds", "deregistrationDelaySeconds", "appDirectory", "repositoryDirectory", "appUser", "gitRepository",
	"gitRef", "buildCommand", "minCapacity", "maxCapacity", "scaleOutCpuPercent", "scaleInCpuPercent", "cooldownSeconds", "scalingPolicy",
	"targetTrackingMetric", "targetCpuPercent", "targetRequestsPerMinute", "keepServer", "fleetTrafficPercent", "dnsTarget",
	"trafficStickinessSeconds", "redirectHttp", "dropInvalidHeaders", "sessions", "databasePort", "domainName", "dnsTtlSeconds",
	"alarmEmail", "highCpuAlarmName", "lowHealthyHostsAlarmName", "logRetentionDays", "terminationProtection", "bootstrapped", "validate"}

func TestEveryKeyIsOfAnAccountOrNot(t *testing.T) {
	for _, key := range config.Keys() {
		if _, of := ofAnAccount[key.Name]; of == slices.Contains(ofNone, key.Name) {
			t.Errorf("%s: put it into one of the two lists of this file, and let internal/local seed what it names", key.Name)
		}
	}
}

// Whatever cdk.json names of an account, the emulator has it, or what stands for it: every stage can be deployed, and is then
// what kora diff makes of cdk.json.
func TestEmulatorIsTheAccountOfCdkJSON(t *testing.T) {
	filledIn := maps.Clone(ofAnAccount)
	filledIn["gitRepository"], filledIn["gitRef"] = "https://github.com/korakagaz-india/kora-backend-server.git", "v1.0.0"
	tests := []struct {
		name    string
		changes map[string]any
	}{
		{"everything named", filledIn},
		{"arm64, the zone by its id alone", map[string]any{"architecture": "arm64", "singleInstanceType": "t4g.micro",
			"verticalInstanceType": "t4g.small", "fleetInstanceType": "t4g.micro", "hostedZoneId": "Z0123456789ABCDEFGHIJ"}},
		{"as committed", nil},
	}
	home := absolute(t, "../..")
	root := copied(t, home)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			commit(t, home, root, test.changes)
			p := newPersonAt(t, root)
			url := p.up("local up")
			for _, stage := range []string{"single", "vertical", "horizontal"} {
				p.says(0, "local deploy "+stage)
				p.leadTo(url)
				if stdout, stderr, _ := p.says(0, "diff --quiet deployed "+stage); stdout != "deployed -> "+stage+": nothing changes\n" {
					p.Errorf("right after the deploy: %s%s", stdout, stderr)
				}
			}
			p.down()
		})
	}
}

// leadTo leads AWS's tools to the emulator.
func (p *person) leadTo(url string) {
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PROFILE": ""} {
		p.Setenv(name, value)
	}
}

// copied is the project in a folder of its own, where its cdk.json may change.
func copied(t *testing.T, from string) string {
	t.Helper()
	to := absolute(t, t.TempDir())
	for _, name := range []string{"bin", "constructs", "internal", "stacks"} {
		if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(from, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cdk.json", "go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// commit writes cdk.json as the project has it, with changes to its context.
func commit(t *testing.T, from, to string, changes map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(from, "cdk.json"))
	if err != nil {
		t.Fatal(err)
	}
	var project map[string]any
	if err := json.Unmarshal(text, &project); err != nil {
		t.Fatal(err)
	}
	maps.Copy(project["context"].(map[string]any), changes)
	if text, err = json.Marshal(project); err == nil {
		err = os.WriteFile(filepath.Join(to, "cdk.json"), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
