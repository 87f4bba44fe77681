package command

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/credits"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/simulate"
	"github.com/korakagazindia/provisioner/internal/simulate/report"
)

// demandFlags say what users ask for.
type demandFlags struct {
	scenario            demand.Scenario
	trace, cpu, cpuType string
	instance            string
	logs                []string
	scale               float64
	grow                string
	assumed             []string
}

func (d *demandFlags) add(f *pflag.FlagSet) {
	d.scenario, d.scale = demand.Scenario{Users: 50, Days: 7}, 1
	f.StringVar(&d.scenario.Name, "scenario", "diurnal", "`NAME`: "+strings.Join(demand.Scenarios(), ", "))
	f.Var((*number)(&d.scenario.Users), "users", "`N` concurrent users at the usual peak of a day")
	f.Var((*size)(&d.scenario.Days), "days", "`N` days of that demand")
	f.Var((*number)(&d.scenario.Factor), "factor", "`N` times the usual demand in a spike or sale (0: 5 and 8)")
	f.Uint64Var(&d.scenario.Seed, "seed", 1, "`N` picks the chance: the same N gives the same bytes")
	f.StringVar(&d.trace, "trace", "", "a CSV `FILE` instead: time, and requests a second or users, and cpu")
	f.StringVar(&d.cpu, "cpu", "", "today's server's CPU from CloudWatch: a `FILE`, or live")
	f.StringVar(&d.instance, "instance", "", "the instance `ID` that live reads; without it the stack's server")
	f.StringVar(&d.cpuType, "cpu-type", "t2.micro", "the `TYPE` of the machine whose CPU it is")
	f.StringArrayVar(&d.logs, "log", nil, "an access log `FILE` instead, gzip or not; may be repeated")
	f.Var((*number)(&d.scale), "scale", "`N` times the demand")
	f.StringVar(&d.grow, "grow", "", "a demand that grows, such as `10%/month`")
	f.StringArrayVar(&d.assumed, "assume", nil, "`NAME=VALUE`: what no template says; may be repeated")
}

// report is a report without stages, of the demand that was asked for; read reads the server's CPU. All faults are reported,
// joined.
func (d *demandFlags) report(read func(days int) ([]demand.Point, error)) (*report.Report, error) {
	r := &report.Report{Assumptions: simulate.Assumed(), Changed: d.assumed, Seed: d.scenario.Seed}
	var faults []error
	for _, pair := range d.assumed {
		faults = append(faults, misusedBy(r.Assumptions.Assume(pair)))
	}
	percent, err := d.growth()
	kind, errType := d.machine()
	if err := errors.Join(append(faults, misusedBy(r.Assumptions.Check()), d.check(), err, errType)...); err != nil {
		return nil, err
	}
	if r.Demand, err = d.series(kind, &r.Assumptions, read); err != nil {
		return nil, err
	}
	if d.scale != 1 {
		r.Demand = r.Demand.Scaled(d.scale)
		r.Demand.What += fmt.Sprintf(", times %v", d.scale)
	}
	if d.grow != "" {
		r.Demand = r.Demand.Growing(percent)
		r.Demand.What += fmt.Sprintf(", growing %v%% a month", percent)
	}
	return r, nil
}

// check says what cannot be, or not together.
func (d *demandFlags) check() error {
	var faults []error
	if !slices.Contains(demand.Scenarios(), d.scenario.Name) {
		faults = append(faults, misusef("--scenario %q is not allowed: it takes %s%s",
			d.scenario.Name, strings.Join(demand.Scenarios(), ", "), nearest.Hint(d.scenario.Name, demand.Scenarios())))
	}
	for _, flag := range []struct {
		name  string
		value float64
	}{{"users", d.scenario.Users}, {"scale", d.scale}} {
		if !(flag.value > 0 && flag.value <= 1e6) {
			faults = append(faults, misusef("--%s %v is not allowed: it takes a number above 0, at most 1000000", flag.name, flag.value))
		}
	}
	if v := d.scenario.Factor; !(v == 0 || v >= 1 && v <= 1000) {
		faults = append(faults, misusef("--factor %v is not allowed: it takes a number from 1 to 1000", v))
	}
	if longest := demand.Longest / 1440; d.scenario.Days > longest {
		faults = append(faults, misusef("--days %d is not allowed: it takes 1 to %d", d.scenario.Days, longest))
	}
	if d.instance != "" && d.cpu != "live" {
		faults = append(faults, misusef("--instance names what --cpu live reads"))
	}
	var sources []string
	for name, given := range map[string]bool{"--trace": d.trace != "", "--cpu": d.cpu != "", "--log": len(d.logs) > 0} {
		if given {
			sources = append(sources, name)
		}
	}
	if slices.Sort(sources); len(sources) > 1 {
		faults = append(faults, misusef("%s: one demand at a time", strings.Join(sources, " and ")))
	}
	return errors.Join(faults...)
}

func (d *demandFlags) growth() (percent float64, err error) {
	if d.grow == "" {
		return 0, nil
	}
	if percent, err = demand.Growth(d.grow); err != nil {
		return 0, misusef("--grow %q is not allowed: %w", d.grow, err)
	}
	return percent, nil
}

// machine is the type whose CPU was recorded.
func (d *demandFlags) machine() (credits.Kind, error) {
	kind, ok := credits.Of(d.cpuType)
	if !ok {
		return kind, misusef("--cpu-type %q is not allowed: it takes an instance type such as t2.micro", d.cpuType)
	}
	return kind, nil
}

// series is the demand in requests a second. A trace that knows what a request needs changes what is assumed.
func (d *demandFlags) series(kind credits.Kind, a *simulate.Assumptions, live func(int) ([]demand.Point, error)) (demand.Series, error) {
	s, err := d.read(kind, a, live)
	if err != nil {
		return s, err
	}
	switch s.Unit {
	case demand.Users:
		s = s.Scaled(a.Rate(1))
	case demand.CPU:
		s = s.Scaled(kind.VCPUs / 100 / a.Service())
	}
	s.Unit = demand.Requests
	return s, nil
}

func (d *demandFlags) read(kind credits.Kind, a *simulate.Assumptions, live func(int) ([]demand.Point, error)) (demand.Series, error) {
	switch {
	case d.cpu == "live":
		points, err := live(d.scenario.Days)
		if err != nil {
			return demand.Series{}, err
		}
		return demand.Points(fmt.Sprintf("the CPU of the server in the last %d days", d.scenario.Days), points, 100*kind.Baseline())
	case d.cpu != "":
		return demand.Utilization(d.cpu, 100*kind.Baseline())
	case len(d.logs) > 0:
		return demand.Log(d.logs...)
	case d.trace == "":
		return d.scenario.Series()
	}
	r, err := demand.Trace(d.trace, kind.VCPUs)
	if err == nil && r.Load > 0 {
		fitted(&r, a)
	}
	return r.Series, err
}

// fitted takes what a request needs from a trace that has CPU beside the demand.
func fitted(r *demand.Recorded, a *simulate.Assumptions) {
	service := r.Load
	if r.Unit == demand.Users { // vCPUs of a user, who makes a request each pause and service
		service = r.Load * a.ThinkSeconds / (1 - math.Min(r.Load, 0.99))
	}
	a.UsersPerVCPU = 1 + a.ThinkSeconds/service
	r.Notes = append(r.Notes, fmt.Sprintf("by its CPU column a request takes %.0f ms of a vCPU: users-per-vcpu is %.0f", 1000*service, a.UsersPerVCPU))
}
