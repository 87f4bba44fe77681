// Package credits keeps the CPU credits of one burstable instance as AWS accounts for them. One credit is one vCPU at 100 %
// for a minute. Sources: EC2 User Guide, "Standard mode concepts", "Unlimited mode concepts", "Monitor your CPU credits".
package credits

import "math"

// Account is an instance's credits. The zero value is that of an instance without credits: it has all its processors.
type Account struct {
	// Launch are the credits of its launch: spent first, never earned again.
	Launch float64
	// Earned are those that it has earned and not spent, at most those of 24 hours.
	Earned float64
	// Surplus are those that it has spent and not earned, in unlimited mode, at most those of 24 hours.
	Surplus float64
	// Charged are those on the bill.
	Charged float64

	earn, limit float64 // a minute; at most
	unlimited   bool
}

// New is the account of an instance just launched.
func New(k Kind, unlimited bool) Account {
	if k.PerHour == 0 {
		return Account{}
	}
	a := Account{earn: k.PerHour / 60, limit: k.Limit(), unlimited: unlimited}
	if !unlimited {
		a.Launch = k.Launch
	}
	return a
}

// Balance is what CloudWatch shows as CPUCreditBalance.
func (a *Account) Balance() float64 { return a.Launch + a.Earned }

// Allows is how much of its vCPUs the instance may use now: its baseline when a standard one has nothing left.
func (a *Account) Allows(vcpus float64) float64 {
	if a.earn == 0 || a.unlimited || a.Launch > 0 || a.Earned > 0 {
		return vcpus
	}
	return a.earn
}

// Holds is for how many minutes the instance may go on using so many vCPUs before what it may use, or what it pays with,
// changes. Infinite where that is for ever.
func (a *Account) Holds(use float64) float64 {
	switch net := use - a.earn; {
	case a.earn == 0:
		return math.Inf(1)
	case a.Launch > 0 && use > 0:
		return a.Launch / use
	case a.Launch > 0 || net <= 0:
		return math.Inf(1)
	case a.Earned > 0:
		return a.Earned / net
	}
	return math.Inf(1)
}

// Spend lets the instance use so many vCPUs for some minutes: at most what it Allows, and no longer than it Holds.
func (a *Account) Spend(use, minutes float64) {
	if a.earn == 0 {
		return
	}
	if a.Launch > 0 {
		a.Launch = rest(a.Launch - use*minutes)
		use = 0
	}
	net := (use - a.earn) * minutes
	if net <= 0 { // earnings pay what was spent before they were earned, and the rest is kept
		paid := min(a.Surplus, -net)
		a.Surplus -= paid
		a.Earned = min(a.limit, a.Earned-net-paid)
		return
	}
	own := min(a.Earned, net)
	a.Earned = rest(a.Earned - own)
	if !a.unlimited {
		return
	}
	a.Surplus += net - own
	if over := a.Surplus - a.limit; over > 0 {
		a.Surplus, a.Charged = a.limit, a.Charged+over
	}
}

// End is the instance's end, or its stop: what it has spent and not earned is charged at once.
func (a *Account) End() {
	a.Charged += a.Surplus
	a.Surplus, a.Launch, a.Earned = 0, 0, 0
}

// rest is what is left of credits: what arithmetic leaves of nothing is nothing.
func rest(credits float64) float64 {
	if credits < 1e-9 {
		return 0
	}
	return credits
}
