package template

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Get follows path through maps (by text) and lists (by number). nil when nothing is there; what is in an Unknown is that
// Unknown, and so is what a transform may add to a map.
func Get(value any, path ...any) any {
	for _, step := range path {
		if u, unknown := value.(*Unknown); unknown {
			return u
		}
		switch step := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			next, there := m[step]
			if u, transformed := m[transformKey].(*Unknown); transformed && !there {
				return u
			}
			value = next
		case int:
			list, _ := value.([]any)
			if step < 0 || step >= len(list) {
				return nil
			}
			value = list[step]
		default:
			return nil
		}
	}
	return value
}

// List is value as a list: itself, or a list of it alone, or nil for nil. Templates write one thing either way.
func List(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// Listed is value as List has it; false where a list, or what is in its place, is known only when it is deployed.
func Listed(value any) ([]any, bool) {
	u, unknown := value.(*Unknown)
	return List(value), !unknown || u.Resource != "" // which is one thing
}

// Number is a number, also when it is written as text; false when value is none.
func Number(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// True reports whether value is true, also when it is written as text, such as "True".
func True(value any) bool { return truthIs(value, true) }

// False reports whether value is false, also when it is written as text; what is not there, or not known, is not.
func False(value any) bool { return truthIs(value, false) }

func truthIs(value any, wanted bool) bool {
	text, isText := value.(string)
	return value == wanted || isText && strings.EqualFold(text, strconv.FormatBool(wanted))
}

// Walk calls visit with value and with all that is in it, outermost first, maps in the order of their keys. A visit that
// returns false keeps Walk out of what is inside.
func Walk(value any, visit func(value any) bool) {
	if !visit(value) {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			Walk(v[key], visit)
		}
	case []any:
		for _, item := range v {
			Walk(item, visit)
		}
	case *Unknown:
		Walk(v.Argument, visit)
	}
}

// Function reports whether value is an intrinsic function, and which with what argument: ("Fn::Join", [...]).
func Function(value any) (name string, argument any, ok bool) {
	if u, unknown := value.(*Unknown); unknown {
		return u.Name, u.Argument, true
	}
	m, _ := value.(map[string]any)
	if len(m) != 1 {
		return "", nil, false
	}
	for key, argument := range m {
		if key == "Ref" || strings.HasPrefix(key, "Fn::") && !isLoop(key) {
			return key, argument, true
		}
	}
	return "", nil, false
}

// A Reference is what Ref (Attribute "") or Fn::GetAtt points at.
type Reference struct{ ID, Attribute string }

// String is the reference as a person reads it: LoadBalancer.DNSName.
func (r Reference) String() string {
	if r.Attribute == "" {
		return r.ID
	}
	return r.ID + "." + r.Attribute
}

// Refers reports whether value is a Ref or an Fn::GetAtt and nothing else, and to what.
func Refers(value any) (Reference, bool) {
	name, argument, ok := Function(value)
	if !ok {
		return Reference{}, false
	}
	switch id, _ := argument.(string); {
	case name == "Ref" && id != "":
		return Reference{ID: id}, true
	case name == "Fn::GetAtt" && id != "":
		id, attribute, _ := strings.Cut(id, ".")
		return Reference{id, attribute}, true
	case name == "Fn::GetAtt":
		id, _ := Get(argument, 0).(string)
		attribute, _ := Get(argument, 1).(string)
		return Reference{id, attribute}, id != ""
	}
	return Reference{}, false
}

// placeholder is what Fn::Sub fills in; ${!Literal} it leaves alone. braced is both.
var (
	placeholder = regexp.MustCompile(`\$\{([^!{}][^{}]*)\}`)
	braced      = regexp.MustCompile(`\$\{([^{}]+)\}`)
)

// References lists what value refers to, by Ref, Fn::GetAtt or Fn::Sub, wherever in it, in the order of Walk, each once.
// Pseudo parameters such as AWS::Region are left out.
func References(value any) []Reference {
	var all []Reference
	add := func(r Reference) {
		if !strings.Contains(r.ID, "::") && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	Walk(value, func(v any) bool {
		if r, ok := Refers(v); ok {
			add(r)
			return false
		}
		if name, argument, ok := Function(v); ok && name == "Fn::Sub" {
			text, own := substitution(argument)
			for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
				id, attribute, _ := strings.Cut(match[1], ".")
				if _, mine := own[match[1]]; !mine {
					add(Reference{id, attribute})
				}
			}
		}
		return true
	})
	return all
}

// substitution takes Fn::Sub's argument apart: the text, and the values that it brings along.
func substitution(argument any) (string, map[string]any) {
	if text, ok := argument.(string); ok {
		return text, nil
	}
	text, _ := Get(argument, 0).(string)
	own, _ := Get(argument, 1).(map[string]any)
	return text, own
}

// How deep and how long a Text becomes: far more than CloudFormation takes, so that no template makes it grow without end
// (each Fn::Sub may fill in another one twice).
const (
	textDepth  = 64
	textLength = 1 << 16
)

// Text is a value as a person reads it: text as it is, references as Resource.Attribute, Fn::Join and Fn::Sub put
// together with ${Resource.Attribute} inside, other functions as Name(argument), and anything else as compact JSON with
// such texts in it.
func Text(value any) string { return text(value, 0) }

// Readable is value with each intrinsic function in it turned into its Text.
func Readable(value any) any { return readable(value, 0) }

func text(value any, depth int) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	if text, ok := functionText(value, depth); ok {
		return text
	}
	text, err := json.Marshal(readable(value, depth))
	if err != nil {
		return "?" // numbers that JSON does not have; no file brings them
	}
	return unescape.Replace(string(text))
}

