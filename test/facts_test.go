package test

import (
	"slices"
	"strings"
	"testing"

	facts "github.com/korakagazindia/provisioner/internal/schema"
)

// What cfn-lint's copy of the schemas and kora's facts may disagree in.
const (
	onlyLint  = "cfn-lint: replaces, kora: not"
	onlyFacts = "kora: replaces, cfn-lint: not"
)

// factsExceptions are the disagreements of the two sources that stand. Kora's facts are those of the CDK's engine.
var factsExceptions = []exception{
	{onlyLint, "AWS::AutoScaling::AutoScalingGroup.LaunchConfigurationName", newNodes},
	{onlyLint, "AWS::AutoScaling::AutoScalingGroup.LaunchTemplate", newNodes},
	{onlyLint, "AWS::AutoScaling::AutoScalingGroup.MixedInstancesPolicy", newNodes},
	{onlyLint, "AWS::AutoScaling::AutoScalingGroup.VPCZoneIdentifier", newNodes},
	{onlyLint, "AWS::SNS::Subscription.Region", "kora calls it a possible replacement all the same (internal/schema/exceptions.go)"},
	{onlyFacts, "AWS::CertificateManager::Certificate.ValidationMethod", stricter},
	{onlyFacts, "AWS::EC2::EIP.Domain", "Update requires: Replacement (AWS::EC2::EIP, CloudFormation User Guide)"},
	{onlyFacts, "AWS::ElastiCache::ReplicationGroup.Engine", stricter},
	{onlyFacts, "AWS::ElastiCache::ReplicationGroup.NumNodeGroups", stricter},
	{onlyFacts, "AWS::ElastiCache::ReplicationGroup.ReplicasPerNodeGroup", stricter},
	{onlyFacts, "AWS::Route53::RecordSet.Name", "the schema has it as part of the identifier; Update requires: Replacement (AWS::Route53::RecordSet, Template Reference)"},
	{onlyFacts, "AWS::S3::Bucket.ObjectLockEnabled", stricter},
}

// stricter is a disagreement in which kora keeps to the worse answer, which is also that of the CDK's engine.
const stricter = "the older CloudFormation specification, which @aws-cdk/aws-service-spec takes in, has it as a replacement: the worse answer stands until AWS's page is clear"

// Two sources say the same of what replaces a resource, for every type of ours.
func TestFactsAgreeWithTheSchemas(t *testing.T) {
	folder := schemas(t)
	var findings []finding
	for _, resourceType := range ourTypes(t) {
		if !facts.Known(resourceType) {
			t.Errorf("no facts on %s: add it to internal/schema/types.txt and run go generate ./internal/schema", resourceType)
			continue
		}
		theirs := readSchema(t, folder, resourceType)
		replacing := append(topLevel(theirs.CreateOnlyProperties), topLevel(theirs.ConditionalCreateOnlyProperties)...)
		for _, property := range replacing {
			if effect := facts.Plain(resourceType, property); effect != facts.Replace && effect != facts.MayReplace {
				findings = append(findings, finding{onlyLint, resourceType + "." + property, string(effect)})
			}
		}
		for _, property := range facts.Replacing(resourceType) {
			if !slices.Contains(replacing, property) {
				findings = append(findings, finding{onlyFacts, resourceType + "." + property, ""})
			}
		}
	}
	judge(t, findings, factsExceptions)
}

// ourTypes lists every type that a template of ours holds.
func ourTypes(t *testing.T) []string {
	var all []string
	for _, c := range matrix() {
		for _, s := range states(c) {
			for _, r := range must(t, s.context).Resources {
				if !slices.Contains(all, r.Type) {
					all = append(all, r.Type)
				}
			}
		}
	}
	slices.SortFunc(all, strings.Compare)
	return all
}

// Both sources know which types are deleted before their replacement is made, of all types that kora has facts on.
func TestDeletesFirstAgreesWithTheSchemas(t *testing.T) {
	folder := schemas(t)
	for _, resourceType := range facts.Types() {
		theirs := readSchema(t, folder, resourceType).ReplacementStrategy == "delete_then_create"
		if ours := facts.DeletesFirst(resourceType); ours != theirs {
			t.Errorf("%s is deleted first: %t, in the schema: %t", resourceType, ours, theirs)
		}
	}
}
