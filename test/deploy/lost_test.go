package deploy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/emulator"
)

// spoiled is a template with something changed: a resource by its id.
func spoiled(t *testing.T, text, id string, change func(resource map[string]any)) string {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal([]byte(text), &whole); err != nil {
		t.Fatal(err)
	}
	resource, _ := whole["Resources"].(map[string]any)[id].(map[string]any)
	if resource == nil {
		t.Fatalf("there is no %s", id)
	}
	change(resource)
	made, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(made)
}

// Each way of doing it wrong loses requests, and the audience sees where; done right, the same loses none (TestNobodyIsLost).
func TestWhatIsWrongLosesRequests(t *testing.T) {
	quick := func(text string) string { // a fleet that nobody waits for
		return spoiled(t, text, "Fleet", func(r map[string]any) { delete(r, "CreationPolicy") })
	}
	tests := []struct {
		name     string
		before   []step // deployed in order
		machines emulator.Machines
		to       func(base values) string
		at       []string // after which requests are lost
		who      string   // some of those who lose them
	}{
		{"weights to a group without a healthy target", nil, emulator.Machines{Outcome: "failure", Resource: "Fleet"},
			func(base values) string { return quick(template(t, base.and(row(3, "single").changes))) },
			[]string{"update LoadBalancerHttps"}, "new: 502"},
		{"the record before the fleet is proven", []step{single}, emulator.Machines{Outcome: "success", DelaySeconds: 0.5, Resource: "Fleet"},
			func(base values) string {
				first := spoiled(t, template(t, base.and(row(4, "single").changes)), "Record", func(r map[string]any) {
					r["DependsOn"] = slices.DeleteFunc(r["DependsOn"].([]any), func(id any) bool { return id == "Fleet" })
				})
				return spoiled(t, first, "Fleet", func(r map[string]any) { r["DependsOn"] = "Record" })
			}, []string{"update Record", "create Fleet"}, "recent new: 503"},
		{"no node in service while the fleet rolls", []step{row(5, "single")}, emulator.Machines{Outcome: "success", DelaySeconds: 0.3},
			func(base values) string {
				return spoiled(t, template(t, base.and(row(5, "single").changes).and(revision("two"))), "Fleet", func(r map[string]any) {
					roll := r["UpdatePolicy"].(map[string]any)["AutoScalingRollingUpdate"].(map[string]any)
					roll["MinInstancesInService"], roll["MaxBatchSize"] = 0, 2
				})
			}, []string{"terminate nodes of Fleet", "launch nodes of Fleet"}, "recent new: 503"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned()
			for _, s := range test.before {
				a.mustDeploy(template(t, base.and(s.changes).and(revision("one"))))
			}
			a.must(cloud.SetMachines(t.Context(), test.machines))
			if test.before == nil { // a fleet that has failed, and serves nobody yet
				a.mustDeploy(quick(template(t, base.and(row(2, "single").changes))))
			}
			u := newAudience(a)
			var status types.StackStatus
			lost := u.during(func() { status = a.deploy(test.to(base)) })
			if !strings.HasSuffix(string(status), "UPDATE_COMPLETE") {
				t.Errorf("the stack is %s: %s", status, strings.Join(a.faults(), "; "))
			}
			u.sees(lost, test.at, test.who)
		})
	}
}

// sees holds where requests were lost against where they should be, and who lost some.
func (u *audience) sees(lost map[string][]string, at []string, who string) {
	u.Helper()
	found := slices.DeleteFunc(slices.Sorted(maps.Keys(lost)), func(at string) bool { return at == "after" })
	if diff := cmp.Diff(found, slices.Sorted(slices.Values(at))); diff != "" {
		u.Errorf("lost at (-got +want):\n%s\n%v", diff, lost)
	}
	if !strings.Contains(strings.Join(lost[at[0]], "\n"), who) {
		u.Errorf("nobody like %q has lost anything at %s: %q", who, at[0], lost[at[0]])
	}
}

// A node that goes without draining breaks what it was answering, one that drains does not.
func TestDraining(t *testing.T) {
	for seconds, lost := range map[string]bool{"0": true, "30": false} {
		t.Run(seconds+" s", func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned().and(row(5, "single").changes)
			drained := func(ref string) string {
				return spoiled(t, template(t, base.and(revision(ref))), "LoadBalancerTargets", func(r map[string]any) {
					r["Properties"].(map[string]any)["TargetGroupAttributes"] = []any{map[string]any{"Key": "deregistration_delay.timeout_seconds", "Value": seconds}}
				})
			}
			a.mustDeploy(drained("one"))
			u := newAudience(a)
			got := u.during(func() { a.mustDeploy(drained("two")) })
			if lost {
				u.sees(got, []string{"terminate nodes of Fleet"}, "long new: 502")
			} else if len(got) > 0 {
				t.Errorf("lost: %v", got)
			}
		})
	}
}

// Who still comes by an old answer of a resolver loses requests where the way back is not given two TTLs.
func TestWayBackWithoutWaiting(t *testing.T) {
	a := newAccount(t)
	base := a.zoned()
	a.mustDeploy(template(t, base.and(row(2, "single").changes)))
	u := newAudience(a)
	if lost := u.during(func() { a.mustDeploy(template(t, base.and(row(1, "single").changes))) }); len(lost) > 0 {
		t.Errorf("row 1: lost: %v", lost)
	}
	lost := u.during(func() { a.mustDeploy(template(t, base.and(single.changes))) })
	for at, who := range lost {
		for _, one := range who {
			if !strings.HasPrefix(one, "older ") {
				t.Errorf("lost at %q: %s", at, one)
			}
		}
	}
	if len(lost["delete LoadBalancerHttps"]) == 0 || len(lost["after"]) == 0 {
		t.Errorf("nothing is lost without the listener, or without the balancer: %v", lost)
	}
}
