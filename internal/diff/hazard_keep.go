package diff

import (
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/template"
)

// holding lists the types that hold an address, data or users.
var holding = []string{addressType, instanceType, volumeType, bucketType, recordType, databaseType,
	"AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::Route53::HostedZone", "AWS::KMS::Key"}

func holds(resourceType string) bool { return slices.Contains(holding, resourceType) }

// isProtected reports whether a resource is of such a type, or retained in one of the templates.
func isProtected(c *Change) bool {
	for _, r := range []*template.Resource{c.Before, c.After} {
		if r != nil && (r.Retained() || r.UpdateReplacePolicy == "Retain" || r.Open("DeletionPolicy") || r.Open("UpdateReplacePolicy")) {
			return true
		}
	}
	return holds(c.Type)
}

func protectedReplaced(m *move, h *found) {
	for _, c := range m.changes {
		if !c.replaced() || !isProtected(c) {
			continue
		}
		fate := "the old one is deleted in the clean-up"
		switch {
		case keepsOld(c):
			fate = "the old one stays in the account, billed and in no stack"
		case c.Before.Open("UpdateReplacePolicy") || c.After.Open("UpdateReplacePolicy"):
			fate = "whether the old one is deleted is known only when it is deployed"
		case c.Before.UpdateReplacePolicy == "Snapshot" && c.After.UpdateReplacePolicy == "Snapshot":
			fate = "of the old one a snapshot stays, billed"
		}
		h.add(c.ID, "%s; %s", replaces(c), fate)
	}
}

// replaces says what replaces a resource, or may.
func replaces(c *Change) string {
	if c.Action == MayReplace {
		return commas(replacing(c)) + " may replace it"
	}
	return commas(replacing(c)) + " replaces it"
}

// replacing lists the properties that replace a resource.
func replacing(c *Change) []string {
	var all []string
	for _, p := range c.Properties {
		if name := top(p.Path); (p.Effect == schema.Replace || p.Effect == schema.MayReplace) && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

func updateRefused(m *move, h *found) {
	for _, c := range m.changes {
		var properties []string
		for _, p := range c.Properties {
			if name := top(p.Path); p.Effect == schema.Refuse && !slices.Contains(properties, name) {
				properties = append(properties, name)
			}
		}
		if len(properties) > 0 {
			h.add(c.ID, "%s changes", commas(properties))
		}
	}
}

// protectedDeleted leaves a server to serverTerminated when its disk outlives it: that is how the move to the fleet ends.
func protectedDeleted(m *move, h *found) {
	for _, c := range m.changes {
		if c.Action == Delete && isProtected(c) && !(c.Type == instanceType && keepsDisk(c.Before)) {
			h.add(c.ID, "it leaves the template and %s", fate(c.Before))
		}
	}
}

// fate is what becomes of a resource that leaves and is not retained. A database that is in no cluster leaves a snapshot unless
// it says otherwise (DeletionPolicy attribute, CloudFormation Template Reference).
func fate(r *template.Resource) string {
	switch {
	case r.Open("DeletionPolicy"):
		return "whether its DeletionPolicy retains it is known only when it is deployed"
	case r.DeletionPolicy == "Snapshot", r.DeletionPolicy == "" && r.Type == databaseType && r.Get("DBClusterIdentifier") == nil:
		return "is deleted; a snapshot of it stays, billed"
	}
	return "nothing retains it"
}

func serverTerminated(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		if c.Action != Delete || !keepsDisk(c.Before) {
			continue
		}
		share := m.before.serves[c.ID]
		if share == 0 {
			h.addAs(Note, c.ID, "it leaves the template; its disk stays")
			continue
		}
		h.add(c.ID, "until this step it serves %.0f %% of the users; its disk stays", 100*share)
	}
}

// keepsDisk reports whether the root disk outlives the server.
func keepsDisk(r *template.Resource) bool {
	return template.False(r.Get("BlockDeviceMappings", 0, "Ebs", "DeleteOnTermination"))
}

func protectionTakenOff(m *move, h *found) {
	for _, c := range m.changes {
		if c.Before == nil || c.After == nil {
			continue
		}
		for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
			before, after := c.Before.Raw[policy], c.After.Raw[policy]
			if was, is := keeps(before, 2), keeps(after, 0); is < was && !equal(before, after) {
				now := "the default, Delete"
				if after != nil {
					now = template.Text(after)
				}
				h.add(c.ID, "%s was %s and is %s", policy, template.Text(before), now)
			}
		}
	}
}

// keeps is how much of a resource a policy keeps: 2 for all, 1 for a snapshot, 0 for nothing, and open where nobody knows.
func keeps(policy any, open int) int {
	switch {
	case template.Open(policy):
		return open
	case policy == "Retain" || policy == "RetainExceptOnCreate":
		return 2
	case policy == "Snapshot":
		return 1
	}
	return 0
}

func twoStacks(m *move, h *found) {
	if m.other != nil {
		h.add("", "%s in %s stays; %s in %s is another stack, which is made", m.other.Stack, m.other.Region, m.to.Stack, m.to.Region)
	}
}

