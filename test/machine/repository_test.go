//go:build linux

package machine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Repository is a git repository with work tree, whose Dir the world's git server serves.
type Repository struct {
	Dir string

	t    testing.TB
	work string
}

// NewRepository makes an empty repository with the branch main. Where git can't run no machine can: the test is skipped.
func NewRepository(t testing.TB) *Repository {
	t.Helper()
	require(t, false)
	r := &Repository{t: t, work: t.TempDir()}
	r.Dir = filepath.Join(r.work, ".git")
	r.Git("init", "-q", "-b", "main")
	r.Git("config", "uploadpack.allowAnySHA1InWant", "true") // as the well-known hosts of repositories do
	return r
}

// Commit writes the files, commits them to the branch that is checked out, and returns the commit's hash. A file with
// no content is removed.
func (r *Repository) Commit(files map[string]string) string {
	r.t.Helper()
	for name, content := range files {
		path := filepath.Join(r.work, name)
		if content == "" {
			r.Git("rm", "-q", name)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.Git("add", "--all")
	r.Git("commit", "-q", "-m", "Change")
	return r.Git("rev-parse", "HEAD")
}

// Git runs git in the work tree, with none of this machine's settings, and returns what it wrote.
func (r *Repository) Git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "maintenance.auto=false"}, args...)...)
	cmd.Dir = r.work
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}
