package advise

import (
	"slices"
	"strings"
	"testing"
)

// What stands out of a week, at each level and just below it.
func TestWeekly(t *testing.T) {
	const rest = `,"memory":{"totalMib":956,"usedPercent":70},"disk":{"totalGib":30,"usedPercent":80},"errors":{"lines":0,"last":[]}}`
	app := func(status, restarts string) string {
		return `{"apps":[{"name":"kora","status":"` + status + `","restarts":` + restarts + `,"memoryMib":84}]`
	}
	tests := []struct {
		name, output string
		stand        []string
	}{
		{"all is well, at the levels", app("online", "0") + rest, []string{}},
		{"a restart", app("online", "1") + rest, []string{"kora has restarted once since it was started"}},
		{"errored", app("errored", "15") + rest, []string{"kora is errored", "kora has restarted 15 times since it was started"}},
		{"nothing runs", `{"apps":[]` + rest, []string{"pm2 runs nothing"}},
		{"memory", app("online", "0") + strings.Replace(rest, ":70}", ":71}", 1), []string{"memory is at 71 %, over 70 %"}},
		{"the disk", app("online", "0") + strings.Replace(rest, ":80}", ":81}", 1), []string{"the disk is at 81 %, over 80 %"}},
		{"errors", app("online", "0") + strings.Replace(rest, `:0,"last":[]`, `:7,"last":["a","b"]`, 1),
			[]string{"the error logs of the last seven days have 7 lines, the last: b"}},
	}
	for _, test := range tests {
		if l := Weekly("i-1", test.output); !slices.Equal(l.Stand, test.stand) || l.Unknown != "" || l.Machine != "i-1" {
			t.Errorf("%s: %q, %q", test.name, l.Stand, l.Unknown)
		}
	}
	for name, output := range map[string]string{"nothing": "", "half a report": app("online", "0"), "something else": "{}", "a list": "[]"} {
		if l := Weekly("i-1", output); l.Unknown == "" || len(l.Stand) > 0 || !strings.Contains(l.words(), "is unknown: ") {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

// What is looked at each month: figures where there are some, unknown where there are none.
func TestMonthly(t *testing.T) {
	i := input(t, "single")
	for _, c := range Monthly(i, 14.71, nil) {
		if unknown := c.Answer == string(Unknown); unknown == strings.Contains(c.Question, "cost") || c.Observed == "" {
			t.Errorf("without data: %s", c.words())
		}
	}
	i.Metrics["requests"] = every(28, func(day, minute int) float64 {
		switch {
		case day == 20 && minute == 600:
			return 900
		case day < 14:
			return 100
		}
		return 120
	})
	i.Metrics["response"] = every(14, always(0.25))
	got := map[string]string{}
	for _, c := range Monthly(i, 14.71, &Month{From: end.AddDate(0, -1, 0), USD: 15.5}) {
		got[c.Question] = c.Answer + ": " + c.Observed
	}
	for question, want := range map[string]string{
		"how much has traffic grown?":    "+20 %: the mean of requests in the last 14 days is 120, after 100 in those before",
		"what was the peak of cpu?":      "unknown: no data",
		"what was the peak of requests?": "900 requests: in the 5 minutes from 2026-11-12 10:05 UTC on",
		"how long do answers take?":      "0.25 s: the mean of 4032 periods; the slowest had 0.25 s",
		"what does it cost?": "14.71 USD a month: by the template and the prices of its region; the whole account came to 15.50 USD in October 2026, " +
			"by Cost Explorer",
	} {
		if got[question] != want {
			t.Errorf("%s %q, want %q", question, got[question], want)
		}
	}
}
