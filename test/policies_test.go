package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
	"github.com/korakagazindia/provisioner/test/policy"
)

// policyExceptions are the findings on the machines' role that stand, by action.
var policyExceptions = []exception{
	{"RESOURCE_STAR", "ssm:DescribeDocument", theAgentsDocuments},
	{"RESOURCE_STAR", "ssm:GetDocument", theAgentsDocuments},
	{"RESOURCE_STAR", "ssm:UpdateAssociationStatus", theAgentsDocuments},
	{"RESOURCE_STAR", "ssm:UpdateInstanceAssociationStatus", theAgentsDocuments},
}

const theAgentsDocuments = "as in AmazonSSMManagedInstanceCore: the SSM agent fetches AWS's own documents beside the stack's, and reports on associations whose ids the template does not know"

// parliament and policy_sentry find nothing in what the machines' role may do, in all configurations.
func TestPolicies(t *testing.T) {
	all := map[string]policy.Policy{}
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		_, rights := machineOf(t, c, tpl)
		all[c.Name+", uploads "+c.Uploads] = rights
	})
	judge(t, policies(t, all), policyExceptions)
}

// What they are to find is found: an action that is not there, a resource that an action does not take, a fault of form.
func TestPoliciesAreJudged(t *testing.T) {
	wrong := map[string]policy.Policy{
		"UNKNOWN_ACTION":           {policy.Allow("ssm:GetParametersByPaths", "*")},
		"RESOURCE_OF_ANOTHER_FORM": {policy.Allow("s3:GetObject", "arn:aws:s3:::bucket")},
		"RESOURCE_MISMATCH":        {policy.Allow("s3:GetObject", "arn:aws:s3:::bucket")},
		"RESOURCE_STAR":            {policy.Allow("iam:PassRole", "*")},
	}
	said := policies(t, wrong)
	for rule, p := range wrong {
		if !slices.ContainsFunc(said, func(f finding) bool { return f.rule == rule && strings.HasPrefix(f.text, rule) }) {
			t.Errorf("%s was not found in %+v: %v", rule, p, said)
		}
	}
}

// policies returns all that the two say of policies by name.
func policies(t *testing.T, all map[string]policy.Policy) []finding {
	t.Helper()
	documents := map[string]any{}
	for name, p := range all {
		documents[name] = map[string]any{"Version": "2012-10-17", "Statement": p}
	}
	in, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	var said []struct{ Rule, Action, Text string }
	python(t, tooltest.Parliament(t), "policies.py", string(in), &said)
	var findings []finding
	for _, f := range said {
		findings = append(findings, finding{f.Rule, f.Action, f.Text})
	}
	return findings
}

// python runs a program of this folder and reads the JSON that it writes.
func python(t *testing.T, interpreter, program, in string, out any) {
	t.Helper()
	_ = read(t, program) // so that Go's cache of test results knows it
	run := exec.Command(interpreter, program)
	run.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "HOME="+t.TempDir())
	run.Stdin = strings.NewReader(in)
	var stderr strings.Builder
	run.Stderr = &stderr
	text, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, stderr.String())
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, text)
	}
}
