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
	{onlyLint, "AWS::EC2::NetworkInterface.ConnectionTrackingSpecification", possible},
	{onlyLint, "AWS::EC2::NetworkInterface.EnablePrimaryIpv6", possible},
	{onlyLint, "AWS::ElastiCache::CacheCluster.IpDiscovery", possible},
	{onlyLint, "AWS::ElastiCache::ServerlessCache.ConnectionType", possible},
	{onlyLint, "AWS::Lambda::Function.DurableConfig", possible},
	{onlyLint, "AWS::Route53::HostedZone.DelegationSetId", possible},
	{onlyFacts, "AWS::ECS::Service.DeploymentController", stricter},
	{onlyFacts, "AWS::ElastiCache::CacheCluster.AZMode", stricter},
	{onlyFacts, "AWS::ElastiCache::CacheCluster.NumCacheNodes", stricter},
	{onlyFacts, "AWS::ElastiCache::CacheCluster.PreferredAvailabilityZone", stricter},
	{onlyFacts, "AWS::RDS::DBInstance.Port", stricter},
	{onlyFacts, "AWS::RDS::DBInstance.StorageType", stricter},
	{onlyLint, "AWS::SNS::Subscription.Region", possible},
	{onlyFacts, "AWS::CertificateManager::Certificate.ValidationMethod", stricter},
	{onlyFacts, "AWS::EC2::EIP.Domain", "Update requires: Replacement (AWS::EC2::EIP, CloudFormation User Guide)"},
	{onlyFacts, "AWS::ElastiCache::ReplicationGroup.Engine", stricter},
	{onlyFacts, "AWS::ElastiCache::ReplicationGroup.NumNodeGroups", stricter},
	{onlyFacts, "AWS::ElastiCache::ReplicationGroup.ReplicasPerNodeGroup", stricter},
	{onlyFacts, "AWS::Route53::RecordSet.Name", "the schema has it as part of the identifier; Update requires: Replacement (AWS::Route53::RecordSet, Template Reference)"},
	{onlyFacts, "AWS::S3::Bucket.ObjectLockEnabled", stricter},
}

// possible is a disagreement in which kora says that it may be replaced.
const possible = "kora calls it a possible replacement all the same (internal/schema/exceptions.go)"

// stricter is a disagreement in which kora keeps to the worse answer, which is also that of the CDK's engine.
const stricter = "the older CloudFormation specification, which @aws-cdk/aws-service-spec takes in, has it as a replacement: the worse answer stands until AWS's page is clear"

// There are facts on every type of ours.
func TestFactsAreThere(t *testing.T) {
	for _, resourceType := range ourTypes(t) {
		if !facts.Known(resourceType) {
			t.Errorf("no facts on %s: add it to internal/schema/types.txt and run go generate ./internal/schema", resourceType)
		}
	}
}

// What the second source calls create-only below the top level is never called an update.
func TestFactsBelowTheTop(t *testing.T) {
	folder := schemas(t)
	for _, resourceType := range facts.Types() {
		theirs := readSchema(t, folder, resourceType)
		for _, path := range append(theirs.CreateOnlyProperties, theirs.ConditionalCreateOnlyProperties...) {
			names := strings.Split(strings.TrimPrefix(path, "/properties/"), "/")
			from, to := any("a"), any("b")
			for _, name := range slices.Backward(names[1:]) {
				from, to = beside(name, from), beside(name, to)
			}
			effect, _ := facts.Of(resourceType, names[0], from, to)
			if len(names) > 1 && !slices.Contains([]facts.Effect{facts.Replace, facts.MayReplace, facts.Refuse}, effect) {
				t.Errorf("%s %s: %s", resourceType, path, effect)
			}
		}
	}
}

// beside is a value in a map under that name, or in a list for "*".
func beside(name string, value any) any {
	if name == "*" {
		return []any{value}
	}
	return map[string]any{name: value}
}

// Two sources say the same of what replaces a resource, for every type that the facts hold.
func TestFactsAgreeWithTheSchemas(t *testing.T) {
	folder := schemas(t)
	var findings []finding
	for _, resourceType := range facts.Types() {
		theirs := readSchema(t, folder, resourceType)
		replacing := append(topLevel(theirs.CreateOnlyProperties), topLevel(theirs.ConditionalCreateOnlyProperties)...)
		for _, property := range replacing {
			below := slices.Contains(topLevel(theirs.CreateOnlyProperties), property) && !slices.Contains(theirs.CreateOnlyProperties, "/properties/"+property)
			if effect := facts.Plain(resourceType, property); !below && effect != facts.Replace && effect != facts.MayReplace {
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
