package simulate

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/korakagazindia/provisioner/internal/queueing"
)

// world is one run.
type world struct {
	Assumptions
	setup    *Setup
	random   *rand.Rand
	choose   func(n int) int // which of n nodes goes
	at       float64         // seconds from the beginning
	minute   int
	nodes    []*node
	group    *group
	events   []event // by time
	now      tally   // this minute
	starving int     // machines without credits and full, in the last minute
	seen     Minute  // it, as it is told
	times    times
	result   *Result
	service  float64 // seconds of a vCPU for a request
	fixed    float64 // seconds of an answer that are not CPU
	shared   int     // nodes with one queue before them
	hours    float64
	charged  float64   // credits, of nodes that have ended
	closed   int       // a zone that takes no node
	opens    float64   // until when
	rolling  []*node   // what a deploy has still to replace
	keep     bool      // scaling events
	credited []float64 // the launches of the last day that had launch credits
}

// happens is what an event does.
type happens int

const (
	acts     happens = iota // an alarm's action
	launched                // a node is InService
	passes                  // it passes its health check
	drained                 // it has finished
	noticed                 // the group sees that it is unhealthy
	missed                  // its loss is noticed
	befalls                 // something happens
)

type event struct {
	at       float64
	kind     happens
	node     *node
	watch    *watch
	cooldown float64
	what     string
}

// schedule puts an event into its place, after those of the same time.
func (w *world) schedule(e event) {
	i := len(w.events)
	for i > 0 && w.events[i-1].at > e.at {
		i--
	}
	w.events = slices.Insert(w.events, i, e)
}

func (w *world) happen(e event) {
	g := w.group
	switch e.kind {
	case acts:
		w.act(e.watch)
	case launched:
		w.inService(e.node)
		w.ended(e.cooldown)
		if g.replaced == e.node {
			g.replaced = nil
		}
	case passes:
		if e.node.state == booting {
			e.node.state = serving
			e.node.due = w.at + g.Check.Interval
			if e.node.rolled {
				w.rolledOut(e.node)
			}
		}
	case drained:
		w.end(e.node)
		w.ended(e.cooldown)
		if g.replaced == e.node {
			g.replaced = w.launch(w.at, 0)
		}
	case noticed:
		w.replace(e.node)
	case missed:
		w.recover(e.node)
	case befalls:
		w.befall(e.what)
	}
}

// ended ends an activity; simple scaling then waits.
func (w *world) ended(cooldown float64) {
	w.group.activities--
	if cooldown > 0 {
		w.group.rests = w.at + cooldown
	}
}

// launch begins a node, in the zone with fewest.
func (w *world) launch(at, cooldown float64) *node {
	n := newNode(&w.group.Machine, at)
	w.limitLaunchCredits(n)
	n.fleet, n.zone, n.warm, n.healthy = true, w.emptiest(), math.Inf(1), math.Inf(1)
	w.nodes = append(w.nodes, n)
	w.group.activities++
	w.schedule(event{at: at + w.lognormal(w.LaunchMedian, w.LaunchP95), kind: launched, node: n, cooldown: cooldown})
	return n
}

// limitLaunchCredits takes the launch credits from a node after a hundred in 24 hours had them: an account gets no more in a
// Region (EC2 User Guide, "Launch credit limits").
func (w *world) limitLaunchCredits(n *node) {
	const most, day = 100, 24 * 3600
	if n.account.Launch == 0 {
		return
	}
	for len(w.credited) > 0 && w.credited[0] <= w.at-day {
		w.credited = w.credited[1:]
	}
	if len(w.credited) >= most {
		n.account.Launch = 0
		return
	}
	w.credited = append(w.credited, w.at)
}

func (w *world) emptiest() int {
	counts := make([]int, w.group.Zones)
	if w.at < w.opens && w.group.Zones > 1 {
		counts[w.closed] = math.MaxInt / 2
	}
	for _, n := range w.nodes {
		if n.fleet && n.state != draining {
			counts[n.zone]++
		}
	}
	return slices.Index(counts, slices.Min(counts))
}

// lognormal draws a time of which half are below a median and 19 of 20 below another.
func (w *world) lognormal(median, p95 float64) float64 {
	const z95 = 1.6448536269514722
	return median * math.Exp(w.random.NormFloat64()/z95*math.Log(p95/median))
}

