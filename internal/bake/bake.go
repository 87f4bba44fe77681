// Package bake makes an image of the server that runs, or copies of its disks, and waits until it is there. What it makes bears
// tags, by which a later run finds it: one that was interrupted is picked up, and nothing is made twice.
package bake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
)

// Baking is one run.
type Baking struct {
	Account *account.Baker
	Runner  *account.Runner
	Config  *config.Config
	Options
	// Announce is told what is being done, Say what a person must read. Confirm asks a person whether to go on, and is an error where
	// nobody says yes.
	Announce func(what string)
	Say      func(line string)
	Confirm  func(question string) error
	Now      func() time.Time
	// Write puts an image that is there, and not bad, into cdk.json, and returns the key; nil where that is not asked for.
	Write func(image string) (key string, err error)
}

// Options are what it is asked for.
type Options struct {
	// SnapshotOnly makes copies of the disks and no image.
	SnapshotOnly bool
	// Reboot lets EC2 restart the server before its disks are copied.
	Reboot bool
	// Quiesce has the server write all to its disks, and freezes what it does not need itself, until the copies have begun.
	Quiesce bool
	// Try starts a machine of the image, asks it for its health, and takes it away; JobsMayRun lets that machine reach everything.
	Try, JobsMayRun bool
	// Keep is how many of this stack's are to stand, the new one among them: older ones that nobody needs are removed. 0 removes none.
	Keep int
}

// Result is what came of it. What was not made is nil or empty.
type Result struct {
	Stack    string `json:"stack"`
	Server   string `json:"server"`
	Revision string `json:"revision"`
	Name     string `json:"name"`
	// Image is the id of the image, "" for none, and Available whether a machine can be made of it.
	Image     string `json:"image,omitempty"`
	Available bool   `json:"available"`
	Snapshots []Copy `json:"snapshots"`
	// PickedUp says that an earlier run had begun it.
	PickedUp bool `json:"pickedUp"`
	// Trial is what came of trying the image, nil where it was not tried.
	Trial *Trial `json:"trial,omitempty"`
	// Removed are older ones that are gone now, Kept those that are too many and are needed.
	Removed []Old `json:"removed"`
	Kept    []Old `json:"kept"`
	// Written is the key of cdk.json that names the image now, "" for none.
	Written  string            `json:"written,omitempty"`
	Findings []finding.Finding `json:"-"`
}

// Bad reports whether the image was tried, and cannot serve.
func (r *Result) Bad() bool { return r.Trial != nil && r.Trial.Verdict == Bad }

// Copy is that of a disk; of one that may not be read only the id is known.
type Copy struct {
	ID   string `json:"id"`
	Disk string `json:"disk,omitempty"`
	GiB  int    `json:"gib,omitempty"`
}

// The logical ids of the stack's resources that it asks for.
const (
	serverID   = "Server"
	logGroupID = "LogGroup"
)

// Run makes it and waits. What it returns with an error is how far it came.
func (b *Baking) Run(ctx context.Context) (*Result, error) {
	r := &Result{Stack: b.Config.StackName(), Snapshots: []Copy{}, Removed: []Old{}, Kept: []Old{}}
	server, group, err := b.server(ctx)
	if err != nil {
		return r, err
	}
	r.Server = server.ID
	if err := b.clean(ctx, b.ours(aTrial)); err != nil { // what an earlier trial has left
		if b.Try || ctx.Err() != nil {
			return r, err
		}
		b.Say(err.Error())
	}
	var addresses []string
	if b.Try {
		if addresses, err = b.way(ctx, server); err != nil {
			return r, err
		}
	}
	goes, err := b.offer(ctx, r)
	if err != nil {
		return r, err
	}
	begun, taken, err := b.begun(ctx, server.ID)
	if err != nil {
		return r, err
	}
	if begun != nil {
		r.Image, r.Name, r.Revision, r.PickedUp = begun.Image, begun.Name, begun.Revision, true
		b.Announce(r.Name + " is being made since an earlier run: waiting for it")
	} else if err := b.ready(ctx, server); err != nil {
		return r, err
	} else if err := b.begin(ctx, r, server, group, taken); err != nil {
		return r, err
	}
	b.notes(r, server)
	if err := b.finish(ctx, r, server, addresses); err != nil || r.Bad() {
		return r, err
	}
	if b.Write != nil {
		if r.Written, err = b.Write(r.Image); err != nil {
			return r, fmt.Errorf("cdk.json does not say so: %w", err)
		}
	}
	return r, b.tidy(ctx, r, goes)
}

// finish waits for what is made, and tries it where that is asked for.
func (b *Baking) finish(ctx context.Context, r *Result, server *account.Server, addresses []string) error {
	if b.SnapshotOnly {
		return b.copied(ctx, r, len(server.Volumes))
	}
	image, err := b.imaged(ctx, r)
	if err != nil || !b.Try {
		return err
	}
	return b.try(ctx, r, server, image, addresses)
}

// server is the stack's own, or the one that cdk.json says is to be the stack's; and the name of the group that it writes to.
func (b *Baking) server(ctx context.Context) (*account.Server, string, error) {
	stack, region := b.Config.StackName(), b.Config.Region
	held, err := b.Account.Resources(ctx, stack)
	if err != nil {
		return nil, "", fmt.Errorf("%s in %s: %w", stack, region, err)
	}
	id := held[serverID]
	if adopted := b.Config.AdoptedServer; adopted != nil {
		if id != "" && id != adopted.InstanceID {
			return nil, "", fmt.Errorf("%s has the server %s, and cdk.json says adoptedServer is %s: take the key out, or kora adopt import", stack, id, adopted.InstanceID)
		}
		id = adopted.InstanceID
	}
	if id == "" {
		return nil, "", fmt.Errorf("%s in %s has no server, and cdk.json no adoptedServer: kora adopt --write finds one that was made by hand", stack, region)
	}
	server, err := b.Account.Server(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if !slices.Contains([]string{"running", "stopped"}, server.State) {
		return nil, "", fmt.Errorf("%s is %s: an image is made of a server that is running or stopped", id, server.State)
	}
	return server, held[logGroupID], nil
}
