package simulate

import (
	"fmt"
	"strings"
)

// Verdict says in one sentence what became of users: where and why it breaks first, or how well all are served. Clock says
// when a minute is.
func (r *Result) Verdict(s *Setup, a Assumptions, clock func(minute int) string) string {
	switch {
	case r.Asked == 0:
		return "nobody asks for anything"
	case len(r.Breaks) > 0:
		return "breaks on " + clock(r.Breaks[0].From) + ": " + r.Breaks[0].why(s, a, clock) + r.again()
	case r.P95 > a.SlowSeconds:
		return fmt.Sprintf("serves all, slowly: one answer in twenty takes over %.1f s", r.P95)
	case r.UsersSlow >= r.Users/1000:
		return fmt.Sprintf("serves all, %.1f %% of them slowly; the worst minute is on %s", 100*r.UsersSlow/r.Users, clock(r.WorstAt))
	case r.Unserved >= r.Asked/1e5:
		return fmt.Sprintf("serves all but %s %% of the requests", brief(100*r.Unserved/r.Asked))
	}
	return fmt.Sprintf("serves all in time: one answer in twenty takes over %.2f s", r.P95)
}

// why is the cause of a break: the first that fits.
func (b Break) why(s *Setup, a Assumptions, clock func(minute int) string) string {
	var said []string
	switch {
	case b.Database:
		said = append(said, fmt.Sprintf("the database is full at %v requests a second", a.DatabaseLimit))
	case b.Serving == 0:
		said = append(said, "no machine serves")
	case b.Starving > 0:
		said = append(said, counted(b.Starving, s)+" "+starve(b.Starving)+" of CPU credits")
	case b.Coming > 0:
		said = append(said, fmt.Sprintf("%s %s full while %d more %s", counted(b.Serving, s), are(b.Serving), b.Coming, start(b.Coming)))
	case b.Most:
		said = append(said, fmt.Sprintf("all %d nodes that it may have are full", b.Serving))
	default:
		said = append(said, counted(b.Serving, s)+" "+are(b.Serving)+" full")
	}
	if b.Removed > 0 {
		said = append(said, fmt.Sprintf("the policy removes %s, the first on %s", counted(b.Removed, s), clock(b.RemovedAt)))
	}
	if b.Replaced > 0 {
		said = append(said, fmt.Sprintf("health checks replace %s", counted(b.Replaced, s)))
	}
	return strings.Join(said, ", and ")
}

// again says how often it breaks besides the first time.
func (r *Result) again() string {
	switch n := len(r.Breaks) - 1; n {
	case 0:
		return ""
	case 1:
		return "; it breaks once more"
	default:
		return fmt.Sprintf("; it breaks %d more times", n)
	}
}

func counted(n int, s *Setup) string {
	switch {
	case s.Fleet == nil:
		return "the server"
	case n == 1:
		return "1 node"
	}
	return fmt.Sprintf("%d nodes", n)
}

func starve(n int) string {
	if n == 1 {
		return "starves"
	}
	return "starve"
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func start(n int) string {
	if n == 1 {
		return "starts"
	}
	return "start"
}

// brief is a number with as many digits as it needs to be told from nothing.
func brief(v float64) string {
	if v < 0.095 {
		return fmt.Sprintf("%.1g", v)
	}
	return fmt.Sprintf("%.1f", v)
}
