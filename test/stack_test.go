package test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// deployed is how the CDK command line deploys a stack, by the assembly's manifest: its name, where, and how, and what else
// is in the assembly.
func deployed(t *testing.T, c context) (name string, properties map[string]any, others []string) {
	t.Helper()
	var manifest struct {
		Artifacts map[string]struct {
			Type        string
			Environment string
			Properties  map[string]any
		}
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(must(t, c).directory, "manifest.json"))), &manifest); err != nil {
		t.Fatal(err)
	}
	for id, artifact := range manifest.Artifacts {
		switch artifact.Type {
		case "aws:cloudformation:stack":
			name, properties = id+" in "+artifact.Environment, artifact.Properties
		case "cdk:feature-flag-report":
		default:
			others = append(others, artifact.Type)
		}
	}
	return name, properties, others
}

// One stack, protected, tagged as a whole, and deployed with the caller's own rights: a role of the bootstrap's would have
// to be there.
func TestStack(t *testing.T) {
	for _, test := range []struct {
		name          string
		context       context
		stack         string
		protected     bool
		app, template string
	}{
		{"single", kora, "KoraBackend in aws://unknown-account/ap-south-1", false, "kora-backend", "KoraBackend.template.json"},
		{"horizontal", fleet(context{"region": "eu-west-1", "availabilityZones": "eu-west-1a,eu-west-1b"}), "KoraBackend in aws://unknown-account/eu-west-1", false, "kora-backend", "KoraBackend.template.json"},
		{"another name", existing, "ShopApi in aws://unknown-account/ap-south-1", false, "shop-api", "ShopApi.template.json"},
		{"after the first deploy", kora.and(context{"terminationProtection": true}), "KoraBackend in aws://unknown-account/ap-south-1", true, "kora-backend", "KoraBackend.template.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, got, others := deployed(t, test.context)
			want := map[string]any{
				"templateFile": test.template, "terminationProtection": test.protected, "validateOnSynth": false,
				"tags": map[string]any{"App": test.app, "ManagedBy": "aws-cdk"},
			}
			if diff := cmp.Diff(got, want); diff != "" || name != test.stack {
				t.Errorf("%s, want %s (-got +want):\n%s", name, test.stack, diff)
			}
			if others != nil {
				t.Errorf("the assembly holds %v", others)
			}
			if got := must(t, test.context).whole["Description"]; got != test.app+": one backend, from a single server to a fleet" {
				t.Errorf("described as %q", got)
			}
		})
	}
}

// CloudFormation hands the stack's tags down. On each resource they would fill a tenth of the template, and a change of
// the address's own would associate it anew.
func TestTagsStandOnTheStackAlone(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for id := range tpl.Resources {
			for _, key := range []string{"App", "ManagedBy"} {
				if holds(tpl.at(id), map[string]any{"Key": key}) {
					t.Errorf("%s carries the tag %s itself", id, key)
				}
			}
		}
	})
}

// In a bootstrapped account the same resources come by way of its bucket and its roles.
func TestBootstrapped(t *testing.T) {
	c := fleet(context{"bootstrapped": true})
	if diff := cmp.Diff(difference(must(t, fleet(nil)), must(t, c)), []string(nil)); diff != "" {
		t.Errorf("resources (-got +want):\n%s", diff)
	}
	_, got, others := deployed(t, c)
	if got["cloudFormationExecutionRoleArn"] == nil || got["stackTemplateAssetObjectUrl"] == nil {
		t.Errorf("the stack does not come by way of the bootstrap: %v", got)
	}
	if diff := cmp.Diff(others, []string{"cdk:asset-manifest"}); diff != "" {
		t.Errorf("the assembly also holds (-got +want):\n%s", diff)
	}
}

// Nothing but the configuration says where the stack is.
func TestAnotherRegion(t *testing.T) {
	c := fleet(context{"region": "eu-west-1", "availabilityZones": "eu-west-1a,eu-west-1b"})
	tpl := must(t, c)
	if strings.Contains(string(tpl.text), "ap-south-1") {
		t.Error("the template of eu-west-1 names ap-south-1")
	}
	for path, want := range map[string]string{"Server/AvailabilityZone": `"eu-west-1a"`, "NetworkSubnet2/AvailabilityZone": `"eu-west-1b"`} {
		expect(t, path, tpl.at(path), want)
	}
}
