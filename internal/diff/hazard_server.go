package diff

import (
	"strings"

	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/template"
)

// retyped calls check with each server that stays and changes its type, where both types are known.
func (m *move) retyped(check func(c *Change, from, to instancetype.Type)) {
	for _, c := range m.of(instanceType) {
		if c.Before == nil || c.After == nil || !c.Changes("InstanceType") {
			continue
		}
		from, known := instancetype.Parse(c.Before.Text("InstanceType"))
		to, knownToo := instancetype.Parse(c.After.Text("InstanceType"))
		if known && knownToo {
			check(c, from, to)
		}
	}
}

func serverShrinks(m *move, h *found) {
	m.retyped(func(c *Change, from, to instancetype.Type) {
		if !to.Smaller(from) {
			return
		}
		if len(m.to.OfType(groupType)) > 0 {
			h.add(c.ID, "it is %[2]s, and the move makes it %[1]s, which restarts it for nothing", to, from)
			return
		}
		h.addAs(Warn, c.ID, "%s becomes %s", from, to)
	})
}

func wrongArchitecture(m *move, h *found) {
	m.retyped(func(c *Change, from, to instancetype.Type) {
		if from.ARM() != to.ARM() && !c.Changes("ImageId") {
			h.add(c.ID, "%s and %s have different processors, and its disk stays", from, to)
		}
	})
}

func needsDrivers(m *move, h *found) {
	m.retyped(func(c *Change, from, to instancetype.Type) {
		if !from.Nitro() && to.Nitro() && from.ARM() == to.ARM() {
			h.add(c.ID, "%s is built on Xen, %s on Nitro", from, to)
		}
	})
}

// movingImage: of the images that come from a public parameter, Canonical's have a date in their path or "current".
func movingImage(m *move, h *found) {
	for _, r := range m.to.OfType(instanceType) {
		if image := r.Text("ImageId"); imageMoves(m.to, r.Get("ImageId")) {
			h.add(r.ID, "its image is %s", image)
		}
	}
}

// imageMoves reports whether the image is named by a parameter that leads to another one in time.
func imageMoves(t *template.Template, image any) bool {
	if to, ok := template.Refers(image); ok { // without a default: which one is not known
		kind, _ := template.Get(t.Parameters[to.ID], "Type").(string)
		return strings.HasPrefix(kind, "AWS::SSM::Parameter::Value")
	}
	text, _ := image.(string)
	path, resolves := strings.CutPrefix(text, "{{resolve:ssm:")
	if !resolves {
		return false
	}
	path = strings.TrimSuffix(path, "}}")
	if i := strings.LastIndex(path, ":"); i > 0 { // a version of the parameter, which stays
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if dated(part) {
			return false
		}
	}
	return true
}

// dated reports whether part of a path is a date such as 20260714 or 20260714.1.
func dated(part string) bool {
	digits, _, _ := strings.Cut(part, ".")
	return len(digits) == 8 && strings.HasPrefix(digits, "20") && strings.Trim(digits, "0123456789") == ""
}

func userDataChanges(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		if c.Action == Interrupt && c.Changes("UserData") {
			h.add(c.ID, "it stops and starts, and the new script does not run: what the old one made stays")
		}
	}
}

func creditsLost(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		if c.Action == Interrupt && stops(c) && strings.HasPrefix(c.Before.Text("InstanceType"), "t2.") {
			h.add(c.ID, "its CPU credits are gone when it starts again; it begins with the launch credits of its type")
		}
	}
}

// addressMoves is about an address from outside the stack. The type's create is refused with AlreadyExists over an
// association with the same server (aws-cdk #26423); over another server's nobody has published what it does. EC2's own
// AssociateAddress moves the address at once.
func addressMoves(m *move, h *found) {
	for _, t := range m.takes() {
		h.add(t.ID, "%s is from outside the stack: AWS takes it from whoever holds it now, or refuses, and the deploy fails", t.address)
	}
}

// addressGivenUp is about the users of a server's address; behind a balancer there are none.
func addressGivenUp(m *move, h *found) {
	for _, c := range m.of(associationType) {
		if server, ok := associated(c); ok && deletesFirst(c) && m.before.balancer == "" && m.before.serves[server] > 0 {
			h.add(c.ID, "the address leaves %s before it is associated again: if that fails, nobody holds it, perhaps even after the rollback", server)
		}
	}
}

func addressLeaves(m *move, h *found) {
	for _, c := range m.of(addressType) {
		if c.Action == Retain {
			h.add(c.ID, "it leaves the stack and is not released")
		}
	}
}

func addressIdle(m *move, h *found) {
	for _, c := range m.of(associationType) {
		if c.Action == Delete && len(m.to.OfType(associationType)) == 0 && len(m.to.OfType(addressType)) > 0 {
			h.add(m.to.OfType(addressType)[0].ID, "its association goes")
		}
	}
}

func serverLeavesAtOnce(m *move, h *found) {
	if len(m.from.OfType(groupType)) > 0 || len(m.to.OfType(groupType)) == 0 || len(m.to.OfType(instanceType)) > 0 {
		return
	}
	for _, c := range m.of(instanceType) {
		h.add(c.ID, "it goes in the deploy that makes %s", m.to.OfType(groupType)[0].ID)
	}
}

// addressStillReached is a stop where the record led to the server until this step, and a warning where it did not: those
// who know the address itself lose the backend all the same.
func addressStillReached(m *move, h *found) {
	for _, c := range m.of(instanceType) {
		if c.After != nil {
			continue
		}
		if m.before.balancer == "" && m.before.serves[c.ID] > 0 {
			h.add(c.ID, "until this step the record leads to its address")
		} else if len(m.from.OfType(associationType)) > 0 {
			h.addAs(Warn, c.ID, "clients that know the address instead of the name lose the backend")
		}
	}
}
