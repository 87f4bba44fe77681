package advise

import "github.com/korakagazindia/provisioner/internal/instancetype"

// MemoryGiB is the memory of a T instance, 0 for another type (EC2 instance types guide, general purpose: T2, T3, T3a, T4g).
func MemoryGiB(t instancetype.Type) float64 {
	if !t.Burstable() {
		return 0
	}
	return map[string]float64{"nano": 0.5, "micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}[t.Size]
}
