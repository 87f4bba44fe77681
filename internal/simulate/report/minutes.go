package report

import "github.com/korakagazindia/provisioner/internal/simulate"

// Minutes is what is seen of every minute, in 4 bytes a figure: a year of one stage takes 23 MB.
type Minutes struct {
	Rate, Unserved, Slow, P50, P95, Shown, Felt, Credits, Running, Serving, Can, Charged []float32
}

// NewMinutes has room for so many.
func NewMinutes(count int) *Minutes {
	m := &Minutes{}
	for _, list := range m.lists() {
		*list = make([]float32, 0, count)
	}
	return m
}

func (m *Minutes) lists() []*[]float32 {
	return []*[]float32{&m.Rate, &m.Unserved, &m.Slow, &m.P50, &m.P95, &m.Shown, &m.Felt, &m.Credits, &m.Running, &m.Serving, &m.Can, &m.Charged}
}

// Add takes in a minute.
func (m *Minutes) Add(n *simulate.Minute) {
	for i, v := range [...]float64{n.Rate, n.Unserved, n.Slow, n.P50, n.P95, n.Shown, n.Felt, n.Credits, n.Running, n.Serving, n.Can, n.Charged} {
		list := m.lists()[i]
		*list = append(*list, float32(v))
	}
}
