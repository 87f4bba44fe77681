package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// cpuOf is a file of so many days of CPU, one value each five minutes.
func cpuOf(t *testing.T, days int, value func(minute int) float64) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("Label,CPUUtilization\n")
	begin := time.Date(2026, 11, 2, 0, 5, 0, 0, time.UTC)
	for i := range days * 288 {
		fmt.Fprintf(&text, "%s,%v\n", begin.Add(time.Duration(5*i)*time.Minute).Format(time.DateTime), value(5*i%1440))
	}
	return written(t, text.String())
}

type advised struct {
	Move, Verdict, Type, Next string
	Triggers                  []struct{ Code, State string }
	BillNowUsd, BillNextUsd   float64
	Simulated                 []string
}

func advice(t *testing.T, code int, args ...string) advised {
	t.Helper()
	stdout, stderr, got := kora(t, append([]string{"advise", "single", "--json", "--exit-code"}, args...)...)
	var a advised
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || got != code {
		t.Fatalf("%v: exit code %d, want %d: %s", err, got, code, stderr)
	}
	return a
}

// The owners' figures of today: stay, with room for three times as many, and exit code 0; a full server: move, and 2.
func TestAdvise(t *testing.T) {
	if os.Getenv("CI") != "true" && !synthesizes(t) {
		t.Skip("a stage cannot be synthesized here: install Go 1.25 or newer and Node 20 or newer")
	}
	today := advice(t, 0, "--concurrent-users", "50", "--daily-users", "1000", "--budget-usd", "40", "--availability", "99.9", "--complaints=false")
	if today.Move != "" || !strings.HasPrefix(today.Verdict, "stay on single; room for 3.0 times today's peak") || today.BillNowUsd != today.BillNextUsd || len(today.Simulated) != 0 {
		t.Errorf("%+v", today)
	}
	full := cpuOf(t, 14, func(minute int) float64 { return map[bool]float64{true: 95, false: 8}[minute >= 1200 && minute < 1300] })
	busy := advice(t, 2, "--metric", "cpu="+full)
	if busy.Move != "vertical" || busy.Type != "t2.medium" || busy.BillNextUsd <= busy.BillNowUsd || len(busy.Simulated) != 2 ||
		!strings.HasPrefix(busy.Simulated[0], "single breaks on ") || busy.Next != "kora diff single vertical --to-c verticalInstanceType=t2.medium" {
		t.Errorf("%+v", busy)
	}
	page := filepath.Join(t.TempDir(), "advice.html")
	stdout, _, code := kora(t, "advise", "single", "--metric", "cpu="+full, "--markdown", "--quarterly", "--html", page)
	if text, err := os.ReadFile(page); err != nil || !strings.HasPrefix(string(text), "<!DOCTYPE html>") {
		t.Errorf("the page: %.20q, %v", text, err)
	}
	if code != 0 || !strings.Contains(stdout, "- Quarterly: is capacity at 70 % regularly? yes: cpu: above on 14 of 14 days") || !strings.HasPrefix(stdout, "**move to vertical: CPU > 80 % for extended periods") {
		t.Errorf("exit code %d: %.200s", code, stdout)
	}
}

// synthesizes reports whether this machine can make a stage's template.
func synthesizes(t *testing.T) bool {
	_, _, code := kora(t, "cost", "single", "--json")
	return code == 0
}

func TestAdviseMisuse(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a metric", []string{"single", "--metric", "cpus=x"}, `--metric "cpus=x" is not allowed: it takes NAME=FILE, NAME one of cpu, credits, memory, response, requests, network, status, healthy, size; the nearest is cpu`},
		{"no file", []string{"single", "--metric", "cpu"}, `--metric "cpu" is not allowed: it takes NAME=FILE, NAME one of cpu, credits, memory, response, requests, network, status, healthy, size; the nearest is cpu`},
		{"a number", []string{"single", "--availability", "101"}, "--availability 101 is not allowed: it takes a number from 0 to 100"},
		{"a word", []string{"single", "--define", "regular-days=no"}, `--define "regular-days=no" is not allowed: regular-days takes a number above 0 (days)`},
		{"Cost Explorer alone", []string{"single", "--cost-explorer"}, "--cost-explorer belongs to --monthly"},
		{"two forms", []string{"single", "--json", "--markdown"}, "--json and --markdown: one form at a time"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"advise"}, test.args...)...)
			if code != failed || stdout != "" || stderr != "kora: "+test.want+"\n" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// The scheduled workflow asks in words that kora understands, at the times that it runs.
func TestAdviseWorkflow(t *testing.T) {
	text, err := os.ReadFile("../../.github/workflows/advise.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "./bin/kora ")
	line, _, ends := strings.Cut(rest, " >")
	looks := regexp.MustCompile(`(?m)^ +(?:'(.*)'|\*)\) look=(\S+) days=(\S+) ;;$`).FindAllStringSubmatch(string(text), -1)
	if !found || !ends || len(looks) != 3 {
		t.Fatal("no three commands in advise.yml")
	}
	for _, look := range looks {
		asked := strings.NewReplacer(`"$look"`, look[2], `"$days"`, look[3]).Replace(line)
		if _, stderr, code := kora(t, append(strings.Fields(asked), "--help")...); code != 0 || strings.Contains(asked, "$") {
			t.Errorf("kora %s: %s", asked, stderr)
		}
		if !strings.Contains(string(text), "- cron: '"+look[1]) {
			t.Errorf("%s is asked for at %q, when the workflow does not run", look[2], look[1])
		}
	}
	if _, _, code := kora(t, append(strings.Fields(line), "--no-such-flag", "--help")...); code == 0 {
		t.Error("a flag that there is not is taken")
	}
}
