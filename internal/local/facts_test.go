package local

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
)

// What cdk.json has come to say after the emulator was seeded is not replaced.
func TestFactsStandForWhatWasSaidThen(t *testing.T) {
	state := &emulator.State{
		Context: map[string]any{"vpcId": "vpc-1", "availabilityZones": []any{"a", "b"}, "elasticIpAllocationId": "eipalloc-1"},
		Facts: map[string]string{"vpcId": "vpc-2", "availabilityZones": "a,b", "elasticIpAllocationId": "", "imageId": "ami-2",
			"certificateArn": "arn-2"},
	}
	context := map[string]any{"vpcId": "vpc-1", "availabilityZones": []any{"a", "b"}, "elasticIpAllocationId": "eipalloc-9", "certificateArn": "arn-9"}
	got := facts(&project.Project{Context: context}, state)
	want := map[string]string{"vpcId": "vpc-2", "availabilityZones": "a,b", "imageId": "ami-2"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// After kora adopt --write cdk.json says all of it, and what was left out before is not left out any more.
func TestFactsEndWithTheAdoptedServer(t *testing.T) {
	state := &emulator.State{Context: map[string]any{"elasticIpAddress": "a"}, Facts: map[string]string{"elasticIpAddress": "", "imageId": "ami-2"}}
	p := &project.Project{Context: map[string]any{"elasticIpAddress": "a", "adoptedServer": map[string]any{"instanceId": "i-1"}}}
	if got := facts(p, state); len(got) > 0 || got == nil { // deploy adds to it
		t.Errorf("facts %v", got)
	}
}

func TestReplaced(t *testing.T) {
	context := map[string]any{"vpcId": "vpc-1", "availabilityZones": []any{"a", "b"}, "hostedZoneName": "example.com", "elasticIpAllocationId": ""}
	got := replaced(context, map[string]string{"vpcId": "vpc-2", "availabilityZones": "a,b", "imageId": "ami-2", "databaseSecurityGroupId": "sg-2",
		"hostedZoneName": "", "elasticIpAllocationId": ""})
	want := []string{
		"cdk.json's own has another id in the emulator: vpcId=vpc-2 instead of vpc-1",
		"seeded, and not in cdk.json: databaseSecurityGroupId=sg-2, imageId=ami-2",
		"left out of cdk.json's, as beside a live server (docs/way-in.md): hostedZoneName",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
