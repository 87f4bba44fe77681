package simulate

import (
	"math/rand/v2"
)

// Result is what came of a demand. Requests that were asked are served in time, slow ones included, or unserved: refused, or
// answered too late.
type Result struct {
	Minutes   int
	Asked     float64 // requests
	Unserved  float64
	Slow      float64
	Users     float64 // user-minutes
	UsersLost float64 // user-minutes unserved
	UsersSlow float64 // user-minutes served slowly
	P50, P95  float64 // seconds, of all requests that were not refused
	Worst     float64 // seconds, the p95 of the slowest node in the worst minute
	WorstAt   int     // that minute
	MostNodes int
	Hours     float64 // of instances, the server's included
	Nodes     float64 // of the fleet, the mean
	Charged   float64 // credits
	Owed      float64 // credits spent ahead by what still runs: charged when it ends
	Shown     float64 // % CPU, the mean of what CloudWatch shows
	Starved   int     // minutes in which a machine had no credits and more work than its baseline
	Breaks    []Break
	Events    []Event
}

// Break is a time in which the stage breaks: more than a share of the requests is unserved in each minute, with pauses of
// less than an hour.
type Break struct {
	From, To          int // minutes, the last one included
	Serving           int // nodes, in the first minute
	Starving          int // of them without credits
	Coming            int // nodes that are launched or boot
	Most              bool
	Database          bool
	Lost              float64 // user-minutes
	Removed, Replaced int     // nodes taken away during it
	RemovedAt         int     // the first time, a minute
}

// Event is a change of the fleet's size, or a node replaced.
type Event struct {
	At            float64 // seconds from the beginning
	Alarm, Policy string
	From, To      int
	CPU           float64 // or the metric that the alarm watches
	Starving      int     // machines without credits and full, in the minute before
	Replaced      bool
	Lost          bool // what is replaced was lost
}

// Minute is what is seen of one minute.
type Minute struct {
	Index                 int
	Rate                  float64 // requests a second
	Unserved, Slow        float64 // requests
	P50, P95              float64 // seconds, of the slowest node
	Shown, Felt           float64 // % CPU, the mean of the machines that serve
	Credits               float64 // of the machine that has the fewest
	Running, Serving, Can float64 // machines; requests a second that they can serve
	Charged               float64 // credits so far
}

// Run replays requests a second, one figure a minute. Each, when there is one, is told of every minute. The same seed gives
// the same result.
func Run(setup *Setup, rates []float64, a Assumptions, seed uint64, each func(*Minute)) *Result {
	return begin(setup, a, seed).replay(rates, each)
}

func (w *world) replay(rates []float64, each func(*Minute)) *Result {
	w.keep = each != nil
	for i, rate := range rates {
		w.minute = i
		w.run(rate)
		w.observe(rate, each)
	}
	return w.finish(len(rates))
}

func begin(setup *Setup, a Assumptions, seed uint64) *world {
	w := &world{Assumptions: a, setup: setup, random: rand.New(rand.NewPCG(seed, 19)), service: a.Service(), result: &Result{}, shared: 1}
	w.choose = w.random.IntN
	if setup.Server != nil && setup.ServerShare > 0 {
		w.nodes = append(w.nodes, w.rested(newNode(setup.Server, 0)))
	}
	for _, h := range setup.Happens {
		w.schedule(event{at: h.At, kind: befalls, what: h.Kind})
	}
	if f := setup.Fleet; f != nil {
		w.group = w.newGroup(f)
		for i := range f.Start {
			n := w.rested(newNode(&f.Machine, 0))
			n.fleet, n.zone, n.due = true, i%f.Zones, w.random.Float64()*f.Check.Interval
			w.nodes = append(w.nodes, n)
		}
	}
	return w
}

// rested is a machine that serves at the beginning.
func (w *world) rested(n *node) *node {
	n.state, n.healthy = serving, -1e9
	n.account.Earned = w.StartCredits / 100 * n.Type.Limit()
	return n
}

// run lets one minute pass.
func (w *world) run(rate float64) {
	if g := w.group; g != nil {
		if g.LeastOutstanding {
			w.shared = max(1, w.serving())
		}
		w.check()
		w.judge()
	}
	for end := 60 * float64(w.minute+1); w.at < end; {
		next := end
		if len(w.events) > 0 {
			next = min(end, w.events[0].at)
		}
		w.pass(next, rate)
		for len(w.events) > 0 && w.events[0].at <= w.at {
			e := w.events[0]
			w.events = w.events[1:]
			w.happen(e)
		}
	}
}

func (w *world) serving() int {
	count := 0
	for _, n := range w.nodes {
		if n.fleet && n.state == serving {
			count++
		}
	}
	return count
}

