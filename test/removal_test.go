package test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// What holds an address or data stays in the account, but not when its own creation is rolled back. The server goes with
// the stack, its disk stays (TestMachinesAreClosed); replaced, it stays too. A record that may have been live before the
// stack was stays in any case, and so does what a failed machine wrote. Everything else goes.
func TestRemovalPolicies(t *testing.T) {
	type policies struct{ Deletion, UpdateReplace string }
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		want := map[string]policies{"LogGroup": {"Retain", ""}}
		if c.ElasticIPAllocationID == "" && c.KeepElasticIP {
			want["Address"] = policies{"RetainExceptOnCreate", "Retain"}
		}
		if c.Uploads == "create" {
			want["UploadsBucket"] = policies{"RetainExceptOnCreate", "Retain"}
		}
		switch {
		case !c.HasServer():
		case c.AdoptedServer != nil: // which was live before the stack was, and its address on it
			want["Server"], want["AddressAssociation"] = policies{"RetainExceptOnCreate", "Retain"}, policies{"Retain", "Retain"}
		default:
			want["Server"] = policies{"Delete", "Retain"}
		}
		if c.ElasticIPAllocationID != "" {
			want["Record"] = policies{"Retain", "Retain"}
		}
		got := map[string]policies{}
		for id, r := range tpl.Resources {
			if p := (policies{r.DeletionPolicy, r.UpdateReplacePolicy}); p != (policies{}) {
				got[id] = p
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}
