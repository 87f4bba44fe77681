package diff

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// compare is what happens to one resource, nil when nothing does. One of the two may be nil.
func compare(before, after *template.Resource) *Change {
	switch {
	case before == nil:
		return &Change{ID: after.ID, Type: after.Type, Action: Create, After: after}
	case after == nil && before.Retained():
		return &Change{ID: before.ID, Type: before.Type, Action: Retain, Before: before}
	case after == nil:
		return &Change{ID: before.ID, Type: before.Type, Action: Delete, Before: before}
	}
	c := &Change{ID: after.ID, Type: after.Type, Before: before, After: after}
	if before.Type != after.Type {
		c.Properties = []Property{{Path: "Type", From: before.Type, To: after.Type, Effect: schema.Replace}}
	} else {
		c.Properties = append(properties(before, after), attributes(before, after)...)
	}
	if len(c.Properties) == 0 {
		return nil
	}
	c.Action = worst(c.Properties)
	return c
}

// properties lists the differences of two resources of one type, by property name.
func properties(before, after *template.Resource) []Property {
	var all []Property
	for _, name := range union(before.Properties, after.Properties) {
		from, to := before.Properties[name], after.Properties[name]
		if equal(from, to) {
			continue
		}
		effect, why := effectOf(after, name, from, to)
		if effect == schema.MayReplace && why == "" {
			why = "the schema says that this may replace it, not when"
		}
		for _, p := range details(after.Type, name, from, to) {
			p.Effect, p.Why = effect, why
			if p.May = template.MayDiffer(p.From, p.To); p.May {
				p.Effect, p.Why = unsure(effect), reasons("whether it changes is known only when it is deployed", why)
			}
			all = append(all, readable(p))
		}
	}
	return all
}

// effectOf is what a change of a property does to a resource: as the schema and AWS's pages say, but for a group whose
// UpdatePolicy has it made anew with all its nodes where another group would replace its nodes only.
func effectOf(r *template.Resource, property string, from, to any) (schema.Effect, string) {
	effect, why := schema.Of(r.Type, property, from, to)
	if r.Type == cacheType && (property == "NumNodeGroups" || property == "NodeGroupConfiguration") {
		const page = " (AWS::ElastiCache::ReplicationGroup, Template Reference)"
		switch online := template.Get(r.UpdatePolicy, "UseOnlineResharding"); {
		case template.True(online):
			return schema.Update, "UseOnlineResharding: without interruption" + page
		case !template.Open(online):
			return schema.Replace, "without UseOnlineResharding it is replaced" + page
		}
	}
	if r.Type != groupType || !slices.Contains(newNodes, property) {
		return effect, why
	}
	const page = " (UpdatePolicy attribute, CloudFormation Template Reference)"
	switch anew := template.Get(r.UpdatePolicy, "AutoScalingReplacingUpdate", "WillReplace"); {
	case template.Open(anew), anew != nil && !template.True(anew) && !template.False(anew):
		return schema.MayReplace, "whether its UpdatePolicy replaces the group is known only when it is deployed" + page
	case template.True(anew):
		return schema.Replace, "WillReplace: a new group with all its nodes is made, then the old one goes" + page
	}
	return effect, why
}

// newNodes are the properties of a group whose change gives it new nodes, as its UpdatePolicy says (UpdatePolicy attribute,
// "Overview"; the page does not name the mix).
var newNodes = []string{"LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName", "VPCZoneIdentifier", "PlacementGroup"}

// unsure is the effect of what may change and may not.
func unsure(effect schema.Effect) schema.Effect {
	if effect == schema.Replace {
		return schema.MayReplace
	}
	return effect
}

// reasons puts reasons together, those that are there.
func reasons(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(why string) bool { return why == "" }), "; ")
}

