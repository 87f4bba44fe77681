package template

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// depthLimit is how deep maps and lists may be nested; encoding/json draws its line there too.
const depthLimit = 10_000

// decodeYAML is decode for YAML.
func decodeYAML(text []byte) (map[string]any, []string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, nil, fmt.Errorf("neither JSON nor YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, nil, errors.New("not a template: it is empty")
	}
	value, err := plain(document.Content[0], 0)
	if err != nil {
		return nil, nil, err
	}
	raw, ok := value.(map[string]any)
	if !ok {
		return nil, nil, errors.New("not a template: the top level must be a map")
	}
	var order []string
	top := document.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		if top[i].Value == "Resources" && top[i+1].Kind == yaml.MappingNode {
			order = nil
			for k := 0; k+1 < len(top[i+1].Content); k += 2 {
				order = append(order, top[i+1].Content[k].Value)
			}
		}
	}
	return raw, order, nil
}

// plain is a node's value as plain data. CloudFormation takes no aliases and no merged maps (User Guide, "CloudFormation
// template formats"), which also spares us documents that grow without end.
func plain(node *yaml.Node, depth int) (any, error) {
	if depth > depthLimit {
		return nil, fmt.Errorf("line %d: nested too deep", node.Line)
	}
	value, err := content(node, depth)
	if err != nil || !strings.HasPrefix(node.Tag, "!") || strings.HasPrefix(node.Tag, "!!") {
		return value, err
	}
	return longForm(strings.TrimPrefix(node.Tag, "!"), value), nil
}

func content(node *yaml.Node, depth int) (any, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		return scalar(node), nil
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			value, err := plain(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		return mapping(node, depth)
	default:
		return nil, fmt.Errorf("line %d: CloudFormation takes no YAML aliases", node.Line)
	}
}

func mapping(node *yaml.Node, depth int) (any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, fmt.Errorf("line %d: a key must be text", key.Line)
		}
		value, err := plain(node.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		m[key.Value] = value
	}
	return m, nil
}

// scalar is a value that is neither map nor list. Dates stay text: CloudFormation knows no others ("Version: 2012-10-17").
func scalar(node *yaml.Node) any {
	switch node.Tag {
	case "!!null":
		return nil
	case "!!str":
		if truth, ok := words[strings.ToLower(node.Value)]; ok && node.Style == 0 && slices.Contains(cases(node.Value), node.Value) {
			return truth
		}
	case "!!bool":
		var b bool
		if node.Decode(&b) == nil {
			return b
		}
	case "!!int":
		if n, err := strconv.ParseInt(node.Value, 0, 64); err == nil {
			return float64(n)
		}
	case "!!float":
		if f, err := strconv.ParseFloat(node.Value, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	return node.Value
}

// words are the booleans of YAML 1.1, which CloudFormation reads, beside true and false (yaml.org/type/bool.html). The
// single letters are left out, as by the readers of YAML in Java and Python.
var words = map[string]bool{"yes": true, "on": true, "no": false, "off": false}

// cases are the ways in which YAML takes such a word: yes, Yes, YES.
func cases(word string) []string {
	lower := strings.ToLower(word)
	return []string{lower, strings.ToUpper(lower[:1]) + lower[1:], strings.ToUpper(lower)}
}

// longForm is what a short form stands for: !Ref x, !GetAtt a.b, !Sub ...
func longForm(name string, value any) any {
	switch name {
	case "Ref", "Condition":
		return map[string]any{name: value}
	case "GetAtt":
		if text, ok := value.(string); ok {
			id, attribute, _ := strings.Cut(text, ".")
			value = []any{id, attribute}
		}
	}
	return map[string]any{"Fn::" + name: value}
}
