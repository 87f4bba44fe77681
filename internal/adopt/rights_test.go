package adopt_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/local"
)

// What docs/permissions.md gives kora adopt is what it calls, of a server that has all there is to ask about, and nothing else.
func TestReadingCallsWhatItMay(t *testing.T) {
	p := owner(t, local.HandMade{Profile: "uploader", UserData: "#!/bin/sh\n"})
	p.decides(adopt.Choices{})
	p.reads(p.instance()) // by its id, too
	called := map[string]bool{}
	for name := range p.calls.names {
		if action := asked(name); action != "sts:GetCallerIdentity" { // which needs no right
			called[action] = true
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "permissions.md"))
	p.must(err)
	row := regexp.MustCompile("(?m)^\\| `kora adopt` \\| (.*) \\|$").FindSubmatch(page)
	if row == nil {
		t.Fatal("docs/permissions.md has no row of kora adopt")
	}
	given := map[string]bool{}
	for action := range strings.SplitSeq(string(row[1]), ", ") {
		given[action] = true
	}
	// Of a stack that is not there nothing is listed.
	delete(given, "cloudformation:ListStackResources")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(called)), slices.Sorted(maps.Keys(given))); diff != "" {
		t.Errorf("(-called +given):\n%s", diff)
	}
}
