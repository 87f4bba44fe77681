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
)

// Old is what an earlier run has made: an image with its copies of disks, or such copies alone.
type Old struct {
	Name      string   `json:"name"`
	Image     string   `json:"image,omitempty"`
	Snapshots []string `json:"snapshots"`
	// Uses is what needs it, in words; for none it may go.
	Uses []string `json:"uses,omitempty"`

	failed bool // it is nothing that anybody could use
	orphan bool // copies of an image that is gone
}

// String is how it is listed.
func (o Old) String() string {
	switch {
	case o.orphan:
		return strings.Join(o.Snapshots, ", ") + ", left of " + o.Name
	case o.Image != "":
		return o.Image + " " + o.Name
	}
	return o.Name
}

// freed is how long it may take until EC2 has noticed that an image is gone (boto #3019 met seconds to minutes).
const freed = 10 * time.Minute

// surplus are those of this stack's that are too many once there is one more, the oldest first, each with what needs it; and what a
// run that was cut has left. Nothing of another stack is among them.
func (b *Baking) surplus(ctx context.Context) ([]Old, error) {
	all, err := b.old(ctx)
	if err != nil {
		return nil, err
	}
	var may []Old
	for i, o := range all { // the newest first
		if o.failed || o.orphan || i >= b.Keep-1 {
			may = append(may, o)
		}
	}
	slices.Reverse(may)
	return may, b.uses(ctx, may)
}

// old are all that stand: first what is whole, the newest first, then what is not.
func (b *Baking) old(ctx context.Context) ([]Old, error) {
	snapshots, err := b.Account.Snapshots(ctx, b.ours(b.kind()))
	if err != nil {
		return nil, err
	}
	named := map[string][]string{}
	for _, s := range snapshots {
		if s.State != isPending {
			named[s.Tags[tagName]] = append(named[s.Tags[tagName]], s.ID)
		}
	}
	var all []Old
	if !b.SnapshotOnly {
		images, err := b.Account.Images(ctx, b.ours(anImage))
		if err != nil {
			return nil, err
		}
		for _, i := range images {
			if i.State != isPending { // of a pending one nothing goes
				all = append(all, Old{Name: i.Name, Image: i.ID, Snapshots: named[i.Name], failed: i.State != isThere})
			}
			delete(named, i.Name)
		}
	}
	for name, ids := range named {
		all = append(all, Old{Name: name, Snapshots: ids, orphan: !b.SnapshotOnly})
	}
	slices.SortFunc(all, func(a, b Old) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Name, a.Name)) // names have the time
	})
	return all, nil
}

func rank(o Old) int {
	if o.failed || o.orphan {
		return 1
	}
	return 0
}

// uses says of each what needs it: cdk.json, a machine, a version of a launch template, whoever it is shared with, another image.
// That any of these cannot be read is an error: what is not known to be free stays.
func (b *Baking) uses(ctx context.Context, old []Old) error {
	if len(old) == 0 {
		return nil
	}
	templates, err := b.Account.TemplateImages(ctx)
	if err != nil {
		return fmt.Errorf("what uses the older ones: %w", err)
	}
	images, err := b.Account.Images(ctx, nil)
	if err != nil {
		return err
	}
	for i := range old {
		if old[i].Uses, err = b.needs(ctx, old[i], templates, images); err != nil {
			return fmt.Errorf("what uses %s: %w", old[i], err)
		}
	}
	return nil
}

func (b *Baking) needs(ctx context.Context, o Old, templates []account.TemplateImage, images []account.Image) ([]string, error) {
	var uses []string
	if o.Image != "" {
		uses = append(b.configured(o.Image), inTemplates(o.Image, templates)...)
		machines, err := b.Account.MadeOf(ctx, o.Image)
		if err != nil {
			return nil, err
		}
		for _, id := range machines {
			uses = append(uses, "the machine "+id)
		}
		shared, err := b.Account.ImageSharedWith(ctx, o.Image)
		if err != nil {
			return nil, err
		}
		uses = append(uses, sharedWith(shared)...)
	}
	for _, id := range o.Snapshots {
		for _, i := range images {
			if i.ID != o.Image && slices.Contains(i.Snapshots, id) {
				uses = append(uses, "the image "+i.ID)
			}
		}
		shared, err := b.Account.SnapshotSharedWith(ctx, id)
		if err != nil {
			return nil, err
		}
		uses = append(uses, sharedWith(shared)...)
	}
	return uses, nil
}

