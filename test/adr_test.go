package test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	decisionFile    = regexp.MustCompile(`^(\d{4})-[a-z0-9-]+\.md$`)
	decisionHeading = regexp.MustCompile(`(?m)^## (.+)$`)
)

// The list of decisions has each of them, in order and by its title, and each has the same four parts.
func TestDecisionsAreListed(t *testing.T) {
	files, err := filepath.Glob(root("docs", "adr", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	var want []string
	for _, file := range files {
		name := filepath.Base(file)
		if name == "README.md" {
			continue
		}
		number := len(want) + 1
		if match := decisionFile.FindStringSubmatch(name); match == nil || match[1] != fmt.Sprintf("%04d", number) {
			t.Errorf("%s: not the name of decision %d", name, number)
		}
		text := read(t, file)
		title, _, _ := strings.Cut(text, "\n")
		if !strings.HasPrefix(title, fmt.Sprintf("# %d. ", number)) {
			t.Errorf("%s: the title is %q", name, title)
		}
		var parts []string
		for _, match := range decisionHeading.FindAllStringSubmatch(text, -1) {
			parts = append(parts, match[1])
		}
		if diff := cmp.Diff(parts, []string{"Status", "Context", "Decision", "Consequences"}); diff != "" {
			t.Errorf("%s: parts (-got +want):\n%s", name, diff)
		}
		want = append(want, fmt.Sprintf("- [%s](%s)", strings.TrimPrefix(title, "# "), name))
	}
	var got []string
	for line := range strings.Lines(read(t, root("docs", "adr", "README.md"))) {
		if strings.HasPrefix(line, "- ") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("docs/adr/README.md (-got +want):\n%s", diff)
	}
}
