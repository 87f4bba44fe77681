package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/stacks"
)

// The same context gives the same bytes, a second time in one kernel and in another process of another place.
func TestSameBytesEverywhere(t *testing.T) {
	want := must(t, committed().and(context{"stage": "horizontal"}))
	checked, err := config.FromContext(committed().and(context{"stage": "horizontal"}))
	if err != nil {
		t.Fatal(err)
	}
	file, err := stacks.Synthesize(checked, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, file), string(want.text)); diff != "" {
		t.Errorf("a second synthesis differs:\n%s", diff)
	}

	app, dir := built(t), t.TempDir()
	elsewhere := exec.Command(app, "-to", dir, "horizontal")
	elsewhere.Dir = root()
	elsewhere.Env = append(os.Environ(), "TZ=Pacific/Kiritimati", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8")
	if out, err := elsewhere.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(read(t, filepath.Join(dir, "horizontal", "KoraBackend.template.json")), string(want.text)); diff != "" {
		t.Errorf("another time zone and locale differ:\n%s", diff)
	}
}

// All three stages in one process, each in its own folder, as each is alone.
func TestThreeStagesAtOnce(t *testing.T) {
	dir := t.TempDir()
	all := exec.Command(built(t), "-to", dir)
	all.Dir = root()
	if out, err := all.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %q", err, out)
	}
	for _, stage := range []string{"single", "vertical", "horizontal"} {
		got := read(t, filepath.Join(dir, stage, "KoraBackend.template.json"))
		if diff := cmp.Diff(got, string(must(t, committed().and(context{"stage": stage})).text)); diff != "" {
			t.Errorf("%s (-together +alone):\n%s", stage, diff)
		}
	}
}

var app string

// built compiles the app once, as cdk.json does, and gives its path.
func built(t *testing.T) string {
	t.Helper()
	if app != "" {
		return app
	}
	build := exec.Command("sh", "bin/build.sh")
	build.Dir = root()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("bin/build.sh: %v: %s", err, out)
	}
	path, err := filepath.Abs(root("build", "app"))
	if err != nil {
		t.Fatal(err)
	}
	app = path
	return app
}

// Nothing of a run stays behind, whether it was refused, failed or made a template.
func TestNothingIsLeftInTheTemporaryFolder(t *testing.T) {
	for name, context := range map[string]string{"refused": `{"stage": "x"}`, "made": `{"keepServer": "single"}`, "too large": tooLarge(t)} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			run := exec.Command(built(t), "-to", filepath.Join(t.TempDir(), "out"), "horizontal")
			run.Env = append(os.Environ(), "TMPDIR="+temporary, "CDK_CONTEXT_JSON="+context)
			run.Run() // how it ends is for other tests
			left, err := os.ReadDir(temporary)
			if err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

func tooLarge(t *testing.T) string {
	text, err := json.Marshal(tooMuch)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
