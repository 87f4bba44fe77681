package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
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

// add adds a hazard of a resource.
func (f *found) add(id, format string, args ...any) { f.addAs(f.kind.Severity, id, format, args...) }

// addAs is add with a severity that is not the kind's worst.
func (f *found) addAs(s finding.Severity, id, format string, args ...any) {
	f.all = append(f.all, finding.Finding{Code: f.kind.Code, Severity: s, Subject: id, Reason: fmt.Sprintf(format, args...), Remedy: f.kind.Remedy})
}

// hazards lists all, the gravest first, and otherwise in the order of Kinds.
func (m *move) hazards() []finding.Finding {
	var all []finding.Finding
	for _, kind := range kinds {
		if m.still() && kind.Code != notUnderstood {
			continue
		}
		f := &found{kind: kind}
		kind.find(m, f)
		all = append(all, f.all...)
	}
	all = append(all, m.warnings()...)
	finding.Sort(all)
	return all
}

// still reports whether nothing changes.
func (m *move) still() bool {
	return len(m.changes) == 0 && len(m.sections) == 0 && len(outputs(m.from, m.to)) == 0
}

// Kinds lists all kinds of hazards: those of a move, in the order of docs/hazards.md.
func Kinds() []finding.Kind {
	var all []finding.Kind
	for _, k := range kinds {
		all = append(all, finding.Kind{Code: k.Code, Severity: k.Severity, Means: k.Means, Remedy: k.Remedy})
	}
	return all
}

// The codes of what is found without a row of the table.
const (
	contextUnknown = "context-unknown"
	contextRemedy  = "name the stage instead of a file, or the cdk.out folder that the file is in"
)

// ContextKinds lists the kinds of hazards that the app warns of, whatever the move: those of internal/config, but for those
// that a move judges better.
func ContextKinds() []finding.Kind {
	all := slices.DeleteFunc(config.WarningKinds(), func(w finding.Kind) bool { return judged(w.Code) })
	return append(all,
		finding.Kind{Code: finding.Other, Severity: Stop, Means: "the app that made the template says something else: an error is a stop, and the command line does not deploy it",
			Remedy: "what it says"},
		finding.Kind{Code: contextUnknown, Severity: Note, Means: "a template's file has no context, so that some of what the app warns of was not looked at", Remedy: contextRemedy})
}

// commas returns logical ids in words: "A, B".
func commas(ids []string) string { return strings.Join(ids, ", ") }
