//go:build linux

package world

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/test/policy"
)

// cloudFormationAPI is CloudFormation, as far as a machine speaks to it.
var cloudFormationAPI = api{
	service: "cloudformation",
	address: "10.77.0.12",
	version: "2010-05-15",
	actions: map[string]action{"SignalResource": signalResource},
	call: func(s State, _ string, in input) policy.Call {
		return s.machine().Signal(in.form.Get("StackName"))
	},
}

// signalResource takes a signal for a resource of a stack that is being made or changed, and for no other. The messages
// are CloudFormation's where one was found (aws-cloudformation-templates #34); a machine can rely on the code only.
func signalResource(w *World, in input) (any, *failure) {
	if failed := required(in.form, "StackName", "LogicalResourceId", "UniqueId", "Status"); failed != nil {
		return nil, failed
	}
	name, resource, status := in.form.Get("StackName"), in.form.Get("LogicalResourceId"), in.form.Get("Status")
	s := w.read()
	if arn := strings.Split(name, "/"); strings.HasPrefix(name, "arn:") && len(arn) > 1 {
		name = arn[1]
	}
	stack, known := s.Stacks[name]
	if stack.Status == "" {
		stack.Status = "CREATE_IN_PROGRESS"
	}
	switch {
	case status != "SUCCESS" && status != "FAILURE":
		return nil, invalid("1 validation error detected: Value '" + status + "' at 'status' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [FAILURE, SUCCESS]")
	case !known:
		return nil, invalid("Stack [" + name + "] does not exist")
	case !strings.HasSuffix(stack.Status, "_IN_PROGRESS"):
		arn := "arn:aws:cloudformation:" + s.Metadata.Region + ":" + account + ":stack/" + name
		return nil, invalid("Stack " + arn + "/00000000-0000-0000-0000-000000000000 is in " + stack.Status + " state and cannot be signaled")
	case !slices.Contains(stack.Resources, resource):
		return nil, invalid("Resource " + resource + " does not exist for stack " + name)
	}
	w.records.addSignal(Signal{Time: time.Now(), Stack: name, Resource: resource, UniqueID: in.form.Get("UniqueId"), Status: status})
	return nil, nil
}

// required refuses a form that lacks a field.
func required(form url.Values, names ...string) *failure {
	for _, name := range names {
		if form.Get(name) == "" {
			return invalid("1 validation error detected: Value null at '" + strings.ToLower(name[:1]) + name[1:] +
				"' failed to satisfy constraint: Member must not be null")
		}
	}
	return nil
}

func invalid(message string) *failure { return &failure{400, "ValidationError", message} }
