package simulate

import (
	"math"

	"github.com/korakagazindia/provisioner/internal/credits"
	"github.com/korakagazindia/provisioner/internal/queueing"
)

// state is where a node is in its life.
type state int

const (
	launching state = iota // EC2 makes it
	booting                // registered with the balancer, and not yet healthy
	serving
	draining // it finishes what it has
	lost     // it is gone, and nobody has noticed
)

// node is one machine. Times are seconds from the beginning.
type node struct {
	*Machine
	account credits.Account
	state   state
	fleet   bool
	zone    int
	since   float64 // it is billed
	healthy float64 // it serves
	warm    float64 // its warm-up ends
	judged  float64 // its grace ends

	backlog   float64 // vCPU-minutes of work that waits
	throttled float64 // since when it has no credits
	mean      float64 // seconds, of what waits and is served on it, as far as CPU matters
	unhealthy bool
	streak    int     // health checks in a row that say the other thing than unhealthy does
	due       float64 // the next health check
	found     float64 // when its loss is noticed
	rolled    bool    // it comes by a deploy
	instead   *node   // of which one

	used, busy, minutes float64 // vCPU-minutes, minutes of full use of what it may use, minutes that it ran: since it last told
	shown, felt         float64 // % CPU of the last minute: to CloudWatch, in the machine
	sum                 float64 // of what it showed since a point of basic monitoring
}

func newNode(m *Machine, at float64) *node {
	return &node{Machine: m, account: credits.New(m.Type, m.Unlimited), since: at, throttled: math.Inf(1)}
}

// capacity is how many vCPUs it may use at a time.
func (n *node) capacity(at, ramp float64) float64 {
	vcpus := n.Type.VCPUs
	allowed := n.account.Allows(vcpus)
	if allowed == vcpus {
		n.throttled = math.Inf(1)
		return vcpus
	}
	if math.IsInf(n.throttled, 1) {
		n.throttled = at
	}
	if passed := (at - n.throttled) / 60; passed < ramp {
		return allowed + (vcpus-allowed)*(1-passed/ramp)
	}
	return allowed
}

// tally is what becomes of requests.
type tally struct {
	asked, unserved, slow float64 // slow ones are served
	worst                 float64 // the longest mean time of a node, CPU alone, in seconds
	total                 float64 // requests times their mean
}

// add takes in some requests with a mean time on CPU, of which some were refused at once.
func (w *world) add(asked, refused, mean float64) {
	served := asked - refused
	late := served * queueing.Longer(w.setup.Patience-w.fixed, mean)
	w.now.asked += asked
	w.now.unserved += refused + late
	w.now.slow += max(0, served*queueing.Longer(w.SlowSeconds-w.fixed, mean)-late)
	w.now.worst = max(w.now.worst, mean)
	w.now.total += served * mean
	w.times.add(served, mean)
}

// serve has a node work for some minutes on so many requests a second.
func (w *world) serve(n *node, rate, minutes float64) {
	service, at, fresh := w.service, w.at, true
	if w.at < n.healthy+w.AppWarmSeconds {
		service *= 2
	}
	load := rate * service // vCPUs
	// Who waits asks for nothing else: as many requests wait as there are users, at most.
	limit := min(w.QueueLimit, max(1, w.Users(rate))) * service / 60
	for minutes > 1e-12 {
		can := n.capacity(at, w.ThrottleRamp)
		use := can
		if n.backlog == 0 {
			use = min(can, load)
		}
		step, grows, refused := min(minutes, n.account.Holds(use)), load-use, 0.0
		if can < n.Type.VCPUs && w.ThrottleRamp > 0 {
			step = min(step, 1)
		}
		switch {
		case grows < 0 && n.backlog > 0:
			step = min(step, n.backlog/-grows)
		case grows > 0 && limit-n.backlog < 1e-12:
			refused, grows = grows/load, 0
		case grows > 0:
			step = min(step, (limit-n.backlog)/grows)
		}
		own := service * n.Type.VCPUs / can
		mean := min(own*w.waiting(load/can)+60*(n.backlog+grows*step/2)/can, own+60*max(limit, n.backlog)/can)
		if asked := rate * 60 * step; asked > 0 {
			w.add(asked, asked*refused, mean)
		}
		if fresh || mean > n.mean {
			n.mean, fresh = mean, false
		}
		n.spend(use, step, use/can)
		if n.backlog += grows * step; n.backlog < 1e-12 {
			n.backlog = 0
		}
		minutes, at = minutes-step, at+60*step
	}
}

// waiting is the mean time of a request at a load, in times of its service.
func (w *world) waiting(load float64) float64 {
	if w.shared > 1 {
		return queueing.Shared(w.shared, load)
	}
	return queueing.Single(load)
}

// idle has a node work on what it has, or boot.
func (w *world) idle(n *node, minutes float64) {
	switch n.state {
	case launching, lost:
	case booting:
		use := min(w.BootCPU/100*n.Type.VCPUs, n.account.Allows(n.Type.VCPUs))
		n.spend(use, minutes, w.BootCPU/100)
	default:
		w.serve(n, 0, minutes)
	}
}

func (n *node) spend(use, minutes, share float64) {
	n.account.Spend(use, minutes)
	n.used += use * minutes
	n.busy += share * minutes
	n.minutes += minutes
}

// tell ends a minute: what the node shows of it. False for one that did not run.
func (n *node) tell() bool {
	if n.minutes == 0 {
		return false
	}
	n.shown, n.felt = 100*n.used/n.minutes/n.Type.VCPUs, 100*n.busy/n.minutes
	n.used, n.busy, n.minutes = 0, 0, 0
	return true
}
