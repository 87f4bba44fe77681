package command

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/emulator"
	kept "github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// baked is an adopter whose cdk.json names the server.
func baked(t *testing.T) *adopter {
	t.Helper()
	a := newAdopter(t, local.HandMade{})
	a.says(0, "adopt --write")
	return a
}

// named is the time and the commit in what kora bake names.
var named = regexp.MustCompile(`\d{8}-\d{6}-`)

func steadyBake(said string) string { return named.ReplaceAllString(steady(said), "20000000-000000-") }

// What a person reads of an image and of copies alone, and what a program does.
func TestBake(t *testing.T) {
	a := baked(t)
	var story strings.Builder
	for _, line := range []string{"bake", "bake --snapshot-only", "bake --reboot --yes --write"} {
		out, faults := a.says(0, line)
		story.WriteString("$ kora " + line + "\n" + out + faults)
	}
	kept.File(t, filepath.Join(a.home, "testdata", "bake.txt"), steadyBake(story.String()))
	out, _ := a.says(0, "bake --json")
	var decoded struct {
		Image, Server string
		Available     bool
		Snapshots     []struct{ ID string }
		Findings      []struct{ Code string }
	}
	if err := json.Unmarshal([]byte(out), &decoded); err != nil || !decoded.Available || len(decoded.Snapshots) != 1 || len(decoded.Findings) != 2 {
		t.Errorf("%v, %s", err, out)
	}
}

// A copy is tried where that may be, and the verdict decides whether cdk.json names the image.
func TestBakeTries(t *testing.T) {
	a := newAdopter(t, local.HandMade{Profile: "kora"})
	a.says(0, "adopt --write --replace-profile")
	var story strings.Builder
	for _, tc := range []struct {
		code           int
		line, answered string
	}{
		{1, "bake --try", ""},
		{0, "bake --try --jobs-may-run --write", `{"answer": 503, "listening": true, "waits": [{"peer": "172.31.9.9:5432", "times": 40}]}`},
		{3, "bake --try --jobs-may-run --write", `{"answer": 0, "listening": false, "waits": []}`},
		{0, "bake --try --jobs-may-run", `{"answer": 200, "listening": true, "waits": []}`},
	} {
		if err := a.cloud.SetCommand(t.Context(), emulator.Command{Output: tc.answered}); err != nil {
			t.Fatal(err)
		}
		before := a.file()
		out, faults := a.says(tc.code, tc.line)
		story.WriteString("$ kora " + tc.line + "\n" + out + faults)
		if wrote := a.file() != before; wrote != (tc.code == 0 && strings.HasSuffix(tc.line, "--write")) {
			t.Errorf("%s: written %v", tc.line, wrote)
		}
	}
	kept.File(t, filepath.Join(a.home, "testdata", "bake-try.txt"), steadyBake(story.String()))
}

// The script that holds a server still is shown before it runs; where nobody reaches the server, nothing is made.
func TestBakeQuiesces(t *testing.T) {
	a := newAdopter(t, local.HandMade{Profile: "kora"})
	a.says(0, "adopt --write --replace-profile")
	if err := a.cloud.SetCommand(t.Context(), emulator.Command{Output: `["/data"]`}); err != nil {
		t.Fatal(err)
	}
	out, said := a.says(0, "bake --quiesce")
	for _, line := range strings.Split(strings.TrimSpace(machine.Freeze(time.Minute)), "\n") {
		if !strings.Contains(said, "kora:   "+line+"\n") {
			t.Errorf("it does not show %q:\n%s", line, said)
		}
	}
	if !strings.Contains(out, "/data was frozen until the copies had") {
		t.Errorf("%s", out)
	}
}

func TestBakeQuiescesNobody(t *testing.T) {
	a := baked(t) // whose server has no profile
	if _, said := a.says(1, "bake --quiesce"); !strings.Contains(said, "kora: --quiesce: Systems Manager does not reach i-") {
		t.Errorf("%s", said)
	}
}

