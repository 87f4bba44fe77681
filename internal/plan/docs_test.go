package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/plan"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// The table that people read is the one that the program has.
func TestStepsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| code | what the step is for | which parts have it |\n|---|---|---|\n")
	for _, kind := range plan.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind.Code, page.Cell(kind.Does), page.Cell(kind.When))
	}
	golden.Section(t, filepath.Join("..", "..", "docs", "plan.md"), "<!-- steps: go test ./internal/plan -run TestStepsAreDocumented -update -->",
		"<!-- end of steps -->", b.String()+"\n")
}

// A plan counts a deploy as docs/durations.md does.
func TestDurations(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "durations.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(text)), " ")
	for _, test := range []struct {
		from  plan.Place
		to    stage.Stage
		takes string // of the first deploy
		words string
	}{
		{plan.Nothing, stage.Single, "about 15 min", "a quarter of an hour for a first `single`"},
		{plan.Single, stage.Vertical, "about 5 min", "five minutes for the move to `vertical`"},
		{plan.Single, stage.Horizontal, "about 30 min", "half an hour for the first row of the move to the fleet"},
		{plan.Row(2), stage.Horizontal, "about 5 min", "minutes for each row after it"},
	} {
		if !strings.Contains(page, test.words) {
			t.Errorf("the page does not say %q", test.words)
		}
		for _, s := range planned(t, test.from, test.to, nil).Parts[0].Steps {
			if s.Code == "deploy" && !strings.HasPrefix(s.Takes, test.takes) {
				t.Errorf("from %s to %s it takes %s, and %q on the page", test.from, test.to, s.Takes, test.words)
			}
		}
	}
}
