package diff

import (
	"encoding/json"

	"github.com/korakagazindia/provisioner/internal/template"
)

// idChanges recognises refactors: what goes and what comes have the same type and the same properties or physical name.
func idChanges(m *move, h *found) {
	gone := map[string]*Change{}
	for _, c := range m.changes {
		if c.Action == Delete || c.Action == Retain {
			gone[fingerprint(m.from, c.Before)] = c
		}
	}
	for _, c := range m.changes {
		if c.Action != Create {
			continue
		}
		old := gone[fingerprint(m.to, c.After)]
		if old == nil || c.Type == recordType { // records have a hazard of their own
			continue
		}
		loss := "the old one is deleted"
		switch {
		case old.Action == Retain:
			loss = "the old one stays in the account, in no stack"
		case holds(c.Type):
			loss = "the old one is deleted with what it holds"
		}
		h.add(c.ID, "it is %s under another logical id: a new one is made, %s", old.ID, loss)
	}
}

// fingerprint is a resource's type and properties, or its type and physical name. What it refers to counts by its type, since
// a refactor often renames that too.
func fingerprint(t *template.Template, r *template.Resource) string {
	if name := physicalName(r); name != "" {
		return r.Type + " named " + name
	}
	text, err := json.Marshal(byType(t, r.Properties)) // keys sorted
	if err != nil {
		return r.Type + " " + r.ID
	}
	return r.Type + string(text)
}

// byType is value with each reference turned into what it refers to and which attribute, without the logical id.
func byType(t *template.Template, value any) any {
	if to, ok := template.Refers(value); ok {
		if r := t.Resource(to.ID); r != nil {
			return r.Type + "." + to.Attribute
		}
	}
	switch v := value.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, item := range v {
			m[key] = byType(t, item)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = byType(t, item)
		}
		return list
	}
	return value
}
