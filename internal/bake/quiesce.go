package bake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// How long a server's file systems may be frozen, after which they thaw by themselves; how much of that is for the copies to begin;
// and how long a command to the server may take besides.
const (
	frozenMost  = 60 * time.Second
	beginMost   = 40 * time.Second
	commandMost = 60 * time.Second
)

// ready refuses to hold a server still that nobody can reach: before anything is made.
func (b *Baking) ready(ctx context.Context, server *account.Server) error {
	if !b.Quiesce {
		return nil
	}
	agent, err := b.Account.Agent(ctx, server.ID)
	switch {
	case err != nil:
		return fmt.Errorf("--quiesce: %w", err)
	case agent == nil || agent.Ping != "Online":
		return fmt.Errorf("--quiesce: Systems Manager does not reach %s, which is %s: nothing was made", server.ID, server.State)
	}
	return nil
}

// quiesced makes what make asks for while the server's disks are held still, until the copies have begun: one may write again once
// they are pending, however long they take (EBS User Guide, "Create Amazon EBS snapshots"). They are let go whatever happens.
func (b *Baking) quiesced(ctx context.Context, r *Result, server *account.Server, make func() error) error {
	if !b.Quiesce {
		return make()
	}
	b.Say("the server runs this (docs/bake.md), and the same with thaw in the place of freeze afterwards:")
	for line := range strings.Lines(machine.Freeze(frozenMost)) {
		b.Say("  " + strings.TrimSuffix(line, "\n"))
	}
	held, err := b.command(ctx, server.ID, machine.Freeze(frozenMost))
	if err != nil {
		return errors.Join(fmt.Errorf("--quiesce: nothing was made: %w", err), b.thaw(ctx, r, server, nil))
	}
	err = make()
	if err == nil {
		b.beginning(ctx, r, len(server.Volumes))
	}
	return errors.Join(err, b.thaw(ctx, r, server, held))
}

// beginning waits until there is a copy of each disk, complete or not: not for long.
func (b *Baking) beginning(ctx context.Context, r *Result, disks int) {
	ctx, cancel := context.WithTimeout(ctx, beginMost)
	defer cancel()
	for {
		found, err := b.Account.Snapshots(ctx, b.named(r))
		if err != nil || len(found) >= disks || b.Account.Wait(ctx) != nil {
			return
		}
	}
}

// thaw lets a server's file systems go, though the run was interrupted. Those that had thawed by themselves by then may have been
// written to before they were copied. held is nil where it is not known what was frozen.
func (b *Baking) thaw(ctx context.Context, r *Result, server *account.Server, held []string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*commandMost)
	defer cancel()
	frozen, err := b.command(ctx, server.ID, machine.Thaw())
	if err != nil {
		err = fmt.Errorf("what is frozen on %s thaws by itself within %v: it could not be told to: %w", server.ID, frozenMost, err)
		b.Say(err.Error())
		if held == nil {
			return nil // the first fault says enough
		}
		return err
	}
	if held == nil {
		return nil
	}
	if len(frozen) < len(held) {
		r.find("thawed-early", server.ID, "of "+strings.Join(held, ", ")+" not all were frozen still when the copies had begun")
	} else {
		r.find("quiesced", server.ID, heldStill(held))
	}
	return nil
}

func heldStill(mounts []string) string {
	if len(mounts) == 0 {
		return "all was written to its disks; it has no file system that could be frozen, but for its own"
	}
	return "all was written to its disks, and " + strings.Join(mounts, ", ") + " was frozen until the copies had begun"
}

// command gives the server a script that writes a list.
func (b *Baking) command(ctx context.Context, server, script string) ([]string, error) {
	written, err := b.Runner.Run(ctx, server, script, commandMost)
	if err != nil {
		return nil, err
	}
	var list []string
	if err := json.Unmarshal([]byte(written), &list); err != nil {
		return nil, fmt.Errorf("what %s wrote is not what the script writes: %w", server, err)
	}
	return list, nil
}
