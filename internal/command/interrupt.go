package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// interruption is the signal that ended a command, as the cause of its context.
type interruption struct{ signal syscall.Signal }

func (i interruption) Error() string {
	if i.signal == syscall.SIGINT {
		return "interrupted"
	}
	return "ended by a signal"
}

// code is the exit code that a shell gives to a process that a signal has ended (Bash Reference Manual, "Exit Status").
func (i interruption) code() int { return 128 + int(i.signal) }

// Interruptible returns a context that Ctrl-C ends, or a request to terminate, or the end of the terminal, but for one whose end
// was to be ignored (nohup). A second Ctrl-C ends the process at once.
func Interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		select {
		case got := <-signals:
			signal.Stop(signals)
			if s, ok := got.(syscall.Signal); ok {
				cancel(interruption{s})
			}
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// goesOnError is what an interrupted command leaves at work.
type goesOnError struct{ what string }

func (e goesOnError) Error() string { return e.what }

// goingOn is err, or, of a command that was interrupted, what goes on without it and how that is stopped.
func goingOn(ctx context.Context, err error, what string) error {
	var by interruption
	if err != nil && errors.As(context.Cause(ctx), &by) {
		return goesOnError{what}
	}
	return err
}

// interrupted reports which signal has ended a command that failed, and says so: what failed then is how it ended.
func interrupted(ctx context.Context, err error, stderr io.Writer) (int, bool) {
	var by interruption
	if err == nil || !errors.As(context.Cause(ctx), &by) {
		return 0, false
	}
	said := by.Error()
	var left goesOnError
	if errors.As(err, &left) {
		said += ": " + left.what
	}
	fmt.Fprintf(stderr, "kora: %s\n", said)
	return by.code(), true
}
