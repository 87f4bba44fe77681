package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/search"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// runSearch is kora simulate --search.
func runSearch(cmd *cobra.Command, names []string, flags simulateFlags, form string, r *report.Report) error {
	promise, err := search.Parse(flags.slo)
	if err != nil {
		err = misusef("--slo %q is not allowed: %w", flags.slo, err)
	}
	changes, errKeys := accountKeys(cmd, flags.changes)
	if err := errors.Join(err, errKeys, searchTakes(names, flags, form)); err != nil {
		return err
	}
	say := progress(cmd)
	templates, err := stages(cmd.Context(), source.Reader{Announce: say, Profile: profile(cmd)}, changes)
	if err != nil {
		return err
	}
	p := search.Problem{Book: price.Embedded(), Templates: templates, Rates: r.Demand.Values, Assumptions: r.Assumptions, Seed: r.Seed, Promise: promise,
		Announce: every(100, say)}
	found, err := search.Run(cmd.Context(), p, search.Configs())
	if err != nil {
		return err
	}
	if err := drawn(flags.svg, found.SVG); err != nil {
		return err
	}
	return printFound(cmd.OutOrStdout(), form, found, r.Demand.What)
}

func printFound(out io.Writer, form string, found *search.Found, demand string) error {
	if form == formJSON {
		return found.JSON(out, demand)
	}
	return found.Text(out, look(out), demand)
}

// searchTakes says what does not go with --search.
func searchTakes(names []string, flags simulateFlags, form string) error {
	var faults []error
	if len(names) > 0 {
		faults = append(faults, misusef("--search: %q is one word too many: it tries all stages", strings.Join(names, " ")))
	}
	for _, flag := range []struct {
		name  string
		given bool
	}{{"--html", flags.html != ""}, {"--csv", form == formCSV}, {"--runs", flags.runs > 1}, {"--event", len(flags.events) > 0}} {
		if flag.given {
			faults = append(faults, misusef("--search has no %s: it has --json and --svg", flag.name))
		}
	}
	return errors.Join(faults...)
}

// stages are the three stages' templates, the fleet's without the old server.
func stages(ctx context.Context, reader source.Reader, changes map[string]string) (map[string]*template.Template, error) {
	all := map[string]*template.Template{}
	for _, name := range stage.Names() {
		keys := changes
		if name == string(stage.Horizontal) {
			keys = source.With(changes, map[string]string{"keepServer": "none"})
		}
		t, err := reader.Read(ctx, name, keys)
		if err != nil {
			return nil, err
		}
		all[name] = t
	}
	return all, nil
}

// every tells of each so many that are tried.
func every(step int, say func(string)) func(tried, all int) {
	var told atomic.Int64
	return func(tried, all int) {
		if done := int64(tried / step); done > told.Swap(max(done, told.Load())) {
			say(fmt.Sprintf("%d of %d configurations tried", tried, all))
		}
	}
}
