package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plain writes the references in a value as a person would: "<Server>" for what Ref gives, "<Role.Arn>" for an attribute,
// and the texts around them joined. What a test wants then stands in a line or two, as JSON. It is a second reading beside
// internal/template's on purpose, of the few forms that our templates have: what that gets wrong shows here.
func plain(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		if v == nil {
			return nil
		}
		if text, ok := intrinsic(v); ok {
			return text
		}
		all := map[string]any{}
		for key, item := range v {
			all[key] = plain(item)
		}
		return all
	}
	return value
}

var variable = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// intrinsic returns what a function of CloudFormation makes of its argument.
func intrinsic(call map[string]any) (string, bool) {
	if len(call) != 1 {
		return "", false
	}
	for function, argument := range call {
		switch function {
		case "Ref":
			return fmt.Sprintf("<%v>", argument), true
		case "Fn::GetAtt":
			parts := argument.([]any)
			return fmt.Sprintf("<%v.%v>", parts[0], parts[1]), true
		case "Fn::Join":
			parts := argument.([]any)
			var texts []string
			for _, part := range parts[1].([]any) {
				texts = append(texts, fmt.Sprint(plain(part)))
			}
			return strings.Join(texts, parts[0].(string)), true
		case "Fn::Sub":
			return strings.ReplaceAll(variable.ReplaceAllString(argument.(string), "<$1>"), "${!", "${"), true
		case "Fn::Base64":
			return fmt.Sprint(plain(argument)), true
		}
	}
	return "", false
}

// at gives the value at a path such as Server/BlockDeviceMappings/0/Ebs/Encrypted in plain, nil when nothing is there. The
// path goes into a resource's properties, or into its policies and DependsOn by their names.
func (t *template) at(path string) any {
	id, rest, _ := strings.Cut(path, "/")
	r := t.Resources[id]
	switch name, below, _ := strings.Cut(rest, "/"); name {
	case "CreationPolicy":
		return at(plain(r.CreationPolicy), below)
	case "UpdatePolicy":
		return at(plain(r.UpdatePolicy), below)
	case "DependsOn":
		return at(plain(r.DependsOn), below)
	case "DeletionPolicy", "Metadata":
		whole, _ := t.whole["Resources"].(map[string]any)[id].(map[string]any)
		return at(plain(whole[name]), below)
	}
	return at(plain(r.Properties), rest)
}

func at(value any, path string) any {
	for path != "" && value != nil {
		var step string
		step, path, _ = strings.Cut(path, "/")
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// expect compares a value of a template, in plain, with JSON; "" wants nothing to be there.
func expect(tb testing.TB, what string, got any, want string) {
	tb.Helper()
	var wanted any
	if want != "" {
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			tb.Fatalf("what is wanted of %s: %v", what, err)
		}
	}
	if diff := cmp.Diff(got, wanted); diff != "" {
		tb.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// property is one value of the template of a context: where it is, and what it must be.
type property struct {
	name    string
	context context
	path    string
	want    string // see expect
}

func expectEach(t *testing.T, properties []property) {
	t.Helper()
	for _, p := range properties {
		t.Run(p.name, func(t *testing.T) { expect(t, p.path, must(t, p.context).at(p.path), p.want) })
	}
}

// awaited returns all that CloudFormation makes before a resource: what it depends on and refers to, what those do, and so
// on.
func (t *template) awaited(id string) map[string]bool {
	all := map[string]bool{}
	var walk func(id string)
	walk = func(id string) {
		for _, before := range t.read.DependsOn(t.read.Resource(id)) {
			if !all[before] {
				all[before] = true
				walk(before)
			}
		}
	}
	walk(id)
	return all
}

// settings reads the shell variables at the top of a script, or in a parameter.
func settings(script any) map[string]string {
	all := map[string]string{}
	for _, line := range assignment.FindAllStringSubmatch(fmt.Sprint(script), -1) {
		all[line[1]] = line[2] + line[3]
	}
	return all
}

var assignment = regexp.MustCompile(`(?m)(?:^| )([A-Z_]+)=(?:'((?:[^']|'\\'')*)'|(\S*))`)
