package status

import (
	"strings"
	"testing"
)

func TestProven(t *testing.T) {
	one, two := strings.Repeat("1", 40), strings.Repeat("2", 40)
	line := func(says string) string { return "2026-11-26T04:21:29Z +4s kora-backend: " + says }
	for _, tc := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"no log", nil, Unknown},
		{"a boot under way", []string{line("try " + one)}, Unknown},
		{"a boot", []string{line("done"), line("serves " + one)}, one},
		{"a new revision", []string{line("serves " + one), line("done"), line("serves " + two)}, two},
		{"a revision that failed", []string{line("serves " + one), line("failed to: try " + two + ": nothing listens"), "Error: the cause", "see /var/log/kora-backend/boot.log"}, one},
		{"one after which nothing serves", []string{line("serves " + one), line("failed to: reload as " + two + ": nothing listens"), "nor does " + one + ": nothing listens"}, Unknown},
		{"a commit cut short", []string{line("serves 1111111")}, Unknown},
		{"an image without a commit", []string{line("serves " + one), line("serves image")}, Unknown},
		{"what an app says", []string{"this app serves " + one}, Unknown},
	} {
		if got := proven(tc.lines); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
