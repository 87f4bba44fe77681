package diff

import (
	"encoding/json"

	"github.com/korakagazindia/provisioner/internal/schema"
)

// idChanges recognises refactors: what goes and what comes are the same type with the same properties, and for what holds
// something also with one property or two that differ.
func idChanges(m *move, h *found) {
	gone := map[string]*Change{}
	for _, c := range m.changes {
		if c.Action == Delete || c.Action == Retain {
			gone[fingerprint(c)] = c
		}
	}
	for _, c := range m.changes {
		if c.Action != Create {
			continue
		}
		old := gone[fingerprint(c)]
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
		h.on(c.ID, "it is %s under another logical id: a new one is made, %s", old.ID, loss)
	}
}

// fingerprint is a resource's type and properties; of a type that holds something the name alone counts when it has one.
func fingerprint(c *Change) string {
	r := c.Before
	if r == nil {
		r = c.After
	}
	if name := physicalName(r); name != "" && schema.NameProperty(r.Type) != "" {
		return r.Type + " named " + name
	}
	text, err := json.Marshal(r.Properties) // keys sorted
	if err != nil {
		return r.Type + " " + r.ID
	}
	return r.Type + string(text)
}
