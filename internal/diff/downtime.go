package diff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Downtime is for how long users are without service during a move that succeeds.
type Downtime struct {
	MinSeconds, MaxSeconds int
	Causes                 []Cause
	Why                    string // there is none, "" when there is
}

// Cause is one reason for a pause, with its own bounds in seconds.
type Cause struct {
	ID       string
	Min, Max int
	Why      string
}

// Bounds of pauses, in seconds.
const (
	restartMin, restartMax = 60, 180 // the owners' guide (phase 2): 1-2 minutes; the app's own start on top
	associateMax           = 30      // AssociateAddress takes effect within seconds; no page promises a number
	handoverMin            = 2       // CloudFormation deletes the old association, then makes the new one: a second each at least,
	handoverMax            = 60      // and at most an estimate, since no page says how long the two take
	bootMin, bootMax       = 60, 900 // boot and installation of an app on one small processor, as the stack's own time limits
	aliasTTL               = 60      // of an alias to a balancer, fixed (Amazon Route 53 FAQs, DNS failover)
	negativeTTL            = 900     // for which "no such name" is remembered: the TTL of the SOA record that Route 53 gives a zone; the page was not at hand
	unhealthyMax           = 120     // a balancer's health checks notice: a few intervals of 30 s
	defaultTTL             = 300     // assumed of a record outside the template
)

// downtime adds up the pauses: at least the longest, since they may overlap, at most all of them.
func (m *move) downtime() Downtime {
	var d Downtime
	for _, find := range []func() []Cause{m.serverPauses, m.serverLeaves, m.addressPauses, m.addressTaken, m.recordPauses, m.balancerPauses, m.fleetPauses} {
		d.Causes = append(d.Causes, find()...)
	}
	for _, c := range d.Causes {
		d.MinSeconds = max(d.MinSeconds, c.Min)
		d.MaxSeconds += c.Max
	}
	if d.MaxSeconds == 0 {
		d.Why = m.whyNoPause()
	}
	return d
}

// whyNoPause says what keeps users served.
func (m *move) whyNoPause() string {
	before, after := m.before.serving(), m.after.serving()
	var made []string
	for _, id := range after {
		if c := m.byID[id]; c != nil && c.Action == Create {
			made = append(made, id)
		}
	}
	switch {
	case m.other != nil:
		return "the stack " + m.other.Stack + " serves on as it is"
	case len(before) == 0:
		return "this stack serves nobody yet"
	case len(made) > 0:
		return commas(before) + " serves until " + commas(made) + " has said that it serves"
	case maps.Equal(m.before.serves, m.after.serves) && m.before.balancer == m.after.balancer:
		return "what serves them, " + commas(before) + ", goes on"
	default:
		return throughout(union(m.before.serves, m.after.serves)) + m.goesLast(before)
	}
}

// throughout says who serves from the beginning to the end.
func throughout(ids []string) string {
	if len(ids) == 1 {
		return ids[0] + " stands throughout"
	}
	return commas(ids) + " stand throughout"
}

// goesLast says which of those that served goes in the clean-up, "" for none.
func (m *move) goesLast(before []string) string {
	for _, id := range before {
		if m.to.Resource(id) == nil {
			return ", and " + id + " goes last"
		}
	}
	return ""
}

// serverPauses are those of a server that users reach when the move begins.
func (m *move) serverPauses() []Cause {
	var all []Cause
	for _, c := range m.of(instanceType) {
		share := m.before.serves[c.ID]
		if share == 0 || c.Before == nil {
			continue
		}
		switch {
		case c.Action == Interrupt && stops(c):
			all = append(all, Cause{c.ID, restartMin, restartMax, "stops and starts" + portion(share)})
		case c.Action == Interrupt:
			all = append(all, Cause{c.ID, 0, restartMax, "may stop and start" + portion(share)})
		case c.Action == Unknown:
			all = append(all, Cause{c.ID, 0, bootMax, "what its change does is unknown" + portion(share)})
		case c.Action == MayReplace:
			all = append(all, Cause{c.ID, 0, bootMax, "may be replaced" + portion(share)})
		case c.Action == Replace && proven(c.After):
			all = append(all, m.handover(c.ID, portion(share)))
		case c.Action == Replace:
			all = append(all, Cause{c.ID, bootMin, bootMax, "users reach the new server before anything has proven that it serves" + portion(share)})
		}
	}
	return all
}

