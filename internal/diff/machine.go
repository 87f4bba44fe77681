package diff

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/template"
)

// size is an instance type taken apart: family t2, size micro.
type size struct{ family, name string }

var typeShape = regexp.MustCompile(`^([a-z]+[0-9]+[a-z0-9-]*)\.([a-z0-9-]+)$`)

func sizeOf(instanceType string) (size, bool) {
	parts := typeShape.FindStringSubmatch(instanceType)
	if parts == nil {
		return size{}, false
	}
	return size{parts[1], parts[2]}, true
}

// sizes are in the order of their memory, each twice the one before (Amazon EC2 Instance Types Guide); families differ by
// a factor, so that sizes are compared within a letter only.
var sizes = []string{"nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"}

// smaller says whether one type has less memory than another of the same letter (t2, t3 and t4g are alike).
func smaller(a, b string) bool {
	x, known := sizeOf(a)
	y, knownToo := sizeOf(b)
	if !known || !knownToo || x.family[0] != y.family[0] {
		return false
	}
	i, k := slices.Index(sizes, x.name), slices.Index(sizes, y.name)
	return i >= 0 && k >= 0 && i < k
}

// arm says whether a type has an Arm processor: a g behind the generation (t4g, m7gd), or a1 (Instance Types Guide,
// "Instance type naming conventions").
func (s size) arm() bool { return s.family == "a1" || armFamily.MatchString(s.family) }

var armFamily = regexp.MustCompile(`^[a-z]+[0-9]+g`)

// xen lists the families that are not built on the Nitro System: only there a system without ENA and NVMe drivers starts.
// Collected from instance histories, since AWS's own list (EC2 User Guide, "Nitro-based instances") was not at hand; a family
// that is missing here makes a warning too few or too many, never a wrong verdict on the change itself.
var xen = strings.Fields("c1 c3 c4 d2 f1 g3 h1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e")

func (s size) nitro() bool { return !slices.Contains(xen, s.family) }

// newAccountVCPUs is what new accounts report as their quota "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
// (L-1216C47A); AWS raises it with use.
const newAccountVCPUs = 5

// vcpus is how many vCPUs of that quota the new template's servers and groups may need at most, false when a size is not known.
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
		each, known := vcpusOf(kind)
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

// vcpusOf is an instance type's vCPUs, false outside the quota's families or for a size that does not follow the rule: a large has
// two, each larger one in proportion; a T2 has one below medium, later T types never below two (Instance Types Guide,
// "Specifications for general purpose instances").
func vcpusOf(instanceType string) (int, bool) {
	s, known := sizeOf(instanceType)
	if !known || !strings.ContainsRune("acdhimrtz", rune(s.family[0])) {
		return 0, false
	}
	switch s.name {
	case "nano", "micro", "small":
		return map[bool]int{true: 1, false: 2}[s.family == "t2"], s.family[0] == 't'
	case "medium":
		return map[bool]int{true: 2, false: 1}[s.family[0] == 't'], true
	case "large":
		return 2, true
	case "xlarge":
		return 4, true
	}
	times, err := strconv.Atoi(strings.TrimSuffix(s.name, "xlarge"))
	return 4 * times, err == nil && times > 0
}
