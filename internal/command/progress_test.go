package command

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"
)

// Where nobody looks on, what takes over two seconds is said in a line, what takes less is not, and nothing after the end.
func TestProgressInAPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		ctx, end := withTeller(t.Context(), &said)
		cmd := &cobra.Command{}
		cmd.SetContext(ctx)
		tell := progress(cmd)
		tell("what is quick")
		time.Sleep(patience - time.Millisecond)
		tell("what is slow")
		time.Sleep(patience + time.Millisecond)
		tell("what is cut short by the end")
		end()
		time.Sleep(patience)
		synctest.Wait()
		if got, want := said.String(), "kora: what is slow\n"; got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	})
}

// What a signal has ended says so and what goes on, with the exit code of a shell; what is done already is not undone by one.
func TestInterrupted(t *testing.T) {
	for _, tc := range []struct {
		name   string
		signal syscall.Signal
		err    error
		code   int
		said   string
	}{
		{"Ctrl-C", syscall.SIGINT, context.Canceled, 130, "kora: interrupted\n"},
		{"something goes on", syscall.SIGINT, goesOnError{"x goes on"}, 130, "kora: interrupted: x goes on\n"},
		{"a request to end", syscall.SIGTERM, errors.New("signal: terminated"), 143, "kora: ended by a signal\n"},
		{"a window that is closed", syscall.SIGHUP, context.Canceled, 129, "kora: ended by a signal\n"},
		{"done", syscall.SIGINT, nil, 0, ""},
		{"a failure by itself", 0, errors.New("x"), 0, ""},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		if tc.signal != 0 {
			cancel(interruption{tc.signal})
		}
		var said strings.Builder
		if code, _ := interrupted(ctx, tc.err, &said); code != tc.code || said.String() != tc.said {
			t.Errorf("%s: exit code %d, %q, want %d, %q", tc.name, code, said.String(), tc.code, tc.said)
		}
		cancel(nil)
	}
}
