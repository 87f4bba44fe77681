package test

import (
	"strings"
	"testing"
)

// finding is what a tool says of a resource or a file, and where else to read of it.
type finding struct{ rule, resource, text string }

// exception is a finding that stands, and why.
type exception struct {
	rule     string
	resource string // "" for every resource
	why      string
}

func (e exception) explains(f finding) bool {
	return e.rule == f.rule && (e.resource == "" || e.resource == f.resource)
}

// judge reports what no exception explains, a line for each rule and resource, and each exception that explains nothing
// or gives no reason: a list that may hold more than it must would hide the next finding.
func judge(tb testing.TB, findings []finding, exceptions []exception) {
	tb.Helper()
	used := make([]bool, len(exceptions))
	type key struct{ rule, resource string }
	unexplained := map[key][]string{}
	for _, f := range findings {
		explained := false
		for i, e := range exceptions {
			if e.explains(f) {
				used[i], explained = true, true
			}
		}
		if !explained {
			unexplained[key{f.rule, f.resource}] = append(unexplained[key{f.rule, f.resource}], f.text)
		}
	}
	for of, texts := range unexplained {
		tb.Errorf("%s on %s (%d×): %s", of.rule, of.resource, len(texts), texts[0])
	}
	for i, e := range exceptions {
		if !used[i] {
			tb.Errorf("the exception %s on %q explains nothing: take it out", e.rule, e.resource)
		}
		if strings.TrimSpace(e.why) == "" {
			tb.Errorf("the exception %s on %q gives no reason", e.rule, e.resource)
		}
	}
}
