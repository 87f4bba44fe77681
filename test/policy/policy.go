// Package policy decides as IAM does for a role in its own account: it holds a call that a machine makes against the role's
// policies as they are in a template. It knows the part of the language that those use and refuses the rest: Allow and Deny,
// Action, Resource, StringEquals ("Policy evaluation logic" and "IAM JSON policy element reference", IAM User Guide).
package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Policy is what a role may do.
type Policy []Statement

// Statement is one of a policy's.
type Statement struct {
	Effect    string
	Action    list
	Resource  list
	Condition map[string]map[string]list `json:",omitempty"`
}

// list is one text or several, which policies write either way.
type list []string

// UnmarshalJSON reads one text or a list of them.
func (l *list) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		*l = list{""}
		return json.Unmarshal(text, &(*l)[0])
	}
	return json.Unmarshal(text, (*[]string)(l))
}

// Call is what IAM is asked about one request. Where nobody knows by which of several ARNs AWS decides, all are resources,
// and each must be allowed.
type Call struct {
	Action    string            // service:Action
	Resources []string          // ARNs; none for a call that takes no resource, which is decided on "*"
	Keys      map[string]string // condition keys of the request
}

// Refusal is why IAM denies a call, in the words that AWS's messages end with.
type Refusal struct{ Action, Resource, Why string }

// Error is the message without who called, which IAM's begins with.
func (r *Refusal) Error() string {
	return fmt.Sprintf("is not authorized to perform: %s on resource: %s because %s", r.Action, r.Resource, r.Why)
}

// Decide returns nil for a call that is allowed, or a *Refusal: an explicit deny wins, and what nothing allows is denied.
func (p Policy) Decide(c Call) error {
	if len(c.Resources) == 0 {
		c.Resources = []string{"*"}
	}
	for _, resource := range c.Resources {
		fits := func(effect string) bool {
			return slices.ContainsFunc(p, func(s Statement) bool { return s.Effect == effect && s.fits(c, resource) })
		}
		switch {
		case fits("Deny"):
			return &Refusal{c.Action, resource, "of an explicit deny in an identity-based policy"}
		case !fits("Allow"):
			return &Refusal{c.Action, resource, "no identity-based policy allows the " + c.Action + " action"}
		}
	}
	return nil
}

// fits reports whether a statement speaks of a call. Actions are compared without case, ARNs with it; a condition on a key
// that the request lacks does not hold.
func (s Statement) fits(c Call, resource string) bool {
	action := slices.ContainsFunc(s.Action, func(pattern string) bool {
		return matches(strings.ToLower(pattern), strings.ToLower(c.Action))
	})
	if !action || !slices.ContainsFunc(s.Resource, func(pattern string) bool { return matches(pattern, resource) }) {
		return false
	}
	for key, values := range s.Condition["StringEquals"] {
		if value, given := c.Keys[key]; !given || !slices.Contains(values, value) {
			return false
		}
	}
	return true
}

// matches reports whether text is of the pattern, in which * stands for any characters and ? for one.
func matches(pattern, text string) bool {
	for ; pattern != ""; pattern = pattern[1:] {
		switch {
		case pattern[0] == '*':
			for i := range len(text) + 1 {
				if matches(pattern[1:], text[i:]) {
					return true
				}
			}
			return false
		case text == "" || pattern[0] != '?' && pattern[0] != text[0]:
			return false
		}
		text = text[1:]
	}
	return text == ""
}

// Allow is a statement that gives an action on a resource.
func Allow(action, resource string) Statement {
	return Statement{Effect: "Allow", Action: list{action}, Resource: list{resource}}
}

// Deny is a statement that takes an action on a resource away, whatever else allows it.
func Deny(action, resource string) Statement {
	return Statement{Effect: "Deny", Action: list{action}, Resource: list{resource}}
}

// Without lists the policy less one right, for each right that it gives: an action of a statement.
func (p Policy) Without() map[string]Policy {
	all := map[string]Policy{}
	for i, s := range p {
		for j, action := range s.Action {
			less := slices.Clone(p)
			less[i].Action = slices.Delete(slices.Clone(s.Action), j, j+1)
			all[fmt.Sprintf("%s on %s", action, strings.Join(s.Resource, ", "))] = less
		}
	}
	return all
}
