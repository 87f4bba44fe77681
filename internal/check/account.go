package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// caller looks at who asks.
func caller(_ context.Context, l *looking) ([]Result, error) {
	who, err := l.caller()
	if err != nil {
		return nil, err
	}
	return []Result{judged(!strings.HasSuffix(who.ARN, ":root"), Warn, who.ARN, "account %s", who.Account)}, nil
}

// stackState looks whether CloudFormation would take a deploy.
func stackState(_ context.Context, l *looking) ([]Result, error) {
	stack, err := l.stack()
	if err != nil {
		return nil, err
	}
	name := l.Config.StackName()
	switch {
	case stack == nil:
		return []Result{is(Pass, name, "there is none yet: the deploy makes it")}, nil
	case stack.Status == "REVIEW_IN_PROGRESS":
		return []Result{is(Warn, name, "%s: nothing is made yet, and somebody's change set waits or waited; cdk deploy takes the stack over", stack.Status)}, nil
	case strings.HasSuffix(stack.Status, "_IN_PROGRESS"):
		return []Result{is(Fail, name, "%s: an operation is under way", stack.Status)}, nil
	case slices.Contains(begunAnew, stack.Status) && stack.Protected:
		return []Result{is(Fail, name, "%s: a first deploy failed; cdk deploy would delete what is left of it, and the stack is protected from that", stack.Status)}, nil
	case slices.Contains(begunAnew, stack.Status):
		return []Result{is(Warn, name, "%s: a first deploy failed; cdk deploy deletes what is left of it and begins anew", stack.Status)}, nil
	case strings.HasSuffix(stack.Status, "_FAILED"):
		return []Result{is(Fail, name, "%s: what failed last is not over, and comes before a deploy", stack.Status)}, nil
	}
	return []Result{is(Pass, name, "%s", stack.Status)}, nil
}

// Characters that CloudFormation takes of a template in a bucket, bytes of a standard parameter's value (CloudFormation User Guide,
// "Quotas"; Systems Manager User Guide, "Managing parameter tiers"), and how many left in a template are few.
const (
	bucketLimit    = 1 << 20
	parameterLimit = 4096
	few            = 500
)

// size looks at the template as it is sent, in YAML, and at the parameters in it.
func size(_ context.Context, l *looking) ([]Result, error) {
	length, most := cfn.Size(l.Template.Raw), cfn.Limit
	if l.Config.Bootstrapped {
		most = bucketLimit
	}
	verdict := Pass
	switch {
	case length > most:
		verdict = Fail
	case most-length < few:
		verdict = Warn
	}
	results := []Result{is(verdict, "", "%d of %d characters", length, most)}
	for _, r := range l.Template.OfType("AWS::SSM::Parameter") {
		if value, ok := r.Get("Value").(string); ok && len(value) > parameterLimit && r.Text("Tier") != "Advanced" {
			results = append(results, is(Fail, r.Text("Name"), "its value has %d bytes, and a standard parameter takes %d", len(value), parameterLimit))
		}
	}
	return results, nil
}

// names looks for what somebody else has named as the template names what it makes.
func names(ctx context.Context, l *looking) ([]Result, error) {
	own, err := l.resources()
	if err != nil {
		return nil, err
	}
	deployed := &template.Template{}
	if len(own) > 0 {
		if deployed, err = l.deployed(); err != nil {
			return nil, err
		}
	}
	made := map[string][]string{} // names of what is made, by type
	var results []Result
	for _, r := range l.Template.Resources {
		name := givenName(r)
		switch {
		case name == "":
		case own[r.ID] == "" || givenName(deployed.Resource(r.ID)) != name:
			made[r.Type] = append(made[r.Type], name)
		default:
			anew, err := l.replaces(r)
			if err != nil {
				return nil, err
			}
			if anew {
				results = append(results, is(Fail, name, "%s is made anew under the name that it has: CloudFormation refuses that", r.ID))
			}
		}
	}
	count := 0
	for _, kind := range account.NameKinds() {
		wanted := made[kind.Type]
		if len(wanted) == 0 {
			continue
		}
		there, err := l.Account.Names(ctx, kind, "/"+l.Config.Name)
		if err != nil {
			return results, err
		}
		count += len(wanted)
		for _, name := range wanted {
			if slices.Contains(there, name) {
				results = append(results, is(Fail, name, "another %s has that name, and is not the stack's", kind.Noun))
			}
		}
	}
	if len(results) == 0 {
		free := "nothing is made that has a name"
		if count > 0 {
			free = fmt.Sprintf("%d names are free", count)
		}
		results = append(results, is(Pass, "", "%s", free))
	}
	return results, nil
}

// givenName is the name that the template gives a resource, "" for one that CloudFormation names, and for none. What is replaced needs
// another one (CloudFormation Template Reference, "Name type").
func givenName(r *template.Resource) string {
	if r == nil {
		return ""
	}
	property := schema.NameProperty(r.Type)
	if property == "" {
		return ""
	}
	name, _ := r.Get(property).(string)
	return name
}

// serves reports whether the template has the server, and whether it has a fleet.
func (l *looking) serves() (server, fleet *template.Resource) {
	for _, r := range l.Template.OfType("AWS::EC2::Instance") {
		server = r
	}
	for _, r := range l.Template.OfType("AWS::AutoScaling::AutoScalingGroup") {
		fleet = r
	}
	return server, fleet
}
