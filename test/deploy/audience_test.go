package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/emulator/users"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// met are the types whose operations change what users meet.
var met = []string{"AWS::EC2::Instance", "AWS::EC2::EIP", "AWS::EC2::EIPAssociation", "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress",
	"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::Listener",
	"AWS::AutoScaling::AutoScalingGroup", "AWS::Route53::RecordSet"}

// audience are users who come all the time, watched by kora verify --watch: some whose resolver answers as the record is now, some
// whose resolver keeps an answer as long as it may; of each some who come for the first time and some who keep connection and
// cookies; and some whose request is under way while something changes. At each state that a deployment brings about, all of them
// ask.
type audience struct {
	*account
	world   *users.World
	skipped atomic.Int64
	watches []*watch
	running sync.WaitGroup

	mutex sync.Mutex
	at    string // what has just happened
	lost  map[string][]string

	announced []string // for which pauses are
}

// watch is one kora verify --watch.
type watch struct {
	ticks chan time.Time
	told  chan struct{} // of each request that ended
}

const (
	recent = iota
	older
	long
)

func newAudience(a *account) *audience {
	a.Helper()
	u := &audience{account: a, world: a.wayIn(), lost: map[string][]string{}}
	u.world.Held, u.world.Shared, u.world.Pick = true, true, extremes()
	u.world.Now = func() time.Time { return time.Now().Add(time.Duration(u.skipped.Load())) }
	e := verify.Expected{Domain: "server.korakagazindia.com", HTTPS: true, HealthPath: "/health"}
	for i := range 3 {
		w, asks := way(u.world), e
		if i == older {
			w.Resolve = u.world.Resolver()
		}
		if i == long {
			asks.HealthPath = users.LongPath
		}
		one := &watch{make(chan time.Time), make(chan struct{}, 10)}
		u.watches = append(u.watches, one)
		u.running.Go(func() {
			verify.Watch(a.Context(), w, asks, verify.Watching{Ticks: one.ticks, For: time.Hour, Slow: time.Minute, All: true, Tell: func(r verify.Request) {
				u.tell(i, r)
				one.told <- struct{}{}
			}})
		})
	}
	a.Cleanup(func() {
		u.world.Close()
		for _, one := range u.watches {
			close(one.ticks)
		}
		u.running.Wait()
	})
	return u
}

// extremes chooses the first and the last of what has any weight, in turn: each that users may reach is reached in every round.
func extremes() func(string) float64 {
	var last atomic.Bool
	return func(string) float64 {
		was := last.Load()
		last.Store(!was)
		if was {
			return 0.9999
		}
		return 0
	}
}

// skip lets time pass for resolvers, cookies and what drains.
func (u *audience) skip(d time.Duration) { u.skipped.Add(int64(d)) }

func (u *audience) tell(i int, r verify.Request) {
	if !r.Lost {
		return
	}
	who := [...]string{"recent", "older", "long"}[i] + " " + r.Way
	said := r.Fault
	if said == "" {
		said = fmt.Sprint(r.Status)
	}
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.lost[u.at] = append(u.lost[u.at], who+": "+said)
}

// round lets all of them ask once, of what stands now, where something has just happened. What was under way is answered, and
// once more something is, unless it is the last round.
func (u *audience) round(at string, last bool) {
	u.mutex.Lock()
	u.at = at
	u.mutex.Unlock()
	under := u.world.Waiting()
	if err := u.world.Refresh(u.Context()); err != nil {
		u.Error(err)
		return
	}
	u.gather(long, under) // one whose kept connection broke may be under way again: browsers try once more, and so does Go
	for _, one := range u.watches[:long] {
		one.ticks <- time.Time{}
	}
	u.gather(recent, 2)
	u.gather(older, 2)
	if last {
		return
	}
	u.watches[long].ticks <- time.Time{}
	u.gather(long, 2)
}

// gather waits until so many requests of a watch have ended, or wait at a machine for the next state.
func (u *audience) gather(watch, count int) {
	for ended := 0; ended < count && (watch != long || u.world.Waiting()+ended < count); {
		select {
		case <-u.watches[watch].told:
			ended++
		case <-time.After(time.Millisecond / 2):
		}
	}
}

