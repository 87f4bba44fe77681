package diff

import (
	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/template"
)

// newAccountVCPUs is what new accounts report as their quota "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z)
// instances" (L-1216C47A); AWS raises it with use.
const newAccountVCPUs = 5

// vcpus is how many vCPUs of that quota the new template's servers and groups may need at most, false when a size is not
// known.
func (m *move) vcpus() (int, bool) {
	sum := 0
	for _, r := range m.to.OfType(instanceType, groupType) {
		kind, count := r.Text("InstanceType"), 1
		if r.Type == groupType {
			most, known := r.Number("MaxSize")
			if !known || most > 1e4 {
				return 0, false
			}
			kind, count = m.nodeType(r), int(most)
		}
		parsed, known := instancetype.Parse(kind)
		if !known {
			return 0, false
		}
		each, known := parsed.VCPUs()
		if !known {
			return 0, false
		}
		sum += count * each
	}
	return sum, true
}

// nodeType is the instance type of a group's nodes, "" when a launch template does not say it.
func (m *move) nodeType(group *template.Resource) string {
	for _, r := range m.to.OfType(launchTemplateType) {
		if uses(group, r.ID) {
			return r.Text("LaunchTemplateData", "InstanceType")
		}
	}
	return ""
}
