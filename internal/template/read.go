package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Limit is the size in bytes of the largest file that is read: ten times the 1 MB that CloudFormation takes from a bucket
// (CloudFormation User Guide, "Understand CloudFormation quotas").
const Limit = 10 << 20

// Read reads the template in a file, with each parameter at its default.
func Read(file string) (*Template, error) { return Given{}.Read(file) }

// Parse reads a template from JSON, or from YAML with or without CloudFormation's short forms (!Ref, !Sub), with each
// parameter at its default.
func Parse(text []byte) (*Template, error) { return Given{}.Parse(text) }

// Read reads the template in a file.
func (g Given) Read(file string) (*Template, error) {
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
	t, err := g.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// Parse reads a template from JSON or YAML.
func (g Given) Parse(text []byte) (*Template, error) {
	raw, order, err := decode(text)
	if err != nil {
		return nil, err
	}
	return build(raw, order, g)
}

// decode gives the whole template and the logical ids in the order of the file.
func decode(text []byte) (raw map[string]any, order []string, err error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return nil, nil, errors.New("not a template: it is empty")
	}
	if trimmed[0] != '{' || json.Unmarshal(trimmed, &raw) != nil {
		return decodeYAML(text) // which JSON mostly is, too
	}
	var top struct{ Resources ids }
	if err := json.Unmarshal(trimmed, &top); err != nil {
		return nil, nil, errors.New("not a template: Resources must be a map")
	}
	return raw, top.Resources, nil
}

// ids is the keys of a JSON object, in their order.
type ids []string

// UnmarshalJSON is for encoding/json, which has checked the text.
func (all *ids) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return errors.New("it must be an object")
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