// attributes lists the differences beside the properties: DependsOn, policies, metadata. CloudFormation takes note of them
// without touching the resource.
func attributes(before, after *template.Resource) []Property {
	var all []Property
	for _, name := range union(before.Raw, after.Raw) {
		from, to := before.Raw[name], after.Raw[name]
		if name == "DependsOn" {
			from, to = texts(before.DependsOn), texts(after.DependsOn)
		}
		if name == "Properties" || name == "Type" || equal(from, to) {
			continue
		}
		for _, p := range details("", name, from, to) {
			p = readable(p)
			p.Effect, p.Why = None, "CloudFormation takes note of it and touches nothing"
			if name == "Condition" {
				p.Effect, p.Why = schema.Unknown, "it decides whether the resource exists"
			}
			all = append(all, p)
		}
	}
	return all
}

// texts is a list as JSON has it, nil for an empty one.
func texts(list []string) any {
	var all []any
	for _, s := range list {
		all = append(all, s)
	}
	if all == nil {
		return nil
	}
	return all
}

// worst is the action that a resource's changed properties lead to.
func worst(properties []Property) Action {
	action := Update
	rank := map[Action]int{Update: 0, Interrupt: 1, Unknown: 2, MayReplace: 3, Replace: 4, Refuse: 5}
	for _, p := range properties {
		of := map[schema.Effect]Action{schema.Interrupt: Interrupt, schema.Unknown: Unknown, schema.MayReplace: MayReplace, schema.Replace: Replace, schema.Refuse: Refuse}[p.Effect]
		if rank[of] > rank[action] {
			action = of
		}
	}
	return action
}

// propagate adds to what refers to something that gets another value: a replaced resource has a new id and new attributes,
// a property that is also an attribute carries its change along, and what stands in other sections may decide anything.
func (m *move) propagate() {
	referrers := m.referrers()
	waiting := []string{}
	for _, r := range m.to.Resources {
		if m.byID[r.ID] != nil {
			waiting = append(waiting, r.ID)
		}
	}
	for _, name := range m.sectionNames() {
		for _, r := range referrers[name] {
			if m.follow(r, name, "changed", true) {
				waiting = append(waiting, r.resource.ID)
			}
		}
	}
	done := map[string]Action{}
	for len(waiting) > 0 {
		id := waiting[0]
		waiting = waiting[1:]
		c := m.byID[id]
		if done[id] == c.Action || c.Before == nil {
			continue
		}
		done[id] = c.Action
		for _, r := range referrers[id] {
			if word, may := moved(c, r.attribute); word != "" && m.follow(r, c.ID, word, may) {
				waiting = append(waiting, r.resource.ID)
			}
		}
	}
}

// referrer is a property that refers to a resource.
type referrer struct {
	resource            *template.Resource
	property, attribute string
}

func (m *move) referrers() map[string][]referrer {
	all := map[string][]referrer{}
	for _, r := range m.to.Resources {
		if m.from.Resource(r.ID) == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
			for _, reference := range append(template.References(r.Properties[name]), choosers(r.Properties[name])...) {
				all[reference.ID] = append(all[reference.ID], referrer{r, name, reference.Attribute})
			}
		}
		if condition, ok := r.Raw["Condition"].(string); ok {
			all[condition] = append(all[condition], referrer{r, "Condition", ""})
		}
	}
	return all
}

// moved says in a word why a reference to a changed resource (by Ref when attribute is "") has another value, "" when it
// has not, and whether it only may have. LatestVersionNumber counts what LaunchTemplateData has been.
func moved(c *Change, attribute string) (word string, may bool) {
	switch {
	case c.Action == Replace:
		return "replaced", false
	case attribute == "LatestVersionNumber" && c.Changes("LaunchTemplateData"):
		return "a new version", c.open("LaunchTemplateData")
	case attribute != "" && c.Changes(attribute) && c.Touched():
		return "changed", c.open(attribute)
	case c.Action == MayReplace:
		return "replaced", true
	}
	return "", false
}

// open reports whether all that changes of a property only may change.
func (c *Change) open(property string) bool {
	return !slices.ContainsFunc(c.Properties, func(p Property) bool { return top(p.Path) == property && !p.May })
}

