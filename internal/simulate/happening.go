package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/nearest"
)

// Happening is something that happens at a time, whatever users do.
type Happening struct {
	At   float64 // seconds from the beginning
	Kind string  // one of Happenings
}

// Happenings lists what may happen: a node is lost, or the server where there is no fleet; a zone is lost, with its nodes,
// and takes none for an hour; a new revision is rolled out, node by node.
func Happenings() []string { return []string{"lose-node", "lose-zone", "deploy"} }

// ParseHappening reads KIND@TIME, such as lose-zone@38h30m.
func ParseHappening(text string) (Happening, error) {
	kind, at, _ := strings.Cut(text, "@")
	since, err := time.ParseDuration(at)
	switch {
	case !slices.Contains(Happenings(), kind):
		return Happening{}, fmt.Errorf("--event %q is not allowed: it takes KIND@TIME, KIND one of %s%s",
			text, strings.Join(Happenings(), ", "), nearest.Hint(kind, Happenings()))
	case err != nil || since < 0:
		return Happening{}, fmt.Errorf("--event %q is not allowed: it takes KIND@TIME, TIME from the beginning on, such as 38h30m", text)
	}
	return Happening{since.Seconds(), kind}, nil
}

// befall lets it happen.
func (w *world) befall(kind string) {
	switch kind {
	case "lose-node":
		w.lose(func(*node) bool { return true }, 1)
	case "lose-zone":
		if w.group != nil {
			const hour = 3600
			w.closed, w.opens = 0, w.at+hour
		}
		w.lose(func(n *node) bool { return n.zone == 0 }, math.MaxInt)
	case "deploy":
		if w.group != nil && w.rolling == nil {
			w.rolling = slices.DeleteFunc(slices.Clone(w.nodes), func(n *node) bool { return !n.fleet || n.state != serving })
			w.roll()
		}
	}
}

// lose ends nodes of the fleet that serve, without a warning: the balancer sends them requests until their checks have
// failed. Where there is no fleet it is the server.
func (w *world) lose(is func(*node) bool, most int) {
	for _, n := range slices.Clone(w.nodes) {
		if most == 0 || n.state != serving || n.fleet != (w.group != nil) || !is(n) {
			continue
		}
		most--
		n.state = lost
		w.now.unserved += n.backlog * 60 / w.service
		n.backlog = 0
		n.found = w.at + w.ServerRecovery
		if n.fleet {
			n.found = w.at + float64(w.group.Check.Unhealthy)*w.group.Check.Interval
		}
		w.schedule(event{at: n.found, kind: missed, node: n})
	}
}

// recover is what follows when a loss is noticed: the server is back, with the credits of a launch; a node is replaced.
func (w *world) recover(n *node) {
	if !n.fleet {
		fresh := newNode(n.Machine, n.since)
		n.account, n.state = fresh.account, serving
		return
	}
	n.fleet = false // it counts no more
	w.nodes = slices.DeleteFunc(w.nodes, func(o *node) bool { return o == n })
	n.account.End()
	w.charged += n.account.Charged
	w.hours += (w.at - n.since) / 3600
	w.report(Event{At: w.at, Replaced: true, Lost: true, From: w.group.desired, To: w.group.desired})
	w.launch(w.at+w.GroupCheckSeconds, 0)
}

// roll replaces the next node of a deploy, and ends the deploy after the last. Where fewer nodes than must be in service
// would be left, the new one comes first (CloudFormation, "UpdatePolicy attribute"); the group's alarms and health checks
// act on nothing meanwhile.
func (w *world) roll() {
	for len(w.rolling) > 0 && !slices.Contains(w.nodes, w.rolling[0]) {
		w.rolling = w.rolling[1:]
	}
	if len(w.rolling) == 0 {
		w.rolling = nil
		return
	}
	old := w.rolling[0]
	if w.serving() > w.group.InService {
		w.drain(old, 0)
		w.launch(w.at, 0).rolled = true
		return
	}
	n := w.launch(w.at, 0)
	n.rolled, n.instead = true, old
}

// rolledOut is what follows when a new node of a deploy serves.
func (w *world) rolledOut(n *node) {
	n.rolled = false
	if n.instead != nil {
		w.drain(n.instead, 0)
		n.instead = nil
	}
	w.rolling = w.rolling[1:]
	w.roll()
}
