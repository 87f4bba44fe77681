package bake_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// makes are the images, or the names of copies alone, of so many runs an hour after each other.
func (b *baker) makes(o bake.Options, count int) []string {
	b.Helper()
	var all []string
	for range count {
		r, err := b.runs(o)
		b.must(err)
		if r.Image == "" {
			all = append(all, r.Name)
		} else {
			all = append(all, r.Image)
		}
		b.now = b.now.Add(time.Hour)
	}
	return all
}

// ec2 makes a call of EC2 that kora does not make, with parameters in pairs.
func (b *baker) ec2(action string, pairs ...string) string {
	b.Helper()
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.asks("ec2", form)
}

func (b *baker) image(id string) account.Image {
	b.Helper()
	images, _ := b.made()
	for _, i := range images {
		if i.ID == id {
			return i
		}
	}
	return account.Image{}
}

// The oldest go, with their copies of disks, asked first; the rest stays.
func TestKeep(t *testing.T) {
	for _, o := range []bake.Options{{}, {SnapshotOnly: true}} {
		b := owner(t)
		made := b.makes(o, 3)
		other := bake.Options{SnapshotOnly: !o.SnapshotOnly}
		b.makes(other, 2) // which are none of it
		o.Keep = 2
		r, err := b.runs(o)
		b.must(err)
		var removed []string
		for _, old := range r.Removed {
			removed = append(removed, old.Image+map[bool]string{true: old.Name}[old.Image == ""])
		}
		if fmt.Sprint(removed) != fmt.Sprint(made[:2]) || len(r.Kept) != 0 || len(b.asked) != 1 ||
			b.asked[0] != "2 of KoraBackend's older ones go for good once the new one is there" {
			t.Errorf("%v of %v, kept %v, asked %v", removed, made, r.Kept, b.asked)
		}
		b.says("to be removed, with its copies of disks: " + made[0])
		images, snapshots := b.made()
		if want := map[bool]int{false: 2, true: 2}[o.SnapshotOnly]; len(images) != want || len(snapshots) != 4 {
			t.Errorf("%d images, %d snapshots", len(images), len(snapshots))
		}
		b.now = b.now.Add(time.Hour)
		o.Keep = 9
		r, err = b.runs(o)
		b.must(err)
		if len(r.Removed) != 0 || len(b.asked) != 0 {
			t.Errorf("%v, asked %v", r.Removed, b.asked)
		}
	}
}

// Without a yes nothing is made and nothing goes.
func TestKeepIsRefused(t *testing.T) {
	b := owner(t)
	b.makes(bake.Options{}, 2)
	if _, err := b.runs(bake.Options{Keep: 1}, func(run *bake.Baking) { run.Confirm = func(string) error { return errGone } }); err != errGone {
		t.Error(err)
	}
	if images, _ := b.made(); len(images) != 2 {
		t.Errorf("%d images", len(images))
	}
}

