package simulate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/nearest"
)

// Assumptions is what no template says and what nobody but AWS, or the owners, can know. Start from Assumed.
type Assumptions struct {
	UsersPerVCPU, ThinkSeconds, FixedSeconds    float64
	SlowSeconds, QueueLimit                     float64
	DecisionSeconds, LaunchMedian, LaunchP95    float64
	BootMedian, BootP95, BootCPU                float64
	MetricDelay, ExtraPoints, WarmingCounts     float64
	LowFactor, GroupCheckSeconds, ThrottleRamp  float64
	SessionMinutes, StartCredits, DatabaseLimit float64
	BreakPercent, AppWarmSeconds, HealthWait    float64
	ServerRecovery                              float64
}

// Assumption is one of them: how it is called, its default, and where that comes from.
type Assumption struct {
	Name          string
	Of            func(*Assumptions) *float64
	Default       float64
	Least, Most   float64
	Unit          string
	What, Because string
}

// All lists them, in the order in which they are shown.
func All() []Assumption {
	return []Assumption{
		{"users-per-vcpu", func(a *Assumptions) *float64 { return &a.UsersPerVCPU }, 150, 1.001, 1e6, "users",
			"concurrent users that fill one vCPU", "the owners measured that one t2.micro holds 150"},
		{"think-seconds", func(a *Assumptions) *float64 { return &a.ThinkSeconds }, 10, 0.1, 3600, "s",
			"a user's pause between answer and next request", "not known of that measurement; with 150 users it makes 67 ms of CPU a request"},
		{"fixed-seconds", func(a *Assumptions) *float64 { return &a.FixedSeconds }, 0, 0, 60, "s",
			"of each answer: waiting for others, without CPU", "not measured"},
		{"slow-seconds", func(a *Assumptions) *float64 { return &a.SlowSeconds }, 1, 0.001, 60, "s",
			"from when on an answer counts as slow", "the guide's warning for response time"},
		{"queue-limit", func(a *Assumptions) *float64 { return &a.QueueLimit }, 511, 1, 1e6, "requests",
			"that wait on a node before it refuses more", "Node.js, server.listen: backlog, default 511"},
		{"decision-seconds", func(a *Assumptions) *float64 { return &a.DecisionSeconds }, 15, 0, 600, "s",
			"from a scaling action to its activity", "scaling activities published 2013-2026: 4 to 33 s"},
		{"launch-median", func(a *Assumptions) *float64 { return &a.LaunchMedian }, 35, 1, 3600, "s",
			"a launch until the group calls the node InService, half of them", "activities of 32 and 33 s; T2 with Ubuntu: not published"},
		{"launch-p95", func(a *Assumptions) *float64 { return &a.LaunchP95 }, 60, 1, 3600, "s",
			"the same, 19 of 20", "a guess beside it"},
		{"boot-median", func(a *Assumptions) *float64 { return &a.BootMedian }, 60, 1, 3600, "s",
			"from InService until the app listens, half of them", "an image that holds the app; with an installation at boot take 360"},
		{"boot-p95", func(a *Assumptions) *float64 { return &a.BootP95 }, 120, 1, 7200, "s",
			"the same, 19 of 20", "with an installation at boot take 600"},
		{"boot-cpu", func(a *Assumptions) *float64 { return &a.BootCPU }, 50, 0, 100, "%",
			"CPU of a node that boots", "not measured; it costs credits"},
		{"app-warm-seconds", func(a *Assumptions) *float64 { return &a.AppWarmSeconds }, 0, 0, 3600, "s",
			"for which a new app needs twice the CPU for a request", "not measured"},
		{"metric-delay", func(a *Assumptions) *float64 { return &a.MetricDelay }, 60, 0, 600, "s",
			"after which an alarm sees a minute's metric", "an alarm mail of 2019: 52 s; nothing published for Mumbai"},
		{"extra-points", func(a *Assumptions) *float64 { return &a.ExtraPoints }, 2, 0, 4, "points",
			"that an alarm looks at beyond its periods", "CloudWatch shows 5 for 3 of 3; others are not documented"},
		{"warming-counts", func(a *Assumptions) *float64 { return &a.WarmingCounts }, 0, 0, 1, "0 or 1",
			"whether nodes in warm-up count in the group's CPU", "the Auto Scaling guide says no; CloudWatch's own average may say yes"},
		{"low-factor", func(a *Assumptions) *float64 { return &a.LowFactor }, 70, 1, 100, "%",
			"of its target, below which target tracking removes nodes", "seven published alarms: 70; others 85 and 90"},
		{"group-check-seconds", func(a *Assumptions) *float64 { return &a.GroupCheckSeconds }, 45, 0, 600, "s",
			"until the group notices an unhealthy target", "not published"},
		{"throttle-ramp", func(a *Assumptions) *float64 { return &a.ThrottleRamp }, 0, 0, 60, "min",
			"over which CPU falls to the baseline when credits end", "AWS says gradually, and not how long"},
		{"health-wait", func(a *Assumptions) *float64 { return &a.HealthWait }, 10, 0, 100, "%",
			"of a request's time that a health check takes", "throttled Node.js has been seen to answer checks, and to fail them: try 0 and 100"},
		{"session-minutes", func(a *Assumptions) *float64 { return &a.SessionMinutes }, 15, 0.1, 10080, "min",
			"mean session; with sticky sessions a new node gets new ones only", "not measured"},
		{"start-credits", func(a *Assumptions) *float64 { return &a.StartCredits }, 0, 0, 100, "%",
			"of the most that can be earned, at the beginning", "machines are new: they have launch credits or nothing"},
		{"database-capacity", func(a *Assumptions) *float64 { return &a.DatabaseLimit }, 0, 0, 1e9, "requests/s",
			"at which the database is full; 0 for never", "it is outside the stack"},
		{"server-recovery", func(a *Assumptions) *float64 { return &a.ServerRecovery }, 600, 0, 86400, "s",
			"until a lost server is back", "a guess: EC2 recovers it after two failed minutes, and it boots"},
		{"break-percent", func(a *Assumptions) *float64 { return &a.BreakPercent }, 1, 0, 100, "%",
			"unserved in a minute, over which the stage breaks", "a choice"},
	}
}

