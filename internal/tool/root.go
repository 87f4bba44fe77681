package tool

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/lock"
)

// Root is a folder that tests make once and share: a root file system, an archive of packages.
type Root struct {
	Name   string // what it is, in one word
	Recipe string // all that it is made from: a change of it makes a new folder
	Remedy string // what a person does when it can't be made

	// Fill makes the contents of dir, with Go and with commands that run in dir.
	Fill func(dir string, run func(argv ...string) error) error
}

// Path returns the path of the folder, which it makes first if need be. Where
// that can't be done, the test fails if the environment has CI=true and is
// skipped otherwise.
func (r Root) Path(t TB) string {
	t.Helper()
	if cacheErr != nil {
		return pathOrStop(t, "", cacheErr)
	}
	path, err := r.provide(filepath.Join(cacheDir, "kora-provisioner", "roots"))
	if err != nil {
		err = fmt.Errorf("no %s: %w: %s, then try again", r.Name, err, r.Remedy)
	}
	return pathOrStop(t, path, err)
}

// provide is program.provide for a folder.
func (r Root) provide(parent string) (string, error) {
	hash := sha256.Sum256([]byte(r.Recipe))
	dir := filepath.Join(parent, fmt.Sprintf("%s-%x", r.Name, hash[:6]))
	if r.made(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	held, err := lock.Take(context.Background(), dir+".lock")
	if err != nil {
		return "", err
	}
	defer held.Close()
	if r.made(dir) {
		return dir, nil
	}
	if err := r.make(dir, held); err != nil {
		_ = os.RemoveAll(dir) // what can't be removed has no marker, and is made anew next time
		return "", err
	}
	return dir, nil
}

func (r Root) made(dir string) bool {
	mark, err := os.ReadFile(filepath.Join(dir, markerFile))
	return err == nil && string(mark) == r.Recipe
}

func (r Root) make(dir string, held *os.File) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := r.Fill(dir, func(argv ...string) error { return run(dir, held, argv) }); err != nil {
		return err
	}
	return writeMarker(dir, r.Recipe)
}
