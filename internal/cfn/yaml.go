package cfn

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	// indentStep is how much deeper each level of maps and lists is written.
	indentStep = "  "

	// maxImplicitKey is the longest key, in UTF-16 code units as written, that may stand before its colon without a question
	// mark: https://yaml.org/spec/1.2.2/ under "implicit keys".
	maxImplicitKey = 1024
)

// yamlText is v in YAML, as the CDK command line aws-cdk 2.1148.1 writes it: with the npm library yaml 2.9.1, stringify(v,
// {schema: "yaml-1.1", lineWidth: 0}). A line width of 0 means that no long line is folded.
//
// It takes a map[string]any or []any holding those and string, float64, json.Number, bool and nil; it panics on any other
// type. Keys come out sorted, where the library keeps their order; the length is the same.
//
// Two things that no template read from a file does are not reproduced: being a bare string rather than a map, and holding
// the same map or list twice, which the library writes as an anchor and an alias.
func yamlText(v any) string {
	var b strings.Builder
	writeNode(&b, v, "")
	b.WriteByte('\n')
	return b.String()
}

// writeNode writes v where b stands; any further lines start with indent.
func writeNode(b *strings.Builder, v any, indent string) {
	switch v := v.(type) {
	case map[string]any:
		writeMap(b, v, indent)
	case []any:
		writeList(b, v, indent)
	case string:
		b.WriteString(stringText(v, indent))
	case float64:
		b.WriteString(numberText(v))
	case json.Number:
		f, _ := v.Float64() // out of range gives an infinity, as in JavaScript
		b.WriteString(numberText(f))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case nil:
		b.WriteString("null")
	default:
		panic(fmt.Sprintf("cfn: a template cannot hold a %T", v))
	}
}

func writeMap(b *strings.Builder, m map[string]any, indent string) {
	if len(m) == 0 {
		b.WriteString("{}")
		return
	}
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteString("\n" + indent)
		}
		writePair(b, key, m[key], indent)
	}
}

// writePair writes one entry of a map whose keys are at indent.
func writePair(b *strings.Builder, key string, value any, indent string) {
	inner := indent + indentStep
	text := keyText(key, indent)
	switch {
	case utf16Length(text) > maxImplicitKey:
		b.WriteString("? " + text + "\n" + indent + ": ")
	case startsBelow(value):
		b.WriteString(text + ":\n" + inner)
	default:
		b.WriteString(text + ": ")
	}
	writeNode(b, value, inner)
}

// startsBelow reports whether value starts on the line below its key: a map or a list does unless it is empty.
func startsBelow(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

func writeList(b *strings.Builder, list []any, indent string) {
	if len(list) == 0 {
		b.WriteString("[]")
		return
	}
	for i, item := range list {
		if i > 0 {
			b.WriteString("\n" + indent)
		}
		b.WriteString("- ")
		writeNode(b, item, indent+indentStep)
	}
}

// numberText is f as JavaScript's JSON.stringify writes it. Go's encoding/json follows the same rules but refuses infinities.
func numberText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	case math.IsNaN(f):
		return ".nan"
	}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // only infinities and NaN are refused
	}
	return string(text)
}
