package credits

import "github.com/korakagazindia/provisioner/internal/instancetype"

// Kind is an instance type with the figures by which its credits go.
type Kind struct {
	Type instancetype.Type
	// VCPUs is how many vCPUs it has.
	VCPUs float64
	// PerHour is the credits that it earns in an hour: what it may use for ever is PerHour/60 vCPUs. 0 for a type without
	// credits, which has all of its vCPUs for ever.
	PerHour float64
	// Launch is the credits that it has when it is launched or started in standard mode: 30 a vCPU, of T2 alone (EC2 User Guide,
	// "Standard mode concepts").
	Launch float64
	// Unlimited is its mode where none is said.
	Unlimited bool
}

// Of is the type of that name; false for one whose vCPUs are not known.
func Of(name string) (Kind, bool) {
	parsed, ok := instancetype.Parse(name)
	vcpus, known := parsed.VCPUs()
	k := Kind{Type: parsed, VCPUs: float64(vcpus)}
	burst, bursts := parsed.Burst()
	if bursts {
		k.PerHour, k.Unlimited = burst.BaselinePercent/100*k.VCPUs*60, burst.Unlimited
	}
	if bursts && parsed.Family == "t2" {
		k.Launch = 30 * k.VCPUs
	}
	return k, ok && known && bursts == parsed.Burstable()
}

// Limit is the most credits that it can keep of those that it earns: those of 24 hours.
func (k Kind) Limit() float64 { return 24 * k.PerHour }

// Baseline is the share of its processors that it may use for ever, from 0 to 1.
func (k Kind) Baseline() float64 {
	if k.PerHour == 0 {
		return 1
	}
	return k.PerHour / 60 / k.VCPUs
}
