package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// newPerson gives a person a copy of kora and two templates. Of this machine they share the emulator's Python, installed
// once.
func newPerson(t *testing.T, binary string) *person {
	t.Helper()
	tooltest.Ministack(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	tools, err := tool.Cache("tools")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	p := &person{t, filepath.Join(home, "bin", "kora"), filepath.Join(home, "folder"), []string{
		"PATH=" + filepath.Join(home, "bin"), "HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "TMPDIR=" + home,
		"AWS_EC2_METADATA_DISABLED=true",
	}}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.Mkdir(filepath.Join(home, "bin"), 0o755), os.Mkdir(p.folder, 0o755),
		os.MkdirAll(filepath.Join(home, "cache", "kora-provisioner"), 0o755),
		os.Symlink(tools, filepath.Join(home, "cache", "kora-provisioner", "tools")),
		os.Symlink(python, filepath.Join(home, "bin", "python3")),
		os.WriteFile(p.binary, program, 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"single", "vertical"} {
		text, err := os.ReadFile("../testdata/templates/" + name + ".template.json")
		if err == nil {
			err = os.WriteFile(filepath.Join(p.folder, name+".json"), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// tryOutside is what docs/getting.md says of an archive alone.
func tryOutside(t *testing.T, binary string) {
	p := newPerson(t, binary)
	p.expect(0, "kora version "+tag+"\n", "--version")
	p.expect(0, "Usage:", "--help")

	// Templates' files.
	p.expect(0, "single.json -> vertical.json: 1 interrupted", "diff", "single.json", "vertical.json", "--quiet")
	p.expect(0, "servers", "cost", "single.json", "vertical.json")
	p.expect(0, "single.json", "simulate", "single.json", "--days", "1")

	// Stages need the project.
	for _, args := range []string{"diff single vertical", "diff single.json vertical", "cost", "cost single", "simulate", "local deploy single"} {
		p.expect(1, "a stage is made by the project's code, with Go and Node: no cdk.json in "+p.folder, strings.Fields(args)...)
	}
	p.expect(1, "go to the project's folder", "advise")
	p.expect(1, "go to the project's folder, or say --prices FILE", "cost", "refresh")

	// The account: none is there yet.
	for _, args := range []string{"status", "diff deployed single.json", "cost deployed", "simulate --cpu live --instance i-0123456789abcdef0 single.json"} {
		p.expect(1, ": no AWS credentials: set AWS_PROFILE", strings.Fields(args)...)
	}
	p.expect(1, "Shop in eu-west-1: no AWS credentials", "status", "-c", "name=shop", "-c", "region=eu-west-1")
	p.expect(2, "the nearest is name", "status", "-c", "nme=shop")

	// The emulator, which is an account like any other.
	p.expect(1, "no emulator runs", "local", "status")
	up := p.expect(0, "# next: AWS's own tools; for kora local deploy, go to the project's folder", "local", "up")
	defer p.kora("local", "down")
	exports, _, _ := strings.Cut(strings.TrimPrefix(up, "export "), "\n")
	p.environment = append(p.environment, strings.Fields(exports)...)
	p.expect(0, "no stack yet", "local", "status")
	p.expect(0, "no stack yet", "status")
	p.expect(0, "deployed (no stack yet) -> single.json", "diff", "deployed", "single.json", "--quiet")
	p.expect(0, "unset AWS_ENDPOINT_URL", "local", "down")
}
