package command

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/advise"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// lookTakes is for how long the weekly look at a machine may take: pm2 starts its daemon where there is none, on one slow core.
const lookTakes = 2 * time.Minute

// weekly looks at every machine at once. One that does not answer is unknown, and keeps the others from nothing.
func (d deployment) weekly(ctx context.Context) ([]advise.Look, error) {
	machines, err := d.machines(ctx)
	if err != nil {
		return nil, err
	}
	runner, err := account.OpenRunner(ctx, d.place)
	if err != nil {
		return nil, err
	}
	looks := make([]advise.Look, len(machines))
	var all sync.WaitGroup
	for k, id := range machines {
		all.Go(func() {
			if written, err := runner.Run(ctx, id, machine.Weekly(d.config.AppUser), lookTakes); err != nil {
				looks[k] = advise.Unseen(id, err.Error())
			} else {
				looks[k] = advise.Weekly(id, written)
			}
		})
	}
	all.Wait()
	return looks, ctx.Err()
}

// machines are the ids of the server and of the fleet's nodes.
func (d deployment) machines(ctx context.Context) ([]string, error) {
	var ids []string
	if id := d.resources[serverID]; id != "" {
		ids = append(ids, id)
	}
	name := d.resources[fleetID]
	if name == "" {
		return ids, nil
	}
	fleet, err := d.account.Fleet(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if fleet != nil {
		for _, node := range fleet.Nodes {
			ids = append(ids, node.ID)
		}
	}
	return ids, nil
}

// billed asks Cost Explorer for the last whole month, in UTC.
func (d deployment) billed(ctx context.Context, now time.Time) *advise.Month {
	now = now.UTC()
	m := &advise.Month{From: time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.UTC)}
	var err error
	if m.USD, err = d.account.Spent(ctx, m.From); err != nil {
		m.Unknown = err.Error()
	}
	return m
}