// What somebody needs stays, with a word of who; what only seems to be needed goes.
func TestInUse(t *testing.T) {
	launched := regexp.MustCompile(`i-[0-9a-f]{17}`)
	launch := func(b *baker, image string) string {
		return launched.FindString(b.ec2("RunInstances", "ImageId", image, "InstanceType", "t2.micro", "MinCount", "1", "MaxCount", "1"))
	}
	template := func(b *baker, image string) {
		b.ec2("CreateLaunchTemplate", "LaunchTemplateName", "nodes", "LaunchTemplateData.ImageId", image)
	}
	const stub = "ami-0123456789abcdef0"
	for _, tc := range []struct {
		name string
		make func(b *baker, image string)
		uses string // "" where it goes
	}{
		{"imageId", func(b *baker, image string) { b.context["imageId"] = image }, "imageId in cdk.json"},
		{"fleetImageId", func(b *baker, image string) { b.context["fleetImageId"] = image }, "fleetImageId in cdk.json"},
		{"another's id", func(b *baker, _ string) { b.context["fleetImageId"] = stub }, ""},
		{"a machine", func(b *baker, image string) { launch(b, image) }, "the machine i-"},
		{"one that is stopped", func(b *baker, image string) { b.ec2("StopInstances", "InstanceId.1", launch(b, image)) }, "the machine i-"},
		{"one that has ended", func(b *baker, image string) { b.ec2("TerminateInstances", "InstanceId.1", launch(b, image)) }, ""},
		{"a launch template", template, "the launch template nodes, version 1"},
		{"a version that is not the last", func(b *baker, image string) {
			template(b, image)
			b.ec2("CreateLaunchTemplateVersion", "LaunchTemplateName", "nodes", "LaunchTemplateData.ImageId", stub)
		}, "the launch template nodes, version 1"},
		{"one of another image", func(b *baker, _ string) { template(b, stub) }, ""},
		{"one of a parameter", func(b *baker, _ string) { template(b, "resolve:ssm:/golden") }, "perhaps the launch template nodes, version 1, which has resolve:ssm:/golden"},
		{"shared", func(b *baker, image string) {
			b.ec2("ModifyImageAttribute", "ImageId", image, "LaunchPermission.Add.1.UserId", "111122223333")
		}, "it is shared with 111122223333"},
		{"no longer shared", func(b *baker, image string) {
			b.ec2("ModifyImageAttribute", "ImageId", image, "LaunchPermission.Add.1.UserId", "111122223333")
			b.ec2("ModifyImageAttribute", "ImageId", image, "LaunchPermission.Remove.1.UserId", "111122223333")
		}, ""},
		{"a shared copy", func(b *baker, image string) {
			b.ec2("ModifySnapshotAttribute", "SnapshotId", b.image(image).Snapshots[0], "Attribute", "createVolumePermission", "OperationType", "add", "UserId.1", "111122223333")
		}, "it is shared with 111122223333"},
		{"a copy of another image's", func(b *baker, image string) {
			b.ec2("RegisterImage", "Name", "theirs", "RootDeviceName", "/dev/sda1", "BlockDeviceMapping.1.DeviceName", "/dev/sda1",
				"BlockDeviceMapping.1.Ebs.SnapshotId", b.image(image).Snapshots[0])
		}, "the image ami-"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := owner(t)
			b.T = t
			old := b.makes(bake.Options{}, 1)[0]
			tc.make(b, old)
			r, err := b.runs(bake.Options{Keep: 1})
			b.must(err)
			stays := b.image(old).ID != ""
			if stays != (tc.uses != "") || stays != (len(r.Kept) == 1) || stays == (len(r.Removed) == 1) {
				t.Fatalf("it stays: %v, kept %v, removed %v", stays, r.Kept, r.Removed)
			}
			if stays && (!strings.Contains(strings.Join(r.Kept[0].Uses, "; "), tc.uses) || !strings.Contains(codes(r), "in-use") || len(b.asked) != 0) {
				t.Errorf("%v, %s, asked %v", r.Kept, codes(r), b.asked)
			}
		})
	}
}

// What comes to be needed while the new one is made stays too.
func TestNeededMeanwhile(t *testing.T) {
	b := owner(t)
	old := b.makes(bake.Options{}, 1)[0]
	r, err := b.runs(bake.Options{Keep: 1}, func(run *bake.Baking) {
		run.Confirm = func(string) error {
			b.ec2("CreateLaunchTemplate", "LaunchTemplateName", "nodes", "LaunchTemplateData.ImageId", old)
			return nil
		}
	})
	b.must(err)
	if len(r.Removed) != 0 || len(r.Kept) != 1 || b.image(old).ID == "" {
		t.Errorf("%+v", r)
	}
}

// What another run has removed meanwhile is gone, with its copies of disks: that is no fault.
func TestGoneMeanwhile(t *testing.T) {
	for _, o := range []bake.Options{{}, {SnapshotOnly: true}} {
		b := owner(t)
		old := b.makes(o, 1)[0]
		_, snapshots := b.made()
		o.Keep = 1
		r, err := b.runs(o, func(run *bake.Baking) {
			run.Confirm = func(string) error {
				if !o.SnapshotOnly {
					b.ec2("DeregisterImage", "ImageId", old)
				}
				b.ec2("DeleteSnapshot", "SnapshotId", snapshots[0].ID)
				return nil
			}
		})
		if _, left := b.made(); err != nil || !r.Available || len(left) != 1 {
			t.Errorf("%v, %d copies are left", err, len(left))
		}
	}
}

