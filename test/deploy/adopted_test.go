package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
)

// newHandMade is an account with today's server in it, made by hand, with its address and its record, in a VPC with the
// database's security group; and the configuration that adopts what there is.
func newHandMade(t *testing.T, models emulator.Models) (*account, values) {
	t.Helper()
	a := connect(t)
	a.must(cloud.Reset(t.Context()))
	a.must(cloud.SetModels(t.Context(), models))
	c, err := kora()
	a.must(err)
	checked, err := config.FromContext(c)
	a.must(err)
	facts, err := local.Seed(t.Context(), cloud.URL, checked, true)
	a.must(err)
	adopting := c.and(values{})
	for key, value := range facts {
		if value != "" { // what the seed leaves out, for the way in, is here to be taken
			adopting[key] = value
		}
	}
	output := got[*ec2.DescribeAddressesOutput](a)(a.ec2.DescribeAddresses(t.Context(), &ec2.DescribeAddressesInput{}))
	adopting["elasticIpAllocationId"], adopting["elasticIpAddress"] = *output.Addresses[0].AllocationId, *output.Addresses[0].PublicIp
	adopting["hostedZoneId"], adopting["dnsTtlSeconds"] = a.zone(), 300
	return a, adopting
}

// By a new server in two steps, whatever AWS does with an address that is held: it stands beside the one made by hand until
// that gives up its address. The record stays by hand, and the stack goes through its whole life without it.
func TestLifeFromHandMade(t *testing.T) {
	for _, held := range []string{"refuse", "move"} {
		t.Run(held, func(t *testing.T) {
			a, base := newHandMade(t, emulator.Models{HeldAddress: held})
			address, byHand := a.address(), a.byHand()
			a.standsBeside(base)
			a.mustHandOver(base)
			base = base.and(recordByHand).and(values{"certificateArn": a.issued()})
			for _, s := range life() {
				a.mustDeploy(template(t, base.and(s.changes)))
				a.leadTo(s.finds.Record)
				a.finds(s)
				a.same(s.name, address, byHand)
			}
		})
	}
}

// The record comes into the stack in a deploy of its own, where AWS takes over an identical one; then the whole life with it.
func TestLifeWithTheRecordTakenOver(t *testing.T) {
	a, base := newHandMade(t, emulator.Models{LiveRecord: "take"})
	address, byHand := a.address(), a.byHand()
	a.standsBeside(base)
	a.mustHandOver(base)
	for _, s := range life() {
		a.mustDeploy(template(t, base.and(s.changes)))
		a.finds(s)
		a.same(s.name, address, byHand)
	}
}

// Where it does not, a deploy that would own the live record ends as if it had not been: the record leads where it led, at
// row 2 too, where the stack would turn it.
func TestLiveRecordIsRefused(t *testing.T) {
	for _, live := range []string{"refuse", "foresee"} {
		t.Run(live, func(t *testing.T) {
			a, base := newHandMade(t, emulator.Models{LiveRecord: live})
			a.standsBeside(base)
			a.mustHandOver(base)
			byHand := base.and(recordByHand).and(values{"certificateArn": a.issued()})
			for _, s := range []step{single, row(1, "single"), row(2, "single")} {
				a.mustDeploy(template(t, byHand.and(s.changes)))
				before := a.see()
				if status := a.deploy(template(t, base.and(values{"certificateArn": byHand["certificateArn"]}).and(s.changes))); status != types.StackStatusUpdateRollbackComplete {
					t.Errorf("%s: the stack is %s", s.name, status)
				}
				if changed := differences(before, a.see()); len(changed) > 0 {
					t.Errorf("%s changed:\n%s", s.name, strings.Join(changed, "\n"))
				}
			}
		})
	}
}

// A hand-over that fails, with a rollback that puts back what it took away and with one that does not: the last command gives
// users the old server again, and the next try succeeds.
func TestHandOverThatFails(t *testing.T) {
	for _, models := range []emulator.Models{
		{HeldAddress: "refuse", AssociationRollback: "lose"}, {HeldAddress: "refuse", AssociationRollback: "restore"},
		{HeldAddress: "foresee", AssociationRollback: "lose"}, {HeldAddress: "foresee", AssociationRollback: "restore"},
		{HeldAddress: "move", AssociationRollback: "lose"}, {HeldAddress: "move", AssociationRollback: "restore"},
	} {
		a, base := newHandMade(t, models)
		byHand := a.users(base)
		a.standsBeside(base)
		start := a.checkpoint()
		for _, operation := range []string{"delete", "create"} {
			for _, when := range []string{"before", "after"} {
				t.Run(models.HeldAddress+", "+models.AssociationRollback+", "+when+" the "+operation, func(t *testing.T) {
					a := connect(t)
					a.must(cloud.Restore(t.Context(), start))
					a.must(cloud.Fault(t.Context(), emulator.Fault{Operation: operation, LogicalID: "AddressAssociation", When: when, Times: 1}))
					if status := a.handOver(base); status != types.StackStatusUpdateRollbackComplete {
						t.Fatalf("the stack is %s: %s", status, strings.Join(a.faults(), "; "))
					}
					a.giveBack(base)
					if now := a.users(base); now != byHand {
						t.Errorf("users find %+v, they found %+v", now, byHand)
					}
					a.mustHandOver(base)
					a.finds(single)
				})
			}
		}
	}
}

