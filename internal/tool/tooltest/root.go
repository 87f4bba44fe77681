package tooltest

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/korakagazindia/provisioner/internal/tool"
)

// Root is a folder that tests make once and share: a root file system, an archive of packages.
type Root struct {
	Name   string // what it is, in one word
	Recipe string // all that it is made from: a change of it makes a new folder
	Remedy string // what a person does when it can't be made

	// Fill makes the contents of dir, with Go and with commands that run in dir.
	Fill func(dir string, run func(argv ...string) error) error
}

// Path returns the path of the folder, which it makes first if need be.
func (r Root) Path(t testing.TB) string {
	t.Helper()
	return provided(t, r.provide)
}

func (r Root) provide() (string, error) {
	parent, err := tool.Cache("roots")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(parent, fmt.Sprintf("%s-%.6x", r.Name, sha256.Sum256([]byte(r.Recipe))))
	folder := tool.Folder{Path: dir, Mark: r.Recipe, Fill: func(run func(argv ...string) error) error { return r.Fill(dir, run) }}
	if err := folder.Provide(func() {}); err != nil {
		return "", fmt.Errorf("no %s: %w: %s, then try again", r.Name, err, r.Remedy)
	}
	return dir, nil
}
