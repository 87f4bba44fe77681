// Package simulate replays demand against what a template says: machines with their CPU credits, alarms, scaling policies and
// health checks. docs/simulate.md says what the model rests on and what nobody knows.
package simulate

import (
	"github.com/korakagazindia/provisioner/internal/alarm"
	"github.com/korakagazindia/provisioner/internal/credits"
)

// Setup is what a template says, as far as it matters to users. Durations are in seconds.
type Setup struct {
	// Server is the one server, nil for none, and ServerShare the share of the requests that it gets, from 0 to 1.
	Server      *Machine
	ServerShare float64
	// Fleet is the Auto Scaling group, nil for none.
	Fleet *Fleet
	// Happens is what happens, whatever users do; no template says it.
	Happens []Happening
	// Patience is after how long an answer comes too late: the balancer's idle timeout.
	Patience float64
}

// Serving is what serves users: the server, or a node of the fleet where the server has no share of them.
func (s *Setup) Serving() Machine {
	if s.Server != nil && (s.ServerShare > 0 || s.Fleet == nil) {
		return *s.Server
	}
	return s.Fleet.Machine
}

// Machine is what an instance is launched from.
type Machine struct {
	Type      credits.Kind
	Unlimited bool
	// Detailed is whether it reports its CPU every minute; otherwise it does so every five.
	Detailed bool
}

// Fleet is an Auto Scaling group and the targets behind the balancer.
type Fleet struct {
	Name             string
	Machine          Machine
	Min, Max, Start  int
	Cooldown         float64
	Warmup           float64
	Grace            float64
	ByBalancer       bool // the balancer's health check ends nodes too
	Check            Check
	Drain            float64
	SlowStart        float64
	Sticky           bool // clients stay with their node
	InService        int  // nodes that a deploy leaves in service
	LeastOutstanding bool
	Zones            int
	Policies         []Policy
	Unmodelled       []string // what of the scaling is not simulated
}

// Check is the balancer's health check of a target.
type Check struct {
	Interval, Timeout  float64
	Healthy, Unhealthy int
}

// Kind of a scaling policy.
type Kind int

// The kinds of scaling policies.
const (
	Simple Kind = iota
	Stepped
	Tracking
)

// Policy is a scaling policy with the alarms that start it.
type Policy struct {
	Name       string
	Kind       Kind
	Adjustment Adjustment
	Steps      []Step // of a stepped one; one alone, without bounds, of a simple one
	Cooldown   float64
	Target     float64
	NoScaleIn  bool
	Alarms     []Alarm
}

// Adjustment is what a policy's numbers mean.
type Adjustment int

// The adjustments.
const (
	Change Adjustment = iota
	Percent
	Exact
)

// Step is by how much the capacity changes where a metric lies between two bounds, relative to the alarm's threshold.
type Step struct {
	Lower, Upper float64 // infinite for none
	By           float64
}

// Metric is what an alarm watches.
type Metric int

// The metrics that scaling alarms may watch.
const (
	CPU      Metric = iota // the group's average CPUUtilization
	Requests               // RequestCountPerTarget
)

// Alarm is one that starts a policy.
type Alarm struct {
	Name      string
	Metric    Metric
	Rule      alarm.Rule
	Period    int // minutes
	Threshold float64
	Compare   Comparison
}

// Comparison is an alarm's operator.
type Comparison string

// breaches reports whether a value breaches.
func (a *Alarm) breaches(v float64) bool {
	switch a.Compare {
	case "GreaterThanThreshold":
		return v > a.Threshold
	case "GreaterThanOrEqualToThreshold":
		return v >= a.Threshold
	case "LessThanThreshold":
		return v < a.Threshold
	}
	return v <= a.Threshold
}

// Without is the setup without its scaling policies and without replacing nodes: it stays what it is.
func (s Setup) Without() Setup {
	if s.Fleet != nil {
		fleet := *s.Fleet
		fleet.Policies, fleet.ByBalancer = nil, false
		s.Fleet = &fleet
	}
	return s
}
