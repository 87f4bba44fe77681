package tool

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"github.com/korakagazindia/provisioner/internal/child"
	"github.com/korakagazindia/provisioner/internal/lock"
)

const (
	// markerFile stands in a folder that was filled to the end.
	markerFile = ".complete"

	// stepLimit is how long one command of many may take.
	stepLimit = 10 * time.Minute
)

// Folder is one that is filled once, and then shared by all processes.
type Folder struct {
	// Path is where it is to be.
	Path string
	// Mark says what it is made from: with another one it is made anew.
	Mark string
	// Fill makes what is in it, with Go and with commands that run in it.
	Fill func(run func(argv ...string) error) error
	// Check finds out what is missing in a folder that was filled once; nil asks nothing.
	Check func() error
}

// Provide makes the folder if need be. Of several processes at once, one fills it, after a call of announce, and the others
// wait. What could not be filled to the end is removed.
func (f Folder) Provide(announce func()) error {
	if f.complete() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return err
	}
	held, err := lock.Take(context.Background(), f.Path+".lock")
	if err != nil {
		return err
	}
	defer held.Close()
	if f.complete() {
		return nil
	}
	announce()
	if err := f.make(held); err != nil {
		_ = os.RemoveAll(f.Path) // what can't be removed has no marker, and is made anew next time
		return err
	}
	return nil
}

// complete reports whether the folder is there, whole, and made from the same.
func (f Folder) complete() bool {
	mark, err := os.ReadFile(filepath.Join(f.Path, markerFile))
	return err == nil && string(mark) == f.Mark && f.check() == nil
}

func (f Folder) check() error {
	if f.Check == nil {
		return nil
	}
	return f.Check()
}

// make fills the folder from scratch and marks it complete at the very end. The caller holds the lock.
func (f Folder) make(held *os.File) error {
	if err := os.RemoveAll(f.Path); err != nil {
		return err
	}
	if err := os.Mkdir(f.Path, 0o755); err != nil {
		return err
	}
	if err := f.Fill(func(argv ...string) error { return run(f.Path, held, argv) }); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(f.Path, markerFile), []byte(f.Mark), 0o644)
}

// run runs argv in dir, for at most stepLimit. The command inherits the lock: should this process be killed, the lock lasts
// until the command has ended too.
func run(dir string, held *os.File, argv []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), stepLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{held}
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil {
		return nil
	}
	return child.Fault(argv[0], err, string(out), "")
}
