package deploy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/emulator"
)

// revision is a configuration with a repository at a revision.
func revision(ref string) values {
	return values{"gitRepository": "https://git.example.com/kora.git", "gitRef": ref}
}

// undone deploys what must fail while meanwhile goes on, and holds the account to what it was but for the kinds of things
// that are others now, and the next try to success.
func (a *account) undone(s step, c values, meanwhile func(), others ...string) {
	a.Helper()
	before := a.see()
	a.must(a.update(template(a.T, c)))
	meanwhile()
	if status := a.settled(); status != types.StackStatusUpdateRollbackComplete {
		a.Fatalf("the stack is %s: %s", status, strings.Join(a.faults(), "; "))
	}
	a.finds(s)
	changed := slices.DeleteFunc(a.changedSince(before), func(line string) bool {
		return anyPrefix(line, others)
	})
	if len(changed) > 0 {
		a.Errorf("not undone:\n%s", strings.Join(changed, "\n"))
	}
	a.must(cloud.SetMachines(a.Context(), emulator.Machines{Outcome: "success"}))
	a.must(cloud.SetAssociations(a.Context(), emulator.Associations{Outcome: "success"}))
	a.mustDeploy(template(a.T, c))
}

// The fleet's nodes say FAILURE, or nothing until the time is up: row 1 is undone, and the server has served all along.
func TestNodesThatDoNotComeUp(t *testing.T) {
	for outcome, meanwhile := range map[string]func(*account){
		"failure": func(*account) {},
		"none": func(a *account) {
			a.until("Fleet CREATE_IN_PROGRESS")
			for { // the wait may begin a moment later
				a.must(cloud.SkipTime(a.Context(), time.Hour))
				if stack, _ := a.stack(); stack.StackStatus != types.StackStatusUpdateInProgress {
					return
				}
			}
		},
	} {
		t.Run(outcome, func(t *testing.T) {
			a := newAccount(t)
			a.mustDeploy(template(t, a.zoned().and(single.changes)))
			a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: outcome}))
			a.undone(single, a.zoned().and(row(1, "single").changes), func() { meanwhile(a) })
			a.finds(row(1, "single"))
		})
	}
}

// A new server that says FAILURE is removed with all that was made for it; the root volume stays, and the log group with what it
// said last.
func TestServerThatDoesNotComeUp(t *testing.T) {
	a := newAccount(t)
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "failure"}))
	before := a.see()
	if status := a.deploy(template(t, a.zoned().and(single.changes).and(revision("one")))); status != types.StackStatusRollbackComplete {
		t.Fatalf("the stack is %s", status)
	}
	a.destroy()
	after := a.see()
	if len(after["volume"]) != 1 {
		t.Errorf("%d volumes are left, not the one that the README names", len(after["volume"]))
	}
	delete(after, "volume")
	if len(after["log group"]) != 1 {
		t.Errorf("%d log groups are left, not the one with what the machine said last", len(after["log group"]))
	}
	delete(after, "log group")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("left behind (-before +after):\n%s", diff)
	}
}

// A new revision rolls the fleet node by node: two serve throughout, and each new node has been heard of before an old one
// goes.
func TestRevisionRollsTheFleet(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(row(5, "single").changes)
	a.mustDeploy(template(t, base.and(revision("one"))))
	old := a.nodes()
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "success", DelaySeconds: 0.3}))
	a.must(a.update(template(t, base.and(revision("two")))))
	least := 99
	for {
		least = min(least, a.healthyTargets()["kora-backend-targets"])
		if stack, _ := a.stack(); !strings.HasSuffix(string(stack.StackStatus), "IN_PROGRESS") {
			break
		}
	}
	if status := a.settled(); status != types.StackStatusUpdateComplete {
		t.Fatalf("the stack is %s: %s", status, strings.Join(a.faults(), "; "))
	}
	a.finds(row(5, "single"))
	if least < 2 {
		t.Errorf("only %d healthy nodes during the roll", least)
	}
	for _, node := range a.nodes() {
		if slices.Contains(old, node) {
			t.Errorf("%s is an old node", node)
		}
	}
}

