package chart

import (
	"slices"
	"testing"
)

// No spike is lost when a series is made shorter.
func TestSample(t *testing.T) {
	values := make([]float32, 100_000)
	values[77_777], values[12] = 5, -3
	minutes, kept := Sample(values, 100)
	if len(kept) != len(minutes) || len(kept) != 200 || slices.Max(kept) != 5 || slices.Min(kept) != -3 || !slices.IsSorted(minutes) {
		t.Errorf("%d of %d values, from %v to %v", len(kept), len(values), slices.Min(kept), slices.Max(kept))
	}
	if _, kept := Sample(values[:150], 100); len(kept) != 150 {
		t.Errorf("%d of 150 values, want all", len(kept))
	}
}
