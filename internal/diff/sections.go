package diff

import (
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/template"
)

// plainSections are those whose changes do nothing to a resource by themselves. What Outputs change is shown on its own.
var plainSections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Resources"}

// choosing are the sections that do nothing but choose values: what they choose is in the evaluated template.
var choosing = []string{"Parameters", "Mappings", "Conditions"}

// unseen reports whether a section's difference may change any resource, out of the template's sight.
func unseen(p Property) bool { return !slices.Contains(choosing, top(p.Path)) }

// sections lists what differs in the other sections of two templates: parameters, mappings, conditions, transforms, rules.
func sections(from, to *template.Template) []Property {
	var all []Property
	for _, name := range union(from.Raw, to.Raw) {
		a, b := from.Raw[name], to.Raw[name]
		if name == "Transform" {
			a, b = texts(from.Transforms()), texts(to.Transforms())
		}
		if name == "Conditions" {
			a, b = from.Conditions, to.Conditions
		}
		if slices.Contains(plainSections, name) || equal(a, b) {
			continue
		}
		if inner, innerToo, ok := pair[map[string]any](orEmpty(a), orEmpty(b)); ok {
			for _, key := range union(inner, innerToo) {
				if !equal(inner[key], innerToo[key]) {
					all = append(all, details("", name+"."+key, inner[key], innerToo[key])...)
				}
			}
			continue
		}
		all = append(all, details("", name, a, b)...)
	}
	for i := range all {
		all[i] = hidden(readable(all[i]), from, to)
		all[i].Effect, all[i].Why = None, "what refers to it is listed above"
	}
	return all
}

// hidden is a property without what is not to be shown: the default of a parameter with NoEcho.
func hidden(p Property, templates ...*template.Template) Property {
	steps := strings.Split(p.Path, ".")
	if len(steps) != 3 || steps[0] != "Parameters" || steps[2] != "Default" {
		return p
	}
	for _, t := range templates {
		if template.True(template.Get(t.Parameters, steps[1], "NoEcho")) {
			p.From, p.To = "(NoEcho)", "(NoEcho, another)"
		}
	}
	return p
}

func orEmpty(value any) any {
	if value == nil {
		return map[string]any{}
	}
	return value
}

// sectionNames lists the parameters, mappings and conditions that differ: what still refers to one could not be evaluated.
func (m *move) sectionNames() []string {
	var all []string
	for _, p := range m.sections {
		section, rest, _ := strings.Cut(p.Path, ".")
		name, what, _ := strings.Cut(rest, ".")
		told := section == "Parameters" && what != "Default" && what != "Type" && what != "" // its description, its limits
		if !told && !unseen(p) && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// choosers lists the mappings and conditions that a value is chosen by.
func choosers(value any) []template.Reference {
	var all []template.Reference
	template.Walk(value, func(v any) bool {
		if name, argument, ok := template.Function(v); ok && (name == "Fn::If" || name == "Fn::FindInMap") {
			if id, isText := template.Get(argument, 0).(string); isText {
				all = append(all, template.Reference{ID: id})
			}
		}
		return true
	})
	return all
}

// transformed: what a transform or a rule does with a template cannot be seen in it.
func transformed(m *move, h *found) {
	for _, p := range m.sections {
		if unseen(p) {
			h.add("", "the section %s differs, and may change any resource", top(p.Path))
		}
	}
}
