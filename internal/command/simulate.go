package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
	"github.com/korakagazindia/provisioner/internal/source"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// simulateFlags is what kora simulate was asked for.
type simulateFlags struct {
	scenario         demand.Scenario
	scale            float64
	grow             string
	changes, assumed []string
	forms            forms
}

func newSimulate() *cobra.Command {
	flags := simulateFlags{forms: forms{}}
	cmd := &cobra.Command{
		Use:   "simulate [STAGE | TEMPLATE]...",
		Short: "Shows what happens to a stage under some traffic",
		Long: "simulate replays demand, minute by minute, against what a template says: CPU credits, alarms,\n" +
			"scaling policies, health checks. It says first where and why a stage breaks. Without arguments it\n" +
			"sets all three stages side by side. What no template says has defaults that docs/simulate.md\n" +
			"explains, and --assume changes.",
		Example: "  kora simulate --scenario diurnal --users 50\n" +
			"  kora simulate horizontal --scenario spike --scale 3\n" +
			"  kora simulate horizontal -c cpuCredits=standard -c keepServer=none --users 500 --days 5\n" +
			"  kora simulate single vertical --scenario growth --days 365 --grow 10%/month --json\n" +
			"  kora simulate template.json --assume users-per-vcpu=200 --assume think-seconds=20",
		Args:      cobra.ArbitraryArgs,
		ValidArgs: stage.Names(),
		RunE:      func(cmd *cobra.Command, args []string) error { return runSimulate(cmd, args, flags) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	contextFlag(f, &flags.changes, "; may be repeated")
	f.StringVar(&flags.scenario.Name, "scenario", "diurnal", "`NAME`: "+strings.Join(demand.Scenarios(), ", "))
	flags.scenario.Users = 50
	f.Var((*number)(&flags.scenario.Users), "users", "`N` concurrent users at the usual peak of a day")
	flags.scenario.Days = 7
	f.Var((*size)(&flags.scenario.Days), "days", "`N` days of it")
	f.Var((*number)(&flags.scenario.Factor), "factor", "`N` times the usual demand in the spike or sale; 0: 5 or 8")
	f.Uint64Var(&flags.scenario.Seed, "seed", 1, "another `N`, another chance: the same one gives the same bytes")
	flags.scale = 1
	f.Var((*number)(&flags.scale), "scale", "`N` times the demand")
	f.StringVar(&flags.grow, "grow", "", "a demand that grows, such as `10%/month`")
	f.StringArrayVar(&flags.assumed, "assume", nil, "`NAME=VALUE`: what no template says; may be repeated")
	flags.forms.add(f, formJSON, "print JSON for programs")
	flags.forms.add(f, formCSV, "print one row for each minute of each stage")
	return cmd
}

func runSimulate(cmd *cobra.Command, names []string, flags simulateFlags) error {
	form, errForm := flags.forms.asked()
	r, errDemand := flags.report()
	if err := errors.Join(errForm, errDemand); err != nil {
		return err
	}
	if len(names) == 0 {
		names = stage.Names()
	}
	changes, err := contextKeys("-c", flags.changes)
	if err := errors.Join(err, takesKeys(changes, names...)); err != nil {
		return err
	}
	reader := source.Reader{Announce: progress(cmd.ErrOrStderr())}
	for _, name := range names {
		s, err := simulated(cmd.Context(), reader, name, changes, r)
		if err != nil {
			return err
		}
		r.Stages = append(r.Stages, s)
	}
	return printSimulation(cmd.OutOrStdout(), form, r)
}

func printSimulation(out io.Writer, form string, r *report.Report) error {
	switch form {
	case formJSON:
		return r.JSON(out)
	case formCSV:
		return r.CSV(out)
	}
	return r.Text(out)
}

// report is a report without stages, of the demand that was asked for. All faults are reported, joined.
func (f simulateFlags) report() (*report.Report, error) {
	r := &report.Report{Assumptions: simulate.Assumed(), Changed: f.assumed, Seed: f.scenario.Seed}
	var faults []error
	for _, pair := range f.assumed {
		faults = append(faults, misusedBy(r.Assumptions.Assume(pair)))
	}
	faults = append(faults, misusedBy(r.Assumptions.Check()))
	series, err := f.demand()
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	if series.Unit == demand.Users {
		for i, users := range series.Values {
			series.Values[i] = r.Assumptions.Rate(users)
		}
		series.Unit = demand.Requests
	}
	r.Demand = series
	return r, nil
}

// demand is what was asked for.
func (f simulateFlags) demand() (demand.Series, error) {
	var faults []error
	if !slices.Contains(demand.Scenarios(), f.scenario.Name) {
		faults = append(faults, misusef("--scenario %q is not allowed: it takes %s; the nearest is %s",
			f.scenario.Name, strings.Join(demand.Scenarios(), ", "), nearest.To(f.scenario.Name, demand.Scenarios())))
	}
	for name, v := range map[string]float64{"users": f.scenario.Users, "scale": f.scale} {
		if !(v > 0 && v <= 1e6) {
			faults = append(faults, misusef("--%s %v is not allowed: it takes a number above 0, at most 1000000", name, v))
		}
	}
	if v := f.scenario.Factor; !(v == 0 || v >= 1 && v <= 1000) {
		faults = append(faults, misusef("--factor %v is not allowed: it takes a number from 1 to 1000", v))
	}
	if longest := demand.Longest / 1440; f.scenario.Days > longest {
		faults = append(faults, misusef("--days %d is not allowed: it takes 1 to %d", f.scenario.Days, longest))
	}
	percent, err := 0.0, error(nil)
	if f.grow != "" {
		if percent, err = demand.Growth(f.grow); err != nil {
			faults = append(faults, misusef("--grow %q is not allowed: %w", f.grow, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return demand.Series{}, err
	}
	series, err := f.scenario.Series()
	if f.scale != 1 {
		series = series.Scaled(f.scale)
		series.What += fmt.Sprintf(", times %v", f.scale)
	}
	if f.grow != "" {
		series = series.Growing(percent)
		series.What += fmt.Sprintf(", growing %v%% a month", percent)
	}
	return series, err
}

// simulated is one stage under the report's demand. The changes are for stages.
func simulated(ctx context.Context, reader source.Reader, name string, changes map[string]string, r *report.Report) (report.Stage, error) {
	if s, err := stage.Parse(name); err == nil {
		name = string(s)
	}
	if !source.Takes(name) {
		changes = nil
	}
	t, err := reader.Read(ctx, name, changes)
	if err != nil {
		return report.Stage{}, err
	}
	setup, err := simulate.Read(t)
	if err != nil {
		return report.Stage{}, fmt.Errorf("%s: %w", name, err)
	}
	minutes := report.NewMinutes(len(r.Demand.Values))
	result := simulate.Run(setup, r.Demand.Values, r.Assumptions, r.Seed, minutes.Add)
	bill, err := report.NewBill(price.Embedded(), t, setup, result)
	if err != nil {
		return report.Stage{}, fmt.Errorf("%s: %w", name, err)
	}
	return report.Stage{Name: name, Setup: setup, Result: result, Bill: bill, Minutes: minutes}, nil
}
