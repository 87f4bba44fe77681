package template

// truth is whether a condition holds. Its zero value is that nobody knows.
type truth int

const (
	unsure truth = iota
	yes
	no
)

func truthOf(holds bool) truth {
	if holds {
		return yes
	}
	return no
}

// holds is whether the condition of that name holds. One that refers to itself, or that is not there, nobody knows.
func (e *evaluation) holds(name string) truth {
	if known, ok := e.truths[name]; ok {
		return known
	}
	e.truths[name] = unsure // while it is looked at
	if condition, ok := e.conditions[name]; ok {
		e.truths[name] = e.judge(condition)
	}
	return e.truths[name]
}

// judge is whether a condition holds: with what nobody knows left out where the rest decides.
func (e *evaluation) judge(condition any) truth {
	if name, ok := Get(condition, "Condition").(string); ok {
		return e.holds(name)
	}
	name, argument, _ := Function(condition)
	all := List(argument)
	switch {
	case name == "Fn::Equals" && len(all) == 2:
		return e.equal(all[0], all[1])
	case name == "Fn::Not" && len(all) == 1:
		return map[truth]truth{yes: no, no: yes}[e.judge(all[0])]
	case name == "Fn::And" && len(all) > 0:
		return e.join(all, no)
	case name == "Fn::Or" && len(all) > 0:
		return e.join(all, yes)
	}
	return unsure
}

// settledConditions is every condition as a truth, or as what only the deployment tells.
func (e *evaluation) settledConditions() map[string]any {
	all := map[string]any{}
	for name, condition := range e.conditions {
		all[name] = e.expression(condition, e.holds(name))
	}
	return all
}

// expression is a condition in one spelling: a truth where it is known.
func (e *evaluation) expression(condition any, holds truth) any {
	if holds != unsure {
		return holds == yes
	}
	if other, ok := Get(condition, "Condition").(string); ok {
		return &Unknown{Name: "Condition", Argument: other}
	}
	name, argument, _ := Function(condition)
	if name == "Fn::Equals" {
		return &Unknown{Name: name, Argument: e.value(argument)}
	}
	var parts []any
	for _, each := range List(argument) {
		parts = append(parts, e.expression(each, e.judge(each)))
	}
	return &Unknown{Name: name, Argument: parts}
}

// join is the one verdict that decides, when one of all has it, and the other when all have that.
func (e *evaluation) join(all []any, decides truth) truth {
	verdict := map[truth]truth{yes: no, no: yes}[decides]
	for _, each := range all {
		switch e.judge(each) {
		case decides:
			return decides
		case unsure:
			verdict = unsure
		}
	}
	return verdict
}

func (e *evaluation) equal(a, b any) truth {
	before := e.judging
	e.judging = true
	a, b = e.value(a), e.value(b)
	e.judging = before
	if same := Text(a) == Text(b); same || Known(a) && Known(b) {
		return truthOf(same)
	}
	return unsure
}
