package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/korakagazindia/provisioner/internal/template"
)

// FromTemplate is what the role of that logical id may do by its inline policies. values are those of the references in
// them, as in AWS::Region or LogGroup.Arn. An error names a reference without a value, or what this package cannot decide.
func FromTemplate(text []byte, role string, values map[string]string) (Policy, error) {
	t, err := template.Parse(text)
	if err != nil {
		return nil, err
	}
	r := t.Resource(role)
	if r == nil || r.Type != "AWS::IAM::Role" {
		return nil, fmt.Errorf("%s: not an AWS::IAM::Role of the template", role)
	}
	if managed := template.List(r.Get("ManagedPolicyArns")); len(managed) > 0 {
		return nil, fmt.Errorf("%s: managed policies are not known here: %v", role, managed)
	}
	var all Policy
	for _, inline := range template.List(r.Get("Policies")) {
		statements, err := resolve(template.List(template.Get(inline, "PolicyDocument", "Statement")), values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", role, err)
		}
		p, err := parse(statements)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", role, err)
		}
		all = append(all, p...)
	}
	return all, nil
}

// parse reads statements and refuses every element that Decide would leave out.
func parse(statements any) (p Policy, err error) {
	text, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	reader := json.NewDecoder(bytes.NewReader(text))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&p); err != nil {
		return nil, err
	}
	for _, s := range p {
		for operator := range s.Condition {
			if operator != "StringEquals" {
				return nil, fmt.Errorf("the condition operator %s is not known here", operator)
			}
		}
		if s.Effect != "Allow" && s.Effect != "Deny" || len(s.Action) == 0 || len(s.Resource) == 0 {
			return nil, fmt.Errorf("a statement without Effect, Action or Resource: %+v", s)
		}
	}
	return p, nil
}

// resolve is value with its intrinsic functions carried out: Ref, Fn::GetAtt, Fn::Sub and Fn::Join.
func resolve(value any, values map[string]string) (any, error) {
	if name, argument, is := template.Function(value); is {
		return call(name, argument, values)
	}
	switch v := value.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, item := range v {
			resolved, err := resolve(item, values)
			if err != nil {
				return nil, err
			}
			all[key] = resolved
		}
		return all, nil
	case []any:
		all := make([]any, len(v))
		for i, item := range v {
			resolved, err := resolve(item, values)
			if err != nil {
				return nil, err
			}
			all[i] = resolved
		}
		return all, nil
	}
	return value, nil
}

func call(name string, argument any, values map[string]string) (text string, err error) {
	lookUp := func(reference string) string {
		found, known := values[reference]
		if !known {
			err = fmt.Errorf("no value for %s", reference)
		}
		return found
	}
	switch name {
	case "Ref":
		return lookUp(fmt.Sprint(argument)), err
	case "Fn::GetAtt":
		if reference, ok := template.Refers(map[string]any{name: argument}); ok {
			return lookUp(reference.String()), err
		}
	case "Fn::Sub":
		if pattern, ok := argument.(string); ok {
			text := placeholder.ReplaceAllStringFunc(pattern, func(in string) string { return lookUp(in[2 : len(in)-1]) })
			return text, err
		}
	case "Fn::Join":
		parts, err := resolve(template.List(template.Get(argument, 1)), values)
		if err != nil {
			return "", err
		}
		var texts []string
		for _, part := range parts.([]any) {
			texts = append(texts, fmt.Sprint(part))
		}
		return strings.Join(texts, fmt.Sprint(template.Get(argument, 0))), nil
	}
	return "", fmt.Errorf("%s is not known here: %v", name, argument)
}

// placeholder is one in the text of Fn::Sub.
var placeholder = regexp.MustCompile(`\$\{[^!}]+\}`)
