package simulate

import (
	"math"

	"github.com/korakagazindia/provisioner/internal/queueing"
)

// times counts requests by their mean time on CPU, in buckets of a sixteenth of an octave from a microsecond up, so that the
// quantiles of a year need no list of its minutes.
type times struct {
	buckets [64 * 16]float64
	total   float64
}

// add counts requests with a mean in seconds.
func (t *times) add(requests, mean float64) {
	b := math.Float64bits(mean*1e6)>>48 - 1023<<4 // exponent and the first four bits behind the point
	t.buckets[min(max(b, 0), uint64(len(t.buckets)-1))] += requests
	t.total += requests
}

// quantile is the time in seconds, CPU alone, that a share of all requests do not exceed: within 5 %.
func (t *times) quantile(share float64) float64 {
	if t.total == 0 {
		return 0
	}
	low, high := 0.0, 1e6
	for range 60 {
		middle := (low + high) / 2
		if longer := t.longer(middle); longer > (1-share)*t.total {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// longer is how many requests take longer than that.
func (t *times) longer(limit float64) float64 {
	sum := 0.0
	for i, requests := range t.buckets {
		if requests > 0 {
			mean := math.Ldexp(1+(float64(i%16)+0.5)/16, i/16) / 1e6
			sum += requests * queueing.Longer(limit, mean)
		}
	}
	return sum
}
