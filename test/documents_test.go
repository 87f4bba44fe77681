package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// agentSchema is the CloudWatch agent's own: amazon-cloudwatch-agent 1.300071, translator/config/schema.json, whose license
// stands beside it. No package registry has it.
const agentSchema = "testdata/amazon-cloudwatch-agent/schema.json"

// The agent takes its configuration, of every name and user; and the schema refuses what it would.
func TestAgentTakesItsConfiguration(t *testing.T) {
	for name, c := range matrix() {
		if said := refusedByAgent(t, agentText(t, must(t, c))); len(said) > 0 {
			t.Errorf("%s: %s", name, strings.Join(said, "; "))
		}
	}
	good := agentText(t, must(t, kora))
	for old, wrong := range map[string]string{
		`"publish_multi_logs":true`:  `"publish_multi_logs":"yes"`,
		`"publish_multi_logs":`:      `"publish_all_logs":`,
		`"drop_device":true`:         `"drop_device":1`,
		`"resources":["/"]`:          `"resources":"/"`,
		`"file_path":"/var/log/kora`: `"path":"/var/log/kora`,
	} {
		if text := strings.Replace(good, old, wrong, 1); text == good || len(refusedByAgent(t, text)) == 0 {
			t.Errorf("%s in place of %s is taken", wrong, old)
		}
	}
}

func refusedByAgent(t *testing.T, text string) (said []string) {
	t.Helper()
	python(t, tooltest.Jsonschema(t), "schema.py", "["+read(t, agentSchema)+","+text+"]", &said)
	return said
}

// step is one of a document's, as the SSM agent reads it (amazon-ssm-agent 3.3, agent/contracts/model.go).
type step struct {
	Action, Name string
	Inputs       json.RawMessage
}

// inputs are what a plugin of the SSM agent takes (agent/plugins/runscript/runscript.go and
// agent/plugins/configurepackage/configurepackage.go). The agent passes over a field that it does not know.
var inputs = map[string]func() any{
	"aws:runShellScript": func() any {
		return new(struct {
			RunCommand       []string
			WorkingDirectory string
			TimeoutSeconds   string
		})
	},
	"aws:configurePackage": func() any {
		return new(struct{ Name, Version, Action, InstallationType, AdditionalArguments, Source, Repository string })
	},
}

// The SSM agent finds in the documents all that they say: the schema that has plugins, plugins that it has, fields that these
// read, and a name of its own for each step.
func TestAgentTakesTheDocuments(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		for id, r := range tpl.Resources {
			if r.Type == "AWS::SSM::Document" {
				for _, fault := range documentFaults(t, tpl.at(id+"/Content")) {
					t.Errorf("%s: %s", id, fault)
				}
			}
		}
	})
}

var stepName = regexp.MustCompile(`^[a-zA-Z0-9_]{1,128}$`) // SSM documents, "Data elements and parameters": name

func documentFaults(t *testing.T, content any) (faults []string) {
	t.Helper()
	var document struct {
		SchemaVersion string
		Parameters    map[string]struct{ Type, Description, AllowedPattern string }
		MainSteps     []step
	}
	if err := strictly(t, content, &document); err != nil {
		return []string{err.Error()}
	}
	if document.SchemaVersion != "2.2" || len(document.MainSteps) == 0 {
		faults = append(faults, "no steps of schema 2.2")
	}
	seen := map[string]bool{}
	for _, s := range document.MainSteps {
		if seen[s.Name] || !stepName.MatchString(s.Name) {
			faults = append(faults, fmt.Sprintf("the name %q of a step is taken or none", s.Name))
		}
		seen[s.Name] = true
		plugin, known := inputs[s.Action]
		if !known {
			faults = append(faults, s.Action+" is no plugin")
			continue
		}
		if err := strictly(t, s.Inputs, plugin()); err != nil {
			faults = append(faults, s.Name+": "+err.Error())
		}
	}
	return faults
}

// strictly reads a value into another, and refuses what that has no place for.
func strictly(t *testing.T, value, into any) error {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	reader := json.NewDecoder(strings.NewReader(string(text)))
	reader.DisallowUnknownFields()
	return reader.Decode(into)
}

func TestFaultsOfDocumentsAreFound(t *testing.T) {
	for text, want := range map[string]string{
		`{"schemaVersion": "1.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {}}]}`:                     "2.2",
		`{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScripts", "name": "a", "inputs": {}}]}`:                    "no plugin",
		`{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a b", "inputs": {}}]}`:                   "name",
		`{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommands": []}}]}`:    "runCommands",
		`{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": "true"}}]}`: "RunCommand",
		`{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:configurePackage", "name": "a", "inputs": {"package": "x"}}]}`:     "package",
		`{"schemaVersion": "2.2", "steps": []}`: "steps",
	} {
		if said := strings.Join(documentFaults(t, json.RawMessage(text)), "; "); !strings.Contains(said, want) {
			t.Errorf("%s: %q, want %q", text, said, want)
		}
	}
}
