package test

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/test/policy"
)

// machineOf is a machine of a configuration's stack, and what its role may do there.
func machineOf(t *testing.T, c *config.Config, tpl *template) (policy.Machine, policy.Policy) {
	t.Helper()
	m := policy.Machine{Region: c.Region, Account: "123456789012", Stack: c.StackName(), Name: c.Name, LogGroup: "logs"}
	switch c.Uploads {
	case "none":
	case "create":
		m.Bucket = "made-by-the-stack"
	default:
		m.Bucket = c.Uploads
	}
	rights, err := policy.FromTemplate(tpl.text, "Role", m.Values())
	if err != nil {
		t.Fatal(err)
	}
	return m, rights
}

// The role allows each call that scripts, agents and app make, and has no right that none of them needs: with any one taken
// away, one of them is refused.
func TestRightsAreThoseThatAreNeeded(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		m, rights := machineOf(t, c, tpl)
		for _, call := range m.Calls() {
			if err := rights.Decide(call); err != nil {
				t.Error(err)
			}
		}
		for right, less := range rights.Without() {
			needed := false
			for _, call := range m.Calls() {
				needed = needed || less.Decide(call) != nil
			}
			if !needed {
				t.Errorf("nothing needs %s", right)
			}
		}
	})
}

// What belongs to others stays theirs.
func TestRightsEnd(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		m, rights := machineOf(t, c, tpl)
		other := m
		other.Name, other.LogGroup, other.Bucket = m.Name+"-too", m.LogGroup+"-too", m.Bucket+"-too"
		calls := []policy.Call{
			m.Parameters("GetParameter", "/another/server"),
			m.Parameters("GetParametersByPath", "/"),
			m.Parameters("GetParametersByPath", "/"+m.Name+"-too"),
			m.Signal(m.Stack + "Too"),
			m.Signal("Another"),
			{Action: "cloudwatch:PutMetricData", Keys: map[string]string{"cloudwatch:namespace": "AWS/EC2"}},
			{Action: "cloudwatch:PutMetricData"},
			{Action: "ssm:PutParameter"},
			{Action: "s3:DeleteBucket", Resources: []string{"arn:aws:s3:::" + m.Bucket}},
		}
		for _, call := range other.Calls() {
			if len(call.Resources) > 0 && !strings.HasPrefix(call.Action, "cloudformation:") {
				calls = append(calls, call)
			}
		}
		for _, call := range calls {
			if rights.Decide(call) == nil {
				t.Errorf("may %s on %v", call.Action, call.Resources)
			}
		}
	})
}
