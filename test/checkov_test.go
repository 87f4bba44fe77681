package test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// checkovExceptions are the findings of checkov that stand.
var checkovExceptions = []exception{
	{"CKV_AWS_23", "AWS::EC2::SecurityGroup.PublicSecurityGroup", groupSaysIt},
	{"CKV_AWS_23", "AWS::EC2::SecurityGroup.LoadBalancerSecurityGroup", groupSaysIt},
	{"CKV_AWS_23", "AWS::EC2::SecurityGroup.CacheSecurityGroup", groupSaysIt},
	{"CKV_AWS_23", "AWS::EC2::SecurityGroupIngress.LoadBalancerSecurityGroupToBackend", groupSaysIt},
	{"CKV_AWS_158", "AWS::Logs::LogGroup.LogGroup", "CloudWatch Logs encrypts every group; a key of one's own costs a dollar a month and the right to use it, and whoever may read the group may read either way"},
	{"CKV_AWS_26", "AWS::SNS::Topic.AlertsTopic", "the key that AWS manages for SNS keeps CloudWatch out, one of one's own costs a dollar a month, and what an alarm says goes out by e-mail"},

	{"CKV_AWS_260", "AWS::EC2::SecurityGroup.PublicSecurityGroup", "users reach the server on 80, for the proxy to send them on to 443"},
	{"CKV_AWS_260", "AWS::EC2::SecurityGroup.LoadBalancerSecurityGroup", "it is the public door, and 80 leads to 443"},
	{"CKV_AWS_88", "AWS::EC2::LaunchTemplate.FleetLaunchTemplate", "the subnets are public and have no NAT gateway, which costs more than the fleet; what reaches a node is the balancer alone"},
	{"CKV_AWS_18", "AWS::S3::Bucket.UploadsBucket", "access logs need a second bucket that grows for ever; only the machines' role may use this one, and its versions keep what was overwritten"},
	{"CKV_AWS_91", "AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancer", "access logs need a bucket that grows for ever; the app logs its requests, and alarms watch errors and slow answers"},
	{"CKV_AWS_31", "AWS::ElastiCache::ReplicationGroup.Cache", "the app's client, createClient({host, port}), sends no password, and only server and fleet reach it"},
	{"CKV_AWS_111", "AWS::IAM::Role.Role", "the SSM agent's reports on its own machine, as in AmazonSSMManagedInstanceCore, and the namespace of the metrics that it may put: neither takes a resource"},
}

const groupSaysIt = "a rule of one port and one source says all by itself, and its group's description says what for; the words would take room that the template needs"

// checkov finds nothing in the stages of two configurations and in every row of the table of moves, and in the same run what
// it is to find.
func TestCheckov(t *testing.T) {
	open := filepath.Join(t.TempDir(), "open.template.json")
	if err := os.WriteFile(open, []byte(`{"Resources": {"Open": {"Type": "AWS::S3::Bucket", "Properties": {}}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	files := []string{open}
	for _, g := range goldens() {
		files = append(files, g.path())
	}
	said := checkov(t, files...)
	ours := slices.DeleteFunc(slices.Clone(said), func(f finding) bool { return f.resource == "AWS::S3::Bucket.Open" })
	if len(ours) == len(said) {
		t.Error("a bucket that does not keep the public out is not found")
	}
	judge(t, ours, checkovExceptions)
}

// checkov returns everything that checkov says of templates. It asks nothing of the network.
func checkov(t *testing.T, files ...string) []finding {
	t.Helper()
	args := []string{"--framework", "cloudformation", "--quiet", "--output", "json", "--skip-download"}
	for _, file := range files {
		args = append(args, "--file", file)
		_ = read(t, file) // so that Go's cache of test results knows it
	}
	run := exec.Command(tooltest.Checkov(t), args...)
	run.Env = append(os.Environ(), "HOME="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1") // a person's own settings do not count
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if failed := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &failed) || failed.ExitCode() != 1) { // 1: it found something
		t.Fatalf("checkov: %v\n%s", err, stderr.String())
	}
	var said struct {
		Results struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				File     string `json:"file_path"`
				Resource string
			} `json:"failed_checks"`
		}
		Summary struct {
			Errors    int `json:"parsing_errors"`
			Resources int `json:"resource_count"`
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("checkov: %v\n%s%s", err, out, stderr.String())
	}
	if said.Summary.Errors > 0 || said.Summary.Resources == 0 {
		t.Fatalf("checkov read %d resources and failed to read %d files", said.Summary.Resources, said.Summary.Errors)
	}
	var findings []finding
	for _, f := range said.Results.Failed {
		findings = append(findings, finding{f.ID, f.Resource, f.File + ": " + f.Name})
	}
	return findings
}
