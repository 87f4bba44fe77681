//go:build linux

package machine

import (
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// Prepared returns the image of a machine on which the script has run as root, made once and kept in the cache: for what
// many scenarios start with, such as Node and pm2 in place. The machine starts with an image of another, or with none: "".
func Prepared(t testing.TB, image, name, script string) string {
	t.Helper()
	require(t, false)
	return onto(tooltest.Root{
		Name:   "image-" + name,
		Recipe: strings.Join([]string{baseRoot().Recipe, registryRoot().Recipe, NodeVersion, image, script}, "\n"),
		Remedy: "look at what its script says",
		Fill: func(dir string, _ func(argv ...string) error) error {
			m := New(t, Setup{Image: image})
			m.Boot()
			if out, code := m.Run(t.Context(), script); code != 0 {
				t.Fatalf("image %s: exit code %d: %s", name, code, out)
			}
			m.PowerOff()
			m.copyDisk(dir)
			return nil
		},
	}.Path(t), image)
}

// onto is the image of a folder that lies on an image, or on none.
func onto(folder, image string) string { return strings.TrimSuffix(folder+":"+image, ":") }

// An image holds what its machine had on the disk, and a new machine's user data runs all the same.
func TestImage(t *testing.T) {
	t.Parallel()
	first := New(t, Setup{UserData: "#!/bin/sh\necho first >/root/by; rm /etc/motd\n"})
	first.Boot()
	first.UserData(t.Context())
	first.PowerOff()
	second := New(t, Setup{Image: first.Image(), UserData: "#!/bin/sh\necho second >>/root/by\n"})
	second.Boot()
	second.UserData(t.Context())
	if got, _ := second.File("/root/by"); got != "first\nsecond\n" {
		t.Errorf("the user data wrote %q", got)
	}
	if _, found := second.File("/etc/motd"); found {
		t.Error("a file that was removed is back")
	}
}

func TestPreparedImage(t *testing.T) {
	t.Parallel()
	equipped(t)
	began := time.Now()
	m := New(t, Setup{Image: equipped(t)})
	m.Boot()
	out, code := m.Run(t.Context(), "node --version; HOME=/root pm2 --silent --version | tail -1")
	t.Logf("node and pm2 after %v", time.Since(began))
	if want := "v" + NodeVersion + "\n6.0.14\n"; out != want || code != 0 {
		t.Errorf("%d %s, want %s", code, out, want)
	}
}
