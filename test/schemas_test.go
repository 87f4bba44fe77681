package test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// What the schema of a type and our table may disagree in.
const (
	onlyOurs    = "replaces only here"
	onlyTheirs  = "replaces only in the schema"
	conditional = "may replace, in the schema"
)

const (
	backedByEBS = "in place with a stop and a start, since the server is EBS-backed (AWS::EC2::Instance, Template Reference)"
	newNodes    = "the group stays; its nodes change as the UpdatePolicy says, which has no WillReplace (UpdatePolicy attribute, Template Reference)"
)

// schemaExceptions are the disagreements that stand, with the page that decides.
var schemaExceptions = []exception{
	{onlyOurs, "AWS::EC2::EIP.Domain", "Update requires: Replacement (AWS::EC2::EIP, CloudFormation User Guide)"},
	{onlyOurs, "AWS::Route53::RecordSet.Name", "the schema has it as part of the identifier; Update requires: Replacement (AWS::Route53::RecordSet, Template Reference)"},
	{conditional, "AWS::EC2::Instance.EbsOptimized", backedByEBS},
	{conditional, "AWS::EC2::Instance.InstanceType", backedByEBS},
	{conditional, "AWS::EC2::Instance.SecurityGroupIds", "in place, since the server is in a VPC and its groups stand on no NetworkInterfaces (AWS::EC2::Instance, Template Reference)"},
	{conditional, "AWS::EC2::Instance.UserData", backedByEBS},
	{conditional, "AWS::AutoScaling::AutoScalingGroup.LaunchConfigurationName", newNodes},
	{conditional, "AWS::AutoScaling::AutoScalingGroup.LaunchTemplate", newNodes},
	{conditional, "AWS::AutoScaling::AutoScalingGroup.MixedInstancesPolicy", newNodes},
	{conditional, "AWS::AutoScaling::AutoScalingGroup.VPCZoneIdentifier", newNodes},
}

// The table of what replaces a resource is what CloudFormation's registry says, as cfn-lint brings it along, but for
// exceptions.
func TestCreateOnlyAgreesWithTheSchemas(t *testing.T) {
	folder := schemas(t)
	var findings []finding
	for resourceType, ours := range createOnly {
		theirs := readSchema(t, folder, resourceType)
		disagree := func(how string, properties []string, with ...string) {
			for _, property := range properties {
				if !slices.Contains(with, property) {
					findings = append(findings, finding{how, resourceType + "." + property, "see createOnly"})
				}
			}
		}
		always, sometimes := topLevel(theirs.CreateOnlyProperties), topLevel(theirs.ConditionalCreateOnlyProperties)
		disagree(onlyOurs, ours, append(always, sometimes...)...)
		disagree(onlyTheirs, always, ours...)
		disagree(conditional, sometimes, ours...)
	}
	judge(t, findings, schemaExceptions)
}

// schema is the part of a type's schema that is about replacement, as JSON pointers.
type schema struct {
	CreateOnlyProperties, ConditionalCreateOnlyProperties []string
	ReplacementStrategy                                   string // "" is create_then_delete

	Handlers map[string]struct{ Permissions []string } // by create, read, update, delete, list
}

// topLevel returns the properties that JSON pointers such as /properties/Name name.
func topLevel(pointers []string) []string {
	var names []string
	for _, pointer := range pointers {
		names = append(names, strings.Split(pointer, "/")[2])
	}
	return names
}

// schemas is the folder of the schemas that come with cfn-lint.
func schemas(t *testing.T) string {
	t.Helper()
	venv := filepath.Dir(filepath.Dir(tooltest.CfnLint(t)))
	folders, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages", "cfnlint", "data", "schemas"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("cfn-lint's schemas: got %v, %v, want one folder", folders, err)
	}
	return folders[0]
}

// readSchema finds a type's schema by the region's list, which names it by a hash.
func readSchema(t *testing.T, folder, resourceType string) schema {
	t.Helper()
	var hashes map[string]string
	parse(t, filepath.Join(folder, "providers", "ap-south-1.json"), &hashes)
	var s schema
	parse(t, filepath.Join(folder, "resources", hashes[resourceType]+".json"), &s)
	return s
}

func parse(t *testing.T, file string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, file)), to); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
