package bake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/status"
)

// The tags of what a run makes. By the first it knows its own: image, of an image and of its copies of disks, or snapshot.
const (
	tagOurs     = "kora:bake"
	tagStack    = "kora:stack"
	tagServer   = "kora:server"
	tagRevision = "kora:revision"
	tagDate     = "kora:date"
	tagName     = "Name"

	anImage    = "image"
	aSnapshot  = "snapshot"
	isPending  = "pending"
	isThere    = "available"
	isComplete = "completed"
)

// kind is what is made.
func (b *Baking) kind() string {
	if b.SnapshotOnly {
		return aSnapshot
	}
	return anImage
}

// ours are the tags that all have which this stack's runs made of a kind.
func (b *Baking) ours(kind string) map[string]string {
	return map[string]string{tagOurs: kind, tagStack: b.Config.StackName()}
}

// begin asks for what is to be made, under a name that it has to itself.
func (b *Baking) begin(ctx context.Context, r *Result, server *account.Server, group string, taken []string) error {
	if err := b.revision(ctx, r, group); err != nil {
		return err
	}
	if b.Reboot && server.State == "running" {
		if err := b.Confirm(server.ID + " is restarted now, and serves nobody for a minute or two"); err != nil {
			return err
		}
	}
	now := b.Now().UTC()
	for r.Name == "" || slices.Contains(taken, r.Name) { // a run that was over within the second
		r.Name = fmt.Sprintf("%s-%s-%s", b.Config.Name, now.Format(nameTime), short(r.Revision))
		now = now.Add(time.Second)
	}
	tags := b.ours(b.kind())
	tags[tagServer], tags[tagRevision], tags[tagDate], tags[tagName] = r.Server, r.Revision, b.Now().UTC().Format(time.RFC3339), r.Name
	b.Announce("making " + r.Name + " of " + r.Server)
	return b.quiesced(ctx, r, server, func() error { return b.make(ctx, r, tags) })
}

// make asks EC2 for it.
func (b *Baking) make(ctx context.Context, r *Result, tags map[string]string) (err error) {
	if b.SnapshotOnly {
		err = b.Account.MakeSnapshots(ctx, r.Server, tags)
	} else {
		r.Image, err = b.Account.MakeImage(ctx, r.Server, r.Name, b.Reboot, tags)
	}
	if err != nil {
		return b.unlessMade(ctx, r, err)
	}
	return nil
}

// revision is the commit that the server was proven to serve. A log that may not be read leaves it unknown.
func (b *Baking) revision(ctx context.Context, r *Result, group string) error {
	r.Revision = status.Unknown
	if group == "" {
		return nil
	}
	commit, err := status.Proven(ctx, b.Account.Account, group, r.Server)
	if err == nil {
		r.Revision = commit
	}
	return ctx.Err()
}

// nameTime is how a name has the time, in UTC, so that names sort by it.
const nameTime = "20060102-150405"

// short is a commit as people write it.
func short(commit string) string { return commit[:min(7, len(commit))] }

// unlessMade is nil where a call that failed had an effect all the same: its answer was lost, and the library asked again.
func (b *Baking) unlessMade(ctx context.Context, r *Result, failed error) error {
	if ctx.Err() != nil {
		return failed
	}
	if b.SnapshotOnly {
		if found, err := b.Account.Snapshots(ctx, b.named(r)); err == nil && len(found) > 0 {
			return nil
		}
	} else if found, err := b.Account.Images(ctx, b.named(r)); err == nil && len(found) > 0 {
		r.Image = found[0].ID
		return nil
	}
	return failed
}

// begun is what an earlier run has asked for and is not there yet, of several the newest, nil for nothing; and the names that are
// taken.
func (b *Baking) begun(ctx context.Context, server string) (*Result, []string, error) {
	tags := b.ours(b.kind())
	tags[tagServer] = server
	var pending []Result
	var names []string
	take := func(state, image string, tags map[string]string) {
		names = append(names, tags[tagName])
		if state == isPending {
			pending = append(pending, Result{Image: image, Name: tags[tagName], Revision: tags[tagRevision]})
		}
	}
	if b.SnapshotOnly {
		found, err := b.Account.Snapshots(ctx, tags)
		if err != nil {
			return nil, nil, err
		}
		for _, s := range found {
			take(s.State, "", s.Tags)
		}
	} else {
		found, err := b.Account.Images(ctx, tags)
		if err != nil {
			return nil, nil, err
		}
		for _, i := range found {
			take(i.State, i.ID, i.Tags)
		}
	}
	if len(pending) == 0 {
		return nil, names, nil
	}
	newest := slices.MaxFunc(pending, func(a, b Result) int { return cmp.Compare(a.Name, b.Name) })
	return &newest, names, nil
}

