package advise

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/credits"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

var end = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// every is so many days of a metric, one point each five minutes, that end with end.
func every(days int, value func(day, minute int) float64) []demand.Point {
	var points []demand.Point
	for k := range days * 288 {
		at := end.AddDate(0, 0, -days).Add(time.Duration(k+1) * 5 * time.Minute)
		points = append(points, demand.Point{At: at, Value: value(k/288, k%288*5)})
	}
	return points
}

func always(v float64) func(int, int) float64 { return func(int, int) float64 { return v } }

// peaks is high for some minutes of the last days, and low otherwise.
func peaks(high, low float64, minutes, onDays, days int) func(day, minute int) float64 {
	return func(day, minute int) float64 {
		if day >= days-onDays && minute >= 600 && minute < 600+minutes {
			return high
		}
		return low
	}
}

func input(t testing.TB, stage string) Input {
	t.Helper()
	kind, ok := credits.Of(map[string]string{"single": "t2.micro", "vertical": "t2.small"}[stage])
	if !ok {
		t.Fatal(stage)
	}
	return Input{Stage: stage, Type: kind, MemoryGiB: 1, End: end, Metrics: map[string][]demand.Point{}, UsersPerVCPU: 150, Definitions: Defined()}
}

func is(v float64) *float64 { return &v }

// Each row of the owners' matrix at its threshold, just below and just above it.
func TestMatrix(t *testing.T) {
	tests := []struct {
		name, stage, code string
		change            func(*Input)
		want              State
	}{
		{"5,000 users a day", "single", "daily-users-5000", func(i *Input) { i.DailyUsers = is(5000) }, NotMet},
		{"5,001 users a day", "single", "daily-users-5000", func(i *Input) { i.DailyUsers = is(5001) }, Met},
		{"nobody said users", "single", "daily-users-5000", func(i *Input) {}, Unknown},
		{"75 at a time", "single", "concurrent-users-75", func(i *Input) { i.ConcurrentUsers = is(75) }, NotMet},
		{"76 at a time", "single", "concurrent-users-75", func(i *Input) { i.ConcurrentUsers = is(76) }, Met},
		{"10,000 users a day", "vertical", "daily-users-10000", func(i *Input) { i.DailyUsers = is(10000) }, NotMet},
		{"10,001 users a day", "vertical", "daily-users-10000", func(i *Input) { i.DailyUsers = is(10001) }, Met},
		{"100 at a time", "vertical", "concurrent-users-100", func(i *Input) { i.ConcurrentUsers = is(100) }, NotMet},
		{"101 at a time", "single", "concurrent-users-100", func(i *Input) { i.ConcurrentUsers = is(101) }, Met},
		{"200 at a time", "vertical", "concurrent-users-200", func(i *Input) { i.ConcurrentUsers = is(200) }, NotMet},
		{"201 at a time", "vertical", "concurrent-users-200", func(i *Input) { i.ConcurrentUsers = is(201) }, Met},
		{"99.98 %", "single", "availability", func(i *Input) { i.Availability = is(99.98) }, NotMet},
		{"99.99 %", "single", "availability", func(i *Input) { i.Availability = is(99.99) }, Met},
		{"no complaints", "single", "complaints", func(i *Input) { i.Complaints = is(0) }, NotMet},
		{"a complaint", "single", "complaints", func(i *Input) { i.Complaints = is(1) }, Met},
		{"99 USD", "single", "budget", func(i *Input) { i.Budget = is(99) }, NotMet},
		{"100 USD", "single", "budget", func(i *Input) { i.Budget = is(100) }, Met},

		{"memory at 70 %", "single", "memory-70", func(i *Input) { i.Metrics["memory"] = every(14, always(70)) }, NotMet},
		{"memory above on four days", "single", "memory-70", func(i *Input) { i.Metrics["memory"] = every(14, peaks(70.1, 50, 60, 4, 14)) }, Met},
		{"on three", "single", "memory-70", func(i *Input) { i.Metrics["memory"] = every(14, peaks(99, 50, 60, 3, 14)) }, NotMet},
		{"for 55 minutes a day", "single", "memory-70", func(i *Input) { i.Metrics["memory"] = every(14, peaks(99, 50, 55, 14, 14)) }, NotMet},
		{"CPU above for an hour", "single", "cpu-80", func(i *Input) { i.Metrics["cpu"] = every(14, peaks(80.1, 20, 60, 1, 14)) }, Met},
		{"for 55 minutes", "single", "cpu-80", func(i *Input) { i.Metrics["cpu"] = every(14, peaks(100, 20, 55, 1, 14)) }, NotMet},
		{"at 80 %", "single", "cpu-80", func(i *Input) { i.Metrics["cpu"] = every(14, always(80)) }, NotMet},
		{"in 5 % of the time", "single", "cpu-80", func(i *Input) {
			i.Metrics["cpu"] = every(14, func(_, minute int) float64 { return map[bool]float64{true: 90, false: 20}[minute/5%20 == 0] })
		}, Met},
		{"in 4 %", "single", "cpu-80", func(i *Input) {
			i.Metrics["cpu"] = every(14, func(_, minute int) float64 { return map[bool]float64{true: 90, false: 20}[minute/5%25 == 0] })
		}, NotMet},
		{"the larger server full", "vertical", "grown-cpu-80", func(i *Input) { i.Metrics["cpu"] = every(14, peaks(81, 30, 60, 1, 14)) }, Met},
		{"its memory", "vertical", "grown-memory-80", func(i *Input) { i.Metrics["memory"] = every(14, peaks(81, 30, 60, 1, 14)) }, Met},
		{"answers of 1 s", "single", "response-1s", func(i *Input) { i.Metrics["response"] = every(14, always(1)) }, NotMet},
		{"answers of 1.1 s", "single", "response-1s", func(i *Input) { i.Metrics["response"] = every(14, always(1.1)) }, Met},
		{"traffic that varies", "single", "variable", func(i *Input) { i.Metrics["requests"] = every(14, peaks(100, 1, 60, 4, 14)) }, Met},
		{"traffic that does not", "single", "variable", func(i *Input) { i.Metrics["requests"] = every(14, always(7)) }, NotMet},

		{"no data", "single", "cpu-80", func(i *Input) {}, Unknown},
		{"a week of two", "single", "cpu-80", func(i *Input) { i.Metrics["cpu"] = every(7, always(99)) }, Unknown},
		{"12 days of 14", "single", "cpu-80", func(i *Input) { i.Metrics["cpu"] = every(12, always(99)) }, Met},
		{"data that ended two days ago", "single", "cpu-80", func(i *Input) {
			i.Metrics["cpu"] = every(14, always(99))
			i.End = end.AddDate(0, 0, 2)
		}, Unknown},
		{"sparse data", "single", "cpu-80", func(i *Input) {
			all := every(14, always(99))
			for k, p := range all {
				if k%3 > 0 || k < 3 {
					i.Metrics["cpu"] = append(i.Metrics["cpu"], p)
				}
			}
		}, Unknown},
		{"throttled", "single", "cpu-80", func(i *Input) { i.Metrics["cpu"] = every(14, peaks(10.4, 4, 120, 2, 14)) }, Met},
		{"at the baseline, with credits", "single", "cpu-80", func(i *Input) {
			i.Metrics["cpu"], i.Metrics["credits"] = every(14, peaks(10.4, 4, 120, 2, 14)), every(14, always(40))
		}, NotMet},
		{"unlimited at the baseline", "single", "cpu-80", func(i *Input) {
			i.Metrics["cpu"], i.Unlimited = every(14, peaks(10.4, 4, 120, 2, 14)), true
		}, NotMet},
	}
	covered := map[string]bool{}
	for _, test := range tests {
		i := input(t, test.stage)
		test.change(&i)
		a := Advise(i)
		found := false
		for _, trigger := range a.Triggers {
			if trigger.Code == test.code {
				found = true
				if trigger.State != test.want {
					t.Errorf("%s: %s, want %s (%s)", test.name, trigger.State, test.want, trigger.Observed)
				}
			}
		}
		if !found {
			t.Errorf("%s: no trigger %s in %s", test.name, test.code, test.stage)
		}
		covered[test.code] = true
	}
	for _, stage := range []string{"single", "vertical"} {
		i := input(t, stage)
		for _, trigger := range Advise(i).Triggers {
			if !covered[trigger.Code] {
				t.Errorf("no test of %s", trigger.Code)
			}
			if trigger.State != Unknown {
				t.Errorf("%s is %s without any data", trigger.Code, trigger.State)
			}
		}
	}
}

