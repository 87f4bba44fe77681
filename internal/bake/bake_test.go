package bake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

const name = "kora-backend-20261126-073105-1a2b3c4"

// An image is made of the server, which goes on; it and its copies of disks bear the tags by which they are found again.
func TestImage(t *testing.T) {
	b := owner(t)
	r, err := b.runs(bake.Options{})
	b.must(err)
	images, snapshots := b.made()
	if len(images) != 1 || len(snapshots) != 1 || r.Image != images[0].ID || !r.Available || r.Snapshots[0].ID != snapshots[0].ID {
		t.Fatalf("%+v\n%+v\n%+v", r, images, snapshots)
	}
	tags := map[string]string{"Name": name, "kora:bake": "image", "kora:stack": "KoraBackend", "kora:server": b.server,
		"kora:revision": commit, "kora:date": "2026-11-26T07:31:05Z"}
	for _, got := range []map[string]string{images[0].Tags, snapshots[0].Tags} {
		if diff := cmp.Diff(got, tags); diff != "" {
			t.Errorf("tags (-got +want):\n%s", diff)
		}
	}
	if b.backups(r) != 1 {
		t.Error("kora check does not see it")
	}
	if images[0].Name != name || codes(r) != "crash-consistent" {
		t.Errorf("%s, %s", images[0].Name, codes(r))
	}
	if asked := b.proxy.of("CreateImage"); len(asked) != 1 || asked[0].Get("NoReboot") != "true" || len(b.asked) != 0 {
		t.Errorf("%v, asked %v", asked, b.asked)
	}
}

// A restart is asked about first, and made only then.
func TestReboot(t *testing.T) {
	b := owner(t)
	no := errors.New("no")
	if _, err := b.runs(bake.Options{Reboot: true}, func(run *bake.Baking) { run.Confirm = func(string) error { return no } }); !errors.Is(err, no) {
		t.Error(err)
	}
	if len(b.proxy.of("CreateImage")) != 0 {
		t.Error("it was made without a yes")
	}
	r, err := b.runs(bake.Options{Reboot: true})
	b.must(err)
	if asked := b.proxy.of("CreateImage"); asked[0].Get("NoReboot") != "false" || len(b.asked) != 1 || codes(r) != "" {
		t.Errorf("%v, asked %v, %s", asked, b.asked, codes(r))
	}
}

// Copies alone are of every disk, and no image is made.
func TestSnapshotOnly(t *testing.T) {
	b := owner(t)
	r, err := b.runs(bake.Options{SnapshotOnly: true})
	b.must(err)
	images, snapshots := b.made()
	if len(images) != 0 || len(snapshots) != 1 || r.Image != "" || len(r.Snapshots) != 1 || snapshots[0].Tags["kora:bake"] != "snapshot" {
		t.Errorf("%+v\n%+v\n%+v", r, images, snapshots)
	}
	if b.backups(r) != 1 {
		t.Error("kora check does not see it")
	}
}

// backups is how many copies kora check sees of the server's disks.
func (b *baker) backups(r *bake.Result) int {
	b.Helper()
	a := account.At(cloud.URL, region)
	server, err := a.Server(b.Context(), r.Server)
	b.must(err)
	found, err := a.Backups(b.Context(), []string{server.Volumes[0].VolumeID})
	b.must(err)
	return len(found)
}

// A server of which nothing is proven has an unknown commit, and so has one whose log may not be read; a stopped one has all on its
// disks.
func TestUnknownRevision(t *testing.T) {
	b := owner(t)
	b.must(cloud.Deny(t.Context(), "logs:GetLogEvents"))
	r, err := b.runs(bake.Options{})
	b.must(err)
	if r.Revision != "unknown" || r.Name != "kora-backend-20261126-073105-unknown" || codes(r) != "crash-consistent revision-unknown" {
		t.Errorf("%+v, %s", r, codes(r))
	}
}

