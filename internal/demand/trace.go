package demand

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Recorded is a trace that may have CPU beside the demand.
type Recorded struct {
	Series
	// Load is the vCPUs that a request a second keeps busy, by the CPU column; 0 without one.
	Load float64
}

// columns are the words of a heading by which a column is known.
var columns = map[Unit][]string{
	Users:    {"users", "user", "concurrent users", "concurrent_users", "concurrentusers", "sessions"},
	Requests: {"requests", "requests/s", "rps", "requests per second", "requests_per_second", "requestspersecond", "rate"},
	CPU:      {"cpu", "% cpu", "cpu %", "cpuutilization", "cpu_percent", "cpu percent"},
}

// Trace reads a CSV file with a heading: time, and requests per second or concurrent users; with a column for the CPU of a
// machine of so many vCPUs beside it, in percent, it also tells what a request needs.
func Trace(file string, vcpus float64) (Recorded, error) {
	text, err := os.Open(file)
	if err != nil {
		return Recorded{}, err
	}
	defer text.Close()
	rows := csv.NewReader(bufio.NewReader(text))
	rows.FieldsPerRecord, rows.TrimLeadingSpace, rows.ReuseRecord = -1, true, true
	head, err := rows.Read()
	if err != nil {
		return Recorded{}, fmt.Errorf("%s: no heading: %w", file, err)
	}
	clock, value, cpu, unit := recognized(head)
	if clock < 0 || value < 0 {
		return Recorded{}, fmt.Errorf("%s: the heading %q is not understood: it takes time, and requests or users, and cpu if there is one",
			file, strings.Join(head, ","))
	}
	points, busy, bad, err := read(rows, clock, value, cpu)
	if err != nil {
		return Recorded{}, fmt.Errorf("%s: %w", file, err)
	}
	r := Recorded{Series: Series{What: fmt.Sprintf("%s of %s", unit, filepath.Base(file)), Unit: unit}}
	if err := r.take(file, points, bad); err != nil {
		return Recorded{}, err
	}
	if cpu >= 0 {
		r.Load = busy.load() * vcpus
	}
	return r, nil
}

// take makes the series of what was read.
func (s *Series) take(file string, points []Point, bad faults) error {
	note, err := bad.judge(file)
	if err != nil {
		return err
	}
	begin, values, notes, err := minutes(points)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if note != "" {
		notes = append(notes, note)
	}
	s.Begin, s.Values, s.Notes = begin, values, append(s.Notes, notes...)
	return nil
}

// recognized finds the columns by their heading, -1 for none.
func recognized(head []string) (clock, value, cpu int, unit Unit) {
	clock, value, cpu = -1, -1, -1
	for i, name := range head {
		name = strings.ToLower(strings.Trim(strings.TrimSpace(name), "\ufeff"))
		switch {
		case clock < 0 && (name == "time" || name == "timestamp" || name == "date"):
			clock = i
		case is(name, CPU):
			cpu = i
		case value < 0 && is(name, Users):
			value, unit = i, Users
		case value < 0 && is(name, Requests):
			value, unit = i, Requests
		}
	}
	return clock, value, cpu, unit
}

func is(name string, unit Unit) bool {
	for _, word := range columns[unit] {
		if name == word {
			return true
		}
	}
	return false
}

// fit is the least-squares slope of CPU over demand, through nothing: idle machines need none.
type fit struct{ products, squares float64 }

// add leaves out what is nearly full, since CPU no longer follows demand there.
func (f *fit) add(demand, percent float64) {
	if percent < 90 {
		f.products += demand * percent / 100
		f.squares += demand * demand
	}
}

func (f *fit) load() float64 {
	if f.squares == 0 {
		return 0
	}
	return f.products / f.squares
}

func read(rows *csv.Reader, clock, value, cpu int) (points []Point, busy fit, bad faults, err error) {
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return points, busy, bad, nil
		}
		bad.rows++
		line, _ := rows.FieldPos(0)
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			bad.add(parse.Line, "%v", parse.Err)
			continue
		}
		if err != nil {
			return nil, busy, bad, err
		}
		if len(row) <= max(clock, value) {
			bad.add(line, "%d columns", len(row))
			continue
		}
		at, ok := instant(row[clock])
		v, okToo := amount(row[value])
		if !ok || !okToo {
			bad.add(line, "%q and %q are not a time and a number from 0", row[clock], row[value])
			continue
		}
		points = append(points, Point{at, v})
		if cpu >= 0 && cpu < len(row) {
			if percent, ok := amount(row[cpu]); ok {
				busy.add(v, percent)
			}
		}
	}
}