// unseen is how often one looks for an image that EC2 has made and does not show yet (EC2 API, "Ensure eventual consistency").
const unseen = 60

// imaged waits until a machine can be made of the image, as long as EC2 takes.
func (b *Baking) imaged(ctx context.Context, r *Result) (*account.Image, error) {
	seen := false
	for looks := 0; ; looks++ {
		i, err := b.image(ctx, r)
		switch {
		case err != nil:
			return nil, err
		case i == nil && (seen || looks >= unseen):
			return nil, fmt.Errorf("%s is gone: somebody has deregistered it", r.Image)
		case i == nil:
		case i.State == isThere:
			r.Available = true
			b.copies(ctx, r, i)
			return i, nil
		case i.State != isPending:
			return nil, fmt.Errorf("%s is %s: %s", r.Image, i.State, cmp.Or(i.Reason, "EC2 gives no reason"))
		default:
			seen = true
			b.Announce(fmt.Sprintf("%s is being made: %s", r.Image, b.percent(ctx, r)))
		}
		if err := b.Account.Wait(ctx); err != nil {
			return nil, err
		}
	}
}

// image is the one that is made, nil while EC2 does not show it.
func (b *Baking) image(ctx context.Context, r *Result) (*account.Image, error) {
	found, err := b.Account.Images(ctx, b.named(r))
	for _, i := range found {
		if i.ID == r.Image {
			return &i, err
		}
	}
	return nil, err
}

func (b *Baking) named(r *Result) map[string]string {
	tags := b.ours(b.kind())
	tags[tagServer], tags[tagName] = r.Server, r.Name
	return tags
}

// copied waits until so many copies of disks are complete.
func (b *Baking) copied(ctx context.Context, r *Result, disks int) error {
	for looks := 0; ; looks++ {
		found, err := b.Account.Snapshots(ctx, b.named(r))
		if err != nil {
			return err
		}
		complete, faults := 0, []error{}
		for _, s := range found {
			switch s.State {
			case isComplete:
				complete++
			case isPending:
			default:
				faults = append(faults, fmt.Errorf("%s of %s is %s", s.ID, s.Disk, s.State))
			}
		}
		if len(faults) > 0 {
			return errors.Join(faults...)
		}
		if complete == len(found) && (complete >= disks || looks >= unseen) && complete > 0 {
			r.Available = true
			r.copied(found)
			return nil
		}
		b.Announce(r.Name + " is being made: " + percent(found))
		if err := b.Account.Wait(ctx); err != nil {
			return err
		}
	}
}

// copies fills in an image's copies of disks. Where they may not be read, it has them all the same.
func (b *Baking) copies(ctx context.Context, r *Result, of *account.Image) {
	if found, err := b.Account.Snapshots(ctx, b.named(r)); err == nil {
		r.copied(found)
		return
	}
	for _, id := range of.Snapshots {
		r.Snapshots = append(r.Snapshots, Copy{ID: id})
	}
}

func (r *Result) copied(found []account.Snapshot) {
	for _, s := range found {
		r.Snapshots = append(r.Snapshots, Copy{s.ID, s.Disk, s.GiB})
	}
	slices.SortFunc(r.Snapshots, func(a, b Copy) int { return strings.Compare(a.ID, b.ID) })
}

// percent is how much of an image's copies of disks is made, as far as that may be read.
func (b *Baking) percent(ctx context.Context, r *Result) string {
	found, err := b.Account.Snapshots(ctx, b.named(r))
	if err != nil || len(found) == 0 {
		return isPending
	}
	return percent(found)
}

// percent weighs each copy by its disk's size.
func percent(of []account.Snapshot) string {
	made, all := 0, 0
	for _, s := range of {
		made += s.GiB * s.Percent
		all += s.GiB
	}
	if all == 0 {
		return isPending
	}
	return fmt.Sprintf("%d %%", made/all)
}
