package plan

import "fmt"

// taking is how long a deploy takes, in minutes, and what of it is slow.
type taking struct {
	minutes int
	slow    string
}

// takes is how long a leg's deploy takes, as docs/durations.md counts. Nobody has timed these stacks on AWS.
func takes(l *Leg) taking {
	switch {
	case l.manner == climbs && l.To == Row(1):
		return taking{30, "the certificate, the balancer, the cache, two nodes at once"}
	case l.manner == begins, l.manner == descends && l.From == Row(last):
		return taking{15, "the server boots, installs and answers"}
	case l.manner == protects, l.manner == adopts:
		return taking{0, ""}
	case l.manner == resizes:
		return taking{5, "stop, change, start"}
	case l.manner == joins:
		return taking{5, "the instance profile"}
	case l.manner == shrinks, l.To == Row(last):
		return taking{10, "deregistration, then what is removed"}
	}
	return taking{5, "the change set, weights and record"}
}

func (t taking) words() string {
	if t.minutes == 0 {
		return ""
	}
	return fmt.Sprintf("about %d min: %s", t.minutes, t.slow)
}

// watchMinutes are for how long requests are watched beside a deploy: twice what it takes.
func watchMinutes(l *Leg) int { return max(10, 2*takes(l).minutes) }
