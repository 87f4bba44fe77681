package simulate

import (
	"math"

	"github.com/korakagazindia/provisioner/internal/alarm"
)

// group is the fleet while it runs.
type group struct {
	*Fleet
	desired    int
	activities int     // launches and terminations that have not ended
	rests      float64 // until when simple scaling waits
	replaced   *node   // what is unhealthy and goes, or what comes instead
	watches    []*watch
	cpu, reqs  series
}

// watch is one alarm at work.
type watch struct {
	*Alarm
	policy  *Policy
	windows []alarm.Window // one for each minute of its period: the window slides
	state   alarm.State
	second  float64 // of the minute at which CloudWatch judges it
	lag     int     // minutes that its newest point is behind
	value   float64 // of its newest point
}

// series is the newest minutes of a metric: sum and number of points.
type series struct {
	sum, count [history]float64
}

const history = 128

func (s *series) put(minute int, sum, count float64) {
	s.sum[minute%history], s.count[minute%history] = sum, count
}

// mean is the average of the minutes up to one, false without a point.
func (s *series) mean(minute, minutes int) (float64, bool) {
	sum, count := 0.0, 0.0
	for m := max(0, minute-minutes+1); m <= minute; m++ {
		sum, count = sum+s.sum[m%history], count+s.count[m%history]
	}
	return sum / count, count > 0
}

// newGroup is the fleet at the beginning.
func (w *world) newGroup(f *Fleet) *group {
	g := &group{Fleet: f, desired: f.Start}
	for i := range f.Policies {
		p := &f.Policies[i]
		alarms := p.Alarms
		if p.Kind == Tracking {
			alarms = w.tracked(p)
		}
		for j := range alarms {
			second := math.Floor(w.random.Float64() * 60)
			lag := 1 + int(max(0, math.Ceil((w.MetricDelay-second)/60)))
			a := alarms[j]
			a.Rule.Extra = int(w.ExtraPoints)
			g.watches = append(g.watches, &watch{Alarm: &a, policy: p, windows: make([]alarm.Window, a.Period), second: second, lag: lag})
		}
	}
	return g
}

// tracked is the two alarms that target tracking makes for itself.
func (w *world) tracked(p *Policy) []Alarm {
	metric := p.Alarms[0].Metric
	rule := func(periods int) alarm.Rule {
		return alarm.Rule{Periods: periods, Points: periods, Missing: alarm.AsMissing}
	}
	all := []Alarm{{Name: "AlarmHigh", Metric: metric, Rule: rule(3), Period: 1, Threshold: p.Target, Compare: "GreaterThanThreshold"}}
	if !p.NoScaleIn {
		all = append(all, Alarm{Name: "AlarmLow", Metric: metric, Rule: rule(15), Period: 1, Threshold: p.Target * w.LowFactor / 100, Compare: "LessThanThreshold"})
	}
	return all
}

// judge has every alarm look at what is new in this minute, and schedules what those in ALARM start.
func (w *world) judge() {
	g := w.group
	for _, a := range g.watches {
		metric := &g.cpu
		if a.Metric == Requests {
			metric = &g.reqs
		}
		window := &a.windows[w.minute%a.Period]
		v, ok := 0.0, false
		if newest := w.minute - a.lag; newest >= 0 {
			v, ok = metric.mean(newest, a.Period)
		}
		if ok {
			a.value = v
			window.Add(a.breaches(v))
		} else {
			window.Skip()
		}
		a.state = a.Rule.Judge(*window, a.state)
		if a.state == alarm.Alarm && w.rolling == nil && w.matters(a) {
			w.schedule(event{at: 60*float64(w.minute) + a.second, kind: acts, watch: a})
		}
	}
}

// matters reports whether an alarm's action can do something in this minute: most of the time a fleet rests at its minimum
// with its low alarm on.
func (w *world) matters(a *watch) bool {
	g := w.group
	if a.policy.Kind == Simple && (g.activities > 0 && !w.pending() || g.rests >= 60*float64(w.minute+1)) {
		return false
	}
	return g.wanted(a, g.desired) != g.desired
}

// pending reports whether something happens in this minute.
func (w *world) pending() bool {
	return len(w.events) > 0 && w.events[0].at < 60*float64(w.minute+1)
}

// wanted is the capacity that an alarm asks for when so many nodes count.
func (g *group) wanted(a *watch, counted int) int {
	p, to := a.policy, counted
	switch {
	case p.Kind == Tracking:
		to = int(math.Ceil(float64(counted)*a.value/p.Target - 1e-9))
	default:
		to = p.adjusted(counted, p.by(a.value-a.Threshold))
	}
	return min(max(to, g.Min), g.Max)
}

// by is the adjustment for a metric so far from its threshold: bounds are inclusive towards the threshold.
func (p *Policy) by(over float64) float64 {
	for _, s := range p.Steps {
		if over >= 0 && over >= s.Lower && over < s.Upper || over < 0 && over > s.Lower && over <= s.Upper {
			return s.By
		}
	}
	return 0
}

// adjusted is a capacity changed by so much. Percentages: above 1 rounded down, below 1 taken as 1 (EC2 Auto Scaling User
// Guide, "Step and simple scaling policies").
func (p *Policy) adjusted(counted int, by float64) int {
	switch p.Adjustment {
	case Exact:
		return int(by)
	case Percent:
		change := float64(counted) * by / 100
		if math.Abs(change) < 1 {
			change = math.Copysign(1, change)
		}
		return counted + int(math.Trunc(change))
	}
	return counted + int(by)
}

// act does what an alarm starts.
func (w *world) act(a *watch) {
	g := w.group
	if a.policy.Kind == Simple {
		if g.activities > 0 || w.at < g.rests {
			return
		}
		w.resize(g.wanted(a, g.desired), a)
		return
	}
	ready, warming := 0, 0
	for _, n := range w.nodes {
		switch {
		case n.fleet && (n.state == launching || w.at < n.warm):
			warming++
		case n.fleet:
			ready++
		}
	}
	switch to := g.wanted(a, ready); {
	case to > g.desired:
		w.resize(to, a)
	case to < g.desired && to < ready && warming == 0:
		w.resize(to, a)
	}
}

// resize sets the capacity and starts what brings it about.
func (w *world) resize(to int, a *watch) {
	g := w.group
	if to == g.desired {
		return
	}
	w.report(Event{At: w.at, Alarm: a.Name, Policy: a.policy.Name, From: g.desired, To: to, CPU: a.value})
	cooldown := 0.0
	if a.policy.Kind == Simple {
		cooldown = a.policy.Cooldown
	}
	for ; g.desired < to; g.desired++ {
		w.launch(w.at+w.DecisionSeconds, cooldown)
	}
	for ; g.desired > to; g.desired-- {
		if n := w.victim(); n != nil {
			w.drain(n, cooldown)
		}
	}
}

// victim is the node that goes when the fleet shrinks: of the zone with most, any (the default policy's last word is chance).
func (w *world) victim() *node {
	counts, most := map[int]int{}, 0
	for _, n := range w.nodes {
		if n.fleet && n.state != draining {
			counts[n.zone]++
			most = max(most, counts[n.zone])
		}
	}
	var candidates []*node
	for _, n := range w.nodes {
		if n.fleet && n.state != draining && counts[n.zone] == most {
			candidates = append(candidates, n)
		}
	}
	if len(candidates) == 0 { // what is to be replaced is going already
		return nil
	}
	return candidates[w.choose(len(candidates))]
}
