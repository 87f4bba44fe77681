package check_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

const region = "ap-south-1"

// world is an account on the emulator with the owners' server, made by hand.
type world struct {
	*testing.T
	cloud *emulator.Emulator
	facts map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	tooltest.Ministack(t)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t}
	if w.cloud, err = emulator.Start(t.Context(), emulator.Options{Root: p.Root, Region: region, Log: t.Output()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cloud.Stop() })
	if w.facts, err = local.SeedHandMade(t.Context(), w.cloud.URL, w.config(nil), local.HandMade{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// config is that of a fleet which is built beside the server, with changes; "" unsets.
func (w *world) config(changes map[string]string) *config.Config {
	w.Helper()
	context := map[string]any{"stage": "horizontal", "keepServer": "none", "fleetTrafficPercent": "100", "keyPairName": "korakagaz-backend-key",
		"domainName": "server.korakagazindia.com", "alarmEmail": "ops@korakagazindia.com", "hostedZoneName": "korakagazindia.com",
		"highCpuAlarmName": "high-cpu-kora-fleet",
		"gitRepository":    "https://github.com/korakagazindia/kora.git", "gitRef": "0123456789abcdef0123456789abcdef01234567"}
	for key, value := range w.facts {
		if value != "" { // what is left out is the record, which stays by hand
			context[key] = value
		}
	}
	for key, value := range changes {
		context[key] = value
	}
	c, err := config.Unruled(context)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// subject is the deploy of a stage's template as the tests keep it.
func (w *world) subject(changes map[string]string) check.Subject {
	w.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "test", "testdata", "templates", "horizontal.template.json"))
	if err != nil {
		w.Fatal(err)
	}
	t, err := template.Parse(text)
	if err != nil {
		w.Fatal(err)
	}
	t.Resource("HighCpuAlarm").Properties["AlarmName"] = "high-cpu-kora-fleet"
	t.Resource("LowHealthyHostsAlarm").Properties["AlarmName"] = "low-healthy-hosts-fleet"
	c := w.config(changes)
	return check.Subject{Account: account.At(w.cloud.URL, region), Config: c, Template: t, Now: time.Now(),
		Ask: func(context.Context, string) (int, error) { return 200, nil },
		NameServers: func(ctx context.Context, domain string) ([]string, error) {
			zones, err := account.At(w.cloud.URL, region).Zones(ctx)
			for _, z := range zones {
				if z.Name == domain && !z.Private {
					return account.At(w.cloud.URL, region).NameServers(ctx, z.ID)
				}
			}
			return nil, errors.Join(err, errors.New("no such zone"))
		}}
}

// verdicts are the worst of each code.
func verdicts(results []check.Result) map[string]check.Verdict {
	order := []check.Verdict{check.Pass, check.Warn, check.Unknown, check.Fail}
	found := map[string]check.Verdict{}
	for _, r := range results {
		if slices.Index(order, r.Verdict) >= slices.Index(order, found[r.Code]) {
			found[r.Code] = r.Verdict
		}
	}
	return found
}

// Without credentials that is said once, and what needs none is still looked at.
func TestNoCredentials(t *testing.T) {
	w := newWorld(t)
	s := w.subject(nil)
	s.Account, s.Why = nil, account.ErrNoCredentials
	got := fmt.Sprint(verdicts(check.Check(t.Context(), s)))
	if want := "map[credentials:unknown health:pass template-size:pass]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
