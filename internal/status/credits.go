package status

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/credits"
)

// Credits are a burstable machine's CPU credits, as CloudWatch has them: one is a vCPU at 100 % for a minute.
type Credits struct {
	// Balance are those that it may spend, and Surplus those that it has spent and not earned yet, in unlimited mode alone.
	Balance float64 `json:"balance"`
	Surplus float64 `json:"surplus"`
	// Mode is standard, unlimited or Unknown.
	Mode string `json:"mode"`
	// At is when that was so, in UTC.
	At time.Time `json:"at"`
	// FullLoadHours is for how long all of its vCPUs may be used before a standard machine is held to Baseline, and an unlimited one
	// pays; nil for a type whose figures are not known.
	FullLoadHours *float64 `json:"fullLoadHours"`
	// Baseline is the share of its vCPUs, in percent, that it may use for ever.
	Baseline *float64 `json:"baselinePercent"`
}

// newest is how old a value may be that says how it is now; CloudWatch has one of credits each five minutes (EC2 User Guide, "Monitor
// your CPU credits").
const (
	newest = 30 * time.Minute
	period = 5 * time.Minute
)

// read is what was read of credits, and when: until CloudWatch has newer values it is not asked again, since it bills each.
type read struct {
	at      time.Time
	of      string
	credits map[string]*Credits
	err     error
}

// readCredits reads those of all machines of the stack that run and have some.
func (r *reading) readCredits(ctx context.Context) error {
	if r.all.err != nil {
		return r.all.err
	}
	types := map[string]string{}
	var ids []string
	r.serving(func(id, kind string, runs bool, _ *Serving) {
		if k, known := credits.Of(kind); runs && known && k.PerHour > 0 {
			ids, types[id] = append(ids, id), kind
		}
	})
	now := r.now()
	if of := strings.Join(ids, " "); of != r.credits.of || now.Sub(r.credits.at) >= period {
		r.credits = read{at: now, of: of}
		r.credits.credits, r.credits.err = r.creditsOf(ctx, ids, types, now)
	}
	r.serving(func(id, _ string, _ bool, s *Serving) { s.Credits = r.credits.credits[id] })
	return r.credits.err
}

func (by *Reader) now() time.Time {
	if by.Now == nil {
		return time.Now()
	}
	return by.Now()
}

// creditsOf is nil for a machine of which CloudWatch has no new value, and an error besides.
func (r *reading) creditsOf(ctx context.Context, ids []string, types map[string]string, now time.Time) (map[string]*Credits, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var metrics []account.Metric
	for _, id := range ids {
		for _, name := range []string{"CPUCreditBalance", "CPUSurplusCreditBalance"} {
			metrics = append(metrics, account.Metric{Namespace: "AWS/EC2", Name: name, Statistic: "Average", Period: period,
				Dimensions: map[string]string{"InstanceId": id}})
		}
	}
	values, err := r.account.Newest(ctx, metrics, now.Add(-newest), now)
	if err != nil {
		return nil, err
	}
	modes, err := r.account.Credits(ctx, ids...)
	found := map[string]*Credits{}
	var silent []string
	for i, id := range ids {
		if balance := values[2*i]; balance != nil {
			found[id] = newCredits(types[id], modes[id], *balance, values[2*i+1])
		} else {
			silent = append(silent, id)
		}
	}
	if err == nil && len(silent) > 0 {
		err = fmt.Errorf("CloudWatch has no value of the last %d minutes of %s", int(newest.Minutes()), strings.Join(silent, ", "))
	}
	return found, err
}

func newCredits(kind, mode string, balance account.Value, surplus *account.Value) *Credits {
	c := &Credits{Balance: balance.Value, Mode: mode, At: balance.At.UTC()}
	if c.Mode == "" {
		c.Mode = Unknown
	}
	if surplus != nil {
		c.Surplus = surplus.Value
	}
	if k, known := credits.Of(kind); known {
		hours, baseline := balance.Value/(60*k.VCPUs-k.PerHour), 100*k.Baseline()
		c.FullLoadHours, c.Baseline = &hours, &baseline
	}
	return c
}
