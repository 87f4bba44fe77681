package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
)

// Limit is the size in bytes of the largest file that is read: ten times the 1 MB that CloudFormation takes from a bucket
// (CloudFormation User Guide, "Understand CloudFormation quotas").
const Limit = 10 << 20

// Read reads the template in a file.
func Read(file string) (*Template, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > Limit {
		return nil, fmt.Errorf("%s: %d bytes, a template has at most 1 MB", file, info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// Parse reads a template from JSON, or from YAML with or without CloudFormation's short forms (!Ref, !Sub).
func Parse(text []byte) (*Template, error) {
	raw, order, err := decode(text)
	if err != nil {
		return nil, err
	}
	return build(raw, order)
}

// decode gives the whole template and the logical ids in the order of the file.
func decode(text []byte) (raw map[string]any, order []string, err error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return nil, nil, errors.New("no template: it is empty")
	}
	if trimmed[0] != '{' || json.Unmarshal(trimmed, &raw) != nil {
		return decodeYAML(text) // which JSON mostly is, too
	}
	var top struct{ Resources ids }
	if err := json.Unmarshal(trimmed, &top); err != nil {
		return nil, nil, errors.New("no template: Resources is no map")
	}
	return raw, top.Resources, nil
}

// ids is the keys of a JSON object, in their order.
type ids []string

// UnmarshalJSON is for encoding/json, which has checked the text.
func (all *ids) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return errors.New("no object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		*all = append(*all, key.(string))
	}
	return nil
}

// build makes the template of decoded data. All faults are reported, joined.
func build(raw map[string]any, order []string) (*Template, error) {
	t := &Template{Raw: raw, Outputs: map[string]any{}, byID: map[string]*Resource{}}
	var faults []error
	section := func(name string) map[string]any {
		value, err := object(raw, name)
		faults = append(faults, err)
		return value
	}
	resources := section("Resources")
	if raw["Resources"] == nil {
		faults = append(faults, errors.New("no template: it has no Resources"))
	}
	for _, id := range order {
		if t.byID[id] != nil {
			continue // written twice: the last one counts, as for everyone who reads JSON
		}
		r, err := newResource(id, resources[id])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		r.place = len(t.Resources)
		t.Resources = append(t.Resources, r)
		t.byID[id] = r
	}
	t.Parameters, t.Conditions = section("Parameters"), section("Conditions")
	for name, output := range section("Outputs") {
		t.Outputs[name] = Get(output, "Value")
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return t, nil
}

func newResource(id string, value any) (*Resource, error) {
	raw, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("resource %s is no map", id)
	}
	r := &Resource{ID: id, Raw: raw}
	var faults []error
	text := func(name string) string {
		s, ok := raw[name].(string)
		if raw[name] != nil && !ok {
			faults = append(faults, fmt.Errorf("resource %s: %s is no text", id, name))
		}
		return s
	}
	part := func(name string) map[string]any {
		m, err := object(raw, name)
		if err != nil {
			faults = append(faults, fmt.Errorf("resource %s: %w", id, err))
		}
		return m
	}
	r.Type, r.DeletionPolicy, r.UpdateReplacePolicy = text("Type"), text("DeletionPolicy"), text("UpdateReplacePolicy")
	r.Properties, r.CreationPolicy, r.UpdatePolicy = part("Properties"), part("CreationPolicy"), part("UpdatePolicy")
	switch d := raw["DependsOn"].(type) {
	case string:
		r.DependsOn = []string{d}
	case []any:
		for _, each := range d {
			if s, ok := each.(string); ok {
				r.DependsOn = append(r.DependsOn, s)
			}
		}
	}
	slices.Sort(r.DependsOn)
	return r, errors.Join(faults...)
}

// object is the map that is called name in m: nil when there is none, an error when it is something else.
func object(m map[string]any, name string) (map[string]any, error) {
	value, ok := m[name].(map[string]any)
	if m[name] != nil && !ok {
		return nil, fmt.Errorf("%s is no map", name)
	}
	return value, nil
}
