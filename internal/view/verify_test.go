package view

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/verify"
)

// promises has each code and each verdict, and names as long as they come.
func promises() []verify.Promise {
	var all []verify.Promise
	for i, kind := range verify.Kinds {
		verdict := []verify.Verdict{verify.Kept, verify.Broken, verify.Unknown}[i%3]
		p := verify.Promise{Code: kind.Code, Subject: "server.korakagazindia.com", Verdict: verdict, Evidence: "200 in 12 ms"}
		if verdict != verify.Kept {
			p.Remedy = kind.Remedy
		}
		all = append(all, p)
	}
	all[4].Subject = "balancer internal-kora-backend-alb-1234567890.ap-south-1.elb.amazonaws.com"
	all[5].Evidence = "18 of 200 answers are the fleet's: 9.0 % (95 % sure of 5.8 to 13.8 %), and the listener says 10 %"
	all[6].Subject, all[6].Evidence = "", "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/operators/anna is not authorized to perform:\x1b[31m sns:ListSubscriptionsByTopic"
	return all
}

// requests are some that were lost or slow.
func requests() []verify.Request {
	at := time.Date(2026, 11, 26, 8, 0, 0, 123e6, time.UTC)
	return []verify.Request{
		{At: at, Way: "new", Milliseconds: 10003.4, Fault: "no answer in 10 s", Lost: true},
		{At: at.Add(time.Second), Way: "kept", Milliseconds: 3.2, Status: 503, Lost: true},
		{At: at.Add(2 * time.Second), Way: "kept", Milliseconds: 1500, Status: 200, Slow: true},
		{At: at.Add(3 * time.Second), Way: "new", Fault: "not asked: 100 still wait for an answer", Lost: true},
	}
}

func sums() []*verify.Watched {
	buckets := func(counts ...int) (all []verify.Bucket) {
		for i, bound := range []float64{5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000} {
			all = append(all, verify.Bucket{Milliseconds: bound, Count: counts[i]})
		}
		return all
	}
	return []*verify.Watched{
		{Way: "kept", Asked: 6000, Lost: 1, Slow: 1, LongestOutageSeconds: 0.1, P50: 21.2, P95: 38.9, Longest: 1500, Buckets: buckets(0, 0, 4000, 1990, 8, 0, 0, 0, 1, 0, 0)},
		{Way: "new", Asked: 6000, Lost: 12, P50: 44.7, P95: 71.2, Longest: 240.4, LongestOutageSeconds: 12.34, Buckets: buckets(0, 0, 0, 5000, 900, 88, 0, 0, 0, 0, 0)},
	}
}

// What kora verify shows, within 100 columns, and for programs.
func TestVerifyGoldens(t *testing.T) {
	var promised, watched, json, lines strings.Builder
	for _, err := range []error{
		PromisesText(&promised, page.Look{Width: 100}, promises()),
		PromisesJSON(&json, promises()[:3]),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range requests() {
		RequestText(&watched, r)
		if err := RequestJSON(&lines, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := WatchedText(&watched, page.Look{Width: 100}, sums()); err != nil {
		t.Fatal(err)
	}
	if err := WatchedJSON(&lines, sums()[:1]); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"promises.txt": promised.String(), "watched.txt": watched.String(), "promises.json": json.String(), "watched.jsonl": lines.String()} {
		golden.File(t, filepath.Join("testdata", "verify", name), text)
		for _, line := range strings.Split(text, "\n") {
			if strings.HasSuffix(name, ".txt") && len([]rune(line)) > 100 || strings.Contains(line, "\x1b") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
}