// unescape takes back what json.Marshal does for browsers.
var unescape = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

func readable(value any, depth int) any {
	if text, ok := functionText(value, depth); ok {
		return text
	}
	if depth > textDepth {
		return "..."
	}
	switch v := value.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, item := range v {
			m[key] = readable(item, depth+1)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = readable(item, depth+1)
		}
		return list
	}
	return value
}

func functionText(value any, depth int) (string, bool) {
	if r, ok := Refers(value); ok {
		return r.String(), true
	}
	name, argument, ok := Function(value)
	if !ok {
		return "", false
	}
	if depth > textDepth {
		return "...", true
	}
	return shortened(callText(name, argument, depth+1)), true
}

func shortened(text string) string {
	if len(text) > textLength {
		return strings.ToValidUTF8(text[:textLength], "") + "..."
	}
	return text
}

func callText(name string, argument any, depth int) string {
	switch name {
	case "Fn::Join":
		separator, _ := Get(argument, 0).(string)
		if parts, ok := Get(argument, 1).([]any); ok {
			return joined(separator, parts, depth)
		}
	case "Fn::Sub":
		if text, own := substitution(argument); text != "" {
			return filled(text, own, depth)
		}
	case "Fn::Base64":
		return text(argument, depth)
	}
	var arguments []string
	for _, each := range List(argument) {
		arguments = append(arguments, text(each, depth))
	}
	return strings.TrimPrefix(name, "Fn::") + "(" + strings.Join(arguments, ", ") + ")"
}

// filled puts the values that Fn::Sub brings along into its text. Each is made once: one may bring along others in turn.
func filled(text string, own map[string]any, depth int) string {
	texts := map[string]string{}
	for key, value := range own {
		texts["${"+key+"}"] = inText(value, depth)
	}
	return braced.ReplaceAllStringFunc(text, func(match string) string {
		if literal, ok := strings.CutPrefix(match, "${!"); ok {
			return "${" + literal
		}
		if value, mine := texts[match]; mine {
			return value
		}
		return match
	})
}

func joined(separator string, parts []any, depth int) string {
	var texts []string
	for _, part := range parts {
		texts = append(texts, inText(part, depth))
	}
	return strings.Join(texts, separator)
}

// inText is a value in the middle of a text: what is not text itself stands in ${...}, as in Fn::Sub.
func inText(value any, depth int) string {
	if r, ok := Refers(value); ok {
		return "${" + r.String() + "}"
	}
	return text(value, depth)
}
