package report

import "math"

// peak is the most of all series.
func peak(all ...[]float32) float64 {
	top := 0.0
	for _, values := range all {
		for _, v := range values {
			top = max(top, float64(v))
		}
	}
	return top
}

// round125 is the first of 1, 2, 5 times a power of ten that is not below v.
func round125(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, times := range []float64{1, 2, 5, 10} {
		if times*power >= v*(1-1e-9) {
			return times * power
		}
	}
	return 10 * power
}
