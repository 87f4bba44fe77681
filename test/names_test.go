package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
)

// kora adopt looks for every name that the stack gives by itself, in whatever stage, and for no other.
func TestAdoptKnowsTheNames(t *testing.T) {
	for name, c := range matrix() {
		given, known := map[string]bool{}, map[string]bool{}
		for _, s := range states(c) {
			for _, r := range must(t, s.context).Resources {
				if is, ok := r.Properties[nameProperty[r.Type]].(string); ok && nameProperty[r.Type] != "" {
					given[is] = true
				}
			}
			checked, err := config.FromContext(s.context)
			if err != nil {
				t.Fatal(err)
			}
			for _, taken := range adopt.Names(checked) {
				known[taken.Name] = true
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(given))); diff != "" {
			t.Errorf("%s (-adopt +templates):\n%s", name, diff)
		}
	}
}
