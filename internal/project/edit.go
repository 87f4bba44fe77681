package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// Setting is a context key and what it is to be.
type Setting struct {
	Key   string
	Value any
}

// Edited returns cdk.json as it is, and as it would be with those context keys: what is not set stays as it is, to the
// character; new keys stand last, in the form of those before them.
func (p *Project) Edited(settings []Setting) (before, after []byte, err error) {
	path := filepath.Join(p.Root, file)
	if before, err = os.ReadFile(path); err != nil {
		return nil, nil, err
	}
	after = before
	for _, s := range settings {
		if after, err = set(after, s); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return before, after, nil
}

// Write replaces cdk.json, whole or not at all.
func (p *Project) Write(text []byte) error {
	path := filepath.Join(p.Root, file)
	old, err := os.Stat(path)
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, text, old.Mode().Perm())
}

// member is a key of an object and where its value stands in the text.
type member struct {
	name       string
	start, end int
}

// object is where an object stands in the text, and what it holds.
type object struct {
	start, end int // of its braces
	members    []member
}

// set sets one key of the context.
func set(text []byte, s Setting) ([]byte, error) {
	whole, err := objectAt(text, 0)
	if err != nil {
		return nil, err
	}
	place := whole.member("context")
	if place == nil {
		if text, err = whole.insert(text, "context", struct{}{}, unit(text, whole)); err != nil {
			return nil, err
		}
		return set(text, s)
	}
	context, err := objectAt(text, place.start)
	if err != nil {
		return nil, fmt.Errorf("context: %w", err)
	}
	if place := context.member(s.Key); place != nil {
		value, err := spell(s.Value, context.indent(text), unit(text, whole))
		return splice(text, place.start, place.end, value), err
	}
	return context.insert(text, s.Key, s.Value, unit(text, whole))
}

// objectAt reads the object that begins at or after an offset.
func objectAt(text []byte, offset int) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(text[offset:]))
	here := func() int { return offset + int(decoder.InputOffset()) }
	opening, err := decoder.Token()
	if err != nil {
		return object{}, err
	}
	if opening != json.Delim('{') {
		return object{}, fmt.Errorf("%v is not an object", opening)
	}
	o := object{start: here() - 1}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return object{}, err
		}
		start := here()
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return object{}, err
		}
		start += bytes.IndexByte(text[start:], ':') + 1
		start += len(text[start:here()]) - len(bytes.TrimLeft(text[start:here()], " \t\r\n"))
		o.members = append(o.members, member{fmt.Sprint(name), start, here()})
	}
	_, err = decoder.Token()
	o.end = here()
	return o, err
}

// member is that of a name: of several the last, which is the one that counts. It is nil where there is none.
func (o object) member(name string) *member {
	var found *member
	for i := range o.members {
		if o.members[i].name == name {
			found = &o.members[i]
		}
	}
	return found
}

// insert puts a member last.
func (o object) insert(text []byte, name string, value any, unit string) ([]byte, error) {
	lead := o.lead(text)
	if lead == "" && len(o.members) == 0 {
		lead = "\n" + strings.Repeat(unit, 2)
	}
	spelled, err := spell(value, indentOf(lead), unit)
	if err != nil {
		return nil, err
	}
	line := lead + fmt.Sprintf("%q: %s", name, spelled)
	if len(o.members) == 0 {
		closing := strings.TrimSuffix(lead, unit)
		return splice(text, o.start+1, o.end-1, line+closing), nil
	}
	last := o.members[len(o.members)-1].end
	return splice(text, last, last, ","+line), nil
}

// lead is what stands before the last key: white space that the next one gets too.
func (o object) lead(text []byte) string {
	if len(o.members) == 0 {
		return ""
	}
	from := o.start + 1
	if len(o.members) > 1 {
		from = o.members[len(o.members)-2].end + 1
	}
	return string(text[from : from+bytes.IndexByte(text[from:], '"')])
}

func (o object) indent(text []byte) string { return indentOf(o.lead(text)) }

// indentOf is the last line of white space, with its beginning where there is one.
func indentOf(lead string) string {
	if i := strings.LastIndexByte(lead, '\n'); i >= 0 {
		return lead[i:]
	}
	return ""
}

// unit is by how much the file indents: what stands before its own keys.
func unit(text []byte, whole object) string {
	return strings.TrimPrefix(indentOf(whole.lead(text)), "\n")
}

// spell writes a value: lists in one line, objects with a line for each key, unless the file is in one line.
func spell(value any, indent, unit string) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if indent != "" {
		encoder.SetIndent(strings.TrimPrefix(indent, "\n"), unit)
	}
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	spelled := strings.TrimSpace(text.String())
	if strings.HasPrefix(spelled, "[") {
		var items []json.RawMessage
		if err := json.Unmarshal([]byte(spelled), &items); err != nil {
			return "", err
		}
		var all []string
		for _, item := range items {
			all = append(all, string(item))
		}
		spelled = "[" + strings.Join(all, ", ") + "]"
	}
	return spelled, nil
}

func splice(text []byte, from, to int, with string) []byte {
	return []byte(string(text[:from]) + with + string(text[to:]))
}
