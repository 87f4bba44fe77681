package command

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A simulation of the command line is one of the report; what it prints is the report's, held there.
func TestSimulate(t *testing.T) {
	stdout, stderr, code := kora(t, "simulate", singleTemplate, horizontalTemplate, "--users", "40", "--days", "2", "--scale", "2", "--grow", "10%/month", "--json")
	var got struct {
		Demand string
		Stages []struct{ Name, Verdict string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 || stderr != "" {
		t.Fatalf("%v: exit code %d, %s", err, code, stderr)
	}
	want := "diurnal: days and nights, 40 users at a usual peak, 2 days, seed 1, times 2, growing 10% a month"
	if got.Demand != want || len(got.Stages) != 2 || !strings.HasPrefix(got.Stages[0].Verdict, singleTemplate+" breaks on day 1, ") {
		t.Errorf("%+v", got)
	}
}

// Several runs have several chances: the first is the one that is shown, and lies in the band.
func TestSimulateRuns(t *testing.T) {
	args := []string{"simulate", horizontalTemplate, "--users", "200", "--days", "2"}
	stdout, stderr, code := kora(t, append(args, "--runs", "5", "--json")...)
	var got struct {
		Stages []struct {
			P95Seconds float64
			Band       struct {
				Runs            int
				P95Seconds      [2]float64
				UnservedPercent [2]float64
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 {
		t.Fatalf("%v: exit code %d: %s", err, code, stderr)
	}
	one, band := got.Stages[0].P95Seconds, got.Stages[0].Band
	if band.Runs != 5 || band.P95Seconds[0] >= band.P95Seconds[1] || one < band.P95Seconds[0] || one > band.P95Seconds[1] {
		t.Errorf("%+v", got.Stages[0])
	}
	if stdout, _, _ := kora(t, append(args, "--runs", "3")...); !strings.Contains(stdout, "of 3 runs, break") {
		t.Errorf("the text has no band:\n%s", stdout)
	}
	if _, stderr, code := kora(t, append(args, "--runs", "1001")...); code != misuse || stderr != "kora: --runs 1001 is not allowed: it takes 1 to 1000\n" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// What happens in the middle is seen.
func TestSimulateEvents(t *testing.T) {
	stdout, stderr, code := kora(t, "simulate", horizontalTemplate, "--scenario", "steady", "--users", "30", "--days", "1", "--event", "lose-node@3h", "--event", "deploy@6h")
	if code != 0 || !strings.Contains(stdout, "a node replaced  it was lost") {
		t.Errorf("exit code %d: %s%s", code, stderr, stdout)
	}
}

// The picture and the page are written beside what is printed.
func TestSimulateFiles(t *testing.T) {
	picture, page := filepath.Join(t.TempDir(), "a.svg"), filepath.Join(t.TempDir(), "a.html")
	stdout, stderr, code := kora(t, "simulate", singleTemplate, "--days", "1", "--svg", picture, "--html", page)
	if code != 0 || !strings.Contains(stdout, "user-minutes unserved") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for file, begins := range map[string]string{picture: "<svg ", page: "<!DOCTYPE html>"} {
		if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), begins) {
			t.Errorf("%s: %.20q, %v", file, text, err)
		}
	}
	if _, stderr, code := kora(t, "simulate", singleTemplate, "--html", filepath.Join(t.TempDir(), "none", "a.html")); code != 1 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("a folder that is not there: exit code %d, %s", code, stderr)
	}
}

// A stage with keys of its own stands beside the same one without.
func TestSidesOf(t *testing.T) {
	got, err := sidesOf([]string{"3:cpuCredits=standard:maxCapacity=8", "horizontal", singleTemplate}, map[string]string{"keepServer": "none"})
	want := []side{
		{"horizontal:cpuCredits=standard:maxCapacity=8", "horizontal", map[string]string{"keepServer": "none", "cpuCredits": "standard", "maxCapacity": "8"}},
		{"horizontal", "horizontal", map[string]string{"keepServer": "none"}}, {singleTemplate, singleTemplate, nil},
	}
	if diff := cmp.Diff(got, want, cmp.AllowUnexported(side{})); err != nil || diff != "" {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

func TestSimulateMisuse(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a scenario", []string{"--scenario", "spik"}, `--scenario "spik" is not allowed: it takes steady, diurnal, spike, growth, flash-sale; the nearest is spike`},
		{"users", []string{"--users", "0"}, "--users 0 is not allowed: it takes a number above 0, at most 1000000"},
		{"days", []string{"--days", "1000"}, "--days 1000 is not allowed: it takes 1 to 732"},
		{"a factor", []string{"--factor", "0.5"}, "--factor 0.5 is not allowed: it takes a number from 1 to 1000"},
		{"a growth", []string{"--grow", "10"}, `--grow "10" is not allowed: it takes a growth such as 10%/month`},
		{"a value", []string{"--assume", "boot-cpu=200"}, `--assume "boot-cpu=200" is not allowed: boot-cpu takes a number from 0 to 100 (%)`},
		{"two assumptions", []string{"--assume", "boot-p95=3"}, "--assume boot-p95=3 is not allowed: it takes at least boot-median, which is 60"},
		{"a search of a stage", []string{"single", "--search"}, `--search: "single" is one word too many: it tries all stages`},
		{"a search with a page", []string{"--search", "--html", "x"}, "--search has no --html: it has --json and --svg"},
		{"a search with runs", []string{"--search", "--runs", "2"}, "--search has no --runs: it has --json and --svg"},
		{"a promise", []string{"--search", "--slo", "p95<1%"}, `--slo "p95<1%" is not allowed: "p95<1%" is not a limit: p50, p95 and worst are in s or ms, unserved and slow in %`},
		{"an event", []string{"--event", "lose-nod@1h"}, `--event "lose-nod@1h" is not allowed: it takes KIND@TIME, KIND one of lose-node, lose-zone, deploy; the nearest is lose-node`},
		{"two demands", []string{"--trace", "a", "--log", "b", "--cpu", "c"}, "--cpu and --log and --trace: one demand at a time"},
		{"a type", []string{"--cpu-type", "t2.mcro"}, `--cpu-type "t2.mcro" is not allowed: it takes an instance type such as t2.micro`},
		{"a side's key", []string{"horizontal:standard"}, `horizontal:standard "standard" is not allowed: it takes KEY=VALUE`},
		{"two forms", []string{"--json", "--csv"}, "--csv and --json: one form at a time"},
		{"a key without a stage", []string{singleTemplate, "-c", "maxCapacity=3"}, "-c: context keys change a stage, and none is asked for"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"simulate"}, test.args...)...)
			if code != 2 || stdout != "" || stderr != "kora: "+test.want+"\n" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// However a demand is told, it is the same: 20 % of a t2.micro, and the requests and users that make it.
func TestDemands(t *testing.T) {
	minutes := func(head string, columns ...string) string {
		text := head + "\n"
		for i := range 60 {
			text += fmt.Sprintf("2026-11-02 10:%02d,%s\n", i, strings.Join(columns, ","))
		}
		return written(t, text)
	}
	var log strings.Builder
	for i := range 60 * 180 {
		fmt.Fprintf(&log, "203.0.113.9 - - [02/Nov/2026:10:%02d:%02d +0000] \"GET / HTTP/1.1\" 200 12\n", i/180, i%60)
	}
	service := 10.0 / 149
	tests := map[string][]string{
		"cpu":                     {"--cpu", minutes("Label,CPU", "20")},
		"cpu of a larger machine": {"--cpu", minutes("Label,CPU", "10"), "--cpu-type", "t2.medium"},
		"requests":                {"--trace", minutes("time,requests", fmt.Sprint(0.2/service))},
		"users":                   {"--trace", minutes("time,users", fmt.Sprint(0.2/service*(10+service)))},
		"requests with their cpu": {"--trace", minutes("time,requests,cpu", "2", "20")},
		"users with their cpu":    {"--trace", minutes("time,users,cpu", "30", "20")},
		"a log":                   {"--log", written(t, log.String()), "--assume", fmt.Sprintf("users-per-vcpu=%v", 1+10/(0.2/3))},
		"half of it":              {"--trace", minutes("time,requests", fmt.Sprint(0.1/service)), "--scale", "2"},
	}
	for name, args := range tests {
		stdout, stderr, code := kora(t, append([]string{"simulate", singleTemplate, "--json"}, args...)...)
		var got struct {
			Stages []struct{ CPUShownPercent float64 }
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 || math.Abs(got.Stages[0].CPUShownPercent-20) > 1e-3 {
			t.Errorf("%s: %v, exit code %d, %s: CPU %+v, want 20", name, err, code, stderr, got.Stages)
		}
	}
}

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
