package advise

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/credits"
	"github.com/korakagazindia/provisioner/internal/demand"
)

// Input is what is known. A nil figure is one that nobody said.
type Input struct {
	Stage     string // what runs
	Type      credits.Kind
	Unlimited bool
	MemoryGiB float64
	End       time.Time // of the measurements
	// Metrics are those that there are, by name, each in its own unit.
	Metrics map[string][]demand.Point
	// UsersPerVCPU is how many concurrent users fill one vCPU.
	UsersPerVCPU float64

	DailyUsers, ConcurrentUsers, Budget, Availability, Complaints *float64

	Definitions Definitions
}

// metrics are those that are judged or shown.
var metrics = []struct{ name, unit string }{
	{"cpu", "%"}, {"credits", "credits"}, {"memory", "%"}, {"response", "s"}, {"requests", "requests"}, {"network", "bytes out"},
	{"status", "failed checks"}, {"healthy", "healthy targets"}, {"size", "nodes"},
}

// Metrics lists their names.
func Metrics() []string {
	var names []string
	for _, m := range metrics {
		names = append(names, m.name)
	}
	return names
}

// Advice is the answer.
type Advice struct {
	Move     string    `json:"move"` // the stage to move to, "" to stay
	Verdict  string    `json:"verdict"`
	Triggers []Trigger `json:"triggers"`
	Spare    float64   `json:"spare"` // how many times today's peak there is room for; 0 for unknown
	SpareOf  string    `json:"spareOf"`
	Type     string    `json:"type"` // what to run, "" for what runs
	Reasons  []string  `json:"reasons"`
	Growth   []Growth  `json:"growth"`
	Measured []Measure `json:"measured"` // the metrics in their windows
	Notes    []string  `json:"notes"`
	Next     string    `json:"next"` // the command
}

// Advise judges.
func Advise(i Input) Advice {
	var a Advice
	i.throttled(&a)
	a.Triggers = i.triggers()
	a.Spare, a.SpareOf = i.spare()
	a.Growth = i.growth()
	a.Measured = i.measurements()
	a.decide(&i)
	return a
}

// throttled counts each hour that a standard machine spent at its baseline as one of full CPU: what it would have used is
// not known, and it had no more.
func (i *Input) throttled(a *Advice) {
	points := i.Metrics["cpu"]
	baseline := 100 * i.Type.Baseline()
	if i.Unlimited || baseline >= 100 || len(points) == 0 {
		return
	}
	each := usual(points)
	size := max(1, int(time.Hour/each))
	full := slices.Clone(points)
	hours := 0
	for from := 0; from+size <= len(points); from += size {
		at := true
		for _, p := range points[from : from+size] {
			at = at && math.Abs(p.Value-baseline) <= 1 && i.poor(p.At)
		}
		for k := from; at && k < from+size; k++ {
			full[k].Value = 100
		}
		if at {
			hours++
		}
	}
	if hours == 0 {
		return
	}
	metrics := map[string][]demand.Point{}
	for name, all := range i.Metrics {
		metrics[name] = all
	}
	metrics["cpu"], i.Metrics = full, metrics
	a.Notes = append(a.Notes, fmt.Sprintf("%d hours at the baseline of %v %% are taken for full: throttled, and the true demand is not known", hours, baseline))
}

// poor reports whether the machine had no credits, as far as that is known.
func (i *Input) poor(at time.Time) bool {
	points := i.Metrics["credits"]
	k, _ := slices.BinarySearchFunc(points, at, func(p demand.Point, at time.Time) int { return p.At.Compare(at) })
	return len(points) == 0 || points[min(k, len(points)-1)].Value < 1
}

