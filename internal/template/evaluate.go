package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Given is what a deployment brings along to a template. Its zero value gives each parameter its default.
type Given struct {
	Parameters map[string]string // by name, those of lists with commas; pseudo parameters such as AWS::AccountId too
	Region     string            // "" when nobody knows: then what rests on it is Unknown
	Stack      string            // the stack's name, for Template.Stack alone: a file, which has none, is compared with a stack
}

// Unread is a part of a template that is not understood: what it makes is not in the template.
type Unread struct {
	ID   string // the resource that it is in, "" for the template itself
	What string // such as "the macro Company::Defaults"
}

// evaluation carries the functions of one template out.
type evaluation struct {
	given      Given
	raw        map[string]any
	parameters map[string]any
	secrets    map[string]any // what NoEcho parameters are: for conditions alone, which show nothing
	judging    bool           // whether a condition is looked at
	mappings   map[string]any
	conditions map[string]any
	resources  map[string]bool // whether it is made, of each logical id of the file
	truths     map[string]truth
	at         string // the resource that is evaluated
	unread     []Unread
	loops      int // how many rounds of Fn::ForEach there were
	written    int // how many values they wrote out
}

// absent is what AWS::NoValue stands for.
type absent struct{}

// evaluate starts the evaluation of a decoded template: with its parameters, mappings and conditions.
func evaluate(raw map[string]any, given Given) *evaluation {
	if region, ok := given.Parameters["AWS::Region"]; ok {
		given.Region = region
	}
	e := &evaluation{given: given, raw: raw, parameters: map[string]any{}, secrets: map[string]any{}, resources: map[string]bool{}, truths: map[string]truth{}}
	parameters, _ := raw["Parameters"].(map[string]any)
	for name, parameter := range parameters {
		e.parameters[name] = parameterValue(name, parameter, given)
		if True(Get(parameter, "NoEcho")) {
			e.secrets[name], e.parameters[name] = e.parameters[name], &Unknown{Name: "Ref", Argument: name}
		}
	}
	e.mappings, _ = raw["Mappings"].(map[string]any)
	conditions, _ := raw["Conditions"].(map[string]any)
	e.conditions, _ = e.unrolled("Conditions", conditions, nil)
	for _, name := range transforms(raw) {
		e.skip("", "the transform "+name)
	}
	for name, section := range raw {
		if included := Get(section, transformKey); included != nil && name != "Resources" && name != "Outputs" {
			e.skip("", unreadFunction(transformKey, included)+" in "+name)
		}
	}
	return e
}

// understood lists the transforms that are carried out here.
var understood = []string{"AWS::LanguageExtensions"}

// Transforms names the transforms of the whole template that are not carried out here.
func (t *Template) Transforms() []string { return transforms(t.Raw) }

func transforms(raw map[string]any) []string {
	var all []string
	for _, each := range List(raw["Transform"]) {
		name := Text(each)
		if own, ok := Get(each, "Name").(string); ok {
			name = own
		}
		if !slices.Contains(understood, name) {
			all = append(all, name)
		}
	}
	return all
}

// skip notes a part that is not understood, once.
func (e *evaluation) skip(id, what string) {
	if u := (Unread{id, what}); !slices.Contains(e.unread, u) {
		e.unread = append(e.unread, u)
	}
}

// value is v as far as it is known; absent for AWS::NoValue.
func (e *evaluation) value(v any) any {
	if name, argument, ok := Function(v); ok {
		return e.call(name, argument)
	}
	switch v := v.(type) {
	case map[string]any:
		return e.object(v)
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			if item = e.value(item); item != (absent{}) {
				list = append(list, item)
			}
		}
		return list
	}
	return v
}

func (e *evaluation) object(m map[string]any) map[string]any {
	m, _ = e.unrolled(e.at, m, nil)
	all := make(map[string]any, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key == transformKey { // beside other keys, to which it may add any
			if all[key] = e.value(m[key]); !isTransform(all[key]) {
				all[key] = &Unknown{Name: key, Argument: all[key]}
				e.skip(e.at, unreadFunction(key, m[key]))
			}
			continue
		}
		if value := e.value(m[key]); value != (absent{}) {
			all[key] = value
		}
	}
	return all
}

