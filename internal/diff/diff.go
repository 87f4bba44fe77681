// Package diff says what CloudFormation will do when a stack moves from one template to another: to which resources, in
// which order, with how long an outage, and with which hazards.
package diff

import (
	"fmt"
	"slices"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Action is what happens to a resource.
type Action string

// All actions. Interrupted is a pause of the resource itself; whether users notice is Diff.Downtime's to say.
const (
	Create     Action = "create"
	Update     Action = "update"
	Interrupt  Action = "interrupt"
	MayReplace Action = "mayReplace" // replaced, under conditions that the template does not show
	Replace    Action = "replace"
	Delete     Action = "delete"
	Retain     Action = "retain" // leaves the stack, stays in the account
	Refuse     Action = "refuse" // CloudFormation does not update it: the deploy fails
	Unknown    Action = "unknown"
)

// replaced reports whether a new resource is made in the old one's place, for certain or maybe.
func (c *Change) replaced() bool { return c.Action == Replace || c.Action == MayReplace }

// None is the effect of what CloudFormation writes down without touching the resource, such as DependsOn.
const None schema.Effect = "none"

// Property is one changed property, or one changed rule of a policy or a security group.
type Property struct {
	Path   string // such as LaunchTemplateData.ImageId
	From   any    // nil when it is added
	To     any    // nil when it is removed
	Effect schema.Effect
	Why    string // "" when the schema alone decides
	May    bool   // whether it changes at all is known only when it is deployed

	// Follows is the logical id of the resource whose change gives this property another value, "" when its own text differs.
	Follows string
}

// Top returns the property that it is in: LaunchTemplateData of LaunchTemplateData.ImageId.
func (p Property) Top() string { return top(p.Path) }

// Change is what happens to one resource. Before or After is nil where it is not in that template.
type Change struct {
	ID, Type      string
	Action        Action
	Properties    []Property // of what changes in place or replaces; none for what comes or goes
	Before, After *template.Resource

	// Keeps is true of a replaced resource whose old one stays in the account, in no stack: its UpdateReplacePolicy says so.
	Keeps bool
}

// Touched reports whether CloudFormation does anything to the resource, as opposed to only taking note.
func (c *Change) Touched() bool {
	if c.Action != Update {
		return true
	}
	for _, p := range c.Properties {
		if p.Effect != None {
			return true
		}
	}
	return false
}

// Changes reports whether one of these properties changes, whatever is below it.
func (c *Change) Changes(properties ...string) bool {
	for _, p := range c.Properties {
		for _, name := range properties {
			if top(p.Path) == name {
				return true
			}
		}
	}
	return false
}

// Diff is the whole move.
type Diff struct {
	From, To string // what a person calls the two sides
	Changes  []*Change
	Outputs  []Property // of the stack's outputs
	Sections []Property // of parameters, mappings, conditions, transforms and rules, where anything changes
	Sequence []Step
	Downtime Downtime
	Return   string // the last point from which the way back is a number
	Hazards  []finding.Finding
	Other    string // the stack that stays as it is, "" where both sides are one stack
}

// Empty reports whether nothing changes.
func (d *Diff) Empty() bool {
	return len(d.Changes) == 0 && len(d.Outputs) == 0 && len(d.Sections) == 0
}

// Compare compares two templates: of one stack, or of two, where the other stays and the new one is made.
func Compare(from, to *template.Template) *Diff {
	m := newMove(from, to)
	d := &Diff{Changes: m.changes, Outputs: outputs(m.from, to), Sections: m.sections}
	if m.other != nil {
		d.Other = fmt.Sprintf("%s in %s", m.other.Stack, m.other.Region)
	}
	d.Sequence = m.sequence()
	d.Downtime = m.downtime()
	d.Return = m.wayBack()
	d.Hazards = m.hazards()
	return d
}

// move is two templates and what differs, as the parts of a Diff need it.
type move struct {
	from, to *template.Template
	other    *template.Template // the stack that stays, nil where both sides are one; from is empty then
	changes  []*Change
	sections []Property // see Diff
	byID     map[string]*Change
	before   *traffic
	after    *traffic
}

func newMove(from, to *template.Template) *move {
	var other *template.Template
	if from.Stack != "" && to.Stack != "" && (from.Stack != to.Stack || from.Region != to.Region) {
		from, other = &template.Template{}, from
	}
	m := &move{from: from, to: to, other: other, byID: map[string]*Change{}, before: trafficOf(from), after: trafficOf(to), sections: sections(from, to)}
	for _, r := range to.Resources {
		m.add(compare(from.Resource(r.ID), r))
	}
	m.propagate()
	for _, r := range from.Resources {
		if to.Resource(r.ID) == nil {
			m.add(compare(r, nil))
		}
	}
	m.inOrder()
	if len(m.changes) == 0 && len(outputs(from, to)) == 0 && !slices.ContainsFunc(m.sections, unseen) {
		m.sections = nil // what is chosen by them is the same
	}
	return m
}

func (m *move) add(c *Change) {
	if c != nil {
		m.byID[c.ID] = c
	}
}

// inOrder lists the changes in the order of the new template's file, then what leaves in that of the old one's.
func (m *move) inOrder() {
	for _, r := range m.to.Resources {
		if c := m.byID[r.ID]; c != nil {
			c.Keeps = c.replaced() && keepsOld(c)
			m.changes = append(m.changes, c)
		}
	}
	for _, r := range m.from.Resources {
		if c := m.byID[r.ID]; c != nil && c.After == nil {
			m.changes = append(m.changes, c)
		}
	}
}

// of lists the changes of resources of one of these types.
func (m *move) of(types ...string) []*Change {
	var all []*Change
	for _, c := range m.changes {
		for _, t := range types {
			if c.Type == t {
				all = append(all, c)
			}
		}
	}
	return all
}
