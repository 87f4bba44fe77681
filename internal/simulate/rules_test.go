package simulate

import (
	"math"
	"testing"
)

// at is a world at a time of day, with the fleet of the template begun.
func at(t *testing.T, seconds float64, change func(*Setup, *Assumptions)) *world {
	t.Helper()
	s, a := started(setup(t, "horizontal.template.json"), 2), Assumed()
	change(s, &a)
	w := begin(s, a, 1)
	w.at, w.minute = seconds, int(seconds/60)
	return w
}

func (w *world) scheduled(kind happens) (count int) {
	for _, e := range w.events {
		if e.kind == kind {
			count++
		}
	}
	return count
}

// Within its grace a node is not ended for its health; after it, once two checks in a row have failed, and one node at a
// time.
func TestGrace(t *testing.T) {
	w := at(t, 1000, func(*Setup, *Assumptions) {})
	first, second := w.nodes[0], w.nodes[1]
	first.judged = 1200
	for range 3 {
		w.answer(first, true)
	}
	if !first.unhealthy || w.scheduled(noticed) != 0 {
		t.Errorf("unhealthy %v, %d to be replaced within the grace", first.unhealthy, w.scheduled(noticed))
	}
	w.at = 1200
	w.answer(first, true)
	w.answer(second, true)
	w.answer(second, true)
	if w.scheduled(noticed) != 1 {
		t.Errorf("%d to be replaced, want one at a time", w.scheduled(noticed))
	}
	w.answer(second, false)
	if w.answer(second, false); second.unhealthy {
		t.Error("two checks passed, and it is unhealthy")
	}
}

// A step or tracking policy removes nothing while a node warms up, and simple scaling waits for its cooldown.
func TestScaleInWaits(t *testing.T) {
	for _, kind := range []Kind{Stepped, Tracking} {
		for _, warm := range []float64{900, 1100} {
			w := at(t, 1000, func(s *Setup, _ *Assumptions) {
				s.Fleet.Start = 4
				s.Fleet.Policies = []Policy{{Kind: kind, Target: 50, Steps: []Step{{math.Inf(-1), math.Inf(1), -1}}, Alarms: []Alarm{{Period: 1}}}}
			})
			w.nodes[0].warm = warm
			low := w.group.watches[len(w.group.watches)-1]
			low.value = 1
			w.act(low)
			if removed := w.group.desired < 4; removed != (warm < w.at) {
				t.Errorf("policy %d, warm at %v: %d nodes at %v", kind, warm, w.group.desired, w.at)
			}
		}
	}
	w := at(t, 1000, func(s *Setup, _ *Assumptions) { s.Fleet.Start = 3 })
	low := w.group.watches[1]
	w.group.rests = 1001
	if w.act(low); w.group.desired != 3 {
		t.Error("simple scaling acts in its cooldown")
	}
	w.group.rests = 1000
	if w.act(low); w.group.desired != 2 {
		t.Errorf("%d nodes after the cooldown, want 2", w.group.desired)
	}
}

// The hundred and first launch of a day has no launch credits; a day later one has them again.
func TestLaunchCredits(t *testing.T) {
	w := at(t, 0, func(s *Setup, _ *Assumptions) { s.Fleet.Machine.Unlimited = false })
	for i := range 102 {
		want := 30.0
		if i >= 100 {
			want = 0
		}
		if n := w.launch(w.at, 0); n.account.Launch != want {
			t.Errorf("launch %d: %v credits, want %v", i+1, n.account.Launch, want)
		}
	}
	w.at = 24*3600 + 1
	if n := w.launch(w.at, 0); n.account.Launch != 30 {
		t.Errorf("a day later: %v credits", n.account.Launch)
	}
}

// A node that listens before two checks have failed is healthy by its next one; one that comes later must pass as many as the
// threshold says.
func TestFirstHealth(t *testing.T) {
	for listens, most := range map[float64]float64{10: 40, 100: 100 + 30 + 4*30} {
		w := at(t, 0, func(s *Setup, a *Assumptions) {
			s.Fleet.Check.Healthy = 5
			a.BootMedian, a.BootP95 = listens, listens
		})
		for range 50 {
			n := w.launch(w.at, 0)
			w.inService(n)
			least := listens
			if listens > 60 {
				least += 4 * 30
			}
			if n.healthy < least || n.healthy > most {
				t.Errorf("listens after %v: healthy after %v, want %v to %v", listens, n.healthy, least, most)
			}
		}
	}
}

// One policy's steps count from the threshold, its bounds inclusive towards it; percentages below one node are one.
func TestAdjustments(t *testing.T) {
	p := Policy{Steps: []Step{{0, 20, 1}, {20, math.Inf(1), 2}}}
	for over, want := range map[float64]float64{0: 1, 19.9: 1, 20: 2, 90: 2} {
		if got := p.by(over); got != want {
			t.Errorf("%v over: %v, want %v", over, got, want)
		}
	}
	down := Policy{Steps: []Step{{-20, 0, -1}, {math.Inf(-1), -20, -2}}}
	for over, want := range map[float64]float64{-0.1: -1, -19.9: -1, -20: -2, -90: -2} {
		if got := down.by(over); got != want {
			t.Errorf("%v: %v, want %v", over, got, want)
		}
	}
	for _, test := range []struct {
		adjustment Adjustment
		by         float64
		want       int
	}{{Change, 2, 12}, {Change, -1, 9}, {Exact, 4, 4}, {Percent, 25, 12}, {Percent, 5, 11}, {Percent, -5, 9}, {Percent, -38, 7}} {
		if got := (&Policy{Adjustment: test.adjustment}).adjusted(10, test.by); got != test.want {
			t.Errorf("%v of %v: %d nodes of 10, want %d", test.by, test.adjustment, got, test.want)
		}
	}
}

// Two nodes of ten warm up: a breach that adds three makes thirteen, not fourteen (EC2 Auto Scaling User Guide, "Step and
// simple scaling policies").
func TestWarmingNodesDoNotCount(t *testing.T) {
	w := at(t, 1000, func(s *Setup, _ *Assumptions) {
		s.Fleet.Start, s.Fleet.Max = 10, 20
		s.Fleet.Policies = []Policy{{Kind: Stepped, Steps: []Step{{math.Inf(-1), 20, 1}, {20, math.Inf(1), 3}}, Alarms: []Alarm{{Period: 1, Threshold: 60}}}}
	})
	high := w.group.watches[0]
	high.value = 65
	w.act(high)
	if w.act(high); w.group.desired != 11 {
		t.Errorf("%d nodes after two breaches of one step, want 11", w.group.desired)
	}
	high.value = 85
	if w.act(high); w.group.desired != 13 {
		t.Errorf("%d nodes after a larger breach, want 13", w.group.desired)
	}
}
