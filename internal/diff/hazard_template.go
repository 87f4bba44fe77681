package diff

import (
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/template"
)

// notUnderstood is the one hazard that is there when nothing changes: what is not read may have changed.
const notUnderstood = "not-understood"

// unread names each part of either template that is not understood, once.
func unread(m *move, h *found) {
	for _, u := range append(slices.Clone(m.from.Unread), m.to.Unread...) {
		if !slices.ContainsFunc(h.all, func(one finding.Finding) bool {
			return one.Subject == u.ID && strings.HasPrefix(one.Reason, u.What+" ")
		}) {
			h.add(u.ID, "%s is not understood", u.What)
		}
	}
}

// referenceMissing: "Unresolved resource dependencies" (AWS re:Post, "How do I resolve template validation or template format
// errors in CloudFormation?"). Where a part is not understood, it may make what is missing.
func referenceMissing(m *move, h *found) {
	if len(m.to.Unread) > 0 {
		return
	}
	for _, r := range m.to.Resources {
		missing := slices.Clone(r.DependsOn)
		for _, reference := range certainReferences(r.Properties) {
			missing = append(missing, reference.ID)
		}
		slices.Sort(missing)
		missing = slices.DeleteFunc(slices.Compact(missing), func(id string) bool {
			_, parameter := m.to.Parameters[id]
			return parameter || m.to.Resource(id) != nil
		})
		if len(missing) > 0 {
			h.add(r.ID, "%s: nothing of that name is made", commas(missing))
		}
	}
}

// certainReferences are those that stand whatever a condition decides that nobody knows.
func certainReferences(value any) []template.Reference {
	var all []template.Reference
	template.Walk(value, func(v any) bool {
		u, unknown := v.(*template.Unknown)
		if to, ok := template.Refers(v); ok && !strings.Contains(to.ID, "::") {
			all = append(all, to)
		}
		return !unknown || u.Name != "Fn::If"
	})
	return all
}

// conditionOpen: a resource whose condition rests on what nobody knows yet comes, stays or goes with it.
func conditionOpen(m *move, h *found) {
	for _, c := range m.changes {
		for _, r := range []*template.Resource{c.After, c.Before} {
			if r != nil && r.Raw["Condition"] != nil {
				h.add(c.ID, "whether the condition %s holds is known only when it is deployed", template.Text(r.Raw["Condition"]))
				break
			}
		}
	}
}

// protectedTooEarly: the CDK command line protects a stack before its first change set is executed, and deletes one whose
// creation failed before it tries again, without lifting the protection (aws-cdk 2.1148.1, deploy-stack).
func protectedTooEarly(m *move, h *found) {
	if len(m.from.Resources) == 0 && len(m.changes) > 0 && m.to.Protected {
		h.add("", "nothing of the stack stands yet, and terminationProtection is true")
	}
}

// exportChanges: CloudFormation refuses to change or remove an export that another stack imports (User Guide, "Get exported
// outputs from a deployed CloudFormation stack").
func exportChanges(m *move, h *found) {
	before, after := exports(m.from), exports(m.to)
	for _, name := range union(before, after) {
		old, was := before[name]
		now, is := after[name]
		switch {
		case was && !is:
			h.add("", "the export %s goes", name)
		case was && now.open && !old.open:
			h.add("", "whether the export %s goes is known only when it is deployed", name)
		case was && !equal(old.value, now.value):
			h.add("", "the export %s is %s and becomes %s", name, template.Text(old.value), template.Text(now.value))
		case was:
			for _, reference := range template.References(now.value) {
				if c := m.byID[reference.ID]; c != nil && c.Before != nil {
					if word, _ := moved(c, reference.Attribute); word != "" {
						h.add("", "the export %s follows %s, which is %s", name, c.ID, pastWord(c, word))
					}
				}
			}
		}
	}
}

// pastWord is what happened to a resource, or may have, in words.
func pastWord(c *Change, word string) string {
	if c.Action == MayReplace {
		return "replaced, perhaps"
	}
	return word
}

// export is what an output exports, and whether its condition is open.
type export struct {
	value any
	open  bool
}

// exports maps the name of each export to what it is.
func exports(t *template.Template) map[string]export {
	all := map[string]export{}
	for _, output := range t.Outputs {
		if name := template.Get(output, "Export", "Name"); name != nil {
			all[template.Text(name)] = export{template.Get(output, "Value"), template.Get(output, "Condition") != nil}
		}
	}
	return all
}