// The owners' figures for today: 50 users at the peak, nothing else is the matter. Stay, with room for three times as many.
func TestToday(t *testing.T) {
	i := input(t, "single")
	i.ConcurrentUsers, i.DailyUsers, i.Complaints, i.Budget, i.Availability = is(50), is(1000), is(0), is(40), is(99.9)
	a := Advise(i)
	if a.Move != "" || a.Type != "" || math.Abs(a.Spare-3) > 1e-9 || !strings.HasPrefix(a.Verdict, "stay on single; room for 3.0 times today's peak") {
		t.Errorf("%+v", a)
	}
}

// What decides a move, and to what; what only supports one does not.
func TestMoves(t *testing.T) {
	tests := []struct {
		name, stage, move, kind string
		change                  func(*Input)
	}{
		{"complaints and a budget alone", "single", "", "", func(i *Input) { i.Complaints, i.Budget = is(3), is(200) }},
		{"memory", "single", "vertical", "t2.small", func(i *Input) { i.Metrics["memory"] = every(14, always(80)) }},
		{"more memory than a t2.small has", "single", "vertical", "t2.medium", func(i *Input) { i.Metrics["memory"], i.MemoryGiB = every(14, always(80)), 2 }},
		{"more lasting CPU than a t2.small has", "single", "vertical", "t2.medium", func(i *Input) { i.Metrics["cpu"], i.Unlimited = every(14, peaks(95, 27, 60, 14, 14)), true }},
		{"both", "single", "horizontal", "t2.micro", func(i *Input) { i.Metrics["memory"], i.ConcurrentUsers = every(14, always(80)), is(150) }},
		{"the larger server full", "vertical", "horizontal", "t2.micro", func(i *Input) { i.Metrics["cpu"] = every(14, always(85)) }},
	}
	for _, test := range tests {
		i := input(t, test.stage)
		test.change(&i)
		if a := Advise(i); a.Move != test.move || a.Type != test.kind {
			t.Errorf("%s: %q to %q, want %q to %q: %s", test.name, a.Move, a.Type, test.move, test.kind, a.Verdict)
		}
	}
}