// handover is the pause in which users go from a server to the proven one that replaces it.
func (m *move) handover(id, portion string) Cause {
	if m.before.balancer != "" {
		return Cause{id, 0, unhealthyMax, "the new server, which has said that it serves, becomes a target" + portion}
	}
	for _, c := range m.of(associationType) {
		if server, ok := associated(c); ok && server == id {
			return Cause{id, handoverMin, handoverMax, "gives up the address before the new server, which has said that it serves, gets it (an estimate)" + portion}
		}
	}
	return Cause{id, 0, associateMax, "the address moves to the new server once that has said it serves" + portion}
}

// stops reports whether a change of a server certainly stops it: not when only its security groups change.
func stops(c *Change) bool {
	for _, p := range c.Properties {
		if p.Effect == schema.Interrupt && !p.May && top(p.Path) != "SecurityGroupIds" {
			return true
		}
	}
	return false
}

func portion(share float64) string {
	if share < 1 {
		return fmt.Sprintf(" (%.0f %% of users)", 100*share)
	}
	return ""
}

// serverLeaves is a server that is deleted while clients still hold its address.
func (m *move) serverLeaves() []Cause {
	var all []Cause
	for _, c := range m.of(instanceType) {
		if c.After != nil || m.before.serves[c.ID] == 0 || m.before.balancer != "" || c.Action == Retain && len(m.of(associationType)) == 0 {
			continue
		}
		seconds := ttl(m.before.record)
		all = append(all, Cause{c.ID, 0, seconds, fmt.Sprintf("goes while clients hold its address for %d s (TTL)", seconds)})
	}
	return all
}

// addressPauses are those of an address that leads users to a server which stays as it is.
func (m *move) addressPauses() []Cause {
	if m.before.balancer != "" || len(m.before.serves) == 0 {
		return nil
	}
	var all []Cause
	for _, c := range m.of(addressType) {
		switch c.Action {
		case Replace, Delete:
			seconds := ttl(m.before.record)
			all = append(all, Cause{c.ID, 0, seconds, fmt.Sprintf("is given up while clients hold it for %d s (TTL)", seconds)})
		case Interrupt:
			all = append(all, Cause{c.ID, 0, associateMax, "is associated anew"})
		}
	}
	for _, c := range m.of(associationType) {
		switch server, ok := associated(c); {
		case !ok || m.byID[server] != nil:
		case deletesFirst(c):
			all = append(all, Cause{c.ID, handoverMin, handoverMax, "takes the address off " + server + ", then a new one is made (an estimate)"})
		case c.replaced() || c.Action == Delete:
			all = append(all, Cause{c.ID, 0, associateMax, "takes the address off " + server + " or puts it there anew"})
		}
	}
	return all
}

// addressTaken is for who uses an address that the stack adopts: they go from the server that holds it now to the stack's.
func (m *move) addressTaken() []Cause {
	var all []Cause
	for _, t := range m.takes() {
		to, _ := template.Refers(t.After.Get("InstanceId"))
		server := m.byID[to.ID]
		if slices.Contains(m.unproven(), to.ID) {
			continue // that says so of all who are led there
		}
		if server != nil && (server.Action == Create || server.replaced()) && !proven(server.After) {
			all = append(all, Cause{t.ID, bootMin, bootMax, "takes " + t.address + " for " + to.ID + " before anything has proven that it serves"})
			continue
		}
		all = append(all, Cause{t.ID, 0, associateMax, "takes " + t.address + " from the server that holds it now, whose users go to " + to.ID})
	}
	return all
}

// associated is the server that held the address before.
func associated(c *Change) (string, bool) {
	if c.Before == nil {
		return "", false
	}
	to, ok := template.Refers(c.Before.Get("InstanceId"))
	return to.ID, ok
}

func ttl(record *template.Resource) int {
	if record == nil {
		return defaultTTL
	}
	if record.Get("AliasTarget") != nil {
		return aliasTTL
	}
	if seconds, ok := record.Number("TTL"); ok && seconds >= 0 && seconds < 1e6 {
		return int(seconds)
	}
	return defaultTTL
}