// Assumed is what is assumed where nothing is said.
func Assumed() Assumptions {
	var a Assumptions
	for _, one := range All() {
		*one.Of(&a) = one.Default
	}
	return a
}

// Assume takes NAME=VALUE in.
func (a *Assumptions) Assume(pair string) error {
	name, text, _ := strings.Cut(pair, "=")
	var names []string
	for _, one := range All() {
		names = append(names, one.Name)
		if one.Name != name {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= one.Least && v <= one.Most) {
			return fmt.Errorf("--assume %q is not allowed: %s takes a number from %v to %v (%s)", pair, name, one.Least, one.Most, one.Unit)
		}
		*one.Of(a) = v
		return nil
	}
	return fmt.Errorf("--assume %q is not allowed: it takes NAME=VALUE, NAME one of %s%s",
		pair, strings.Join(names, ", "), nearest.Hint(name, names))
}

// Check reports what cannot be together.
func (a *Assumptions) Check() error {
	var faults []error
	for _, pair := range []struct {
		name       string
		median, p5 float64
	}{{"launch", a.LaunchMedian, a.LaunchP95}, {"boot", a.BootMedian, a.BootP95}} {
		if pair.p5 < pair.median {
			faults = append(faults, fmt.Errorf("--assume %s-p95=%v is not allowed: it takes at least %s-median, which is %v",
				pair.name, pair.p5, pair.name, pair.median))
		}
	}
	return errors.Join(faults...)
}

// Service is the CPU that a request needs, in seconds of a vCPU: so many users, each with one request and then a pause, fill
// one vCPU (a closed system: at its knee, users = (service + pause) / service).
func (a *Assumptions) Service() float64 { return a.ThinkSeconds / (a.UsersPerVCPU - 1) }

// Rate is the requests a second of so many concurrent users that do not wait.
func (a *Assumptions) Rate(users float64) float64 { return users / (a.ThinkSeconds + a.Service()) }

// Users is how many concurrent users make so many requests a second.
func (a *Assumptions) Users(rate float64) float64 { return rate * (a.ThinkSeconds + a.Service()) }
