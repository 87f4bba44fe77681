// Package instancetype is what is known of EC2's instance types by their names: processor, size, virtual CPUs, credits.
package instancetype

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Type is an instance type taken apart: family t2, size micro. The zero value is no type, of which nothing is known.
type Type struct{ Family, Size string }

var shape = regexp.MustCompile(`^([a-z]+[0-9]+[a-z0-9-]*)\.([a-z0-9-]+)$`)

// String is the type's name.
func (t Type) String() string { return t.Family + "." + t.Size }

// Parse takes a type's name apart, such as t2.micro; false for what has not the shape of one. That the type exists is not
// known.
func Parse(name string) (Type, bool) {
	parts := shape.FindStringSubmatch(name)
	if parts == nil {
		return Type{}, false
	}
	return Type{parts[1], parts[2]}, true
}

// ARM reports whether the type has an Arm processor that Linux images for arm64 are made for: a g behind the generation (t4g,
// c7gn), or a1, the first of them (Instance Types Guide, "Instance type naming conventions").
func (t Type) ARM() bool { return t.Family == "a1" || graviton.MatchString(t.Family) }

var graviton = regexp.MustCompile(`^[a-z]+[0-9]+g`)

// Nitro reports whether the type is built on the Nitro System: on others a system without ENA and NVMe drivers starts too.
func (t Type) Nitro() bool { return !slices.Contains(xen, t.Family) }

// xen lists the families that are not. Collected from instance histories, since AWS's own list (EC2 User Guide, "Nitro-based
// instances") was not at hand; a family that is missing here makes a warning too few or too many, never a wrong verdict on
// the change itself.
var xen = strings.Fields("c1 c3 c4 d2 f1 g3 h1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e")

// sizes are in the order of their memory, each twice the one before (Amazon EC2 Instance Types Guide); families differ by
// a factor, so that sizes are compared within a letter only.
var sizes = []string{"nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"}

// Smaller reports whether the type has less memory than another of the same letter (t2, t3 and t4g are alike); false where
// that is not known.
func (t Type) Smaller(than Type) bool {
	i, k := slices.Index(sizes, t.Size), slices.Index(sizes, than.Size)
	return t.letter() == than.letter() && i >= 0 && k >= 0 && i < k
}

// letter is what the family begins with, "" for no type.
func (t Type) letter() string { return t.Family[:min(1, len(t.Family))] }

// VCPUs are the type's virtual CPUs, false outside the families A, C, D, H, I, M, R, T and Z or for a size that does not
// follow the rule: a large has two, each larger one in proportion; a T2 has one below medium, later T types never below two
// (Instance Types Guide, "Specifications for general purpose instances").
func (t Type) VCPUs() (int, bool) {
	if t.Family == "" || !strings.Contains("acdhimrtz", t.letter()) {
		return 0, false
	}
	switch t.Size {
	case "nano", "micro", "small":
		return map[bool]int{true: 1, false: 2}[t.Family == "t2"], t.letter() == "t"
	case "medium":
		return map[bool]int{true: 2, false: 1}[t.letter() == "t"], true
	case "large":
		return 2, true
	case "xlarge":
		return 4, true
	}
	times, err := strconv.Atoi(strings.TrimSuffix(t.Size, "xlarge"))
	return 4 * times, err == nil && times > 0
}