// configured are the keys of cdk.json that name an image.
func (b *Baking) configured(image string) []string {
	var uses []string
	keys := []struct{ key, value string }{{"imageId", b.Config.ImageID}, {"fleetImageId", b.Config.FleetImageID}}
	if b.Config.AdoptedServer != nil {
		keys = append(keys, struct{ key, value string }{"adoptedServer", b.Config.AdoptedServer.ImageID})
	}
	for _, k := range keys {
		if k.value == image {
			uses = append(uses, k.key+" in cdk.json")
		}
	}
	return uses
}

// inTemplates are the versions that are made of an image. Which one a parameter has, is not known here.
func inTemplates(image string, templates []account.TemplateImage) []string {
	var uses []string
	for _, t := range templates {
		if t.Image == image {
			uses = append(uses, "the launch template "+t.Template)
		} else if strings.HasPrefix(t.Image, "resolve:") {
			uses = append(uses, "perhaps the launch template "+t.Template+", which has "+t.Image)
		}
	}
	return uses
}

func sharedWith(whom []string) []string {
	if len(whom) == 0 {
		return nil
	}
	return []string{"it is shared with " + strings.Join(whom, ", ")}
}

// offer shows what is too many, and asks whether what nobody needs may go: that is what it returns.
func (b *Baking) offer(ctx context.Context, r *Result) ([]Old, error) {
	if b.Keep == 0 {
		return nil, nil
	}
	surplus, err := b.surplus(ctx)
	if err != nil {
		return nil, err
	}
	var goes []Old
	for _, o := range surplus {
		if len(o.Uses) > 0 {
			r.stays(o)
			continue
		}
		goes = append(goes, o)
		b.Say("to be removed, with its copies of disks: " + o.String())
	}
	if len(goes) == 0 {
		return nil, nil
	}
	return goes, b.Confirm(fmt.Sprintf("%d of %s's older ones go for good once the new one is there", len(goes), r.Stack))
}

func (r *Result) stays(o Old) {
	r.Kept = append(r.Kept, o)
	r.find("in-use", o.String(), strings.Join(o.Uses, "; "))
}

// tidy removes what was offered, and what has come to be needed meanwhile it leaves. Cut, the next run with --keep goes on.
func (b *Baking) tidy(ctx context.Context, r *Result, goes []Old) error {
	if err := b.uses(ctx, goes); err != nil {
		return err
	}
	for _, o := range goes {
		if o.Name == r.Name {
			continue // never the new one
		}
		if len(o.Uses) > 0 {
			r.stays(o)
			continue
		}
		b.Announce("removing " + o.String())
		if o.Image != "" {
			if err := b.Account.Deregister(ctx, o.Image); err != nil {
				return err
			}
		}
		if err := b.dropAll(ctx, o); err != nil {
			return fmt.Errorf("of %s copies of disks are left, and the next kora bake --keep removes them: %w", o.Name, err)
		}
		r.Removed = append(r.Removed, o)
	}
	return nil
}

// dropAll removes the copies of disks that are left of one.
func (b *Baking) dropAll(ctx context.Context, o Old) error {
	ctx, cancel := context.WithTimeoutCause(ctx, freed, errors.New("EC2 says that an image still has them"))
	defer cancel()
	tags := b.ours(b.kind())
	tags[tagName] = o.Name
	for {
		left, err := b.Account.Snapshots(ctx, tags)
		if err != nil || len(left) == 0 {
			return err
		}
		for _, s := range left {
			if _, err := b.Account.DropSnapshot(ctx, s.ID); err != nil {
				return err
			}
		}
		if err := b.Account.Wait(ctx); err != nil {
			return context.Cause(ctx)
		}
	}
}
