package diff

import "github.com/korakagazindia/provisioner/internal/schema"

// Step is what CloudFormation does at once; the next step waits for it.
type Step struct {
	CleanUp bool
	Items   []Item
}

// Item is one resource in a step. A replaced one comes twice: made in its place, and its old one deleted in the clean-up, or,
// of the types that delete first, in the step before.
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
	return m.steps(false, m.to.Order(), func(id string) []Action {
		switch c := m.byID[id]; {
		case c == nil || !c.Touched():
			return nil
		case deletesFirst(c):
			return []Action{Delete, Replace}
		default:
			return []Action{c.Action}
		}
	}, func(id string) []string { return m.to.DependsOn(m.to.Resource(id)) })
}

// cleanUp is in the order in which the old ones were made; the clean-up goes backwards.
func (m *move) cleanUp() []Step {
	return m.steps(true, m.from.Order(), func(id string) []Action {
		switch c := m.byID[id]; {
		case c == nil || deletesFirst(c):
			return nil
		case c.Action == Delete, c.Action == Retain:
			return []Action{c.Action}
		case c.replaced() && keepsOld(c):
			return []Action{Retain}
		case c.Action == Replace:
			return []Action{Delete}
		case c.Action == MayReplace:
			return []Action{MayReplace}
		}
		return nil
	}, func(id string) []string { return m.from.DependsOn(m.from.Resource(id)) })
}

// keepsOld reports whether the old one of a replaced resource stays in the account. Which template's policy counts when the
// two differ is not documented, so both have to say it.
func keepsOld(c *Change) bool {
	return c.Before.UpdateReplacePolicy == "Retain" && c.After.UpdateReplacePolicy == "Retain"
}

// deletesFirst reports whether the old one of a replaced resource goes before the new one is made. What becomes of one that
// is to be retained is not documented.
func deletesFirst(c *Change) bool {
	return c.Action == Replace && schema.DeletesFirst(c.Type) && !keepsOld(c)
}

// steps groups what has an action by how many such resources it has to wait for, one behind the other.
func (m *move) steps(cleanUp bool, order []string, actions func(id string) []Action, needs func(id string) []string) []Step {
	var steps []Step
	depth := map[string]int{}
	for _, id := range order {
		at := 0
		for _, need := range needs(id) {
			after := depth[need]
			if len(actions(need)) > 0 {
				after++
			}
			at = max(at, after)
		}
		depth[id] = at
		for i, action := range actions(id) {
			depth[id] = at + i
			for len(steps) <= at+i {
				steps = append(steps, Step{CleanUp: cleanUp})
			}
			steps[at+i].Items = append(steps[at+i].Items, Item{id, action})
		}
	}
	return steps
}