func isTransform(value any) bool {
	name, _, ok := Function(value)
	return ok && name == transformKey
}

// transformKey is the function that may add keys to the map that it stands in.
const transformKey = "Fn::Transform"

// parameterValue is what Ref of a parameter gives (User Guide, "CloudFormation template Parameters syntax").
func parameterValue(name string, parameter any, given Given) any {
	kind, _ := Get(parameter, "Type").(string)
	value := Get(parameter, "Default")
	if text, ok := given.Parameters[name]; ok {
		value = text
	}
	unknown := &Unknown{Name: "Ref", Argument: name}
	switch {
	case value == nil || !single(value):
		return unknown
	case strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<List") || kind == "AWS::SSM::Parameter::Value<CommaDelimitedList>":
		return unknown
	case strings.HasPrefix(kind, "AWS::SSM::Parameter::Value"):
		return "{{resolve:ssm:" + Text(value) + "}}" // the same value by its other spelling
	case kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<"):
		return split(Text(value))
	}
	return value
}

// split is the elements of a list that is written with commas; CloudFormation trims each.
func split(text string) []any {
	list := []any{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" || text != "" {
			list = append(list, part)
		}
	}
	return list
}

// Dynamic reports whether text is a dynamic reference or holds one, which CloudFormation reads at deployment.
func Dynamic(value any) bool {
	text, _ := value.(string)
	return strings.Contains(text, "{{resolve:")
}

// How many rounds all loops of a template take, and how many values they write out: more than the 500 resources and the 1 MB
// of the largest template.
const (
	loopLimit  = 10_000
	valueLimit = 200_000
)

// unrolled is a map with each Fn::ForEach in it written out, and its keys in order: those of the map as given, or sorted,
// with what a loop makes in the loop's place.
func (e *evaluation) unrolled(where string, m map[string]any, order []string) (map[string]any, []string) {
	if order == nil {
		order = slices.Sorted(maps.Keys(m))
	}
	if !slices.ContainsFunc(order, isLoop) {
		return m, order
	}
	all := map[string]any{}
	var keys []string
	for _, key := range order {
		if !isLoop(key) {
			all[key] = m[key]
			keys = append(keys, key)
			continue
		}
		made, madeKeys := e.loop(where, key, m[key])
		maps.Copy(all, made)
		keys = append(keys, madeKeys...)
	}
	return all, keys
}

func isLoop(key string) bool { return strings.HasPrefix(key, "Fn::ForEach::") }

// loop writes one Fn::ForEach out (User Guide, "Fn::ForEach").
func (e *evaluation) loop(where, key string, arguments any) (map[string]any, []string) {
	name, named := Get(arguments, 0).(string)
	over, listed := e.value(Get(arguments, 1)).([]any)
	body, mapped := Get(arguments, 2).(map[string]any)
	all := map[string]any{}
	var keys []string
	if !named || !listed || !mapped || !Known(over) {
		e.skip("", fmt.Sprintf("%s in %s: what it goes over is known only when it is deployed", key, where))
		return all, nil
	}
	size := 0
	Walk(body, func(any) bool { size++; return true })
	for _, item := range over {
		e.loops, e.written = e.loops+1, e.written+size
		if e.loops > loopLimit || e.written > valueLimit {
			e.skip("", fmt.Sprintf("%s in %s: it writes out more than a template may hold", key, where))
			break
		}
		round, _ := substituted(body, name, Text(item)).(map[string]any)
		made, madeKeys := e.unrolled(where, round, nil)
		maps.Copy(all, made)
		keys = append(keys, madeKeys...)
	}
	return all, keys
}

// substituted is value with a loop's variable filled in: for Ref, and for ${name} and &{name} in any text.
func substituted(value any, name, item string) any {
	if function, argument, ok := Function(value); ok && function == "Ref" && argument == name {
		return item
	}
	replace := strings.NewReplacer("${"+name+"}", item, "&{"+name+"}", alphanumeric(item)).Replace
	switch v := value.(type) {
	case string:
		return replace(v)
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, each := range v {
			m[replace(key)] = substituted(each, name, item)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, each := range v {
			list[i] = substituted(each, name, item)
		}
		return list
	}
	return value
}

// alphanumeric is text without all that a logical id does not take.
func alphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}
