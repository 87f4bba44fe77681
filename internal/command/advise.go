package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/advise"
	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// adviseFlags is what kora advise was asked for.
type adviseFlags struct {
	html                                              string
	weekly, monthly, quarterly, explorer              bool
	live                                              bool
	instance                                          string
	days                                              int
	metrics, defined, changes                         []string
	dailyUsers, concurrentUsers, budget, availability number
	complaints, exitCode                              bool
	forms                                             forms
}

func newAdvise() *cobra.Command {
	flags := adviseFlags{forms: forms{}}
	cmd := &cobra.Command{
		Use:   "advise [single | vertical | horizontal]",
		Short: "Says whether it is time to move to the next stage",
		Long: "advise judges measurements by the owners' triggers: each with what was observed, for how long, and\n" +
			"whether it is met. Without data it is unknown, never fine. Without an argument the stage is\n" +
			"cdk.json's. What no metric tells is said by flags. docs/advise.md has the triggers, and what\n" +
			"regularly means.",
		Example: "  kora advise --metric cpu=cpu.json --metric memory=memory.csv --concurrent-users 50\n" +
			"  kora advise --live --days 28 --daily-users 6000 --markdown\n" +
			"  kora advise single --instance i-0123456789abcdef0\n" +
			"  kora advise --metric cpu=cpu.json --exit-code       # 0 stay, 2 move",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: stageArguments(1, false),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runAdvise(cmd, args, flags) }
	f := cmd.Flags()
	f.SortFlags = false
	contextFlag(f, &flags.changes, "; may be repeated")
	accountFlags(f)
	f.StringArrayVar(&flags.metrics, "metric", nil, "`NAME=FILE`: cpu, memory, response or another of docs/advise.md")
	f.BoolVar(&flags.live, "live", false, "read what CloudWatch has of the deployed stack")
	f.StringVar(&flags.instance, "instance", "", "read those of the instance `ID` instead, before it is in a stack")
	flags.days = 14
	f.Var((*size)(&flags.days), "days", "`N` days that are read")
	f.Var(&flags.dailyUsers, "daily-users", "`N` users a day")
	f.Var(&flags.concurrentUsers, "concurrent-users", "`N` users at a time, at the peak")
	f.Var(&flags.budget, "budget-usd", "`N` USD a month that may be spent")
	f.Var(&flags.availability, "availability", "`N` % of the time that it must be up, such as 99.99")
	f.BoolVar(&flags.complaints, "complaints", false, "users complain about speed or downtime")
	f.StringArrayVar(&flags.defined, "define", nil, "`NAME=VALUE`: what a word means, such as regular-days=3; may be repeated")
	f.BoolVar(&flags.weekly, "weekly", false, "look at each machine by Run Command: pm2, memory, restarts, errors")
	f.BoolVar(&flags.monthly, "monthly", false, "answer the questions of each month: growth, peak, response times, cost")
	f.BoolVar(&flags.explorer, "cost-explorer", false, "ask Cost Explorer for last month's bill in --monthly; it costs $0.01")
	f.BoolVar(&flags.quarterly, "quarterly", false, "answer the questions of each quarter: growth, capacity, auto-scaling")
	flags.forms.add(f, formJSON, "print JSON for programs")
	flags.forms.add(f, formMarkdown, "print Markdown for an issue")
	f.StringVar(&flags.html, "html", "", "write one page with a chart for each metric into `FILE`")
	f.BoolVar(&flags.exitCode, "exit-code", false, "end with 0 to stay, 2 to move, 1 for an error")
	return oneErrorCode(cmd)
}