// Utilization reads the CPU of a machine, in percent, as Metric does. A machine that has a baseline, in percent, is taken to
// have been throttled in the hours that it spent there, and not a point from it: then its true demand is not known, and told
// so.
func Utilization(file string, baseline float64) (Series, error) {
	points, note, err := Metric(file)
	if err != nil {
		return Series{}, err
	}
	s, err := Points("the CPU in "+filepath.Base(file), points, baseline)
	if err == nil && note != "" {
		s.Notes = append(s.Notes, note)
	}
	return s, err
}

// Metric reads a metric: CloudWatch's answer to GetMetricData or GetMetricStatistics in JSON, the CSV file of its console,
// or any CSV file with a time and a value in each row. The note says which rows are left out.
func Metric(file string) (points []Point, note string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	var bad faults
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		points, err = metricJSON(text)
		bad.rows = len(points)
	} else {
		points, bad = metricCSV(text)
	}
	if err == nil {
		note, err = bad.judge(file)
	} else {
		err = fmt.Errorf("%s: %w", file, err)
	}
	slices.SortStableFunc(points, earlier)
	return points, note, err
}

// Points makes a series of recorded CPU in percent.
func Points(what string, points []Point, baseline float64) (Series, error) {
	s := Series{What: what, Unit: CPU}
	if err := s.take(what, points, faults{rows: len(points)}); err != nil {
		return Series{}, err
	}
	for _, v := range s.Values {
		if v > 100.5 {
			return Series{}, fmt.Errorf("%s: %v %% CPU: it takes a percentage", what, v)
		}
	}
	s.Throttled(baseline)
	return s, nil
}

// Throttled notes the hours in which a machine was at its baseline and not a point from it.
func (s *Series) Throttled(baseline float64) {
	if baseline >= 100 || baseline == 0 {
		return
	}
	hours := 0
	for i := 0; i+60 <= len(s.Values); i += 60 {
		at := true
		for _, v := range s.Values[i : i+60] {
			at = at && math.Abs(v-baseline) <= 1
		}
		if at {
			hours++
		}
	}
	if hours > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("%d hours were spent at the baseline of %v %%: throttled, it seems; the demand of those hours is not known, and at least that",
			hours, baseline))
	}
}

func metricJSON(text []byte) ([]Point, error) {
	var answer struct {
		MetricDataResults []struct {
			Timestamps []time.Time
			Values     []float64
		}
		Datapoints []struct {
			Timestamp        time.Time
			Average, Maximum *float64
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("not an answer of CloudWatch: %w", err)
	}
	var points []Point
	if len(answer.MetricDataResults) > 1 {
		return nil, fmt.Errorf("%d metrics: it takes one", len(answer.MetricDataResults))
	}
	for _, r := range answer.MetricDataResults {
		if len(r.Timestamps) != len(r.Values) {
			return nil, fmt.Errorf("%d times and %d values", len(r.Timestamps), len(r.Values))
		}
		for i, at := range r.Timestamps {
			points = append(points, Point{at, r.Values[i]})
		}
	}
	for _, d := range answer.Datapoints {
		if d.Average == nil {
			return nil, errors.New("datapoints without an Average: ask for that statistic")
		}
		points = append(points, Point{d.Timestamp, *d.Average})
	}
	return points, nil
}

// metricCSV reads what the console exports: lines of labels, then a time and a value in each.
func metricCSV(text []byte) (points []Point, bad faults) {
	for number, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(strings.TrimSpace(line), ",")
		if len(cells) < 2 || cells[0] == "" {
			continue
		}
		at, ok := instant(strings.Trim(cells[0], `"`))
		v, okToo := amount(strings.Trim(cells[1], `"`))
		switch {
		case ok && okToo:
			points, bad.rows = append(points, Point{at, v}), bad.rows+1
		case len(points) == 0 && !ok: // labels
		case ok && strings.Trim(cells[1], `" `) == "": // no value
		default:
			bad.rows++
			bad.add(number+1, "%q is not a time and a number", strings.TrimSpace(line))
		}
	}
	return points, bad
}
