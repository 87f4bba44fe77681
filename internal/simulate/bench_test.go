package simulate

import "testing"

// A year of minutes of one stage.
func BenchmarkYear(b *testing.B) {
	for _, file := range []string{"single.template.json", "horizontal.template.json"} {
		b.Run(file[:6], func(b *testing.B) {
			a, s := Assumed(), setup(b, file)
			rates := make([]float64, 365*24*60)
			for i := range rates {
				rates[i] = float64(i%1440) / 1440 * 20
			}
			b.ReportAllocs()
			for b.Loop() {
				Run(s, rates, a, 1, func(*Minute) {})
			}
		})
	}
}
