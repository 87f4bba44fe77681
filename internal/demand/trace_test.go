package demand

import (
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTrace(t *testing.T) {
	tests := []struct {
		name, text string
		unit       Unit
		want       []float64
		notes      []string
	}{
		{"minutes", "time,requests\n2026-11-02 10:00,1\n2026-11-02 10:01,2.5\n", Requests, []float64{1, 2.5}, nil},
		{"five minutes hold", "Timestamp,Users\n2026-11-02T10:00:00Z,10\n2026-11-02T10:05:00Z,20\n", Users,
			[]float64{10, 10, 10, 10, 10, 20, 20, 20, 20, 20}, nil},
		{"seconds are averaged", "time,rps\n1793613600,1\n1793613630,3\n1793613660,4\n", Requests, []float64{2, 4}, nil},
		{"disorder", "time,users\n2026-11-02 10:01,2\n2026-11-02 10:00,1\n", Users, []float64{1, 2},
			[]string{"the rows are not in the order of their times, and were put into it"}},
		{"a gap", "time,users\n2026-11-02 10:00,1\n2026-11-02 10:01,1\n2026-11-02 10:05,5\n2026-11-02 10:06,5\n", Users, []float64{1, 1, 2, 3, 4, 5, 5},
			[]string{"1 gaps, 3 minutes in all, are filled with straight lines"}},
		{"other zones", "time,users,note\n2026-11-02T10:00:00+05:30,1,x\n2026-11-02T04:31:00Z,2\n", Users, []float64{1, 2}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Trace(file(t, "trace.csv", test.text), 1)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got.Values, test.want); diff != "" || got.Unit != test.unit {
				t.Errorf("%s (-got +want):\n%s", got.Unit, diff)
			}
			if diff := cmp.Diff(got.Notes, test.notes); diff != "" {
				t.Errorf("notes (-got +want):\n%s", diff)
			}
		})
	}
}

// A few bad rows are named by their line and left out; many are an error.
func TestBadRows(t *testing.T) {
	text := "time,users\n"
	for i := range 40 {
		text += fmt.Sprintf("2026-11-02 10:%02d,%d\n", i, i)
	}
	got, err := Trace(file(t, "trace.csv", strings.Replace(text, "10:07,7\n", "10:07,many\n", 1)), 1)
	want := []string{`line 9: "2026-11-02 10:07" and "many" are not a time and a number from 0`}
	if err != nil || len(got.Notes) != 1 || !strings.HasSuffix(got.Notes[0], "1 of 40 rows are left out: "+want[0]) || got.Values[7] != 6 {
		t.Errorf("%v, %v", got.Notes, err)
	}
	for name, text := range map[string]string{
		"1 of 2 rows are not understood: line 3: ": "time,users\n2026-11-02 10:00,1\nyesterday,1\n",
		`the heading "when,what" is not`:           "when,what\n1,2\n",
		"no heading":                               "",
		"no rows":                                  "time,users\n",
		"at most 732 days are simulated":           "time,users\n2020-01-01,1\n2026-01-01,1\n",
		"-1":                                       "time,users\n2026-11-02 10:00,-1\n",
	} {
		if got, err := Trace(file(t, "trace.csv", text), 1); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, error %v, want %q in it", got, err, name)
		}
	}
}

// With CPU beside the requests a trace says what a request needs; what is full says nothing.
func TestLoadOfATrace(t *testing.T) {
	got, err := Trace(file(t, "trace.csv", "time,cpu,requests\n2026-11-02 10:00,10,2\n2026-11-02 10:01,50,10\n2026-11-02 10:02,100,90\n"), 2)
	if err != nil || math.Abs(got.Load-0.1) > 1e-12 {
		t.Errorf("%v vCPUs for a request a second, %v, want 0.1", got.Load, err)
	}
}

func TestUtilization(t *testing.T) {
	tests := []struct{ name, text string }{
		{"GetMetricData", `{"MetricDataResults": [{"Id": "m1", "Timestamps": ["2026-11-02T10:01:00Z", "2026-11-02T10:00:00Z"], "Values": [20, 10]}]}`},
		{"GetMetricStatistics", `{"Label": "CPUUtilization", "Datapoints": [{"Timestamp": "2026-11-02T10:01:00+00:00", "Average": 20, "Unit": "Percent"}, {"Timestamp": "2026-11-02T10:00:00+00:00", "Average": 10}]}`},
		{"console", "Full label,CPUUtilization\nStatistic,Average\nPeriod,60\n2026/11/02 10:00:00,10\n2026/11/02 10:01:00,20\n"},
	}
	for _, test := range tests {
		got, err := Utilization(file(t, "cpu", test.text), 10)
		if err != nil || !cmp.Equal(got.Values, []float64{10, 20}) || !got.Begin.Equal(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
	for want, text := range map[string]string{
		"it takes one": `{"MetricDataResults": [{}, {}]}`, "no values": `{}`, "not an answer": `{`, "1 times and 0 values": `{"MetricDataResults": [{"Timestamps": ["2026-11-02T10:01:00Z"]}]}`,
		"without an Average": `{"Datapoints": [{"Timestamp": "2026-11-02T10:01:00Z"}]}`, "120 % CPU": "2026-11-02 10:00,120\n",
	} {
		if got, err := Utilization(file(t, "cpu", text), 10); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "no rows", "no values"), want) {
			t.Errorf("%+v, error %v, want %q in it", got, err, want)
		}
	}
}