// observe ends a minute: metrics, sums, and what the caller sees.
func (w *world) observe(rate float64, each func(*Minute)) {
	m := &w.seen
	*m = Minute{Index: w.minute, Rate: rate, Credits: -1}
	w.starving = w.machines(m)
	if w.group != nil {
		served := w.now.asked * (1 - w.setup.ServerShare)
		w.group.reqs.put(w.minute, served/max(1, float64(w.serving())), 1)
	}
	r, now := w.result, w.now
	r.Asked, r.Unserved, r.Slow = r.Asked+now.asked, r.Unserved+now.unserved, r.Slow+now.slow
	users := w.Users(rate)
	r.Users += users
	if w.starving > 0 {
		r.Starved++
	}
	if now.asked > 0 {
		r.UsersLost += users * min(1, now.unserved/now.asked)
		r.UsersSlow += users * now.slow / now.asked
	}
	m.Unserved, m.Slow, m.Charged = now.unserved, now.slow, w.charged
	if now.asked > now.unserved {
		m.P50, m.P95 = w.fixed+0.693*now.total/now.asked, w.fixed+2.996*now.worst
	}
	if m.P95 > r.Worst {
		r.Worst, r.WorstAt = m.P95, w.minute
	}
	w.breaks(users)
	w.now = tally{}
	if each != nil {
		for _, n := range w.nodes {
			m.Charged += n.account.Charged
		}
		each(m)
	}
}

// machines has every machine tell of its minute, and counts those that starve: without credits, and full.
func (w *world) machines(m *Minute) (starving int) {
	sum, count, told := 0.0, 0.0, 0.0
	for _, n := range w.nodes {
		if !n.tell() {
			continue
		}
		m.Running++
		n.sum += n.shown
		if reports := n.Detailed || w.minute%5 == 4; n.fleet && reports && (w.at > n.warm || w.WarmingCounts == 1) {
			shown := n.shown
			if !n.Detailed {
				shown = n.sum / 5
			}
			sum, count = sum+shown, count+1
		}
		if w.minute%5 == 4 {
			n.sum = 0
		}
		if n.state != serving || n.fleet && w.setup.ServerShare == 1 {
			continue
		}
		told++
		can := n.capacity(w.at, w.ThrottleRamp)
		m.Shown, m.Felt, m.Can = m.Shown+n.shown, m.Felt+n.felt, m.Can+can/w.service
		if n.Type.PerHour > 0 && (m.Credits < 0 || n.account.Balance() < m.Credits) {
			m.Credits = n.account.Balance()
		}
		if can < n.Type.VCPUs && (n.felt > 99 || n.backlog > 0) {
			starving++
		}
	}
	if told > 0 {
		m.Shown, m.Felt, m.Serving = m.Shown/told, m.Felt/told, told
	}
	if w.group != nil {
		w.group.cpu.put(w.minute, sum, count)
	}
	w.result.Shown += m.Shown
	w.result.MostNodes = max(w.result.MostNodes, int(m.Running))
	return starving
}

// breaks notes whether the stage breaks in this minute, and why.
func (w *world) breaks(users float64) {
	r := w.result
	if w.now.asked == 0 || w.now.unserved <= w.BreakPercent/100*w.now.asked {
		return
	}
	if n := len(r.Breaks); n == 0 || w.minute-r.Breaks[n-1].To > 60 {
		b := Break{From: w.minute, Starving: w.starving}
		for _, n := range w.nodes {
			switch n.state {
			case serving:
				b.Serving++
			case launching, booting:
				b.Coming++
			}
		}
		b.Most = w.group != nil && w.group.desired == w.group.Max
		b.Database = w.DatabaseLimit > 0 && w.fixed > w.FixedSeconds+queueAtDatabase/w.DatabaseLimit
		r.Breaks = append(r.Breaks, b)
	}
	last := &r.Breaks[len(r.Breaks)-1]
	last.To = w.minute
	last.Lost += users * min(1, w.now.unserved/w.now.asked)
}

// queueAtDatabase is from when on a database counts as full: answers take 20 times as long as in an empty one.
const queueAtDatabase = 20

// report notes a change of the fleet.
func (w *world) report(e Event) {
	r := w.result
	e.Starving = w.starving
	if w.keep {
		r.Events = append(r.Events, e)
	}
	if n := len(r.Breaks); n > 0 && w.minute-r.Breaks[n-1].To <= 15 {
		b := &r.Breaks[n-1]
		if e.Replaced {
			b.Replaced++
		}
		if b.Removed == 0 && e.To < e.From {
			b.RemovedAt = w.minute
		}
		b.Removed += max(0, e.From-e.To)
	}
}

// finish ends the run.
func (w *world) finish(minutes int) *Result {
	r := w.result
	r.Minutes, r.Hours, r.Charged = minutes, w.hours, w.charged
	if w.setup.Server != nil && w.setup.ServerShare == 0 { // it stands beside the fleet, idle
		r.Hours += float64(minutes) / 60
	}
	for _, n := range w.nodes {
		r.Hours += max(0, w.at-n.since) / 3600
		r.Charged += n.account.Charged
		r.Owed += n.account.Surplus
	}
	if minutes > 0 {
		r.Shown /= float64(minutes)
	}
	if w.setup.Fleet != nil && minutes > 0 {
		r.Nodes = r.Hours / (float64(minutes) / 60)
		if w.setup.Server != nil {
			r.Nodes--
		}
	}
	r.P50, r.P95 = w.FixedSeconds+w.times.quantile(.5), w.FixedSeconds+w.times.quantile(.95)
	return r
}