// The answer does not flap: what was met is met until the metric stays a tenth below its threshold, for a whole window.
func TestHysteresis(t *testing.T) {
	first, second := 14, 30
	for _, test := range []struct {
		after float64
		want  State
	}{{66, Met}, {60, NotMet}, {75, Met}} {
		i := input(t, "single")
		i.Metrics["memory"] = every(first+second, func(day, _ int) float64 {
			if day < first {
				return 75
			}
			return test.after
		})
		if got := Advise(i).Triggers[0]; got.Code != "memory-70" || got.State != test.want {
			t.Errorf("memory at 75 %% and then %v %%: %s, want %s", test.after, got.State, test.want)
		}
	}
}

// A metric that grows by a point a day reaches its threshold when it does, and one that does not grow never.
func TestGrowthDates(t *testing.T) {
	i := input(t, "single")
	i.Metrics["cpu"] = every(28, func(day, minute int) float64 { return 20 + float64(day) + float64(minute%7)/10 })
	i.Metrics["memory"] = every(28, always(40))
	i.Metrics["response"] = every(10, always(0.1))
	got := map[string]Growth{}
	for _, g := range Advise(i).Growth {
		got[g.Metric] = g
	}
	cpu := got["cpu"]
	reaches, err := time.Parse(time.DateOnly, cpu.Reaches)
	want := end.AddDate(0, 0, 32) // from 48 to 80 and a day's noise
	if err != nil || math.Abs(reaches.Sub(want).Hours()) > 48 || math.Abs(cpu.PerMonth-30) > 0.2 || cpu.Earliest > cpu.Reaches || cpu.Latest < cpu.Reaches {
		t.Errorf("%+v, want %s", cpu, want.Format(time.DateOnly))
	}
	if memory := got["memory"]; memory.Reaches != "" || memory.Earliest != "" {
		t.Errorf("memory that does not grow: %+v", memory)
	}
	if _, there := got["response"]; there {
		t.Error("ten days are taken for a growth")
	}
}

func TestDefine(t *testing.T) {
	d := Defined()
	if err := d.Define("regular-days=1"); err != nil || d.RegularDays != 1 {
		t.Errorf("%v, %v", d.RegularDays, err)
	}
	i := input(t, "single")
	i.Definitions, i.Metrics["memory"] = d, every(14, peaks(75, 20, 60, 1, 14))
	if got := Advise(i).Triggers[0].State; got != Met {
		t.Errorf("%s, want that one day is regularly", got)
	}
	for pair, want := range map[string]string{"regular-days=0": "takes a number above 0", "regular-day=2": "the nearest is regular-days", "": "takes NAME=VALUE"} {
		if err := d.Define(pair); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", pair, err)
		}
	}
}

// All forms say the verdict and every trigger.
func TestForms(t *testing.T) {
	i := input(t, "single")
	i.Metrics["memory"], i.ConcurrentUsers = every(28, always(75)), is(30)
	r := &Report{Advice: Advise(i), Definitions: i.Definitions, BillNow: 14.71, BillNext: 23.76, Simulated: []string{"vertical serves all"}}
	var text, markdown, out bytes.Buffer
	if r.Text(&text, page.Plain()) != nil || r.Markdown(&markdown) != nil || r.JSON(&out) != nil || !json.Valid(out.Bytes()) {
		t.Fatal("a form fails")
	}
	flat := func(b *bytes.Buffer) string { return strings.Join(strings.Fields(b.String()), " ") }
	for _, said := range []string{r.Verdict, "Bill: 14.71 USD a month, 23.76 after the move (+9.05)", "kora diff single vertical --to-c verticalInstanceType=t2.small", "vertical serves all"} {
		if !strings.Contains(flat(&text), said) || !strings.Contains(flat(&markdown), said) {
			t.Errorf("a form does not say %q:\n%s", said, text.String())
		}
	}
	text.Reset() // from a narrow terminal to a wide one
	for _, width := range []int{40, 100, 160} {
		if err := r.Text(&text, page.At(width, false)); err != nil {
			t.Fatal(err)
		}
	}
	golden.File(t, filepath.Join("testdata", "widths.txt"), text.String())
	text.Reset()
	if err := r.Text(&text, page.Plain()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		if len([]rune(line)) > page.Plain().Width+1 {
			t.Errorf("over %d characters: %s", page.Plain().Width, line)
		}
	}
}
