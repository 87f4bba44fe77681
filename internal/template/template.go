package template

import (
	"slices"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// Template is one template, evaluated: without what its conditions leave out. The zero value is an empty one.
type Template struct {
	Resources  []*Resource    // in the order of the file
	Parameters map[string]any // each as it stands in the file
	Conditions map[string]any // each as a bool, or Unknown
	Outputs    map[string]any // all of each, evaluated
	Unread     []Unread       // what is not understood
	Stack      string         // the stack's name, "" where the source does not tell
	Region     string         // "" when nobody knows
	// PhysicalIDs are those of the stack that was made of it, by logical ids; nil where the source does not tell.
	PhysicalIDs map[string]string
	Raw         map[string]any // all of it as it stands in the file, for what has no field here and for cfn.Size

	// Warned is what the app that made it warns of, where Told says that the source knows: a template's file has no context.
	Warned []finding.Finding
	Told   bool
	// Protected is whether the stack is deployed with termination protection; false where the source does not tell.
	Protected bool

	byID map[string]*Resource
}

// Resource is one resource of a template.
type Resource struct {
	ID                  string // the logical id
	Type                string // such as AWS::EC2::Instance, "" when the file has none
	Properties          map[string]any
	DependsOn           []string // what is made of it, sorted
	DeletionPolicy      string   // "" for CloudFormation's default, Delete for all of our types; a function's Text where that is unknown
	UpdateReplacePolicy string
	CreationPolicy      any // a map, nil or Unknown
	UpdatePolicy        any
	Raw                 map[string]any // all of it, evaluated

	place int // in the order of the file
}

// Resource is the resource of that logical id, nil when there is none.
func (t *Template) Resource(id string) *Resource { return t.byID[id] }

// OfType lists the resources of any of these types, in the order of the file.
func (t *Template) OfType(types ...string) []*Resource {
	var all []*Resource
	for _, r := range t.Resources {
		if slices.Contains(types, r.Type) {
			all = append(all, r)
		}
	}
	return all
}

// Retained reports whether the resource stays in the account when it leaves the stack.
func (r *Resource) Retained() bool {
	return r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate"
}

// Open reports whether an attribute, such as DeletionPolicy, is known only when the template is deployed.
func (r *Resource) Open(attribute string) bool { return Open(r.Raw[attribute]) }

// Get follows names through the properties: Get("Ebs", "VolumeSize"). A path element that is a number goes into a list.
// nil when nothing is there.
func (r *Resource) Get(path ...any) any { return Get(r.Properties, path...) }

// Text is the property at path as a person reads it, "" when nothing is there. See the function Text.
func (r *Resource) Text(path ...any) string {
	value := r.Get(path...)
	if value == nil {
		return ""
	}
	return Text(value)
}

// Number is the number at path, also when it is written as text; false when there is none.
func (r *Resource) Number(path ...any) (float64, bool) { return Number(r.Get(path...)) }
