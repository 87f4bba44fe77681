package queueing

import (
	"math"
	"testing"
)

func TestSingle(t *testing.T) {
	for load, want := range map[float64]struct{ mean, p50, p95 float64 }{
		.5: {2, 1.39, 5.99}, .7: {3.33, 2.31, 9.99}, .8: {5, 3.47, 14.98}, .9: {10, 6.93, 29.96}, .95: {20, 13.86, 59.91},
	} {
		mean := Single(load)
		near(t, "mean", mean, want.mean, .005)
		near(t, "p50", quantile(.5, mean), want.p50, .005)
		near(t, "p95", quantile(.95, mean), want.p95, .005)
		near(t, "share beyond the p95", Longer(quantile(.95, mean), mean), .05, 1e-9)
	}
	near(t, "more than full", Single(7), Single(Fullest), 1e-9)
}

func TestShared(t *testing.T) {
	tests := []struct {
		n                int
		load, wait, time float64
	}{{2, .7, .5765, .9608}, {2, .8, .7111, 1.7778}, {3, .7, .4923, .5470}, {3, .9, .8171, 2.7235}, {5, .8, .5541, .5541}, {5, .9, .7625, 1.5250}}
	for _, test := range tests {
		near(t, "Erlang C", ErlangC(test.n, test.load), test.wait, 5e-5)
		near(t, "waiting time", Shared(test.n, test.load)-1, test.time, 5e-5)
	}
	near(t, "one server", Shared(1, .7), Single(.7), 1e-9)
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// quantile is the time that a share of the requests do not exceed.
func quantile(share, mean float64) float64 { return -math.Log(1-share) * mean }
