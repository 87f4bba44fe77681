package view

import "github.com/korakagazindia/provisioner/internal/diff"

// paired is a list of properties in which a rule that goes and one that comes in its place, and differs little, are one change:
// shown side by side, what differs is in sight.
func paired(properties []diff.Property) []diff.Property {
	var all []diff.Property
	taken := map[int]bool{}
	for i, p := range properties {
		if taken[i] {
			continue
		}
		if p.To == nil {
			if k := nearestComing(properties, i, taken); k >= 0 {
				taken[k] = true
				p.To = properties[k].To
			}
		}
		all = append(all, p)
	}
	return all
}

// nearestComing is which rule of the same property comes in place of one that goes: the one that shares most with it, half of
// it at least; -1 for none.
func nearestComing(properties []diff.Property, gone int, taken map[int]bool) int {
	best, most := -1, 0
	old := value(properties[gone].From)
	for k := gone + 1; k < len(properties) && properties[k].Path == properties[gone].Path; k++ {
		if taken[k] || properties[k].From != nil || properties[k].Why != properties[gone].Why {
			continue
		}
		fresh := value(properties[k].To)
		if same := shared(old, fresh); same > most && 2*same >= max(len(old), len(fresh)) {
			best, most = k, same
		}
	}
	return best
}

// shared is how much two texts have in common at their beginning and at their end.
func shared(a, b string) int {
	n := min(len(a), len(b))
	front := 0
	for front < n && a[front] == b[front] {
		front++
	}
	back := 0
	for back < n-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	return front + back
}
