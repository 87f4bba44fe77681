package status

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/template"
)

// settled is a configuration of the committed templates'.
func settled(t *testing.T, edits ...string) *config.Config {
	t.Helper()
	context := map[string]any{}
	for _, edit := range edits {
		key, value, _ := strings.Cut(edit, "=")
		context[key] = value
	}
	c, err := config.FromContext(context)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The position is told by the template alone: each row's, each stage's, an adopted server's, and what fits none.
func TestDeployed(t *testing.T) {
	c := settled(t)
	for file, want := range map[string]string{
		"single": "single", "vertical": "vertical", "adopted/single": "single",
		"moves/1-build-and-prove": "row 1, build and prove", "moves/2-through-the-balancer": "row 2, through the balancer",
		"moves/3-canary": "row 3, canary", "moves/4-fleet": "row 4, fleet", "moves/5-clean-up": "row 5, clean up",
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "test", "testdata", "templates", filepath.FromSlash(file)+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		read, err := template.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := positionOf(read, c).String(); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
		if server := read.Resource(serverID); server != nil && file == "single" {
			server.Properties["InstanceType"] = "t3.medium"
			if p := positionOf(read, c); p.Fits() || p.ServerType != "t3.medium" {
				t.Errorf("a server of another type: %s", p)
			}
		}
	}
}

// Where a plan leads to what cdk.json says, it is next, and else the diff; where cdk.json leads nowhere, the next edit; after an import
// the join.
func TestNewRow(t *testing.T) {
	single, vertical := settled(t, "stage=single"), settled(t, "stage=vertical")
	canary, fleet := settled(t, moves.Rows(config.KeepSingle)[2].Edit()...), settled(t, moves.Rows(config.KeepSingle)[3].Edit()...)
	for _, test := range []struct {
		name   string
		at     moves.Position
		joined bool
		c      *config.Config
		want   Row
	}{
		{"as it says", moves.Of(single), true, single, Row{"single", "single", true, true, "stage=vertical when one t2.micro is too small"}},
		{"elsewhere", moves.Of(single), true, vertical, Row{"single", "vertical", false, true, "kora plan vertical"}},
		{"nothing", moves.Position{}, true, single, Row{"nothing", "single", false, true, "kora plan single"}},
		{"a later row", moves.Of(canary), true, fleet, Row{"row 3, canary", "row 4, fleet", false, true, "kora plan horizontal"}},
		{"an earlier row, to which no plan leads", moves.Of(fleet), true, canary, Row{"row 4, fleet", "row 3, canary", false, true, "kora diff deployed horizontal"}},
		{"back to a server", moves.Of(fleet), true, single, Row{"row 4, fleet", "single", false, true, "kora plan single"}},
		{"imported", moves.Of(single), false, single, Row{"single, imported and not joined yet", "single", false, true, "kora diff deployed single"}},
		{"another type", moves.Position{ServerType: "t3.medium"}, true, single,
			Row{"a server of t3.medium, which is neither single's type nor vertical's", "single", false, false, "kora diff deployed single"}},
	} {
		if got := *newRow(test.at, test.joined, test.c); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