// follow notes that a property changes, or may, because what it refers to does; false when that was known.
func (m *move) follow(r referrer, id, word string, may bool) bool {
	c := m.byID[r.resource.ID]
	if c == nil {
		c = &Change{ID: r.resource.ID, Type: r.resource.Type, Before: m.from.Resource(r.resource.ID), After: r.resource, Action: Update}
		m.byID[c.ID] = c
	}
	if c.Before == nil || c.Changes(r.property) {
		return false
	}
	to := template.Reference{ID: id, Attribute: r.attribute}.String()
	effect, why := effectOf(r.resource, r.property, r.resource.Properties[r.property], nil)
	is := "is " + word
	if may {
		effect, is, word = unsure(effect), "may be "+word, "may be "+word
	}
	c.Properties = append(c.Properties, Property{
		Path: r.property, From: to, To: to + " (" + word + ")", Effect: effect, Why: reasons(to+" "+is, why), Follows: id, May: may,
	})
	c.Action = worst(c.Properties)
	return true
}

// outputs lists the differences of the stack's outputs, and of the names under which other stacks import them.
func outputs(from, to *template.Template) []Property {
	var all []Property
	add := func(path string, a, b any) {
		if !equal(a, b) {
			all = append(all, Property{Path: path, From: template.Readable(a), To: template.Readable(b), Effect: None})
		}
	}
	for _, name := range union(from.Outputs, to.Outputs) {
		a, b := from.Outputs[name], to.Outputs[name]
		add(name, template.Get(a, "Value"), template.Get(b, "Value"))
		add(name+".Export.Name", template.Get(a, "Export", "Name"), template.Get(b, "Export", "Name"))
		add(name+".Condition", template.Get(a, "Condition"), template.Get(b, "Condition"))
	}
	return all
}

// union lists the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// equal compares two values as CloudFormation does: see template.Same. The CDK's engine does the same
// (@aws-cdk/cloudformation-diff, deepEqual), but takes two texts for equal that begin with the same number; here only whole
// texts count.
func equal(a, b any) bool { return template.Same(a, b) }

// details lists what differs within one property that differs, with the values as they are: down to the values that do,
// through maps and through lists of one length; whole where it has no such parts.
func details(resourceType, path string, from, to any) []Property {
	if rules, ok := ruleDetails(resourceType, path, from, to); ok {
		return rules
	}
	_, _, function := template.Function(from)
	_, _, functionToo := template.Function(to)
	if !function && !functionToo {
		from, to := emptyMap(from, to), emptyMap(to, from)
		if a, b, ok := pair[map[string]any](from, to); ok {
			var all []Property
			for _, key := range union(a, b) {
				if !equal(a[key], b[key]) {
					all = append(all, details(resourceType, path+"."+key, a[key], b[key])...)
				}
			}
			return all
		}
		if a, b, ok := pair[[]any](from, to); ok && len(a) == len(b) && !scalars(a) {
			var all []Property
			for i := range a {
				if !equal(a[i], b[i]) {
					all = append(all, details(resourceType, path+"["+strconv.Itoa(i)+"]", a[i], b[i])...)
				}
			}
			return all
		}
	}
	return []Property{{Path: path, From: from, To: to}}
}

// readable is a property with its values as a person reads them.
func readable(p Property) Property {
	p.From, p.To = template.Readable(p.From), template.Readable(p.To)
	return p
}

// emptyMap is value, or an empty map in place of nothing when the other value is a map with something in it: then what comes
// or goes is shown part by part.
func emptyMap(value, other any) any {
	if m, ok := other.(map[string]any); ok && value == nil && len(m) > 0 {
		return map[string]any{}
	}
	return value
}

func pair[T any](from, to any) (a, b T, ok bool) {
	a, isT := from.(T)
	b, isToo := to.(T)
	return a, b, isT && isToo
}

func scalars(list []any) bool {
	return !slices.ContainsFunc(list, func(v any) bool {
		switch v.(type) {
		case map[string]any, []any:
			return true
		}
		return false
	})
}

// top is the property that a path is in: LaunchTemplateData of LaunchTemplateData.ImageId.
func top(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}