func runAdvise(cmd *cobra.Command, args []string, flags adviseFlags) error {
	form, errForm := flags.forms.asked()
	input, errInput := flags.input(cmd.Flags())
	changes, errKeys := accountKeys(cmd, flags.changes)
	if flags.explorer && !flags.monthly {
		errForm = errors.Join(errForm, misusef("--cost-explorer belongs to --monthly"))
	}
	if err := errors.Join(errForm, errInput, errKeys); err != nil {
		return err
	}
	if err := running(&input, args, changes); err != nil {
		return err
	}
	runs, err := flags.read(cmd, &input, changes, time.Now())
	if err != nil {
		return err
	}
	reader := source.Reader{Announce: progress(cmd), Profile: profile(cmd)}
	now, setup, err := setUp(cmd.Context(), reader, input.Stage, changes)
	if err != nil {
		return err
	}
	serving := setup.Serving()
	input.Type, input.Unlimited = serving.Type, serving.Unlimited
	input.MemoryGiB = advise.MemoryGiB(input.Type.Type)
	r := &advise.Report{Advice: advise.Advise(input), Definitions: input.Definitions}
	if err := compare(cmd.Context(), reader, input, now, setup, changes, r); err != nil {
		return err
	}
	if err := flags.look(cmd.Context(), input, runs, r, time.Now()); err != nil {
		return err
	}
	if err := drawn(flags.html, func(w io.Writer) error { return r.HTML(w, input.Metrics) }); err != nil {
		return err
	}
	if err := printAdvice(cmd.OutOrStdout(), form, r); err != nil {
		return err
	}
	if flags.exitCode && r.Move != "" {
		return exitCode(2)
	}
	return nil
}

func printAdvice(out io.Writer, form string, r *advise.Report) error {
	switch form {
	case formJSON:
		return r.JSON(out)
	case formMarkdown:
		return r.Markdown(out)
	}
	return r.Text(out, look(out))
}

// input is what the flags say. All faults are reported, joined.
func (f adviseFlags) input(set *pflag.FlagSet) (advise.Input, error) {
	i := advise.Input{Metrics: map[string][]demand.Point{}, UsersPerVCPU: simulate.Assumed().UsersPerVCPU, Definitions: advise.Defined()}
	var faults []error
	for _, pair := range f.defined {
		faults = append(faults, misusedBy(i.Definitions.Define(pair)))
	}
	for _, flag := range []struct {
		name string
		at   float64
		most float64
		to   **float64
	}{{"daily-users", float64(f.dailyUsers), 1e9, &i.DailyUsers}, {"concurrent-users", float64(f.concurrentUsers), 1e9, &i.ConcurrentUsers},
		{"budget-usd", float64(f.budget), 1e9, &i.Budget}, {"availability", float64(f.availability), 100, &i.Availability}} {
		if !set.Changed(flag.name) {
			continue
		}
		if !(flag.at >= 0 && flag.at <= flag.most) {
			faults = append(faults, misusef("--%s %v is not allowed: it takes a number from 0 to %.0f", flag.name, flag.at, flag.most))
		}
		*flag.to = &flag.at
	}
	if set.Changed("complaints") {
		v := map[bool]float64{true: 1}[f.complaints]
		i.Complaints = &v
	}
	for _, pair := range f.metrics {
		faults = append(faults, metric(&i, pair))
	}
	return i, errors.Join(faults...)
}

// read finds what runs, where that is asked for, and reads what CloudWatch has of it; a file of the same metric wins.
func (f adviseFlags) read(cmd *cobra.Command, i *advise.Input, changes map[string]string, now time.Time) (deployment, error) {
	reads := f.live || f.instance != ""
	if !reads && !f.weekly && !f.explorer {
		return deployment{}, nil
	}
	runs, err := deployed(cmd, f.instance, changes)
	if err != nil || !reads {
		return runs, err
	}
	found, err := runs.of(stage.Stage(i.Stage)).metrics(cmd.Context(), f.days, now)
	if err != nil {
		return runs, err
	}
	maps.Copy(found, i.Metrics)
	i.Metrics, i.End = found, now
	return runs, nil
}

// look adds what the owners look at each week, month and quarter, as far as it is asked for.
func (f adviseFlags) look(ctx context.Context, i advise.Input, runs deployment, r *advise.Report, now time.Time) (err error) {
	if f.weekly {
		if r.Weekly, err = runs.weekly(ctx); err != nil {
			return err
		}
	}
	if f.monthly {
		var billed *advise.Month
		if f.explorer {
			billed = runs.billed(ctx, now)
		}
		r.Monthly = advise.Monthly(i, r.BillNow, billed)
	}
	if f.quarterly {
		r.Quarterly = advise.Quarterly(i, r.Advice)
	}
	return ctx.Err()
}