// spare is how many times its peak the machine could bear: by its CPU, or by the users that are said.
func (i *Input) spare() (times float64, of string) {
	w := i.Definitions.last(i.Metrics["cpu"], i.End, usual(i.Metrics["cpu"]))
	if len(w.points) > 0 && w.coverage() >= i.Definitions.CoveragePercent {
		values, sum := []float64{}, 0.0
		for _, p := range w.points {
			values, sum = append(values, p.Value), sum+p.Value
		}
		slices.Sort(values)
		peak := values[min(len(values)-1, int(0.995*float64(len(values))))]
		times, of = 100/max(peak, 0.1), fmt.Sprintf("99.5 %% of the time CPU is below %.0f %%", peak)
		mean := sum / float64(len(values))
		if lasting := 100 * i.Type.Baseline() / max(mean, 0.1); i.Type.PerHour > 0 && !i.Unlimited && lasting < times {
			times, of = lasting, fmt.Sprintf("its credits last for %.0f %% CPU, and the mean is %.1f %%", 100*i.Type.Baseline(), mean)
		}
		return times, of
	}
	if i.ConcurrentUsers != nil && *i.ConcurrentUsers > 0 {
		most := i.UsersPerVCPU * i.Type.VCPUs
		return most / *i.ConcurrentUsers, fmt.Sprintf("%.0f users fill it, and %.0f come at the peak, as you say; how long its credits last is not measured", most, *i.ConcurrentUsers)
	}
	return 0, "no CPU was measured, and no --concurrent-users said"
}

// decide finds the stage.
func (a *Advice) decide(i *Input) {
	met := func(move string, decides bool) []Trigger {
		return slices.DeleteFunc(slices.Clone(a.Triggers), func(t Trigger) bool { return t.State != Met || t.Move != move || t.Decides != decides })
	}
	unknown := 0
	for _, t := range a.Triggers {
		if t.State == Unknown {
			unknown++
		}
	}
	for _, move := range []string{"horizontal", "vertical"} {
		if reasons := met(move, true); len(reasons) > 0 {
			a.Move = move
			for _, t := range slices.Concat(reasons, met(move, false)) {
				a.Reasons = append(a.Reasons, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s", t.What, t.Threshold, t.Word, t.Observed)))
			}
			break
		}
	}
	for _, t := range a.Triggers {
		if t.Code == "budget" && t.State == NotMet && a.Move == "horizontal" {
			a.Notes = append(a.Notes, "the budget is below what a fleet costs")
		}
	}
	a.Verdict = a.verdict(i, unknown)
	a.Type = i.fits(a.Move)
	a.Next = i.next(a)
}

func (a *Advice) verdict(i *Input, unknown int) string {
	text := "stay on " + i.Stage
	if i.Stage == "horizontal" {
		text += ", the last stage: kora simulate --search finds a better fleet"
	}
	if a.Move != "" {
		text = "move to " + a.Move + ": " + a.Reasons[0]
		if more := len(a.Reasons) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
	}
	if a.Spare > 0 {
		text += fmt.Sprintf("; room for %.1f times today's peak", a.Spare)
	}
	if unknown > 0 {
		text += fmt.Sprintf("; %d of %d triggers are unknown", unknown, len(a.Triggers))
	}
	return text
}

// larger are the types that the owners name for a larger server, with their memory in GiB (EC2 instance types, T2).
var larger = []struct {
	name string
	gib  float64
}{{"t2.small", 2}, {"t2.medium", 4}, {"t2.large", 8}}

// fits is the smallest of the larger types on which memory and CPU, as measured, stay below 70 %, and lasting CPU below the
// baseline.
func (i *Input) fits(move string) string {
	if move != "vertical" {
		return map[string]string{"horizontal": "t2.micro"}[move]
	}
	for _, t := range larger {
		kind, _ := credits.Of(t.name)
		cpu, mean := i.figures("cpu")
		memory, _ := i.figures("memory")
		work := i.Type.VCPUs / kind.VCPUs
		if t.gib > i.MemoryGiB && cpu*work < 70 && memory*i.MemoryGiB/t.gib < 70 && mean*work < 100*kind.Baseline() {
			return t.name
		}
	}
	return larger[len(larger)-1].name
}

// figures are the 99.5th percentile and the mean of a metric in its window, 0 for none.
func (i *Input) figures(name string) (high, mean float64) {
	w := i.Definitions.last(i.Metrics[name], i.End, usual(i.Metrics[name]))
	if len(w.points) == 0 {
		return 0, 0
	}
	var values []float64
	for _, p := range w.points {
		values, mean = append(values, p.Value), mean+p.Value/float64(len(w.points))
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(0.995*float64(len(values))))], mean
}

func (i *Input) next(a *Advice) string {
	switch a.Move {
	case "":
		return "kora advise, again in a month"
	case "vertical":
		return fmt.Sprintf("kora diff %s vertical --to-c verticalInstanceType=%s", i.Stage, a.Type)
	}
	return fmt.Sprintf("kora diff %s horizontal --to-c keepServer=%[1]s --to-c fleetTrafficPercent=0 --to-c dnsTarget=server", i.Stage)
}