// Two runs within a second have two names.
func TestNamesAreTheirOwn(t *testing.T) {
	for _, o := range []bake.Options{{}, {SnapshotOnly: true}} {
		b := owner(t)
		first, err := b.runs(o)
		b.must(err)
		second, err := b.runs(o)
		b.must(err)
		if first.Name != name || second.Name != "kora-backend-20261126-073106-1a2b3c4" || !o.SnapshotOnly && first.Image == second.Image {
			t.Errorf("%+v, %+v", first, second)
		}
	}
}

// Which server it is: the stack's, the adopted one, or a line that says why neither.
func TestWhichServer(t *testing.T) {
	b := owner(t)
	adopt := func(id string) { b.context["adoptedServer"] = adoptedAs(id) }
	refused := func(want string) {
		t.Helper()
		r, err := b.runs(bake.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || r.Name != "" {
			t.Errorf("%v, want %q", err, want)
		}
	}
	adopt(b.server)
	if r, err := b.runs(bake.Options{}); err != nil || r.Server != b.server {
		t.Errorf("the adopted one is the stack's: %+v, %v", r, err)
	}
	adopt("i-0123456789abcdef0")
	refused("KoraBackend has the server " + b.server + ", and cdk.json says adoptedServer is i-0123456789abcdef0")
	b.context["name"] = "other"
	refused("i-0123456789abcdef0")
	adopt(b.server)
	if r, err := b.runs(bake.Options{}); err != nil || r.Server != b.server || r.Revision != "unknown" {
		t.Errorf("adopted, before its stack: %+v, %v", r, err)
	}
	delete(b.context, "adoptedServer")
	refused("Other in ap-south-1 has no server, and cdk.json no adoptedServer")
}

// adoptedAs is what cdk.json says of an adopted server.
func adoptedAs(id string) map[string]any {
	return map[string]any{"instanceId": id, "associationId": "eipassoc-01234567", "imageId": "ami-01234567",
		"rootDevice": map[string]any{"name": "/dev/sda1", "gib": 8.0, "type": "gp2"}, "tags": map[string]any{"Owner": "ops"}}
}

// As long as it takes: the progress is that of the copies of disks.
func TestProgress(t *testing.T) {
	for _, o := range []bake.Options{{}, {SnapshotOnly: true}} {
		b := owner(t)
		b.plays(emulator.Models{ImageSeconds: 3600})
		half := false
		r, err := b.runs(o, func(run *bake.Baking) {
			run.Announce = func(what string) {
				b.said = append(b.said, what)
				if strings.HasSuffix(what, "%") {
					b.must(cloud.SkipTime(t.Context(), 1810*time.Second))
					half = half || strings.Contains(what, "50 %")
				}
			}
		})
		b.must(err)
		if !half || !r.Available || codes(r) != "crash-consistent" {
			t.Errorf("%+v: %v", r, b.said)
		}
	}
}

// One that fails is an error in EC2's words.
func TestImageFails(t *testing.T) {
	b := owner(t)
	b.plays(emulator.Models{ImageOutcome: "failed"})
	r, err := b.runs(bake.Options{})
	if want := r.Image + " is failed: Server.InternalError"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Interrupted, it goes on being made; the next run waits for it, and makes no other. Of another server's, or of another stack's, it
// knows nothing.
func TestPickedUp(t *testing.T) {
	for _, o := range []bake.Options{{}, {SnapshotOnly: true}} {
		b := owner(t)
		b.plays(emulator.Models{ImageSeconds: 3600})
		ctx, cancel := context.WithCancelCause(t.Context())
		first, err := b.runsIn(ctx, o, func(run *bake.Baking) {
			run.Announce = func(what string) {
				if strings.HasSuffix(what, "%") {
					cancel(errGone)
				}
			}
		})
		if !errors.Is(err, context.Canceled) || first.Name != name {
			t.Fatalf("%+v, %v", first, err)
		}
		if b.backups(first) != 0 {
			t.Error("kora check takes a copy that is being made for one that is there")
		}
		b.now = b.now.Add(time.Hour)
		r, err := b.runs(o, func(run *bake.Baking) {
			run.Announce = func(what string) {
				b.said = append(b.said, what)
				if strings.HasSuffix(what, "%") {
					b.must(cloud.SkipTime(t.Context(), 2*time.Hour))
				}
			}
		})
		b.must(err)
		if r.Name != first.Name || r.Image != first.Image || !r.PickedUp || codes(r) != "picked-up" || r.Revision != commit {
			t.Errorf("%+v, %s", r, codes(r))
		}
		b.says(name + " is being made since an earlier run: waiting for it")
		if images, snapshots := b.made(); len(images)+len(snapshots) > 2 || len(snapshots) != 1 {
			t.Errorf("%v %v", images, snapshots)
		}
		b.plays(emulator.Models{})
		if r, err = b.runs(o); err != nil || r.PickedUp || r.Name == first.Name {
			t.Errorf("what is done is not picked up: %+v, %v", r, err)
		}
	}
}

// Each call is lost once, on the way there and on the way back, and the run is interrupted at each: a second run ends right, and
// nothing is made twice but where the first had ended.
func TestEveryCallIsLost(t *testing.T) {
	for _, o := range []bake.Options{{}, {SnapshotOnly: true}} {
		calls := lost(t, o, fault{}, false)
		for n := 1; n <= calls; n++ {
			for _, after := range []bool{false, true} {
				for _, cut := range []bool{false, true} {
					t.Run(fmt.Sprintf("%v %d after=%v cut=%v", o.SnapshotOnly, n, after, cut), func(t *testing.T) {
						lost(t, o, fault{n, after}, cut)
					})
				}
			}
		}
		if calls < 6 {
			t.Errorf("only %d calls were lost", calls)
		}
	}
}

// lost lets that call be lost, and run again; it returns how many calls a run makes.
func lost(t *testing.T, o bake.Options, f fault, cut bool) int {
	b := owner(t)
	b.plays(emulator.Models{ImageSeconds: 3600})
	patient := func(run *bake.Baking) {
		run.Announce = func(what string) {
			if strings.HasSuffix(what, "%") {
				b.must(cloud.SkipTime(t.Context(), 2*time.Hour))
			}
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if cut {
		b.proxy.met = func() { cancel(errGone) }
	}
	b.proxy.forget(f)
	first, err := b.runsIn(ctx, o, patient)
	b.proxy.met = nil
	made := len(b.proxy.calls)
	if err != nil && first.Available {
		t.Errorf("it is there, and %v", err)
	}
	b.proxy.forget(fault{})
	b.now = b.now.Add(time.Minute)
	second, again := b.runs(o, patient)
	b.must(again)
	images, snapshots := b.made()
	ends := 1
	if err == nil && !second.PickedUp { // the first had ended: the second is one more
		ends = 2
	}
	if err != nil && !second.PickedUp && len(snapshots) == 2 { // the first had ended, and its last answer was lost
		ends = 2
		if f.call < made && !cut {
			t.Errorf("two are made: %v %v", images, snapshots)
		}
	}
	if len(snapshots) != ends || !o.SnapshotOnly && len(images) != ends {
		t.Errorf("%d images and %d snapshots, want %d: first %+v %v, second %+v", len(images), len(snapshots), ends, first, err, second)
	}
	return made
}

// What is denied is an error in a line, and nothing is made; but the log and the copies of an image are only told of.
func TestDenied(t *testing.T) {
	b := owner(t)
	b.must2(b.runs(bake.Options{}))
	for _, action := range b.proxy.actions() {
		service := map[string]string{"ListStackResources": "cloudformation", "GetLogEvents": "logs"}[action]
		if service == "" {
			service = "ec2"
		}
		b := owner(t)
		b.must(cloud.Deny(t.Context(), service+":"+action))
		r, err := b.runs(bake.Options{})
		if told := slices.Contains([]string{"GetLogEvents", "DescribeSnapshots", "DescribeSecurityGroups"}, action); told != (err == nil) {
			t.Errorf("%s: %+v, %v", action, r, err)
		}
		if err != nil && (!account.Denied(err) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v", action, err)
		}
		if images, _ := account.At(cloud.URL, region).Images(t.Context(), nil); err != nil && len(images) != 0 {
			t.Errorf("%s: %v is left", action, images)
		}
	}
}

func (b *baker) must2(_ any, err error) {
	b.Helper()
	b.must(err)
}
