// Package alarm judges a metric as CloudWatch does: N newest points, M of which must breach, with points that are missing.
// Sources: CloudWatch User Guide, "Using Amazon CloudWatch alarms", "Configuring how alarms treat missing data".
package alarm

import "math/bits"

// State of an alarm.
type State int

// The states; the zero value is a new alarm's.
const (
	Insufficient State = iota
	OK
	Alarm
)

// String is the state as CloudWatch writes it.
func (s State) String() string { return [...]string{"INSUFFICIENT_DATA", "OK", "ALARM"}[s] }

// Missing is how points that are missing count.
type Missing int

// The treatments; the zero value is CloudWatch's default.
const (
	AsMissing Missing = iota
	Ignore
	Breaching
	NotBreaching
)

// MissingOf is the treatment of that name in a template; false for one that CloudWatch does not have.
func MissingOf(name string) (Missing, bool) {
	m, ok := map[string]Missing{"": AsMissing, "missing": AsMissing, "ignore": Ignore, "breaching": Breaching, "notBreaching": NotBreaching}[name]
	return m, ok
}

// Rule is when an alarm goes off.
type Rule struct {
	// Periods is how many points are judged, Points how many of them must breach: 1 to MostPeriods.
	Periods, Points int
	Missing         Missing
	// Extra is how many older points take the place of missing ones. AWS says that it looks at more points than Periods, and
	// shows two more where Periods is 3.
	Extra int
}

// MostPeriods is the most points that a Window can judge.
const MostPeriods = 60

// Window holds the newest points of one metric. Its zero value has none.
type Window struct {
	real, breach uint64 // a bit each point, the newest in bit 0
}

// Add adds the newest point: one that breaches or not.
func (w *Window) Add(breaching bool) {
	w.real, w.breach = w.real<<1|1, w.breach<<1
	if breaching {
		w.breach |= 1
	}
}

// Skip adds a point that is missing.
func (w *Window) Skip() { w.real, w.breach = w.real<<1, w.breach<<1 }

// Judge is the state that the points make of an alarm that was in another one.
func (r Rule) Judge(w Window, was State) State {
	if all := mask(r.Periods); w.real&all == all { // the usual case
		return alarmIf(bits.OnesCount64(w.breach&all) >= r.Points)
	}
	real, breach := w.real&mask(r.Periods+r.Extra), w.breach&mask(r.Periods+r.Extra)
	for bits.OnesCount64(real) > r.Periods { // the newest ones count
		oldest := uint64(1) << (bits.Len64(real) - 1)
		real, breach = real&^oldest, breach&^oldest
	}
	return r.fill(real, breach, was)
}

// fill judges points of which some may be missing.
func (r Rule) fill(real, breach uint64, was State) State {
	there, breaching := bits.OnesCount64(real), bits.OnesCount64(breach)
	switch {
	case breaching >= r.Points:
		return Alarm
	case r.Missing == Breaching:
		return alarmIf(breaching+r.Periods-there >= r.Points)
	case r.Missing == NotBreaching || breaching < there || there == r.Periods:
		return OK
	case r.Missing == Ignore:
		return was
	case bits.Len64(breach&mask(r.Periods)) >= r.Points: // "premature": old enough, and all that is newer breaches or is missing
		return Alarm
	}
	return Insufficient
}

func alarmIf(breaching bool) State {
	if breaching {
		return Alarm
	}
	return OK
}

func mask(n int) uint64 { return 1<<n - 1 }