// A roll that fails half-way is rolled back: the fleet ends with healthy nodes of the old revision. There is one more of
// them, which the scale-in policy takes away: the minimum comes back, the capacity that the roll asked for stays, as was seen
// on AWS (guardian/testing-asg-rolling-update).
func TestRollThatFailsHalfWay(t *testing.T) {
	a := newAccount(t)
	base := a.zoned().and(row(5, "single").changes)
	a.mustDeploy(template(t, base.and(revision("one"))))
	version := a.fleetTemplate()
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "failure", Count: 1}))
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "success", Count: 1}))
	if status := a.deploy(template(t, base.and(revision("two")))); status != types.StackStatusUpdateRollbackComplete {
		t.Fatalf("the stack is %s", status)
	}
	three := row(5, "single")
	three.finds.Nodes, three.finds.Targets = 3, map[string]int{"kora-backend-targets": 3}
	a.finds(three)
	if now := a.fleetTemplate(); now != version {
		t.Errorf("the fleet runs version %s of its template, it was %s", now, version)
	}
	a.mustDeploy(template(t, base.and(revision("two"))))
	a.finds(three)
}

// fleetTemplate is the version of the launch template that all nodes run, and the group asks for.
func (a *account) fleetTemplate() string {
	a.Helper()
	output := got[*autoscaling.DescribeAutoScalingGroupsOutput](a)(a.scaling.DescribeAutoScalingGroups(a.Context(), &autoscaling.DescribeAutoScalingGroupsInput{}))
	group := output.AutoScalingGroups[0]
	version := *group.LaunchTemplate.Version
	for _, node := range group.Instances {
		if *node.LaunchTemplate.Version != version {
			a.Errorf("%s runs version %s, the group asks for %s", *node.InstanceId, *node.LaunchTemplate.Version, version)
		}
	}
	return version
}

// A new revision on a server is a run of its association: the server is neither stopped nor replaced. When the run fails, so
// does the deploy, and everything is as it was.
func TestRevisionOnTheServer(t *testing.T) {
	for _, s := range []step{single, vertical, row(3, "single")} {
		t.Run(s.name, func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned().and(s.changes)
			a.mustDeploy(template(t, base.and(revision("one"))))
			server, runs := a.physical("Server"), a.runs()
			a.must(cloud.SetAssociations(t.Context(), emulator.Associations{Outcome: "failed", Count: 1}))
			// In row 3 the fleet may have rolled already: then it rolls back, to nodes that are new again.
			a.undone(s, base.and(revision("two")), func() {}, "fleet", "instance", "target group", "volume")
			if now := a.physical("Server"); now != server {
				t.Errorf("the server is %s, it was %s", now, server)
			}
			if slices.Contains(a.events(), "Server UPDATE_IN_PROGRESS") {
				t.Error("the server itself was changed")
			}
			if a.runs() <= runs {
				t.Error("the association did not run")
			}
			a.finds(s)
		})
	}
}

// runs is how often the association of the server's revision has run.
func (a *account) runs() int {
	a.Helper()
	output := got[*ssm.DescribeAssociationExecutionsOutput](a)(a.systems.DescribeAssociationExecutions(a.Context(), &ssm.DescribeAssociationExecutionsInput{
		AssociationId: aws.String(a.physical("ServerRevisionAssociation"))}))
	return len(output.AssociationExecutions)
}

// A person cancels a deploy while it waits for nodes.
func TestCancelled(t *testing.T) {
	a := newAccount(t)
	a.mustDeploy(template(t, a.zoned().and(single.changes)))
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "none"}))
	a.undone(single, a.zoned().and(row(1, "single").changes), func() {
		a.until("Fleet CREATE_IN_PROGRESS")
		got[*cloudformation.CancelUpdateStackOutput](a)(a.cfn.CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: aws.String(stackName)}))
	})
}
