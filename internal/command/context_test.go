package command

import (
	"os"
	"strings"
	"testing"
)

// Every verb that reads the context reads the same: what the CDK command line would refuse, whichever file it stands in.
func TestVerbsReadOneContext(t *testing.T) {
	const fault = "context key maxCapacity: 0 is not allowed: it takes a whole number from 1 to 100\n"
	for _, file := range []string{"cdk.json", "cdk.context.json", "~/.cdk.json"} {
		for _, line := range []string{"cost single", "cost deployed", "diff single vertical", "diff deployed single", "local up", "local deploy single"} {
			t.Run(file+" "+line, func(t *testing.T) {
				emptyProject(t)
				text := `{"context": {"maxCapacity": 0}}`
				if file == "cdk.context.json" {
					text = `{"maxCapacity": 0}`
				}
				if err := os.WriteFile(strings.Replace(file, "~", os.Getenv("HOME"), 1), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				if _, stderr, code := kora(t, strings.Fields(line)...); code == 0 || !strings.Contains(stderr, fault) {
					t.Errorf("exit code %d, stderr %q, want %q in it", code, stderr, fault)
				}
			})
		}
	}
}