// during lets them come while something is done, at each state that it brings about, and returns what was lost at which of them.
func (u *audience) during(do func()) map[string][]string {
	u.Helper()
	u.lost = map[string][]string{}
	u.round("before", false)
	u.must(cloud.HaltAt(u.Context(), met...))
	var ended atomic.Bool
	var watching sync.WaitGroup
	watching.Go(func() {
		last := "before"
		for number := 0; !ended.Load(); {
			halt, err := cloud.NextHalt(u.Context(), number)
			if err != nil {
				u.Error(err)
				return
			}
			if number = halt.Number; number > 0 {
				last = halt.At
			}
			u.round(last, false) // without a halt too, from time to time: who waits, waits for no longer than users do
		}
	})
	do()
	ended.Store(true)
	u.must(cloud.HaltAt(u.Context()))
	watching.Wait()
	u.round("after", true)
	return u.lost
}

// TTL of the record, in which resolvers keep an answer, and two of them with some more.
const twoTTLs = 601 * time.Second

// pauses are the steps in which users are without service, by design: which resource kora diff names for it, and after what they
// lose requests. In no other step is one lost.
var pauses = map[string]pause{
	"life, step 2":             {"Server", []string{"stop Server"}},
	"life, step 13":            {"Server", []string{"stop Server"}},
	"another key pair, step 2": {"Server", []string{"delete AddressAssociation"}}, // until the new server has the address
	"a larger disk, step 2":    {"Server", []string{"delete AddressAssociation"}},
}

type pause struct {
	of string
	at []string
}

// No user loses a request in any step of any life, but for these pauses, which kora diff announces.
func TestNobodyIsLost(t *testing.T) {
	met := 0
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned()
			a.otherKey()
			before := template(t, base.and(way[0]))
			a.mustDeploy(before)
			u := newAudience(a)
			for i, changes := range way[1:] {
				step := fmt.Sprintf("%s, step %d", name, i+2)
				after := template(t, base.and(changes))
				want, pauses := pauses[step]
				if u.pausing(before, after); pauses {
					met++
				}
				if lost := u.during(func() { a.mustDeploy(after) }); !slices.Equal(slices.Sorted(maps.Keys(lost)), want.at) {
					t.Errorf("%s: lost %v, want so only at %q", step, lost, want.at)
				}
				if pauses != (len(u.announced) > 0) || pauses && !slices.Equal(u.announced, []string{want.of}) {
					t.Errorf("%s: kora diff announces pauses of %q, want %q", step, u.announced, want.of)
				}
				u.skip(twoTTLs)
				before = after
			}
		})
	}
	if met != len(pauses) {
		t.Errorf("%d steps have a pause, want %d", met, len(pauses))
	}
}

// A server that is made larger is away from its stop until it has booted, which CloudFormation does not wait for.
func TestPauseLastsUntilTheServerHasBooted(t *testing.T) {
	a := newAccount(t)
	base := a.zoned()
	a.must(cloud.SetMachines(t.Context(), emulator.Machines{Outcome: "success", DelaySeconds: 60, Resource: "Server"}))
	a.mustDeploy(template(t, base.and(single.changes)))
	a.must(cloud.SkipTime(t.Context(), time.Minute))
	u := newAudience(a)
	lost := u.during(func() { a.mustDeploy(template(t, base.and(vertical.changes))) })
	if found := slices.Sorted(maps.Keys(lost)); !slices.Equal(found, []string{"after", "stop Server", "update Server"}) {
		t.Errorf("lost at %q", found)
	}
	a.must(cloud.SkipTime(t.Context(), time.Minute))
	u.lost = map[string][]string{}
	if u.round("once it has booted", true); len(u.lost) > 0 {
		t.Errorf("lost %v", u.lost)
	}
}

// pausing takes note of the resources for which diff announces a pause in the move from one template to another; from "" on there
// are no users who could lose anything.
func (u *audience) pausing(from, to string) {
	u.Helper()
	if u.announced = nil; from == "" {
		return
	}
	u.announced = []string{}
	for _, cause := range diff.Compare(parsed(u.T, from), parsed(u.T, to)).Downtime.Causes {
		u.announced = append(u.announced, cause.ID)
	}
}

// watched deploys a template, while users come if there are any yet, and holds that they lose nothing but in the announced pauses.
func (u *audience) watched(name, template string) (status types.StackStatus) {
	u.Helper()
	if u.announced == nil {
		return u.deploy(template)
	}
	u.skip(twoTTLs)
	for at, lost := range u.during(func() { status = u.deploy(template) }) {
		words := strings.Fields(at)
		if !slices.Contains(u.announced, words[len(words)-1]) {
			u.Errorf("%s: lost at %q:\n%s", name, at, strings.Join(lost, "\n"))
		}
	}
	return status
}
