package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/nearest"
)

// build makes the template of decoded data, evaluated with what is given. All faults are reported, joined: those that
// CloudFormation refuses too. What is only not understood is in Unread.
func build(raw map[string]any, order []string, given Given) (*Template, error) {
	t := &Template{Raw: raw, Outputs: map[string]any{}, Stack: given.Stack, byID: map[string]*Resource{}}
	var faults []error
	section := func(name string) map[string]any {
		value, err := object(raw, name)
		faults = append(faults, err)
		return value
	}
	resources := section("Resources")
	if raw["Resources"] == nil {
		faults = append(faults, errors.New("not a template: it has no Resources"))
	}
	t.Parameters = section("Parameters")
	section("Conditions")
	faults = append(faults, given.allowed(t.Parameters))
	e := evaluate(raw, given)
	t.Region = e.given.Region
	resources, order = e.unrolled("Resources", resources, order)
	faults = append(faults, e.fillResources(t, resources, order))
	e.outputs(t, section("Outputs"))
	t.Conditions, t.Unread = e.settledConditions(), e.unread
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return t, nil
}

// fillResources evaluates the resources that are made.
func (e *evaluation) fillResources(t *Template, resources map[string]any, order []string) error {
	for _, id := range order {
		e.resources[id] = e.made(resources[id]) != no
	}
	var faults []error
	for _, id := range order {
		if t.byID[id] != nil || !e.resources[id] {
			continue // written twice: the last one counts, as for everyone who reads JSON
		}
		if strings.HasPrefix(id, "Fn::") {
			e.skip("", unreadFunction(id, resources[id])+" in Resources")
			continue
		}
		r, err := e.resource(id, resources[id])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		r.place = len(t.Resources)
		t.Resources = append(t.Resources, r)
		t.byID[id] = r
	}
	return errors.Join(faults...)
}

// made is whether the condition of a resource or an output holds.
func (e *evaluation) made(value any) truth {
	m, _ := value.(map[string]any)
	condition, conditional := m["Condition"]
	if !conditional {
		return yes
	}
	if name, ok := condition.(string); ok {
		return e.holds(name)
	}
	return unsure
}

// outputs evaluates the outputs that are made.
func (e *evaluation) outputs(t *Template, outputs map[string]any) {
	outputs, names := e.unrolled("Outputs", outputs, nil)
	for _, name := range names {
		if e.at = ""; strings.HasPrefix(name, "Fn::") {
			e.skip("", unreadFunction(name, outputs[name])+" in Outputs")
			continue
		}
		if made := e.made(outputs[name]); made != no {
			t.Outputs[name] = settled(e.value(outputs[name]), made)
		}
	}
}

// settled is a resource or an output without a condition that holds for certain.
func settled(value any, made truth) any {
	if m, ok := value.(map[string]any); ok && made == yes {
		delete(m, "Condition")
	}
	return value
}

// resource evaluates one resource. What a function is in place of stays unknown; what CloudFormation refuses is a fault.
func (e *evaluation) resource(id string, value any) (*Resource, error) {
	if _, ok := value.(map[string]any); !ok {
		return nil, fmt.Errorf("resource %s must be a map", id)
	}
	e.at = id
	defer func() { e.at = "" }()
	raw, ok := settled(e.value(value), e.made(value)).(map[string]any)
	if !ok { // made by a function as a whole
		raw = map[string]any{"Type": e.value(value)}
	}
	r := &Resource{ID: id, Raw: raw, CreationPolicy: raw["CreationPolicy"], UpdatePolicy: raw["UpdatePolicy"]}
	var faults []error
	text := func(name string) string {
		text, err := word(raw, name)
		faults = append(faults, inResource(id, err))
		return text
	}
	if other, mapped := raw["Type"].(map[string]any); mapped { // of another tool, such as {"Rain::Module": ...}
		raw["Type"] = Text(other)
		e.skip(id, "the type "+Text(other))
	}
	r.Type, r.DeletionPolicy, r.UpdateReplacePolicy = text("Type"), text("DeletionPolicy"), text("UpdateReplacePolicy")
	for _, name := range []string{"CreationPolicy", "UpdatePolicy", "Properties"} {
		m, err := part(raw, name)
		r.Properties, faults = m, append(faults, inResource(id, err))
	}
	if r.DependsOn = e.dependencies(raw); raw["DependsOn"] != nil {
		raw["DependsOn"] = anyOf(r.DependsOn)
	}
	if _, module := strings.CutSuffix(r.Type, "::MODULE"); module {
		e.skip(id, "the module "+r.Type)
	}
	return r, errors.Join(faults...)
}

// inResource reports which resource has a fault, nil of nil.
func inResource(id string, fault error) error {
	if fault == nil {
		return nil
	}
	return fmt.Errorf("resource %s: %w", id, fault)
}

// word is the text that is called name in a resource, a function's Text where it is unknown.
func word(raw map[string]any, name string) (string, error) {
	text, ok := raw[name].(string)
	if u, unknown := raw[name].(*Unknown); unknown {
		return Text(u), nil
	}
	if raw[name] != nil && !ok {
		return "", fmt.Errorf("%s must be text", name)
	}
	return text, nil
}

// part is the map that is called name in a resource; where a function is in its place, all in it is that function.
func part(raw map[string]any, name string) (map[string]any, error) {
	if u, unknown := raw[name].(*Unknown); unknown {
		return map[string]any{transformKey: u}, nil
	}
	return object(raw, name)
}

// dependencies lists what a resource names in DependsOn and what is made, sorted, each once.
func (e *evaluation) dependencies(raw map[string]any) []string {
	var all []string
	Walk(raw["DependsOn"], func(each any) bool { // both, where a condition that nobody knows chooses
		id, ok := each.(string)
		if made, there := e.resources[id]; ok && (made || !there) && e.conditions[id] == nil {
			all = append(all, id)
		}
		return true
	})
	slices.Sort(all)
	return slices.Compact(all)
}

func anyOf(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// object is the map that is called name in m: nil when there is none, an error when it is something else.
func object(m map[string]any, name string) (map[string]any, error) {
	value, ok := m[name].(map[string]any)
	if m[name] != nil && !ok {
		return nil, fmt.Errorf("%s must be a map", name)
	}
	return value, nil
}

// allowed refuses a value that its parameter does not take.
func (g Given) allowed(parameters map[string]any) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(g.Parameters)) {
		var choices []string
		for _, each := range List(Get(parameters[name], "AllowedValues")) {
			choices = append(choices, Text(each))
		}
		if value := g.Parameters[name]; len(choices) > 0 && !slices.Contains(choices, value) {
			faults = append(faults, fmt.Errorf("parameter %s: %q is not allowed: it takes %s%s",
				name, value, strings.Join(choices, ", "), nearest.Hint(value, choices)))
		}
	}
	return errors.Join(faults...)
}

// Names lists the parameters of a template, sorted.
func (t *Template) Names() []string { return slices.Sorted(maps.Keys(t.Parameters)) }