func nameTaken(m *move, h *found) {
	m.takenElsewhere(h)
	for _, c := range m.changes {
		if !c.replaced() || c.Before.Type != c.After.Type {
			continue
		}
		if name := physicalName(c.After); name != "" && name == physicalName(c.Before) {
			h.add(c.ID, "%s, and the name %s is taken until the old one is gone", replaces(c), name)
		}
	}
}

// everywhere are the types whose names are one in all regions: of the account's roles, of all buckets, of a zone's records.
var everywhere = []string{"AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", bucketType, recordType}

// takenElsewhere is nameTaken for what another stack holds, which stays: names, and what one alone may hold outside the
// stacks.
func (m *move) takenElsewhere(h *found) {
	if m.other == nil {
		return
	}
	for _, r := range m.to.Resources {
		if m.other.Region != m.to.Region && !slices.Contains(everywhere, r.Type) {
			continue
		}
		for _, other := range m.other.OfType(r.Type) {
			if name := physicalName(r); name != "" && name == physicalName(other) {
				h.add(r.ID, "the name %s is %s's in %s, which stays", name, other.ID, m.other.Stack)
			}
			if what := sharedClaim(r, other); what != "" {
				h.add(r.ID, "%s is %s's in %s, which stays", what, other.ID, m.other.Stack)
			}
		}
	}
}

// sharedClaim is what two resources of two stacks both claim in something that is of neither, "" for nothing.
func sharedClaim(r, other *template.Resource) string {
	if claims[r.Type] == nil {
		return ""
	}
	for _, wanted := range claims[r.Type](r) {
		outside := len(template.References(wanted.scope)) == 0
		if outside && slices.ContainsFunc(claims[r.Type](other), func(had claim) bool { return clash(had, wanted) }) {
			return wanted.what
		}
	}
	return ""
}

// physicalName is the name that a template gives a resource, "" when CloudFormation names it.
func physicalName(r *template.Resource) string {
	property := schema.NameProperty(r.Type)
	if property == "" {
		return ""
	}
	return r.Text(property)
}

// named maps each physical name, with its type, to the logical ids that bear it.
func named(t *template.Template) map[string][]string {
	all := map[string][]string{}
	for _, r := range t.Resources {
		if name := physicalName(r); name != "" {
			all[r.Type+" "+name] = append(all[r.Type+" "+name], r.ID)
		}
	}
	return all
}

func nameMoves(m *move, h *found) {
	before, after := named(m.from), named(m.to)
	for _, name := range union(before, after) {
		for _, id := range after[name] {
			if len(before[name]) > 0 && !slices.Contains(before[name], id) && !slices.Contains(after[name], before[name][0]) {
				h.add(id, "the %s is %s's", typedName(name), before[name][0])
			}
		}
	}
}

// typedName is a type and name as a person says it: "name kora-alb (LoadBalancer)".
func typedName(typeAndName string) string {
	kind, name, _ := strings.Cut(typeAndName, " ")
	return "name " + name + " (" + kind[strings.LastIndex(kind, ":")+1:] + ")"
}

func nameTwice(m *move, h *found) {
	after := named(m.to)
	for _, name := range union(after, nil) {
		ids := after[name]
		for i, id := range ids {
			if c := m.byID[id]; len(ids) > 1 && (c != nil && (c.Before == nil || physicalName(c.Before) != physicalName(c.After)) || c == nil && i > 0) {
				others := slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id })
				h.add(id, "the %s also stands under %s", typedName(name), commas(others))
			}
		}
	}
}

func typeChanges(m *move, h *found) {
	for _, c := range m.changes {
		if c.Before != nil && c.After != nil && c.Before.Type != c.After.Type {
			h.add(c.ID, "it is an %s and would be an %s", c.Before.Type, c.After.Type)
		}
	}
}

func protectionInTheWay(m *move, h *found) {
	for _, c := range m.changes {
		if c.Action != Delete && (!c.replaced() || keepsOld(c)) {
			continue
		}
		if property := protection(c.Before); property != "" {
			h.add(c.ID, "%s is on: CloudFormation tries three times and leaves it", property)
		}
	}
}

// protection is the property that keeps a resource from being deleted, "" when none is on.
func protection(r *template.Resource) string {
	switch {
	case template.True(r.Get("DisableApiTermination")):
		return "DisableApiTermination"
	case template.True(r.Get("DeletionProtection")):
		return "DeletionProtection"
	case template.True(r.Get("DeletionProtectionEnabled")):
		return "DeletionProtectionEnabled"
	}
	if template.True(balancerAttribute(r, "deletion_protection.enabled")) {
		return "deletion_protection.enabled"
	}
	return ""
}

func unknownEffect(m *move, h *found) {
	for _, c := range m.changes {
		if c.Before == nil || c.After == nil {
			continue
		}
		var properties []string
		for _, p := range c.Properties {
			if name := top(p.Path); p.Effect == schema.Unknown && !slices.Contains(properties, name) {
				properties = append(properties, name)
			}
		}
		switch {
		case len(properties) == 0:
		case !schema.Known(c.Type):
			h.add(c.ID, "the type %s is not in %s", c.Type, schema.Source())
		default:
			h.add(c.ID, "%s has no %s in %s", c.Type, commas(properties), schema.Source())
		}
	}
}
