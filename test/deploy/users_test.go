package deploy

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	realaccount "github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator/users"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// world is the way of users to what stands in the emulator, read anew for each request.
func (a *account) wayIn() *users.World {
	a.Helper()
	w := got[*users.World](a)(users.Open(a.Context(), cloud.URL, region))
	a.Cleanup(w.Close)
	return w
}

func way(w *users.World) verify.Way {
	return verify.Way{Resolve: w.Resolve, Dial: w.Dial, Roots: w.Roots()}
}

// promised is what a configuration promises, of what stands.
func (a *account) promised(c values) verify.Expected {
	a.Helper()
	text := got[[]byte](a)(json.Marshal(c))
	var context map[string]any // numbers as cdk.json has them
	a.must(json.Unmarshal(text, &context))
	parsed := got[*config.Config](a)(config.FromContext(context))
	reader := realaccount.At(cloud.URL, region)
	s := got[*status.Status](a)(status.Read(a.Context(), reader, status.Of(parsed)))
	e := verify.Promised(a.Context(), reader, parsed, s)
	e.Requests, e.Tells, e.SessionPath = 100, "machine", "/"
	return e
}

// Users find at each step of the life what the stage promises: nothing is broken but that nobody has subscribed to the alarms,
// and nothing unknown but which commit an image without a repository serves, and that nobody answers for a fleet without a share.
func TestEachStepKeepsItsPromises(t *testing.T) {
	a := newAccount(t)
	base := a.zoned()
	w := a.wayIn()
	w.Held, w.Shared, w.Pick = true, true, inTurn()
	for _, s := range life() {
		c := base.and(s.changes)
		a.mustDeploy(template(t, c))
		a.must(w.Refresh(t.Context()))
		e := a.promised(c)
		idle := slices.ContainsFunc(e.Groups, func(g verify.Group) bool { return !g.Server && g.Percent == 0 })
		for _, p := range verify.Verify(t.Context(), way(w), e) {
			want := map[string]verify.Verdict{"alarms-act": verify.Broken, "one-revision": verify.Unknown}[p.Code]
			if idle && p.Code == "weights-hold" {
				want = verify.Unknown
			}
			if want == "" {
				want = verify.Kept
			}
			if p.Verdict != want {
				t.Errorf("%s: %s %s is %s: %s", s.name, p.Code, p.Subject, p.Verdict, p.Evidence)
			}
		}
	}
}

// inTurn chooses by weights without chance: of a hundred requests to one path, each group gets its share.
func inTurn() func(string) float64 {
	var mutex sync.Mutex
	at := map[string]int{}
	return func(path string) float64 {
		mutex.Lock()
		defer mutex.Unlock()
		at[path] = (at[path] + 37) % 100
		return float64(at[path]) / 100
	}
}
