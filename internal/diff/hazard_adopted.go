package diff

import (
	"slices"

	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// adoptedID is the id of the instance that a server was adopted as, "" for a server that its stack made.
func adoptedID(r *template.Resource) string {
	if r == nil || r.Type != instanceType {
		return ""
	}
	id, _ := template.Get(r.Raw, "Metadata", adopted.Mark).(string)
	return id
}

// adoptedElsewhere: what is created is another server than the adopted one, and so is one that the stack holds under its name.
func adoptedElsewhere(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		wanted := adoptedID(c.After)
		if wanted == "" {
			continue
		}
		held := m.from.PhysicalIDs[c.ID]
		if held == "" {
			held = adoptedID(c.Before)
		}
		switch {
		case c.Before == nil:
			h.add(c.ID, "it is %s, which the stack does not hold", wanted)
		case held != "" && held != wanted:
			h.add(c.ID, "it is to be %s, and the stack holds %s", wanted, held)
		}
	}
}

// harmless are the properties by which a server joins the stack and lives in it, the type's like a born server's: others hazards
// tell of that. None of them replaces it.
var harmless = []string{"IamInstanceProfile", "InstanceType", "MetadataOptions", "SecurityGroupIds", "Tags"}

func adoptedChanged(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		if adoptedID(c.Before) == "" || adoptedID(c.After) == "" {
			continue
		}
		var properties []string
		for _, p := range c.Properties {
			unharmed := p.Effect == None || slices.Contains(harmless, top(p.Path)) && p.Effect != schema.Replace
			if name := top(p.Path); !unharmed && !slices.Contains(properties, name) {
				properties = append(properties, name)
			}
		}
		if len(properties) > 0 {
			h.add(c.ID, "%s changes", commas(properties))
		}
	}
}

func adoptedGivenUp(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		if id := adoptedID(c.Before); id != "" && c.After != nil && adoptedID(c.After) == "" && c.replaced() {
			h.add(c.ID, "a new server takes the place of %s, which stays in the account", id)
		}
	}
}
