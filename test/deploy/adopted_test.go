package deploy

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/local"
)

// newHandMade is an account with today's server in it, made by hand, with its address and its record, in a VPC with the
// database's security group; and the configuration that adopts what there is.
func newHandMade(t *testing.T, more values) (*account, values) {
	t.Helper()
	a := connect(t)
	a.must(cloud.Reset(t.Context()))
	c, err := kora()
	a.must(err)
	checked, err := config.FromContext(c.and(more))
	a.must(err)
	facts, err := local.Seed(t.Context(), cloud.URL, checked, true)
	a.must(err)
	adopting := c.and(more)
	for key, value := range facts {
		adopting[key] = value
	}
	return a, adopting
}

// From the server made by hand: its address moves to the stack's server once that serves, its record is taken over as it is,
// and it stays itself, running and without a trace of the stack; then the whole life, with that address.
func TestLifeFromHandMade(t *testing.T) {
	a, base := newHandMade(t, values{"stage": "single"})
	address, byHand := a.address(), a.byHand()
	for _, s := range life() {
		a.mustDeploy(template(t, base.and(s.changes)))
		a.finds(s)
		if now := a.address(); now != address {
			t.Errorf("%s: the address is %s, it was %s", s.name, now, address)
		}
		if now := a.byHand(); now != byHand {
			t.Errorf("%s: the server made by hand is %s, it was %s", s.name, now, byHand)
		}
	}
}

// A first deploy that fails leaves everything as it was, whatever it was that failed: the address leaves the old server last.
func TestAdoptionThatFails(t *testing.T) {
	a, base := newHandMade(t, values{"stage": "single"})
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
	a.mustDeploy(template(t, base.and(single.changes)))
	a.finds(single)
}

// byHand is the id and state of the server made by hand.
func (a *account) byHand() string {
	a.Helper()
	output := got[*ec2.DescribeInstancesOutput](a)(a.ec2.DescribeInstances(a.Context(), &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:Name"), Values: []string{"made by hand"}}}}))
	server := output.Reservations[0].Instances[0]
	return *server.InstanceId + " " + string(server.State.Name)
}
