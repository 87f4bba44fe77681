package advise

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/korakagazindia/provisioner/internal/golden"
)

// docs/advise.md has the triggers and the definitions.
func TestDocs(t *testing.T) {
	words := map[bool]string{true: "decides", false: "supports"}
	triggers := "| code | to | trigger | it |\n|---|---|---|---|\n"
	seen := map[string]bool{}
	for _, stage := range []string{"single", "vertical"} {
		i := input(t, stage)
		for _, one := range i.triggers() {
			if !seen[one.Code] {
				triggers += fmt.Sprintf("| `%s` | `%s` | %s | %s |\n", one.Code, one.Move, one.words(), words[one.Decides])
			}
			seen[one.Code] = true
		}
	}
	definitions := "| name | default | unit | what |\n|---|---:|---|---|\n"
	for _, d := range All() {
		definitions += fmt.Sprintf("| `%s` | %s | %s | %s |\n", d.Name, strconv.FormatFloat(d.Default, 'f', -1, 64), d.Unit, d.What)
	}
	file := filepath.Join("..", "..", "docs", "advise.md")
	for name, table := range map[string]string{"triggers": triggers, "definitions": definitions} {
		golden.Section(t, file, "<!-- "+name+": go test ./internal/advise -run TestDocs -update -->", "<!-- end of "+name+" -->", "\n"+table+"\n")
	}
}
