package command

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/status"
)

// looks are what a watch reads, one after the other; behind the last one the watch is interrupted.
func looks(t *testing.T, to frames, each ...any) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ticks := make(chan time.Time, len(each))
	for i := range each {
		ticks <- time.Date(2026, 11, 26, 7, 0, 5*(i+1), 0, time.UTC)
	}
	next := 0
	return watchStatus(ctx, func(context.Context) (*status.Status, error) {
		if next == len(each) {
			cancel()
			return nil, ctx.Err()
		}
		next++
		switch look := each[next-1].(type) {
		case error:
			return nil, look
		default:
			return &status.Status{Stack: &status.Stack{Name: "KoraBackend", Status: look.(string)}}, nil
		}
	}, to, ticks)
}

var errLost = errors.New("cloudformation.ap-south-1.amazonaws.com cannot be reached")

// To a pipe goes a whole status for each change, with its time; what is the same is not said again, and a look that fails is one.
func TestWatchToAPipe(t *testing.T) {
	var out strings.Builder
	err := looks(t, &statusPages{to: &out}, "UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", errLost, errLost, "UPDATE_COMPLETE")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, said, _ := strings.Cut(out.String(), "\n") // the first time is the clock's
	want := "stack KoraBackend: UPDATE_IN_PROGRESS\n\n== 2026-11-26 07:00:10 UTC\nit could not be read: " + errLost.Error() +
		"\n\n== 2026-11-26 07:00:20 UTC\nstack KoraBackend: UPDATE_COMPLETE\n"
	if said != want {
		t.Errorf("%q, want %q", said, want)
	}
}

// Programs get a line for each change, and none for a look that fails.
func TestWatchJSON(t *testing.T) {
	var out strings.Builder
	_ = looks(t, &statusLines{to: &out}, "UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", errLost, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
	var states []string
	for line := range strings.Lines(out.String()) {
		var s status.Status
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(line, err)
		}
		states = append(states, s.Stack.Status)
	}
	if got := strings.Join(states, " "); got != "UPDATE_IN_PROGRESS UPDATE_COMPLETE" {
		t.Error(got)
	}
}

// A first look that fails ends the watch; one that is interrupted says no more.
func TestWatchThatCannotBegin(t *testing.T) {
	var out strings.Builder
	if err := looks(t, &statusPages{to: &out}, errLost); !errors.Is(err, errLost) || out.String() != "" {
		t.Errorf("%v, %q", err, out.String())
	}
	if err := looks(t, &statusPages{to: &out}); !errors.Is(err, context.Canceled) || out.String() != "" {
		t.Errorf("%v, %q", err, out.String())
	}
}

// window is a terminal's that understands what the watch writes: its lines, of which the last ones are seen.
type window struct {
	columns, rows int
	lines         []string
	row           int
}

func (w *window) Write(text []byte) (int, error) {
	for rest := string(text); rest != ""; {
		var next string
		if sequence, is := strings.CutPrefix(rest, "\x1b["); is {
			end := strings.IndexAny(sequence, "FJ")
			if sequence[end] == 'J' {
				w.lines = w.lines[:w.row]
			} else {
				up, _ := strconv.Atoi(sequence[:end])
				w.row = max(w.row-up, len(w.lines)-w.rows+1, 0) // it does not leave the window
			}
			rest = sequence[end+1:]
			continue
		}
		next, rest, _ = strings.Cut(rest, "\n")
		for {
			w.put(next[:min(len(next), w.columns)])
			if next = next[min(len(next), w.columns):]; next == "" {
				break
			}
		}
	}
	return len(text), nil
}

// put writes over what stands in a row, as far as it goes.
func (w *window) put(text string) {
	if w.row == len(w.lines) {
		w.lines = append(w.lines, "")
	}
	if old := w.lines[w.row]; len(old) > len(text) {
		text += old[len(text):]
	}
	w.lines[w.row] = text
	w.row++
}

// A terminal shows the newest look in its place, with what was above it; a window that is too low shows its beginning.
func TestWatchOnATerminal(t *testing.T) {
	states := []any{"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", errLost, "UPDATE_COMPLETE"}
	for _, size := range []struct{ columns, rows int }{{100, 24}, {50, 10}, {40, 6}} {
		w := &window{columns: size.columns, rows: size.rows, lines: []string{"$ ls", "$ kora status --watch"}, row: 2}
		screen := &statusScreen{to: w, size: func() (int, int) { return size.columns, size.rows }}
		if err := looks(t, screen, states...); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		want := []string{"$ ls", "$ kora status --watch", "stack KoraBackend: UPDATE_COMPLETE", "", "looked at 07:00:10 UTC, and again every 5s until Ctrl-C"}
		for i := range want {
			want[i] = strings.TrimSuffix(want[i][:min(len(want[i]), size.columns-1)], "")
		}
		if got := w.lines; len(got) != len(want) || !slices.Equal(got[:4], want[:4]) || !strings.HasPrefix(got[4], want[4][:30]) {
			t.Errorf("%v:\n%q, want\n%q", size, got, want)
		}
	}
}

// What does not fit is cut where the window ends, and said to be; lines that the terminal breaks count as often as they do.
func TestFitting(t *testing.T) {
	long := strings.Repeat("x", 90) + "\n"
	page := "1\n2\n" + long + "4\n5\n"
	for rows, want := range map[int]string{
		9: page + "\nlast\n",
		8: "1\n2\n" + long + "4\n... and 1 more, without --watch\nlast\n",
		6: "1\n2\n... and 3 more, without --watch\nlast\n",
		2: "... and 5 more, without --watch\nlast\n",
	} {
		if got := fitting(page, "last", 40, rows); got != want {
			t.Errorf("%d rows: %q, want %q", rows, got, want)
		}
	}
	for text, want := range map[string]int{"": 0, "\n": 1, "a\n\n": 2, strings.Repeat("x", 10) + "\n": 1, strings.Repeat("x", 11) + "\n": 2, "\x1b[31m" + strings.Repeat("x", 10) + "\x1b[0m\n": 1} {
		if got := rowsOf(text, 10); got != want {
			t.Errorf("%q takes %d rows, want %d", text, got, want)
		}
	}
}