// recordPauses: a record that goes, or that leads to what has not been proven.
func (m *move) recordPauses() []Cause {
	var all []Cause
	if record := m.before.record; record != nil {
		switch c := m.byID[record.ID]; {
		case c == nil:
		case c.Action == Delete:
			all = append(all, Cause{c.ID, 0, negativeTTL, "the name is gone, or stays gone in caches after it is made again"})
		case c.replaced():
			all = append(all, Cause{c.ID, 0, negativeTTL, "the old name goes in the clean-up"})
		}
	}
	for _, id := range m.unproven() {
		all = append(all, Cause{id, bootMin, bootMax, "users are led to it before anything has proven that it serves"})
	}
	for _, id := range m.restarting() {
		all = append(all, Cause{id, 0, restartMax, "users are led to it while it starts again"})
	}
	return all
}

// restarting lists the servers that stop and start in the step that leads users to them.
func (m *move) restarting() []string {
	var all []string
	for _, id := range m.after.serving() {
		c := m.byID[id]
		if c != nil && m.before.serves[id] == 0 && c.Type == instanceType && (c.replaced() || c.Action == Interrupt && stops(c)) {
			all = append(all, id)
		}
	}
	return all
}

// unproven lists what begins to serve users in this move without having said that it can: created here, and either without
// signals, or with users led there without waiting for it.
func (m *move) unproven() []string {
	var all []string
	for _, id := range m.after.serving() {
		c := m.byID[id]
		if c == nil || c.Action != Create || len(m.before.serves) == 0 && len(m.takes()) == 0 {
			continue
		}
		if !proven(c.After) || !m.leadWaits(id) {
			all = append(all, id)
		}
	}
	return all
}

// leadWaits reports whether what leads users to a new server or group comes after it: the record, or else a listener. To a
// new balancer without a record a person leads them, when the move is over.
func (m *move) leadWaits(id string) bool {
	if c := m.byID[m.after.balancer]; m.after.record == nil && c != nil && c.Action == Create {
		return true
	}
	if m.after.record != nil && m.byID[m.after.record.ID] != nil {
		return waitsFor(m.to, m.after.record, id)
	}
	for _, c := range m.of(listenerType) {
		if c.After != nil && waitsFor(m.to, c.After, id) {
			return true
		}
	}
	return len(m.of(listenerType)) == 0
}

// balancerPauses: a balancer, a listener or a target group in the users' way that goes or is made anew.
func (m *move) balancerPauses() []Cause {
	if m.before.balancer == "" {
		return nil
	}
	var all []Cause
	if c := m.byID[m.before.balancer]; c != nil && (c.Action == Delete || c.replaced()) {
		all = append(all, Cause{c.ID, 0, aliasTTL, "goes while clients still hold its addresses (60 s, longer where they do not ask again)"})
	}
	for _, c := range m.of(listenerType, targetsType) {
		if c.replaced() {
			all = append(all, Cause{c.ID, 0, unhealthyMax, "is made anew: its targets have to become healthy again"})
		}
	}
	return all
}

// fleetPauses: a group in the users' way whose nodes are replaced without somebody to serve meanwhile.
func (m *move) fleetPauses() []Cause {
	var all []Cause
	for _, c := range m.of(groupType) {
		share := m.before.serves[c.ID]
		if share == 0 || c.Before == nil || c.After == nil {
			continue
		}
		kept, _ := template.Number(template.Get(c.After.UpdatePolicy, "AutoScalingRollingUpdate", "MinInstancesInService"))
		switch {
		case c.replaced():
			all = append(all, Cause{c.ID, 0, bootMax, "is replaced as a whole" + portion(share)})
		case !rolls(c):
		case kept < 1:
			all = append(all, Cause{c.ID, bootMin, bootMax, "rolls without a node that stays in service" + portion(share)})
		case !template.True(template.Get(c.After.UpdatePolicy, "AutoScalingRollingUpdate", "WaitOnResourceSignals")):
			all = append(all, Cause{c.ID, 0, bootMax, "rolls without waiting for its new nodes to serve" + portion(share)})
		}
	}
	return all
}

// rolls reports whether a group replaces its nodes: its launch template gets another version and an UpdatePolicy says so.
func rolls(c *Change) bool {
	return c.Changes(newNodes...) &&
		template.Get(c.After.UpdatePolicy, "AutoScalingRollingUpdate") != nil
}
