package diff

import (
	"slices"
	"strings"
)

// wayBack reports how long the way back is a number, and what it takes where it is none.
func (m *move) wayBack() string {
	servers := m.of(instanceType)
	switch gone, kept, left := m.gone(), m.kept(), m.left(); {
	case len(m.changes) == 0:
		return "nothing changes"
	case len(gone) > 0:
		return "before this deploy: its clean-up " + lost(gone)
	case len(kept) > 0:
		return "by hand: the old " + stay(kept) + " in the account, in no stack: " + m.wayBackOf(kept[0]) + "; to deploy " +
			"the old values makes another one"
	case len(m.from.Resources) == 0:
		return m.firstWayBack()
	case len(left) > 0:
		return "by hand: " + stay(left) + " in the account, in no stack, and comes back by an import; to deploy the old " +
			"values makes another one"
	case len(servers) > 0 && m.byID[servers[0].ID].Action == Interrupt:
		return "at any time: deploy the old values again, with the same pause once more"
	case len(m.from.OfType(groupType)) == 0 && m.after.balancer != "" && len(m.to.OfType(instanceType)) > 0:
		return "at any time: the server stands; fleetTrafficPercent=0, then dnsTarget=server, lead users back to it"
	default:
		return "at any time: deploy the old values again"
	}
}

// lost says what of what is gone the way back cannot bring.
func lost(gone []*Change) string {
	ids, snapshots := idsOf(gone), idsOf(those(gone, leavesSnapshot))
	switch first := gone[0]; {
	case len(gone) == 1 && first.Type == instanceType:
		return "takes " + first.ID + " away, and the way back is a new server from the image"
	case len(gone) == 1 && first.Type == addressType:
		return "releases " + first.ID + ", and the way back makes another address"
	case len(gone) == len(snapshots):
		return "deletes " + commas(ids) + ", and the way back is to restore the snapshot that stays"
	case len(snapshots) > 0:
		return "deletes " + commas(ids) + ", and the way back makes new ones; of " + commas(snapshots) + " a snapshot stays"
	case len(gone) == 1:
		return "deletes " + first.ID + ", and the way back makes an empty one"
	}
	return "deletes " + commas(ids) + " with what they hold, and the way back makes new ones"
}

func stay(kept []*Change) string {
	if len(kept) == 1 {
		return kept[0].ID + " stays"
	}
	return commas(idsOf(kept)) + " stay"
}

func idsOf(changes []*Change) []string {
	var ids []string
	for _, c := range changes {
		ids = append(ids, c.ID)
	}
	return ids
}

// those returns the changes of which something is true.
func those(changes []*Change, is func(c *Change) bool) []*Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c *Change) bool { return !is(c) })
}

// gone is what holds an address, data or users and is deleted with what it holds, servers first.
func (m *move) gone() []*Change {
	return m.holding(func(c *Change) bool { return c.Action == Delete || c.replaced() && !c.Keeps })
}

// leavesSnapshot reports whether a snapshot stays of what is deleted, or of the old one of what is replaced.
func leavesSnapshot(c *Change) bool {
	if c.Action == Delete {
		return strings.Contains(fate(c.Before), "snapshot")
	}
	return c.After != nil && c.Before.UpdateReplacePolicy == "Snapshot" && c.After.UpdateReplacePolicy == "Snapshot"
}

// kept are such resources that are replaced and whose old ones stay.
func (m *move) kept() []*Change { return m.holding(func(c *Change) bool { return c.Keeps }) }

// left are such resources that leave the stack and stay.
func (m *move) left() []*Change { return m.holding(func(c *Change) bool { return c.Action == Retain }) }

// holding lists the changes of resources that hold something, servers first, of which is is true. A record holds nothing that
// the old values would not make again.
func (m *move) holding(is func(c *Change) bool) []*Change {
	var servers, others []*Change
	for _, c := range m.changes {
		switch {
		case c.Before == nil || !holds(c.Type) || c.Type == recordType || !is(c):
		case c.Type == instanceType:
			servers = append(servers, c)
		default:
			others = append(others, c)
		}
	}
	return append(servers, others...)
}

// firstWayBack is that of a stack's first deploy. An adopted address had users before.
func (m *move) firstWayBack() string {
	for _, t := range m.takes() {
		return "by hand: aws ec2 associate-address --allocation-id " + t.address + " --instance-id <the old server> leads " +
			"users back to it; " +
			"to delete the stack alone takes the address off its server, and then nobody holds it"
	}
	return "deleting the stack"
}

// taking is an association that takes an address from outside the stack: who holds it now has users.
type taking struct {
	*Change
	address string
}

// takes lists the associations that take an address from outside the stack in this move.
func (m *move) takes() []taking {
	var all []taking
	for _, c := range m.of(associationType) {
		if c.After == nil || c.Action != Create && !c.replaced() {
			continue
		}
		for _, property := range []string{"AllocationId", "EIP"} {
			id, literal := c.After.Get(property).(string)
			if literal && (c.Before == nil || !equal(c.Before.Get(property), id)) {
				all = append(all, taking{c, id})
			}
		}
	}
	return all
}

// wayBackOf is how users, or data, come back to the old one of a resource that was replaced.
func (m *move) wayBackOf(c *Change) string {
	switch {
	case c.Type != instanceType:
		return "lead to it by hand, or import it"
	case m.before.balancer != "":
		return "aws elbv2 register-targets --target-group-arn <arn> --targets Id=<the old server> leads users to it again"
	}
	return "aws ec2 associate-address --allocation-id <id> --instance-id <the old server> leads users to it again"
}