// An hour at the baseline is one of which the demand is not known.
func TestThrottledHours(t *testing.T) {
	text := "Label,CPU\n"
	for i := range 180 {
		text += fmt.Sprintf("%s,%v\n", time.Date(2026, 11, 2, 0, i, 0, 0, time.UTC).Format(time.DateTime), []float64{40, 10.2, 8}[i/60])
	}
	got, err := Utilization(file(t, "cpu", text), 10)
	if err != nil || len(got.Notes) != 1 || !strings.HasPrefix(got.Notes[0], "1 hours were spent at the baseline of 10 %") {
		t.Errorf("%v, %v", got.Notes, err)
	}
}

// lines are three requests, in two minutes, in each format.
var lines = map[string]string{
	"combined": `203.0.113.9 - - [02/Nov/2026:15:30:01 +0530] "GET / HTTP/1.1" 200 12 "-" "curl/8"
203.0.113.9 - frank [02/Nov/2026:15:30:59 +0530] "GET /[x] HTTP/1.1" 200 12 "-" "curl/8"
2001:db8::1 - - [02/Nov/2026:15:31:00 +0530] "POST /a HTTP/1.1" 500 12 "-" "Mozilla/5.0 (X11)"
`,
	"caddy": `{"level":"info","ts":1793613601.25,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.9","uri":"/"},"status":200}
{"level":"info","ts":"2026-11-02T10:00:59Z","msg":"handled request","request":{"uri":"/"},"status":200}
{"level":"info","ts":1793613660.5,"msg":"handled request","request":{"uri":"/"},"status":200}
`,
	"balancer": `https 2026-11-02T10:00:01.186641Z app/kora/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:3001 0.000 0.001 0.000 200 200 34 366 "GET https://x:443/ HTTP/1.1" "curl/8" - -
h2 2026-11-02T10:00:59.000000Z app/kora/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:3001 0.000 0.001 0.000 200 200 34 366 "GET https://x:443/ HTTP/2" "curl/8" - -
http 2026-11-02T10:01:00.000000Z app/kora/50dc6c495c0c9188 203.0.113.9:2817 - -1 -1 -1 503 - 34 366 "GET http://x:80/ HTTP/1.1" "curl/8" - -
`,
}

func TestLog(t *testing.T) {
	want := Series{What: "requests of access.log", Begin: time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC), Values: []float64{2.0 / 60, 1.0 / 60}, Unit: Requests}
	for name, text := range lines {
		got, err := Log(file(t, "access.log", text))
		if diff := cmp.Diff(got, want); err != nil || diff != "" {
			t.Errorf("%s: %v (-got +want):\n%s", name, err, diff)
		}
		var packed strings.Builder
		zip := gzip.NewWriter(&packed)
		if _, err := zip.Write([]byte(text)); err != nil || zip.Close() != nil {
			t.Fatal(err)
		}
		if got, err = Log(file(t, "access.log", packed.String())); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s, packed: %v, %v", name, got, err)
		}
	}
	got, err := Log(file(t, "access.log", lines["combined"]), file(t, "more.log", lines["caddy"]))
	if err != nil || got.Values[0] != 4.0/60 || got.What != "requests of access.log and 1 more" {
		t.Errorf("two files: %+v, %v", got, err)
	}
}

func TestBadLog(t *testing.T) {
	long := "203.0.113.9 - - [02/Nov/2026:15:30:01 +0530] \"GET /" + strings.Repeat("x", 3<<20) + "\n"
	if got, err := Log(file(t, "a.log", long+lines["combined"])); err != nil || got.Values[0] != 3.0/60 {
		t.Errorf("a line of 3 MB: %+v, %v", got, err)
	}
	for _, text := range []string{"", "x\n", "{}\n", "\x1f\x8bnothing", `{"ts":5,"request":1}`, "a [02/Nov/2026:99:30:01 +0530] x\n", "[", "a b"} {
		if got, err := Log(file(t, "a.log", text)); err == nil {
			t.Errorf("%q is %+v, want an error", text, got)
		}
	}
}

// BenchmarkLog tells the lines of a second: go test ./internal/demand -run - -bench Log
func BenchmarkLog(b *testing.B) {
	for name, text := range lines {
		for _, packed := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s packed %v", name, packed), func(b *testing.B) {
				const times = 20_000
				path := filepath.Join(b.TempDir(), "access.log")
				out, err := os.Create(path)
				if err != nil {
					b.Fatal(err)
				}
				if packed {
					zip := gzip.NewWriter(out)
					for range times {
						zip.Write([]byte(text))
					}
					zip.Close()
				} else {
					out.WriteString(strings.Repeat(text, times))
				}
				out.Close()
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Log(path); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(3*times*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	}
}
