package test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// What a pull request is told, and whether it fails: .ci/diff of two checkouts.
func TestPullRequests(t *testing.T) {
	tooltest.CDK(t) // where Node is missing, nothing can be synthesized
	before, after := checkout(t), checkout(t)
	for _, tc := range []struct {
		name, cdkJSON, description string
		code                       int
		want                       string
	}{
		{"nothing", `"stage": "single"`, "", 0, "nothing changes"},
		{"a resize", `"stage": "vertical"`, "", 0, "`InstanceType` | `t2.micro` | `t2.small`"},
		{"a stop", `"stage": "horizontal"`, "A description\r\n", 3, "**stop** `certificate-waits`"},
		{"a stop, accepted", `"stage": "horizontal", "gitRepository": "https://example.com/kora.git", "gitRef": "v1.0.0"`,
			"To the fleet\r\n\r\nkora accept certificate-waits:Certificate=I'll be there\r\n", 0, "accepted: I'll be there"},
		{"a deploy that must roll back", `"stage": "horizontal"`, "kora accept certificate-waits:Certificate=I'll be there\r\n", 3, "**stop** `empty-fleet` | `Fleet`"},
		{"a key without effect", `"stage": "single", "databasePort": 5433`, "", 0, "**warn** `without-effect`"},
		{"a mistake", `"stage": "horizontl"`, "", 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.Replace(read(t, root("cdk.json")), `"stage": "single"`, tc.cdkJSON, 1)
			if err := os.WriteFile(filepath.Join(after, "cdk.json"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			run := exec.Command("bash", filepath.Join(after, ".ci", "diff"), before, after)
			run.Env = append(os.Environ(), "DESCRIPTION="+tc.description)
			var said strings.Builder
			run.Stderr = &said
			out, err := run.Output()
			if err != nil && run.ProcessState == nil {
				t.Fatal(err)
			}
			if code := run.ProcessState.ExitCode(); code != tc.code || !strings.Contains(string(out), tc.want) {
				t.Errorf("exit code %d, want %d and %q in:\n%s%s", code, tc.code, tc.want, out, said.String())
			}
		})
	}
}

// checkout is a copy of the repository without what git leaves out.
func checkout(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	err := filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root(), path)
		if err != nil {
			return err
		}
		to := filepath.Join(folder, name)
		switch {
		case entry.IsDir() && slices.Contains([]string{".git", "build", "cdk.out", "node_modules", "testdata"}, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(to, 0o755)
		case !entry.Type().IsRegular() || entry.Name() == ".git":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}
