package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

const zoneIsConfiguration = "the zones are a fact of the configuration: synthesis makes no network call, and the account's own list would choose ap-south-1c, where t2 is not offered"

const nothingReplacesLogs = "only another name would replace it, and it has none of ours: UpdateReplacePolicy would take room for nothing"

var lintExceptions = []exception{
	{"W3010", "NetworkSubnet1", zoneIsConfiguration},
	{"W3010", "NetworkSubnet2", zoneIsConfiguration},
	{"W3010", "Server", "the zone of its subnet, as the configuration says: two lists in different orders fail here instead of going unnoticed"},
	{"I3011", "LogGroup", nothingReplacesLogs},
	{"W3011", "LogGroup", nothingReplacesLogs},
	{"I3011", "Cache", "it holds sessions only, which go with the fleet, as CloudFormation does unasked"},
}

// cfn-lint finds nothing, not even for information, in the goldens and in the fleets of all configurations. It runs once:
// each run spends half a second on its rules.
func TestTemplatesLint(t *testing.T) {
	var files []string
	for _, g := range goldens() {
		files = append(files, g.path())
	}
	dir := t.TempDir()
	for name, c := range matrix() {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".template.json")
		if err := os.WriteFile(file, must(t, c.and(rows("single")[3].changes)).text, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	judge(t, lint(t, files...), lintExceptions)
}

// lint returns everything that cfn-lint says of templates.
func lint(t *testing.T, files ...string) []finding {
	t.Helper()
	args := []string{"--format", "json", "--regions", "ap-south-1", "--include-checks", "I", "--"}
	command := exec.Command(tooltest.CfnLint(t), append(args, files...)...)
	command.Env = append(os.Environ(), "HOME="+t.TempDir()) // a person's own .cfnlintrc does not count
	var stderr strings.Builder
	command.Stderr = &stderr
	out, failure := command.Output() // its exit code is a sum of what it found
	var matches []struct {
		Filename, Message string
		Rule              struct{ ID string }
		Location          struct {
			Start struct{ LineNumber int }
			Path  []any
		}
	}
	if err := json.Unmarshal(out, &matches); err != nil {
		t.Fatalf("cfn-lint: %v: %v\n%s%s", failure, err, out, stderr.String())
	}
	var findings []finding
	for _, m := range matches {
		f := finding{m.Rule.ID, "the template", fmt.Sprintf("%s, line %d: %s", m.Filename, m.Location.Start.LineNumber, m.Message)}
		if len(m.Location.Path) > 1 {
			f.resource = fmt.Sprint(m.Location.Path[1])
		}
		findings = append(findings, f)
	}
	return findings
}
