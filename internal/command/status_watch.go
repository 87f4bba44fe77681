package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/view"
)

// watchEvery is the time between two looks: each asks AWS for some twenty things.
const watchEvery = 5 * time.Second

// statusReader reads what stands now.
type statusReader func(context.Context) (*status.Status, error)

// frames shows one look after the other: what was read, or why nothing was.
type frames interface {
	show(at time.Time, s *status.Status, failed error) error
}

// watchStatus looks at once and at each tick, until its context ends. The first look must succeed; later ones that fail are shown,
// and it goes on.
func watchStatus(ctx context.Context, read statusReader, to frames, ticks <-chan time.Time) error {
	now := time.Now()
	for first := true; ; first = false {
		s, err := read(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && first {
			return err
		}
		if err := to.show(now.UTC(), s, err); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now = <-ticks:
		}
	}
}

// frames are what fits what is written to.
func (f statusFlags) frames(out io.Writer) frames {
	switch {
	case f.asJSON:
		return &statusLines{to: out}
	case terminal(out):
		return &statusScreen{to: out, size: func() (columns, rows int) { return sizeOf(out) }}
	}
	return &statusPages{to: out}
}

// sizeOf is a terminal's, 80 by 24 where it does not say.
func sizeOf(out io.Writer) (columns, rows int) {
	if file, is := out.(*os.File); is {
		if columns, rows, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

// clock is a time of day as it is shown.
const clock = "15:04:05 UTC"

// notRead is what is said of a look that failed.
func notRead(at time.Time, err error) string {
	return fmt.Sprintf("not read at %s, and shown as it was before: %s", at.Format(clock), page.Readable(err.Error()))
}

// statusLines writes JSON, a line for each change.
type statusLines struct {
	to   io.Writer
	last string
}

func (l *statusLines) show(_ time.Time, s *status.Status, failed error) error {
	if failed != nil {
		return nil // nothing is known to have changed
	}
	line, err := view.StatusLine(s)
	if err != nil || line == l.last {
		return err
	}
	l.last = line
	_, err = io.WriteString(l.to, line)
	return err
}

// statusPages writes a whole page for each change.
type statusPages struct {
	to   io.Writer
	last string
}

func (p *statusPages) show(at time.Time, s *status.Status, failed error) error {
	var said strings.Builder
	if failed != nil {
		said.WriteString("it could not be read: " + page.Readable(failed.Error()) + "\n")
	} else if err := view.StatusText(&said, page.Plain(), s); err != nil {
		return err
	}
	if said.String() == p.last {
		return nil
	}
	gap := "\n"
	if p.last == "" {
		gap = ""
	}
	p.last = said.String()
	_, err := fmt.Fprintf(p.to, "%s== %s\n%s", gap, at.Format("2006-01-02 "+clock), p.last)
	return err
}

// statusScreen redraws a page in its place on a terminal, below what was there before.
type statusScreen struct {
	to   io.Writer
	size func() (columns, rows int)
	page string // of the last look that succeeded
	drew string
}

// What a terminal understands as: so many lines up, and nothing from here to the end (ECMA-48, CPL and ED).
const (
	linesUp = "\x1b[%dF"
	noMore  = "\x1b[J"
)

func (d *statusScreen) show(at time.Time, s *status.Status, failed error) error {
	columns, rows := d.size()
	last := fmt.Sprintf("looked at %s, and again every %s until Ctrl-C", at.Format(clock), watchEvery)
	if failed != nil {
		last = notRead(at, failed)
	} else {
		var said strings.Builder
		if err := view.StatusText(&said, look(d.to), s); err != nil {
			return err
		}
		d.page = said.String()
	}
	drawn := fitting(d.page, page.Cut(last, columns-1), columns, rows-1)
	up := ""
	if n := rowsOf(d.drew, columns); n > 0 {
		up = fmt.Sprintf(linesUp, n)
	}
	d.drew = drawn
	_, err := io.WriteString(d.to, up+noMore+drawn)
	return err
}

// fitting is a page with a line below it, cut so that a terminal's window has room for both: what has left the window cannot be
// redrawn.
func fitting(text, last string, columns, rows int) string {
	lines := slices.Collect(strings.Lines(text))
	room, kept := rows-2, 0
	for used := 0; kept < len(lines); kept++ {
		if used += rowsOf(lines[kept], columns); used > room {
			break
		}
	}
	between := "\n"
	if more := len(lines) - kept; more > 0 {
		between = page.Cut(fmt.Sprintf("... and %d more, without --watch", more), columns-1) + "\n"
	}
	return strings.Join(lines[:kept], "") + between + last + "\n"
}

// rowsOf is how many rows of a terminal a text takes, whose lines are broken where they are too long.
func rowsOf(text string, columns int) int {
	rows := 0
	for line := range strings.Lines(text) {
		rows += max(1, (page.Columns(strings.TrimSuffix(line, "\n"))+columns-1)/columns)
	}
	return rows
}
