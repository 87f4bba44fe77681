package demand

import (
	"math"
	"slices"
	"testing"
	"time"
)

// Four days of a real load balancer's requests, every five minutes from the fourth minute of an hour on and with three of them missing: an
// excerpt of the Numenta Anomaly Benchmark (realAWSCloudwatch/elb_request_count_8c0756.csv, commit ea702d75; its licence stands
// beside the file). The figures are a spreadsheet's.
func TestRecordedTraffic(t *testing.T) {
	points, note, err := Metric("testdata/elb_request_count.csv")
	if err != nil || note != "" || len(points) != 1200 {
		t.Fatalf("%d points, %q, %v", len(points), note, err)
	}
	var values []float64
	total := 0.0
	for _, p := range points {
		values, total = append(values, p.Value), total+p.Value
	}
	slices.Sort(values)
	if mean := total / 1200; math.Abs(mean-74344.0/1200) > 1e-6 || values[1199] != 381 || math.Abs(values[1188]/mean-4.293554) > 1e-3 {
		t.Errorf("mean %v, most %v, 99th percentile %v times the mean", mean, values[1199], values[1188]/mean)
	}
	begin, minutes, notes, err := minutes(points)
	if want := time.Date(2014, 4, 10, 0, 4, 0, 0, time.UTC); err != nil || !begin.Equal(want) || len(minutes) != 6015 || len(notes) != 0 {
		t.Errorf("%d minutes from %v on, %v, %v", len(minutes), begin, notes, err)
	}
}
