package diff

import (
	"regexp"
	"slices"
	"strings"
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
