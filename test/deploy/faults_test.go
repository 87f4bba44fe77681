package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/korakagazindia/provisioner/internal/emulator"
)

// Each operation of each step of the life fails once, before it took effect and after. What stood before stands again,
// nothing new is left, and the same step succeeds when it is tried again.
func TestFaults(t *testing.T) {
	a := newAccount(t)
	a.everyFault(a.zoned().and(revision("one")), "", life())
}

// The same from the server made by hand on, up to the canary.
func TestFaultsFromHandMade(t *testing.T) {
	a, base := newHandMade(t, emulator.Models{LiveRecord: "take"})
	a.standsBeside(base)
	a.mustHandOver(base)
	a.mustDeploy(template(t, base.and(single.changes)))
	a.everyFault(base, template(t, base.and(single.changes)), []step{vertical, row(1, "vertical"), row(2, "vertical"), row(3, "vertical"), row(4, "vertical"), row(5, "vertical"), row(4, "vertical")})
}

// everyFault plays the steps, and each fault of each of them, from the template on that stands, "" for none. Users of what stands
// lose no request, but in the pauses that kora diff announces for the step itself.
func (a *account) everyFault(base values, stands string, steps []step) {
	a.Helper()
	tried := 0
	u := newAudience(a)
	for _, s := range steps {
		u.pausing(stands, template(a.T, base.and(s.changes)))
		before := a.checkpoint()
		a.mustDeploy(template(a.T, base.and(s.changes)))
		for _, operation := range a.operations() {
			for _, when := range []string{"before", "after"} {
				a.must(cloud.Restore(a.Context(), before))
				u.fault(s, base, operation, when)
				tried++
			}
		}
		a.must(cloud.Restore(a.Context(), before))
		stands = template(a.T, base.and(s.changes))
		a.mustDeploy(stands)
		if a.Failed() {
			break // what follows would only say the same again
		}
	}
	a.Logf("%d faults tried", tried)
}

func (a *account) checkpoint() string {
	a.Helper()
	return got[string](a)(cloud.Checkpoint(a.Context()))
}

// operation is what CloudFormation did to a resource: create, update or delete.
type operation struct{ verb, logicalID string }

// operations are those of the last deploy.
func (a *account) operations() []operation {
	a.Helper()
	var all []operation
	seen := map[operation]bool{}
	for _, event := range a.events() {
		logicalID, status, _ := strings.Cut(event, " ")
		verb, begins := strings.CutSuffix(status, "_IN_PROGRESS")
		o := operation{strings.ToLower(verb), logicalID}
		if begins && !seen[o] {
			seen[o] = true
			all = append(all, o)
		}
	}
	return all
}

// fault makes one operation of a step fail, and looks at what is left, and at the next try.
func (a *audience) fault(s step, base values, o operation, when string) {
	a.Helper()
	name := fmt.Sprintf("%s, %s the %s of %s", s.name, when, o.verb, o.logicalID)
	before := a.see()
	a.must(cloud.Fault(a.Context(), emulator.Fault{Operation: o.verb, LogicalID: o.logicalID, When: when, Times: 1}))
	status := a.watched(name, template(a.T, base.and(s.changes)))
	if pending := got[[]emulator.Fault](a.account)(cloud.Faults(a.Context())); len(pending) > 0 {
		a.Errorf("%s: the fault did not happen", name)
	}
	if o.verb == "delete" { // CloudFormation tries again
		if status != types.StackStatusUpdateComplete {
			a.Errorf("%s: the stack is %s", name, status)
		}
		a.finds(s)
		return
	}
	switch status {
	case types.StackStatusRollbackComplete:
	case types.StackStatusUpdateRollbackComplete:
	default:
		a.Errorf("%s: the stack is %s: %s", name, status, strings.Join(a.faults(), "; "))
	}
	if changed := a.changedSince(before); len(changed) > 0 {
		a.Errorf("%s is not undone:\n%s", name, strings.Join(changed, "\n"))
	}
	if status == types.StackStatusRollbackComplete {
		a.destroy() // what is left of a stack that never was, as the command line does before it deploys again
	}
	if status := a.deploy(template(a.T, base.and(s.changes))); status != types.StackStatusUpdateComplete && status != types.StackStatusCreateComplete {
		a.Errorf("%s: the next try is %s: %s", name, status, strings.Join(a.faults(), "; "))
	}
	a.finds(s)
}

// changedSince lists what is not as it was, without the three things that a rollback leaves, none of which serves anybody: the
// root volume of a new server, which the README names with the command that ends it, the record that validated a certificate,
// and the log group with a failed machine's last lines.
func (a *account) changedSince(before world) []string {
	a.Helper()
	after := a.see()
	maps.DeleteFunc(after["log group"], func(name string, _ any) bool { return before["log group"][name] == nil })
	maps.DeleteFunc(after["record"], func(name string, _ any) bool {
		_, known := before["record"][name]
		return !known && strings.HasPrefix(name, "_")
	})
	if slices.Contains(a.events(), "Server DELETE_COMPLETE") {
		for id, said := range after["volume"] {
			attached, _ := said.(map[string]any)["Attachments"].([]any)
			if _, known := before["volume"][id]; !known && len(attached) == 0 {
				delete(after["volume"], id)
				break
			}
		}
	}
	return differences(before, after)
}

// fails makes the next create of a resource fail once it took effect.
func (a *account) fails(logicalID string) {
	a.Helper()
	a.must(cloud.Fault(a.Context(), emulator.Fault{Operation: "create", LogicalID: logicalID, When: "after", Times: 1}))
}

func anyPrefix(line string, kinds []string) bool {
	return slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(line, kind+" ") })
}
