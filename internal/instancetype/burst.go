package instancetype

// Burst is how a T instance works: a baseline that is paid with its price, and more that is paid extra or not to be had.
type Burst struct {
	VCPUs int
	// BaselinePercent is of each virtual CPU.
	BaselinePercent float64
	// Unlimited reports whether more is paid extra unless it is said otherwise.
	Unlimited bool
}

// Burstable reports whether the type earns CPU credits: T2, T3, T3a and T4g do (EC2 User Guide, "Burstable performance
// instances").
func (t Type) Burstable() bool { return baselines[t.Family] != nil }

// Burst is how the type bursts, false for a type that does not, or for a size that does not exist. Default modes: EC2 User
// Guide, "Burstable performance instances", "Unlimited mode".
func (t Type) Burst() (Burst, bool) {
	baseline, known := baselines[t.Family][t.Size]
	cpus, _ := t.VCPUs()
	return Burst{VCPUs: cpus, BaselinePercent: baseline, Unlimited: t.Family != "t2"}, known
}

// t3 are the baselines of T3, T3a and T4g.
var t3 = map[string]float64{"nano": 5, "micro": 10, "small": 20, "medium": 20, "large": 30, "xlarge": 40, "2xlarge": 40}

// baselines are the percents of each virtual CPU that a type earns, by family and size (EC2 User Guide, "Key concepts for
// burstable performance instances", table of credits).
var baselines = map[string]map[string]float64{
	"t2":  {"nano": 5, "micro": 10, "small": 20, "medium": 20, "large": 30, "xlarge": 22.5, "2xlarge": 17},
	"t3":  t3,
	"t3a": t3,
	"t4g": t3,
}
