package command

import (
	"encoding/json"
	"strings"
	"testing"
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
