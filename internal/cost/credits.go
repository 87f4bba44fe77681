package cost

import "strings"

// burst is how a T instance works: a baseline that is paid with its price, and more that is paid extra or not to be had.
type burst struct {
	cpus     float64 // vCPUs
	baseline float64 // % of each vCPU
	mode     any     // standard or unlimited, unless it is said otherwise
	price    string  // of a vCPU-hour above the baseline, in the price book
}

// burstable is how the instance type bursts; false for a type that does not. Figures: EC2 User Guide, "Key concepts for
// burstable performance instances", table of credits; default modes: "Burstable performance instances", "Unlimited mode".
func burstable(kind string) (burst, bool) {
	family, size, _ := strings.Cut(kind, ".")
	all := map[string]map[string]burst{
		"t2": {"nano": {cpus: 1, baseline: 5}, "micro": {cpus: 1, baseline: 10}, "small": {cpus: 1, baseline: 20},
			"medium": {cpus: 2, baseline: 20}, "large": {cpus: 2, baseline: 30}, "xlarge": {cpus: 4, baseline: 22.5},
			"2xlarge": {cpus: 8, baseline: 17}},
		"t3": {"nano": {cpus: 2, baseline: 5}, "micro": {cpus: 2, baseline: 10}, "small": {cpus: 2, baseline: 20},
			"medium": {cpus: 2, baseline: 20}, "large": {cpus: 2, baseline: 30}, "xlarge": {cpus: 4, baseline: 40},
			"2xlarge": {cpus: 8, baseline: 40}},
	}
	like := map[string]string{"t2": "t2", "t3": "t3", "t3a": "t3", "t4g": "t3"}[family]
	b, ok := all[like][size]
	b.mode, b.price = "unlimited", "ec2/credits-x86"
	switch family {
	case "t2":
		b.mode = "standard"
	case "t4g":
		b.price = "ec2/credits-arm"
	}
	return b, ok
}
