package chart

// Sample keeps two of each bucket of a series: its least and its most, in their order, so that no spike is lost. Where there
// are no more minutes than that it keeps them all.
func Sample(values []float32, buckets int) (minutes []int, kept []float32) {
	each := step(len(values), buckets)
	if each == 1 {
		for i := range values {
			minutes = append(minutes, i)
		}
		return minutes, values
	}
	for from := 0; from < len(values); from += each {
		to := min(from+each, len(values))
		low, high := from, from
		for i := from; i < to; i++ {
			if values[i] < values[low] {
				low = i
			}
			if values[i] > values[high] {
				high = i
			}
		}
		first, second := values[min(low, high)], values[max(low, high)]
		minutes = append(minutes, from, from+each/2)
		kept = append(kept, first, second)
	}
	return minutes, kept
}

// step is how many minutes a bucket has.
func step(minutes, buckets int) int {
	if minutes <= 2*buckets {
		return 1
	}
	return (minutes + buckets - 1) / buckets
}
