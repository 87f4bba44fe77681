// Package lock lets one process at a time do something. A lock is a file: it is given up by closing it, and with the end of
// the last process that has it, a child that inherited it included.
package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Try takes the lock of the file at path, which it makes if need be. It returns nil where another has it.
func Try(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, file.Close()
	}
	return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), file.Close())
}

// Take is Try that waits for as long as another has the lock, or until ctx ends.
func Take(ctx context.Context, path string) (*os.File, error) {
	for {
		file, err := Try(path)
		if file != nil || err != nil {
			return file, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
