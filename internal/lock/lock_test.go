package lock

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func take(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := Take(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	first := take(t, path)
	if second, err := Try(path); second != nil || err != nil {
		t.Errorf("taken twice: %v, %v", second, err)
	}
	taken := make(chan error)
	go func() {
		file, err := Take(t.Context(), path)
		if err == nil {
			err = file.Close()
		}
		taken <- err
	}()
	select {
	case err := <-taken:
		t.Fatalf("not waited for: %v", err)
	case <-time.After(60 * time.Millisecond):
	}
	first.Close()
	if err := <-taken; err != nil {
		t.Error(err)
	}
}

// Who gives up waiting leaves the lock to the one that has it.
func TestWaitingEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	defer take(t, path).Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if file, err := Take(ctx, path); file != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, %v, want that time was up", file, err)
	}
}

// A child that inherited the lock has it until it ends.
func TestAChildKeepsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	file := take(t, path)
	child := exec.Command("sleep", "60")
	child.ExtraFiles = []*os.File{file}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	file.Close()
	if again, err := Try(path); again != nil || err != nil {
		t.Errorf("taken while the child has it: %v, %v", again, err)
	}
	child.Process.Kill()
	child.Wait()
	take(t, path).Close()
}

func TestNoLock(t *testing.T) {
	if file, err := Try(filepath.Join(t.TempDir(), "none", "x.lock")); file != nil || err == nil {
		t.Errorf("%v, %v, want an error", file, err)
	}
}