// Taking the address in the first deploy is refused, or moves it: what is refused leaves all as it was, on every machine.
func TestAdoptionAtOnce(t *testing.T) {
	for _, held := range []string{"refuse", "foresee"} {
		a, base := newHandMade(t, emulator.Models{HeldAddress: held, LiveRecord: "take"})
		before := a.see()
		if status := a.deploy(template(t, base.and(single.changes))); status != types.StackStatusRollbackComplete {
			t.Errorf("%s: the stack is %s", held, status)
		}
		for _, line := range a.changedSince(before) {
			if !anyPrefix(line, []string{"instance", "volume"}) {
				t.Errorf("%s: %s", held, line)
			}
		}
	}
}

// A first deploy that fails leaves everything as it was, whatever it was that failed: where the address moves at once, it
// leaves the old server last.
func TestAdoptionThatFails(t *testing.T) {
	a, base := newHandMade(t, emulator.Models{HeldAddress: "move", LiveRecord: "take"})
	first := template(t, base.and(single.changes))
	for _, failing := range []string{"Server", "ServerSnapshots", "HighCpuAlarm", "Dashboard", "BackendSecurityGroupToDatabase", "AlertsTopicPolicy", "Record"} {
		before := a.see()
		a.fails(failing)
		if status := a.deploy(first); status != types.StackStatusRollbackComplete {
			t.Fatalf("%s fails: the stack is %s", failing, status)
		}
		for _, line := range a.changedSince(before) {
			if !anyPrefix(line, []string{"instance", "volume"}) {
				t.Errorf("%s fails: %s", failing, line)
			}
		}
		a.destroy()
	}
	a.mustDeploy(first)
	a.finds(single)
}

// A first deploy that makes the fleet too: its record leads to the balancer, is refused beside a live one, and stands before the
// address moves.
func TestAdoptionWithFleetThatFails(t *testing.T) {
	a, base := newHandMade(t, emulator.Models{HeldAddress: "move"})
	before := a.see()
	if status := a.deploy(template(t, base.and(row(2, "single").changes))); status != types.StackStatusRollbackComplete {
		t.Fatalf("the stack is %s", status)
	}
	for _, line := range a.changedSince(before) {
		if !anyPrefix(line, []string{"instance", "volume"}) {
			t.Error(line)
		}
	}
}

// The command line plays the way in as the README has it.
func TestHandOverByCommandLine(t *testing.T) {
	a, base := newHandMade(t, emulator.Models{})
	changed := func(changes values) values { return a.beyondCommitted(base.and(recordByHand).and(changes)) }
	byHand := a.users(base)
	a.mustCDK(changed(beside), "deploy", "--require-approval", "never")
	if now := a.users(base); now != byHand {
		t.Errorf("users find %+v, they found %+v", now, byHand)
	}
	a.mustCDK(changed(nil), "deploy", "--require-approval", "never", "--method", "prepare-change-set", "--change-set-name", handOver)
	a.disassociate(base)
	a.mustCDK(changed(nil), "deploy", stackName, "--method", "execute-change-set", "--change-set-name", handOver)
	a.releaseInterim(base)
	a.finds(single)
}

// beyondCommitted is what differs from cdk.json.
func (a *account) beyondCommitted(c values) values {
	a.Helper()
	committed, err := kora()
	a.must(err)
	changed := values{}
	for key, value := range c {
		if !cmp.Equal(committed[key], value) {
			changed[key] = value
		}
	}
	return changed
}

// same expects the address that users know, and the server made by hand as it was.
func (a *account) same(when, address, byHand string) {
	a.Helper()
	if now := a.address(); now != address {
		a.Errorf("%s: the address is %s, it was %s", when, now, address)
	}
	if now := a.byHand(); now != byHand {
		a.Errorf("%s: the server made by hand is %s, it was %s", when, now, byHand)
	}
}

// standsBeside deploys the new server with an address of its own; what users find is as it was.
func (a *account) standsBeside(base values) {
	a.Helper()
	before := a.users(base)
	a.mustDeploy(template(a.T, base.and(single.changes).and(beside)))
	if now := a.users(base); now != before {
		a.Errorf("users find %+v, they found %+v", now, before)
	}
	server := a.server()
	if server == nil || aws.ToString(server.PublicIpAddress) != a.physical("Address") {
		a.Errorf("the new server does not answer at an address of its own: %+v", server)
	}
}

// mustHandOver is handOver that succeeds, and the end of the address that the new server had meanwhile.
func (a *account) mustHandOver(base values) {
	a.Helper()
	if status := a.handOver(base); status != types.StackStatusUpdateComplete {
		a.Fatalf("the stack is %s: %s", status, strings.Join(a.faults(), "; "))
	}
	for _, event := range a.events() {
		if logicalID, _, _ := strings.Cut(event, " "); !slices.Contains([]string{"AddressAssociation", "Address"}, logicalID) {
			a.Errorf("the hand-over touches %s", event)
		}
	}
	a.releaseInterim(base)
}