// Nobody else's goes: another stack's, one that bears no tags of ours, what another kind of run has made; of one that is bad nothing goes.
func TestKeepTouchesNobodyElses(t *testing.T) {
	b := owner(t)
	b.makes(bake.Options{}, 1)
	b.context["name"], b.context["adoptedServer"] = "other", adoptedAs(b.server)
	b.makes(bake.Options{}, 1)
	b.ec2("CreateImage", "InstanceId", b.server, "Name", "by hand")
	b.context["name"] = "third"
	r, err := b.runs(bake.Options{Keep: 1})
	b.must(err)
	if images, _ := b.made(); len(images) != 4 || len(r.Removed)+len(r.Kept) != 0 {
		t.Errorf("%d images, %+v", len(images), r)
	}
	b = owner(t)
	b.makes(bake.Options{}, 1)
	b.writes(`{"answer": 0, "listening": false, "waits": []}`)
	if r, err := b.runs(bake.Options{Keep: 1, Try: true, JobsMayRun: true}); err != nil || !r.Bad() || len(r.Removed) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// One that has failed does not count, and goes.
func TestFailedOnesGo(t *testing.T) {
	b := owner(t)
	b.makes(bake.Options{}, 1)
	b.plays(emulator.Models{ImageOutcome: "failed"})
	if _, err := b.runs(bake.Options{}); err == nil {
		t.Fatal("it has not failed")
	}
	b.now = b.now.Add(time.Hour)
	b.plays(emulator.Models{})
	r, err := b.runs(bake.Options{Keep: 2})
	b.must(err)
	if images, _ := b.made(); len(images) != 2 || len(r.Removed) != 1 {
		t.Errorf("%d images, %+v", len(images), r.Removed)
	}
}

// EC2 may say for a while that a copy is in use, though its image is gone: what a run that was cut has left, a later one removes.
func TestSnapshotsLeftOfACut(t *testing.T) {
	b := owner(t)
	old := b.makes(bake.Options{}, 1)[0]
	copies := b.image(old).Snapshots
	b.plays(emulator.Models{SnapshotsFreedSeconds: 3600})
	b.ec2("DeregisterImage", "ImageId", old)
	skip := func(run *bake.Baking) {
		run.Announce = func(what string) {
			if strings.HasPrefix(what, "removing ") {
				b.must(cloud.SkipTime(t.Context(), 2*time.Hour))
			}
		}
	}
	r, err := b.runs(bake.Options{Keep: 5}, skip)
	b.must(err)
	if _, snapshots := b.made(); len(snapshots) != 1 || snapshots[0].ID == copies[0] || len(r.Removed) != 1 {
		t.Errorf("%v, %+v", snapshots, r.Removed)
	}
	b.says("to be removed, with its copies of disks: " + copies[0] + ", left of " + name)
}

// Each call is lost, or denied, and each is interrupted: a second run ends with as many as were asked for.
func TestEveryCallOfKeepIsLost(t *testing.T) {
	o := bake.Options{Keep: 1}
	calls := lostKeep(t, o, fault{}, false)
	for n := 1; n <= calls; n++ {
		for _, after := range []bool{false, true} {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d after=%v cut=%v", n, after, cut), func(t *testing.T) { lostKeep(t, o, fault{n, after}, cut) })
			}
		}
	}
	if calls < 18 {
		t.Errorf("only %d calls were lost", calls)
	}
}

func lostKeep(t *testing.T, o bake.Options, f fault, cut bool) int {
	b := owner(t)
	b.makes(bake.Options{}, 2)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if cut {
		b.proxy.met = func() { cancel(errGone) }
	}
	b.proxy.forget(f)
	_, _ = b.runsIn(ctx, o)
	b.proxy.met = nil
	made := len(b.proxy.calls)
	b.proxy.forget(fault{})
	b.now = b.now.Add(time.Hour)
	b.must2(b.runs(o))
	if images, snapshots := b.made(); len(images) != 1 || len(snapshots) != 1 {
		t.Errorf("%d images, %d snapshots", len(images), len(snapshots))
	}
	return made
}

// What cannot be looked at stays: then nothing is made; and what may not be removed is an error that a later run mends.
func TestKeepDenied(t *testing.T) {
	for action, made := range map[string]bool{
		"DescribeLaunchTemplates": false, "DescribeLaunchTemplateVersions": false, "DescribeImageAttribute": false, "DescribeSnapshotAttribute": false,
		"DescribeSnapshots": false, "DeregisterImage": true, "DeleteSnapshot": true,
	} {
		b := owner(t)
		b.makes(bake.Options{}, 1)
		b.ec2("CreateLaunchTemplate", "LaunchTemplateName", "nodes", "LaunchTemplateData.ImageId", "ami-0123456789abcdef0")
		b.must(cloud.Deny(t.Context(), "ec2:"+action))
		r, err := b.runs(bake.Options{Keep: 1})
		if err == nil || !account.Denied(err) || r.Available != made || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v, %v", action, r, err)
		}
		b.must(cloud.Deny(t.Context()))
		b.now = b.now.Add(time.Hour)
		b.must2(b.runs(bake.Options{Keep: 1}))
		if images, snapshots := b.made(); len(images) != 1 || len(snapshots) != 1 {
			t.Errorf("%s: %d images, %d snapshots", action, len(images), len(snapshots))
		}
	}
}
