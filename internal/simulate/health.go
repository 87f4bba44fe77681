package simulate

import "github.com/korakagazindia/provisioner/internal/queueing"

// check has the balancer ask every node whether it is healthy: one that is slow may not answer in time.
func (w *world) check() {
	c := w.group.Check
	for _, n := range w.nodes {
		if !n.fleet || n.state != serving {
			continue
		}
		for ; n.due <= w.at; n.due += c.Interval {
			fails := queueing.Longer(c.Timeout-w.fixed, n.mean*w.HealthWait/100)
			w.answer(n, fails > 0 && w.random.Float64() < fails)
		}
	}
}

// answer takes in one check: the target's state changes when enough in a row say so.
func (w *world) answer(n *node, failed bool) {
	if failed == n.unhealthy {
		n.streak = 0
	} else if n.streak++; failed && n.streak >= w.group.Check.Unhealthy || !failed && n.streak >= w.group.Check.Healthy {
		n.unhealthy, n.streak = failed, 0
	}
	if n.unhealthy && w.group.ByBalancer && w.at >= n.judged && w.group.replaced == nil && w.rolling == nil && w.group.activities == 0 {
		w.group.replaced = n
		w.schedule(event{at: w.at + w.GroupCheckSeconds, kind: noticed, node: n})
	}
}

// replace ends an unhealthy node; another is launched when it has gone.
func (w *world) replace(n *node) {
	if !n.unhealthy {
		w.group.replaced = nil
		return
	}
	w.report(Event{At: w.at, Replaced: true, From: w.group.desired, To: w.group.desired, CPU: n.shown})
	w.drain(n, 0)
	w.group.replaced = n
}
