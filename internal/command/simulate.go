package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// simulateFlags is what kora simulate was asked for.
type simulateFlags struct {
	demandFlags
	changes []string
	svg     string
	html    string
	runs    int
	events  []string
	search  bool
	slo     string
	forms   forms
}

func newSimulate() *cobra.Command {
	flags := simulateFlags{forms: forms{}}
	cmd := &cobra.Command{
		Use:   "simulate [STAGE[:KEY=VALUE]... | TEMPLATE]...",
		Short: "Shows what happens to a stage under some traffic",
		Long: "simulate replays demand, minute by minute, against what a template says: CPU credits, alarms,\n" +
			"scaling policies, health checks. It says first where and why a stage breaks. Without arguments it\n" +
			"sets all three stages side by side. What no template says has defaults that docs/simulate.md\n" +
			"explains, and --assume changes.",
		Example: "  kora simulate --scenario diurnal --users 50\n" +
			"  kora simulate horizontal --scenario spike --scale 3 --html spike.html\n" +
			"  kora simulate horizontal horizontal:cpuCredits=standard -c keepServer=none --users 150\n" +
			"  kora simulate single vertical --scenario growth --days 365 --grow 10%/month --json\n" +
			"  kora simulate --search --users 150 --slo 'p95<1s, unserved<0.1%' --svg frontier.svg\n" +
			"  kora simulate --cpu cpu.json --cpu-type t2.micro --scale 3\n" +
			"  kora simulate horizontal --log access.log.gz --assume think-seconds=20",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: stageArguments(unlimited, true, source.Deployed),
		RunE:              func(cmd *cobra.Command, args []string) error { return runSimulate(cmd, args, flags) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	contextFlag(f, &flags.changes, "; may be repeated")
	accountFlags(f)
	flags.add(f)
	flags.forms.add(f, formJSON, "print JSON for programs")
	flags.forms.add(f, formCSV, "print one row for each minute of each stage")
	f.StringVar(&flags.svg, "svg", "", "draw all stages side by side into `FILE`")
	f.StringVar(&flags.html, "html", "", "write one page with charts into `FILE`; it needs no network")
	f.StringArrayVar(&flags.events, "event", nil, "`KIND@TIME`: "+strings.Join(simulate.Happenings(), ", ")+" after 38h30m; may be repeated")
	flags.runs = 1
	f.Var((*size)(&flags.runs), "runs", "`N` runs, each with its own chance, for bands")
	f.BoolVar(&flags.search, "search", false, "find the cheapest configuration that keeps --slo")
	f.StringVar(&flags.slo, "slo", "p95<1s, unserved<0.1%", "`LIMITS` to keep: docs/simulate.md")
	return cmd
}

func runSimulate(cmd *cobra.Command, names []string, flags simulateFlags) error {
	form, errForm := flags.forms.asked()
	changes, errKeys := accountKeys(cmd, flags.changes)
	happens, errEvents := flags.happenings()
	if err := errors.Join(errForm, errKeys, errEvents); err != nil {
		return err
	}
	r, err := flags.report(func(days int) ([]demand.Point, error) {
		runs, err := deployed(cmd, flags.instance, changes)
		if err != nil {
			return nil, err
		}
		if runs.resources[serverID] == "" {
			return nil, fmt.Errorf("%s has no server whose CPU could be read: --instance ID names one", runs.config.StackName())
		}
		found, err := runs.metrics(cmd.Context(), days, time.Now(), "cpu")
		return found["cpu"], err
	})
	if err != nil {
		return err
	}
	if flags.search {
		return runSearch(cmd, names, flags, form, r)
	}
	if len(names) == 0 {
		names = stage.Names()
	}
	sides, err := sidesOf(names, changes)
	if err != nil {
		return err
	}
	reader := source.Reader{Announce: progress(cmd), Profile: profile(cmd)}
	for _, side := range sides {
		t, s, err := simulated(cmd.Context(), reader, side, happens, r)
		if err != nil {
			return err
		}
		if flags.runs > 1 {
			if s.Band, err = flags.band(r, t, s); err != nil {
				return err
			}
		}
		r.Stages = append(r.Stages, s)
	}
	if err := errors.Join(drawn(flags.svg, r.SVG), drawn(flags.html, r.HTML)); err != nil {
		return err
	}
	return printSimulation(cmd.OutOrStdout(), form, r)
}

// drawn writes a picture or page into a file, whole or not at all; into none where it is "".
func drawn(file string, draw func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	var text bytes.Buffer
	if err := draw(&text); err != nil {
		return err
	}
	return renameio.WriteFile(file, text.Bytes(), 0o644)
}

func printSimulation(out io.Writer, form string, r *report.Report) error {
	switch form {
	case formJSON:
		return r.JSON(out)
	case formCSV:
		return r.CSV(out)
	}
	return r.Text(out, look(out))
}

// simulated is one stage under the report's demand. The changes are for stages.
func simulated(ctx context.Context, reader source.Reader, s side, happens []simulate.Happening, r *report.Report) (*template.Template, report.Stage, error) {
	name := s.name
	t, err := reader.Read(ctx, s.of, s.changes)
	if err != nil {
		return nil, report.Stage{}, err
	}
	setup, err := simulate.Read(t)
	if err != nil {
		return nil, report.Stage{}, fmt.Errorf("%s: %w", name, err)
	}
	setup.Happens = happens
	minutes := report.NewMinutes(len(r.Demand.Values))
	result := simulate.Run(setup, r.Demand.Values, r.Assumptions, r.Seed, minutes.Add)
	bill, err := report.NewBill(price.Embedded(), t, setup, result)
	if err != nil {
		return nil, report.Stage{}, fmt.Errorf("%s: %w", name, err)
	}
	return t, report.Stage{Name: name, Setup: setup, Result: result, Bill: bill, Minutes: minutes}, nil
}

// happenings are what is to happen. All faults are reported, joined.
func (f *simulateFlags) happenings() (all []simulate.Happening, err error) {
	var faults []error
	for _, text := range f.events {
		h, err := simulate.ParseHappening(text)
		all, faults = append(all, h), append(faults, misusedBy(err))
	}
	return all, errors.Join(faults...)
}

// side is one of what is set side by side: a template by its name, with the context keys that change it.
type side struct {
	name, of string
	changes  map[string]string
}

// sidesOf takes the arguments apart: a stage may have keys of its own behind it, as in horizontal:cpuCredits=standard:maxCapacity=8.
// The changes are for all stages.
func sidesOf(names []string, changes map[string]string) ([]side, error) {
	var sides []side
	var of []string
	var faults []error
	for _, name := range names {
		s := side{name: name, of: name}
		first, rest, more := strings.Cut(name, ":")
		if parsed, err := stage.Parse(first); err == nil {
			s.of, s.name = string(parsed), strings.Replace(name, first, string(parsed), 1)
			s.changes = changes
			if more {
				own, err := contextKeys(name, strings.Split(rest, ":"))
				s.changes, faults = source.With(changes, own), append(faults, err)
			}
		} else if source.Takes(name) {
			s.changes = changes
		}
		sides, of = append(sides, s), append(of, s.of)
	}
	return sides, errors.Join(append(faults, takesKeys(changes, of...))...)
}

// mostRuns is how many runs are made at most.
const mostRuns = 1000

// band runs a stage again, with another seed each time: of the model's chance, and of a scenario's.
func (f *simulateFlags) band(r *report.Report, t *template.Template, s report.Stage) (*report.Band, error) {
	if f.runs > mostRuns {
		return nil, misusef("--runs %d is not allowed: it takes 1 to %d", f.runs, mostRuns)
	}
	band := &report.Band{}
	band.Add(s.Result, s.Bill)
	for k := 1; k < f.runs; k++ {
		rates, seed := r.Demand.Values, r.Seed+uint64(k)
		if f.trace == "" && f.cpu == "" && len(f.logs) == 0 {
			other := f.demandFlags
			other.scenario.Seed = seed
			again, err := other.report(nil)
			if err != nil {
				return nil, err
			}
			rates = again.Demand.Values
		}
		result := simulate.Run(s.Setup, rates, r.Assumptions, seed, nil)
		bill, err := report.NewBill(price.Embedded(), t, s.Setup, result)
		if err != nil {
			return nil, err
		}
		band.Add(result, bill)
	}
	return band, nil
}
