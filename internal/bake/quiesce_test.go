package bake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// told is what was asked of EC2 and of the server, in order: freeze, make, thaw.
func (b *baker) told() string {
	b.proxy.mutex.Lock()
	defer b.proxy.mutex.Unlock()
	var all []string
	for _, c := range b.proxy.calls {
		body := c.form.Get("body")
		switch {
		case c.action == "CreateImage" || c.action == "CreateSnapshots":
			all = append(all, "make")
		case c.action == "SendCommand" && strings.Contains(body, "python3 - freeze 60 /proc/self/mounts"):
			all = append(all, "freeze")
		case c.action == "SendCommand" && strings.Contains(body, "python3 - thaw 0 /proc/self/mounts"):
			all = append(all, "thaw")
		}
	}
	return strings.Join(all, " ")
}

// The server's disks are held still until the copies have begun, and the script is shown first.
func TestQuiesce(t *testing.T) {
	for _, o := range []bake.Options{{Quiesce: true}, {Quiesce: true, SnapshotOnly: true}} {
		b := owner(t)
		b.writes(`["/data"]`)
		r, err := b.runs(o)
		b.must(err)
		if b.told() != "freeze make thaw" || codes(r) != "quiesced crash-consistent" || r.Findings[0].Reason != "all was written to its disks, and /data was frozen until the copies had begun" {
			t.Errorf("%s, %s", b.told(), codes(r))
		}
		b.says("the server runs this", "  python3 - freeze 60 /proc/self/mounts <<'QUIESCE'", "os.sync()")
		b.writes(`[]`)
		r, err = b.runs(o)
		b.must(err)
		if !strings.Contains(r.Findings[0].Reason, "no file system that could be frozen") {
			t.Errorf("%+v", r.Findings[0])
		}
	}
}

// What had thawed by itself meanwhile is told.
func TestThawedEarly(t *testing.T) {
	b := owner(t)
	b.writes(`["/data", "/more"]`)
	b.proxy.on = map[string]func(){"CreateImage": func() { b.writes(`["/more"]`) }}
	r, err := b.runs(bake.Options{Quiesce: true})
	b.must(err)
	if !strings.HasPrefix(codes(r), "thawed-early ") {
		t.Errorf("%s", codes(r))
	}
}

// Where the server cannot be told to, nothing is made; what it may have frozen it is told to thaw.
func TestQuiesceIsRefused(t *testing.T) {
	for _, tc := range []struct {
		name, want, held string
		said             emulator.Command
		denied           string
		stopped          bool
	}{
		{name: "stopped", stopped: true, want: "--quiesce: Systems Manager does not reach i-", held: ""},
		{name: "it fails", said: emulator.Command{Error: "/data cannot be frozen: no", Code: 1}, want: "nothing was made: the command ended as Failed, exit code 1: /data cannot be frozen: no", held: "freeze thaw"},
		{name: "nonsense", said: emulator.Command{Output: "<html>"}, want: "is not what the script writes", held: "freeze thaw"},
		{name: "denied", denied: "ssm:SendCommand", want: "AccessDenied", held: "freeze thaw"},
		{name: "the agent is not told of", denied: "ssm:DescribeInstanceInformation", want: "--quiesce: AccessDenied", held: ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := owner(t)
			b.T = t
			b.must(cloud.SetCommand(t.Context(), tc.said))
			if tc.stopped {
				b.ec2("StopInstances", "InstanceId.1", b.server)
			}
			if tc.denied != "" {
				b.must(cloud.Deny(t.Context(), tc.denied))
			}
			_, err := b.runs(bake.Options{Quiesce: true})
			if images, _ := b.made(); err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") || len(images) != 0 || b.told() != tc.held {
				t.Errorf("%v, %d images, %s", err, len(images), b.told())
			}
		})
	}
}

// Whatever call is lost, and wherever it is interrupted: once it may be frozen, it is told to thaw.
func TestItIsThawedWhateverIsLost(t *testing.T) {
	o := bake.Options{Quiesce: true}
	calls := lostQuiesce(t, o, fault{}, false)
	for n := 1; n <= calls; n++ {
		for _, after := range []bool{false, true} {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d after=%v cut=%v", n, after, cut), func(t *testing.T) { lostQuiesce(t, o, fault{n, after}, cut) })
			}
		}
	}
	if calls < 14 {
		t.Errorf("only %d calls were lost", calls)
	}
}

func lostQuiesce(t *testing.T, o bake.Options, f fault, cut bool) int {
	b := owner(t)
	b.writes(`["/data"]`)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if cut {
		b.proxy.met = func() { cancel(errGone) }
	}
	b.proxy.forget(f)
	_, err := b.runsIn(ctx, o)
	if held := b.told(); strings.Contains(held, "freeze") && !strings.HasSuffix(held, "thaw") {
		t.Errorf("%s: %v", held, err)
	}
	b.proxy.met = nil
	made := len(b.proxy.calls)
	b.proxy.forget(fault{})
	b.must2(b.runs(bake.Options{}))
	if images, _ := account.At(cloud.URL, region).Images(t.Context(), nil); len(images) < 1 || len(images) > 2 {
		t.Errorf("%d images", len(images))
	}
	return made
}
