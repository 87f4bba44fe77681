package diff

// Step is what CloudFormation does at once; the next step waits for it.
type Step struct {
	CleanUp bool
	Items   []Item
}

// Item is one resource in a step. A replaced one comes twice: made in its place, and its old one deleted in the clean-up.
type Item struct {
	ID     string
	Action Action
}

// sequence is creates and updates by dependency, then the clean-up, which runs when all of that has succeeded (User Guide,
// "Understand update behaviors of stack resources"). What stays untouched takes no step.
func (m *move) sequence() []Step {
	steps := m.makes()
	cleanUp := m.cleanUp()
	for i := range cleanUp {
		steps = append(steps, cleanUp[len(cleanUp)-1-i])
	}
	return steps
}

func (m *move) makes() []Step {
	return m.steps(false, m.to.Order(), func(id string) Action {
		if c := m.byID[id]; c != nil && c.Touched() {
			return c.Action
		}
		return ""
	}, func(id string) []string { return m.to.DependsOn(m.to.Resource(id)) })
}

// cleanUp is in the order in which the old ones were made; the clean-up goes backwards.
func (m *move) cleanUp() []Step {
	return m.steps(true, m.from.Order(), func(id string) Action {
		switch c := m.byID[id]; {
		case c == nil:
			return ""
		case c.Action == Delete, c.Action == Retain:
			return c.Action
		case c.Action == Replace && keepsOld(c):
			return Retain
		case c.Action == Replace:
			return Delete
		}
		return ""
	}, func(id string) []string { return m.from.DependsOn(m.from.Resource(id)) })
}

// keepsOld says whether the old one of a replaced resource stays in the account. Which template's policy counts when the two
// differ is not documented, so both have to say it.
func keepsOld(c *Change) bool {
	return c.Before.UpdateReplacePolicy == "Retain" && c.After.UpdateReplacePolicy == "Retain"
}

// steps groups what has an action by how many such resources it has to wait for, one behind the other.
func (m *move) steps(cleanUp bool, order []string, action func(id string) Action, needs func(id string) []string) []Step {
	var steps []Step
	depth := map[string]int{}
	for _, id := range order {
		at := 0
		for _, need := range needs(id) {
			after := depth[need]
			if action(need) != "" {
				after++
			}
			at = max(at, after)
		}
		depth[id] = at
		if what := action(id); what != "" {
			for len(steps) <= at {
				steps = append(steps, Step{CleanUp: cleanUp})
			}
			steps[at].Items = append(steps[at].Items, Item{id, what})
		}
	}
	return steps
}
