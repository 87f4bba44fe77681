package demand

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Point is one recorded value.
type Point struct {
	At    time.Time
	Value float64
}

// faults are rows that were not understood: few are left out and told, many are refused.
type faults struct {
	rows  int
	bad   int
	named []string // the first of them
}

func (f *faults) add(line int, format string, args ...any) {
	if f.bad++; f.bad <= 3 {
		f.named = append(f.named, fmt.Sprintf("line %d: %s", line, fmt.Sprintf(format, args...)))
	}
}

// judge is an error when more than one row in twenty is bad, or none is good, and otherwise a note.
func (f *faults) judge(file string) (note string, err error) {
	said := strings.Join(f.named, "; ")
	switch {
	case f.rows == f.bad && f.bad > 0, f.bad*20 > f.rows:
		return "", fmt.Errorf("%s: %d of %d rows are not understood: %s", file, f.bad, f.rows, said)
	case f.rows == 0:
		return "", fmt.Errorf("%s: no rows", file)
	case f.bad > 0:
		return fmt.Sprintf("%s: %d of %d rows are left out: %s", file, f.bad, f.rows, said), nil
	}
	return "", nil
}

// minutes makes a series of points: each value holds until the next one; where there is none for three times as long as
// usual, the line is straight, and told.
func minutes(points []Point) (begin time.Time, values []float64, notes []string, err error) {
	if len(points) == 0 {
		return time.Time{}, nil, nil, errors.New("no values")
	}
	ordered := slices.IsSortedFunc(points, earlier)
	slices.SortStableFunc(points, earlier)
	if !ordered {
		notes = append(notes, "the rows are not in the order of their times, and were put into it")
	}
	begin = points[0].At.Truncate(time.Minute)
	count := int(points[len(points)-1].At.Sub(begin)/time.Minute) + usual(points)
	if count > Longest {
		return time.Time{}, nil, nil, fmt.Errorf("from %s to %s: at most %d days are simulated",
			begin.Format(time.DateOnly), points[len(points)-1].At.Format(time.DateOnly), Longest/1440)
	}
	sums, counts := make([]float64, count), make([]float64, count)
	for _, p := range points {
		i := int(p.At.Sub(begin) / time.Minute)
		sums[i], counts[i] = sums[i]+p.Value, counts[i]+1
	}
	for i := range sums {
		if counts[i] > 0 {
			sums[i] /= counts[i]
		}
	}
	if gaps, lost := fill(sums, counts, 3*usual(points)); gaps > 0 {
		notes = append(notes, fmt.Sprintf("%d gaps, %d minutes in all, are filled with straight lines", gaps, lost))
	}
	return begin, sums, notes, nil
}

func earlier(a, b Point) int { return a.At.Compare(b.At) }

// usual is how many minutes usually lie between two points: the median, at least 1.
func usual(points []Point) int {
	var steps []int
	for i := 1; i < len(points); i++ {
		if step := int(points[i].At.Sub(points[i-1].At).Round(time.Minute) / time.Minute); step > 0 {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		return 1
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// fill fills in the minutes without a point.
func fill(values, counts []float64, gap int) (gaps, lost int) {
	last := 0
	for i := 1; i <= len(values); i++ {
		if i < len(values) && counts[i] == 0 {
			continue
		}
		straight := i-last > gap && i < len(values)
		if straight {
			gaps, lost = gaps+1, lost+i-last-1
		}
		for j := last + 1; j < i; j++ {
			values[j] = values[last]
			if straight {
				part := float64(j-last) / float64(i-last)
				values[j] = values[last]*(1-part) + values[i]*part
			}
		}
		last = i
	}
	return gaps, lost
}

// layouts are the forms of a time that files have: those of RFC 3339, of CloudWatch's console, and of spreadsheets. A time
// without a zone is UTC.
var layouts = []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006/01/02 15:04:05",
	"2006/01/02 15:04", "2006-01-02 15:04:05Z07:00", time.DateOnly}

// instant reads a time: one of the layouts, or seconds or milliseconds since 1970.
func instant(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if v, err := strconv.ParseFloat(text, 64); err == nil && v > 1e8 && v < 1e14 {
		if v > 1e11 {
			v /= 1000
		}
		return time.UnixMilli(int64(v * 1000)).UTC(), true
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil && at.Year() > 1970 && at.Year() < 2200 {
			return at, true
		}
	}
	return time.Time{}, false
}

// amount reads a number from 0.
func amount(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return v, err == nil && v >= 0 && !math.IsInf(v, 1)
}