// metric reads one NAME=FILE.
func metric(i *advise.Input, pair string) error {
	name, file, _ := strings.Cut(pair, "=")
	if !slices.Contains(advise.Metrics(), name) || file == "" {
		return misusef("--metric %q is not allowed: it takes NAME=FILE, NAME one of %s%s", pair, strings.Join(advise.Metrics(), ", "), nearest.Hint(name, advise.Metrics()))
	}
	points, _, err := demand.Metric(file)
	if err != nil {
		return err
	}
	i.Metrics[name] = points
	if last := points[len(points)-1].At; last.After(i.End) {
		i.End = last
	}
	return nil
}

// running is the stage that runs: the one that is named, or that of cdk.json.
func running(i *advise.Input, args []string, changes map[string]string) error {
	if len(args) == 0 {
		p, err := project.Find("")
		if err != nil {
			return err
		}
		c, err := p.Config(changes)
		if err != nil {
			return err
		}
		i.Stage = string(c.Stage)
	} else {
		s, err := stage.Parse(args[0])
		if err != nil {
			return misusedBy(err)
		}
		i.Stage = string(s)
	}
	return nil
}

// setUp is a stage's template, and what matters of it.
func setUp(ctx context.Context, reader source.Reader, name string, changes map[string]string) (*template.Template, *simulate.Setup, error) {
	t, err := reader.Read(ctx, name, changes)
	if err != nil {
		return nil, nil, err
	}
	s, err := simulate.Read(t)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, s, nil
}

// compare finds what the stages cost, and what becomes of the measured demand on them.
func compare(ctx context.Context, reader source.Reader, i advise.Input, now *template.Template, setup *simulate.Setup, changes map[string]string, r *advise.Report) error {
	bill, err := cost.Of(now, cost.Defaults())
	if err != nil {
		return err
	}
	r.BillNow, r.BillNext = bill.Total.Typical, bill.Total.Typical
	setups := map[string]*simulate.Setup{i.Stage: setup}
	if r.Move != "" {
		next, setupNext, err := setUp(ctx, reader, r.Move, source.With(changes, keysOf(r.Advice)))
		if err != nil {
			return err
		}
		if bill, err = cost.Of(next, cost.Defaults()); err != nil {
			return err
		}
		r.BillNext, setups[r.Move] = bill.Total.Typical, setupNext
	}
	points := i.Metrics["cpu"]
	if len(points) == 0 || i.Stage == string(stage.Horizontal) { // how many nodes had that CPU is another question
		return nil
	}
	series, err := demand.Points("the measured CPU", since(points, i.End.AddDate(0, 0, -int(i.Definitions.WindowDays))), 100*i.Type.Baseline())
	if err != nil {
		return err
	}
	a := simulate.Assumed()
	rates := series.Scaled(i.Type.VCPUs / 100 / a.Service()).Values
	page := report.Report{Demand: series, Assumptions: a}
	for _, name := range slices.Sorted(maps.Keys(setups)) {
		s := report.Stage{Name: name, Setup: setups[name], Result: simulate.Run(setups[name], rates, a, 1, nil)}
		r.Simulated = append(r.Simulated, page.Verdict(&s))
	}
	return nil
}

// since are the points from a time on.
func since(points []demand.Point, begin time.Time) []demand.Point {
	from, _ := slices.BinarySearchFunc(points, begin, func(p demand.Point, at time.Time) int { return p.At.Compare(at) })
	return points[from:]
}

// keysOf are the context keys of the advised stage.
func keysOf(a advise.Advice) map[string]string {
	if a.Move == "vertical" {
		return map[string]string{"verticalInstanceType": a.Type}
	}
	return map[string]string{"keepServer": "none"}
}
