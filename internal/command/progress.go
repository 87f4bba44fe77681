package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/korakagazindia/provisioner/internal/page"
)

// patience is how long one waits, where nobody looks on, before it is said what for.
const patience = 2 * time.Second

// teller says what is being done: on a terminal at once, elsewhere, in a log or a pipe, of what takes long alone.
type teller struct {
	to     io.Writer
	after  time.Duration
	mutex  sync.Mutex
	silent *time.Timer // says what is being done when it ends
	ended  bool
}

// tellerKey is where a command line's context has its teller.
type tellerKey struct{}

// withTeller returns a context in which progress is told to stderr, until what it also returns is called; one that has a
// teller keeps it.
func withTeller(ctx context.Context, stderr io.Writer) (context.Context, func()) {
	if ctx.Value(tellerKey{}) != nil {
		return ctx, func() {}
	}
	t := &teller{to: stderr, after: patience}
	if terminal(stderr) {
		t.after = 0
	}
	return context.WithValue(ctx, tellerKey{}, t), t.end
}

// progress returns what tells of what is being done.
func progress(cmd *cobra.Command) func(what string) {
	return func(what string) { tell(cmd.Context(), what) }
}

// tell tells of what is being done, where a command line runs that has not been interrupted.
func tell(ctx context.Context, what string) {
	if t, ok := ctx.Value(tellerKey{}).(*teller); ok && ctx.Err() == nil {
		t.tell(what)
	}
}

// tell says what is being done from here on; what was done until now is over.
func (t *teller) tell(what string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.silent != nil {
		t.silent.Stop()
	}
	if t.after == 0 {
		t.say(what)
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(t.after, func() {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		if t.silent == timer { // nothing else has begun meanwhile
			t.say(what)
		}
	})
	t.silent = timer
}

func (t *teller) say(what string) {
	if !t.ended {
		fmt.Fprintf(t.to, "kora: %s\n", what)
	}
}

// end keeps the teller silent.
func (t *teller) end() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.ended = true
	if t.silent != nil {
		t.silent.Stop()
	}
}

// look returns the look of what is written to w. A person at a terminal has its width, and colours, unless NO_COLOR
// (https://no-color.org) or a terminal that knows none says otherwise.
func look(w io.Writer) page.Look {
	file, ok := w.(*os.File)
	if !ok || !terminal(w) {
		return page.Plain()
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		columns = 0
	}
	return page.At(columns, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// terminal reports whether a person sees at once what is written.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
