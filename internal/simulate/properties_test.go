package simulate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/credits"
)

// fixed is a random fleet that stays as it is, and a demand for it.
func fixed(t *testing.T, random *rand.Rand) (*Setup, []float64, Assumptions) {
	c, kind := randomCase(random)
	c.policy = ""
	setup, a := c.first(t, kind, 1+(c.usersPerRate-c.service)/c.service)
	for i := range c.rates {
		c.rates[i] *= math.Exp(0.3 * random.NormFloat64())
	}
	return setup, c.rates, a
}

// In a fleet that stays as it is, one more node, unlimited credits, or a type that needs none never serve less. A ten
// thousandth is for how finely a minute is cut: where credits end, the mean of what waits is taken twice.
func TestMoreServesMore(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	changes := map[string]func(s *Setup, rates []float64) (*Setup, []float64){
		"one more node": func(s *Setup, rates []float64) (*Setup, []float64) { return started(s, s.Fleet.Start+1), rates },
		"unlimited": func(s *Setup, rates []float64) (*Setup, []float64) {
			with := started(s, s.Fleet.Start)
			with.Fleet.Machine.Unlimited = true
			return with, rates
		},
		"no credits": func(s *Setup, rates []float64) (*Setup, []float64) {
			with := started(s, s.Fleet.Start)
			with.Fleet.Machine.Type = credits.Kind{VCPUs: s.Fleet.Machine.Type.VCPUs}
			return with, rates
		},
	}
	for i := range 300 {
		s, rates, a := fixed(t, random)
		before := Run(s, rates, a, 1, nil)
		for name, change := range changes {
			with, demand := change(s, rates)
			after := Run(with, demand, a, 1, nil)
			if after.Unserved > before.Unserved+1e-4*before.Asked {
				t.Errorf("case %d, %s: %v unserved of %v, want at most %v", i, name, after.Unserved, before.Asked, before.Unserved)
			}
			if after.UsersLost > before.UsersLost+1e-4*before.Users {
				t.Errorf("case %d, %s: %v user-minutes lost, want at most %v", i, name, after.UsersLost, before.UsersLost)
			}
		}
	}
}

// A demand that lasts three times as long, minute by minute, loses three times as much, where no credits run out.
func TestTimeScales(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for i := range 100 {
		s, rates, a := fixed(t, random)
		s.Fleet.Machine.Type = credits.Kind{VCPUs: s.Fleet.Machine.Type.VCPUs}
		a.QueueLimit = 1 // what waits goes over from one minute to the next, and does not scale
		var long []float64
		for _, rate := range rates {
			long = append(long, rate, rate, rate)
		}
		one, three := Run(s, rates, a, 1, nil), Run(s, long, a, 1, nil)
		got := []float64{three.Asked, three.Users, three.Hours, three.Shown}
		want := []float64{3 * one.Asked, 3 * one.Users, 3 * one.Hours, one.Shown}
		for k := range got {
			if math.Abs(got[k]-want[k]) > 1e-3*math.Abs(want[k])+1e-9 {
				t.Errorf("case %d, figure %d: %v, want %v", i, k, got[k], want[k])
			}
		}
		if math.Abs(three.Unserved-3*one.Unserved) > 0.005*one.Asked {
			t.Errorf("case %d: %v unserved, want %v", i, three.Unserved, 3*one.Unserved)
		}
	}
}

// Requests are neither lost nor made: what is asked is what came, and what is not served is part of it. The same seed gives
// the same result.
func TestSums(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for i := range 200 {
		c, kind := randomCase(random)
		s, a := c.first(t, kind, 1+(c.usersPerRate-c.service)/c.service)
		s.Fleet.ByBalancer, s.Fleet.Check, s.Fleet.Grace, a.HealthWait = true, Check{30, 5, 2, 2}, 300, 100*random.Float64()
		s.Fleet.Sticky, s.Fleet.LeastOutstanding, s.Fleet.SlowStart = random.IntN(2) == 0, random.IntN(2) == 0, float64(random.IntN(2)*60)
		came, listed := 0.0, 0.0
		for _, rate := range c.rates {
			came += 60 * rate
		}
		r := Run(s, c.rates, a, uint64(i), func(m *Minute) {
			listed += m.Unserved
			if m.Shown > 100+1e-6 || m.Felt > 100+1e-6 || m.Shown > m.Felt+1e-6 || m.Running > float64(s.Fleet.Max)+2 || m.P95 < m.P50-1e-9 {
				t.Fatalf("case %d: %+v", i, *m)
			}
		})
		if math.Abs(r.Asked-came) > 1e-6*came || math.Abs(r.Unserved-listed) > 1e-6*came || r.Unserved+r.Slow > r.Asked*(1+1e-9)+float64(s.Fleet.Max)*a.QueueLimit*float64(len(r.Events)) {
			t.Errorf("case %d: %v asked of %v, %v unserved, %v listed, %v slow", i, r.Asked, came, r.Unserved, listed, r.Slow)
		}
		if diff := cmp.Diff(Run(s, c.rates, a, uint64(i), func(*Minute) {}), r); diff != "" {
			t.Errorf("case %d, again (-got +want):\n%s", i, diff)
		}
	}
}
