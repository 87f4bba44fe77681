package template

import (
	"encoding/json"
	"maps"
)

// Unknown is a value that is known only when the template is deployed: an intrinsic function that could not be carried out,
// with as much of its argument carried out as could be. It has one spelling: Fn::Sub and Fn::Join are an Fn::Join with ""
// and without parts that could be one, Fn::GetAtt is a list of two.
type Unknown struct {
	Name     string // such as Ref or Fn::ImportValue
	Argument any
	Resource string // the logical id of a resource of the template, for its Ref or Fn::GetAtt; "" for all else
}

// MarshalJSON writes it in the long form of the function.
func (u *Unknown) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{u.Name: u.Argument})
}

// Known reports whether nothing in value waits for the deployment.
func Known(value any) bool {
	known := true
	Walk(value, func(v any) bool {
		u, unknown := v.(*Unknown)
		known = known && (!unknown || u.Name == "Fn::Base64")
		return known
	})
	return known
}

// Open reports whether something in value could be anything: a parameter without a default, an import, what is chosen by a
// condition that nobody knows. What the template's own resources are called is not known either, but whose name it is, is.
func Open(value any) bool { return len(opens(value)) > 0 }

// MayDiffer reports whether two values that are written otherwise could be one all the same: something open is in one of
// them only. With the same open parts in both, what differs is known.
func MayDiffer(a, b any) bool { return !maps.Equal(opens(a), opens(b)) }

// opens is the open parts of a value, each once, as their Text.
func opens(value any) map[string]bool {
	all := map[string]bool{}
	Walk(value, func(v any) bool {
		u, unknown := v.(*Unknown)
		if unknown && u.Resource == "" && !made[u.Name] {
			all[Text(u)] = true
			return false
		}
		return true
	})
	return all
}

// made is the functions that make their value of their arguments alone.
var made = map[string]bool{
	"Fn::Base64": true, "Fn::Cidr": true, "Fn::Join": true, "Fn::Length": true, "Fn::Select": true, "Fn::Split": true,
	"Fn::Sub": true, "Fn::ToJsonString": true,
}