// inService registers a node with the balancer and finds when it passes its health check: the first one that it passes is
// enough, unless so many have failed before that it is called unhealthy.
func (w *world) inService(n *node) {
	g, c := w.group, w.group.Check
	n.state, n.warm, n.judged = booting, w.at+g.Warmup, w.at+g.Grace
	listens := w.at + w.lognormal(w.BootMedian, w.BootP95)
	at, failed := w.at+w.random.Float64()*c.Interval, 0
	for ; at < listens; at += c.Interval {
		failed++
	}
	if failed >= c.Unhealthy {
		at += float64(c.Healthy-1) * c.Interval
	}
	n.healthy = at
	w.schedule(event{at: at, kind: passes, node: n})
}

// drain takes a node out of service; it ends when it has had time to finish.
func (w *world) drain(n *node, cooldown float64) {
	wait := w.group.Drain
	if w.group.replaced == n {
		w.group.replaced = nil
	}
	if n.state != serving {
		wait = 0
	}
	w.events = slices.DeleteFunc(w.events, func(e event) bool { return e.node == n && e.kind != launched })
	if n.state == launching { // its launch is called off
		w.events = slices.DeleteFunc(w.events, func(e event) bool { return e.node == n })
		w.group.activities--
	}
	n.state = draining
	w.group.activities++
	w.schedule(event{at: w.at + w.DecisionSeconds + wait, kind: drained, node: n, cooldown: cooldown})
}

// end takes a node away. What still waits on it is lost, and what it has spent of credits ahead is charged.
func (w *world) end(n *node) {
	if lost := n.backlog * 60 / w.service; lost > 0 {
		w.now.unserved += lost
	}
	n.account.End()
	w.charged += n.account.Charged
	w.hours += (w.at - n.since) / 3600
	w.nodes = slices.DeleteFunc(w.nodes, func(o *node) bool { return o == n })
}

// pass lets time pass to at, in which nothing changes but what nodes do.
func (w *world) pass(at, rate float64) {
	minutes := (at - w.at) / 60
	if minutes <= 0 {
		return
	}
	rate = w.database(rate, minutes)
	share := w.setup.ServerShare
	if w.group != nil {
		w.spread(true, rate*(1-share), minutes)
	}
	w.spread(false, rate*share, minutes)
	w.at = at
}

// database is the rate that the database takes; it makes answers slower, and what it cannot take is lost.
func (w *world) database(rate, minutes float64) float64 {
	w.fixed = w.FixedSeconds
	if w.DatabaseLimit == 0 {
		return rate
	}
	w.fixed += queueing.Single(rate/w.DatabaseLimit) / w.DatabaseLimit
	if over := rate - w.DatabaseLimit; over > 0 {
		w.now.asked += over * 60 * minutes
		w.now.unserved += over * 60 * minutes
		return w.DatabaseLimit
	}
	return rate
}

// spread spreads requests over the fleet, or gives them to the server.
func (w *world) spread(fleet bool, rate, minutes float64) {
	total, open := 0.0, true
	for _, n := range w.nodes {
		if n.fleet == fleet && (n.state == serving || n.state == lost) && !n.unhealthy {
			total, open = total+w.weight(n), false
		}
	}
	if open { // none is healthy: the balancer tries them all
		for _, n := range w.nodes {
			if n.fleet == fleet && n.state == serving {
				total += w.weight(n)
			}
		}
	}
	for _, n := range w.nodes {
		switch {
		case n.fleet != fleet:
		case n.state == lost:
			w.now.asked += rate * w.weight(n) / total * 60 * minutes
			w.now.unserved += rate * w.weight(n) / total * 60 * minutes
		case n.state == serving && (open || !n.unhealthy):
			w.serve(n, rate*w.weight(n)/total, minutes)
		default:
			w.idle(n, minutes)
		}
	}
	if total == 0 && rate > 0 {
		w.now.asked += rate * 60 * minutes
		w.now.unserved += rate * 60 * minutes
	}
}

// weight is a node's part of the requests: one, or less while it is new and clients stay where they are, or the balancer
// starts it slowly.
func (w *world) weight(n *node) float64 {
	if !n.fleet || n.healthy < 0 {
		return 1
	}
	age, part := w.at-n.healthy, 1.0
	if g := w.group; g.Sticky && age < 6*60*w.SessionMinutes {
		part = 1 - math.Exp(-(age+30)/60/w.SessionMinutes)
	}
	if slow := w.group.SlowStart; slow > 0 && age < slow {
		part *= (age + 30) / (slow + 30)
	}
	return part
}
