package diff

import (
	"fmt"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// How much a hazard weighs.
const (
	Stop = finding.Stop
	Warn = finding.Warn
	Note = finding.Note
)

// kind is one kind of hazard, with how it is found in a move.
type kind struct {
	Code     string
	Severity finding.Severity
	Means    string
	Remedy   string

	find func(m *move, h *found)
}

// found collects the hazards of one kind.
type found struct {
	kind kind
	all  []finding.Finding
}

// on adds a hazard to a resource.
func (f *found) on(id, format string, args ...any) { f.weighing(f.kind.Severity, id, format, args...) }

// weighing is on with a severity that is not the kind's worst.
func (f *found) weighing(s finding.Severity, id, format string, args ...any) {
	f.all = append(f.all, finding.Finding{Code: f.kind.Code, Severity: s, Subject: id, Reason: fmt.Sprintf(format, args...), Remedy: f.kind.Remedy})
}

// hazards lists all, the gravest first, and otherwise in the order of Kinds.
func (m *move) hazards() []finding.Finding {
	var all []finding.Finding
	for _, kind := range kinds {
		if len(m.changes) == 0 && len(m.sections) == 0 && len(outputs(m.from, m.to)) == 0 && kind.Code != notUnderstood {
			continue
		}
		f := &found{kind: kind}
		kind.find(m, f)
		all = append(all, f.all...)
	}
	finding.Sort(all)
	return all
}

// Kinds lists all kinds of hazards, in the order of docs/hazards.md.
func Kinds() []finding.Kind {
	var all []finding.Kind
	for _, k := range kinds {
		all = append(all, finding.Kind{Code: k.Code, Severity: k.Severity, Means: k.Means, Remedy: k.Remedy})
	}
	return all
}

// list is a list of logical ids in words.
func list(ids []string) string { return strings.Join(ids, ", ") }