// Older ones are shown and asked about, and go; what cdk.json names stays.
func TestBakeKeeps(t *testing.T) {
	a := baked(t)
	a.says(0, "bake --write")
	a.says(0, "bake")
	var story strings.Builder
	for _, tc := range []struct {
		code int
		line string
	}{{1, "bake --keep 1"}, {0, "bake --keep 1 --yes"}} {
		out, faults := a.says(tc.code, tc.line)
		story.WriteString("$ kora " + tc.line + "\n" + faults + out)
	}
	kept.File(t, filepath.Join(a.home, "testdata", "bake-keep.txt"), steadyBake(story.String()))
	if _, said := a.says(2, "bake --keep 0"); said != "kora: kora bake: --keep \"0\" is not allowed: it takes a whole number from 1\n" {
		t.Error(said)
	}
}

// --write sets fleetImageId, and nothing else; twice over.
func TestBakeWrites(t *testing.T) {
	a := baked(t)
	before := a.file()
	for range 2 {
		a.says(0, "bake --write")
		wrote := regexp.MustCompile(`,\s*"fleetImageId": "ami-[0-9a-f]{17}"`)
		if found := wrote.FindAllString(a.file(), -1); len(found) != 1 || wrote.ReplaceAllString(a.file(), "") != before {
			t.Errorf("%v:\n%s", found, a.file())
		}
	}
}

// What cannot be done is a line, before anything is made.
func TestBakeRefuses(t *testing.T) {
	a := baked(t)
	good := a.file()
	for line, want := range map[string]string{
		"bake now":                      `kora: kora bake: "now" is one word too many: `,
		"bake --snapshot-only --reboot": "kora: --snapshot-only and --reboot: ",
		"bake --snapshot-only --reboot --write -c x": "kora: -c \"x\" is not allowed: it takes KEY=VALUE\nkora: --snapshot-only and --reboot: copies alone are made while the " +
			"server runs: kora bake --reboot makes an image\nkora: --snapshot-only and --write: cdk.json names an image, and none is made\n",
		"bake --snapshot-only --try": "kora: --snapshot-only and --try: an image is tried, and none is made\n",
		"bake --reboot --quiesce":    "kora: --reboot and --quiesce: one of them: a restart writes all to the disks\n",
		"bake --jobs-may-run":        "kora: --jobs-may-run without --try: nothing is tried\n",
		"bake --writes":              "kora: kora bake has no flag --writes: ",
	} {
		if _, said := a.says(2, line); !strings.HasPrefix(said, want) {
			t.Errorf("%s: %s", line, said)
		}
	}
	if _, said := a.says(1, "bake --reboot"); !strings.HasSuffix(said, "Go on? yes or no: \nkora: nobody answered: for scripts there is --yes\n") {
		t.Errorf("nobody answers: %s", said)
	}
	for _, tc := range []struct {
		code           int
		from, to, want string
	}{
		{1, `"context": {`, `"context": 3, "was": {`, "cdk.json:7:14: context must be an object, and is a number\n"},
		{2, `"name": "`, `"nmae": "x", "name": "`, "there is no such key; the nearest is name"},
	} {
		a.writes(strings.Replace(good, tc.from, tc.to, 1))
		if _, said := a.says(tc.code, "bake --write"); !strings.Contains(said, tc.want) || strings.Contains(said, "ami-") {
			t.Errorf("%s: %s", tc.to, said)
		}
	}
	a.writes(good)
	if out, _ := a.says(0, "status --json"); strings.Contains(out, "snap-") {
		t.Errorf("something was made:\n%s", out)
	}
	t.Setenv("AWS_ENDPOINT_URL_EC2", "https://example.com")
	if _, said := a.says(1, "bake"); !strings.Contains(said, "AWS_ENDPOINT_URL_EC2") {
		t.Errorf("another's endpoint: %s", said)
	}
}

// An image that fails is a line, and cdk.json does not name it.
func TestBakeFails(t *testing.T) {
	a := baked(t)
	if err := a.cloud.SetModels(t.Context(), emulator.Models{ImageOutcome: "failed"}); err != nil {
		t.Fatal(err)
	}
	if _, said := a.says(1, "bake --write"); !strings.Contains(said, " is failed: Server.InternalError\n") || strings.Contains(a.file(), "fleetImageId") {
		t.Errorf("%s\n%s", said, a.file())
	}
}
