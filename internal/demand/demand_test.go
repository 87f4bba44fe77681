package demand

import (
	"math"
	"slices"
	"testing"
)

func made(t *testing.T, s Scenario) Series {
	t.Helper()
	series, err := s.Series()
	if err != nil {
		t.Fatal(err)
	}
	return series
}

func TestScenarios(t *testing.T) {
	for _, name := range Scenarios() {
		s := Scenario{Name: name, Users: 100, Days: 9, Seed: 1}
		one, again := made(t, s), made(t, s)
		if !slices.Equal(one.Values, again.Values) || len(one.Values) != 9*1440 {
			t.Errorf("%s: another demand of the same seed, or %d minutes", name, len(one.Values))
		}
		if s.Seed = 2; slices.Equal(one.Values, made(t, s).Values) {
			t.Errorf("%s: the same demand of another seed", name)
		}
		for i, v := range one.Values {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Fatalf("%s: %v in minute %d", name, v, i)
			}
		}
	}
}

// What a scenario is without chance, at some of its minutes.
func TestShapes(t *testing.T) {
	tests := []struct {
		name   string
		minute int
		want   float64
	}{
		{"steady", 0, 100}, {"steady", 5000, 100}, {"diurnal", 21*60 + 30, 100}, {"diurnal", 4*60 + 30, 7.5},
		{"diurnal", 5*1440 + 21*60 + 30, 110}, {"spike", 2*1440 + 15*60 + 10, 5 * 59.17}, {"spike", 2*1440 + 15*60 + 35, 3 * 57.29},
		{"flash-sale", 2*1440 + 12*60 + 30, 8 * 62.5}, {"flash-sale", 2*1440 + 12*60 - 5, 1.5 * 61.04}, {"flash-sale", 3*1440 + 21*60 + 30, 300},
		{"growth", 20*1440 + 21*60 + 30, 110 * math.Pow(1.1, (20*24+21.5)/730)},
	}
	for _, test := range tests {
		s := made(t, Scenario{Name: test.name, Users: 100, Days: 21, Smooth: true})
		if got := s.Values[test.minute]; math.Abs(got/test.want-1) > .01 {
			t.Errorf("%s, %s: %v users, want %v", test.name, s.Clock(test.minute), got, test.want)
		}
	}
}

func TestGrowth(t *testing.T) {
	s := Series{Values: slices.Repeat([]float64{10}, month+1)}
	if got := s.Growing(10).Scaled(3).Values; math.Abs(got[0]-30) > 1e-9 || math.Abs(got[month]-33) > 1e-9 {
		t.Errorf("from %v to %v, want 30 to 33", got[0], got[month])
	}
	for text, want := range map[string]float64{"10%/month": 10, "2.5%": 2.5, "-5%/month": -5} {
		if got, err := Growth(text); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "10", "10%/year", "-100%", "9999%", "1.2.3%"} {
		if got, err := Growth(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}
