package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity is how much a hazard weighs.
type Severity string

// Stop is a loss, an outage or a deploy that fails; Warn is something to decide; Note is something to know.
const (
	Stop Severity = "stop"
	Warn Severity = "warn"
	Note Severity = "note"
)

// Hazard is one thing that may go wrong in a move.
type Hazard struct {
	Code      string // stable: one of Kinds
	Severity  Severity
	LogicalID string // "" for the whole template
	Reason    string
	Remedy    string
	Accepted  string // the reason that a person gave for accepting it, "" while nobody has
}

// Kind is one kind of hazard, a row of the table in docs/hazards.md.
type Kind struct {
	Code     string
	Severity Severity // the worst that it comes with
	Means    string
	Remedy   string

	find func(m *move, h *found)
}

// found collects the hazards of one kind.
type found struct {
	kind Kind
	all  []Hazard
}

// on adds a hazard to a resource.
func (f *found) on(id, format string, args ...any) { f.weighing(f.kind.Severity, id, format, args...) }

// weighing is on with a severity that is not the kind's worst.
func (f *found) weighing(s Severity, id, format string, args ...any) {
	f.all = append(f.all, Hazard{Code: f.kind.Code, Severity: s, LogicalID: id, Reason: fmt.Sprintf(format, args...), Remedy: f.kind.Remedy})
}

// hazards lists all, the gravest first, and otherwise in the order of Kinds.
func (m *move) hazards() []Hazard {
	var all []Hazard
	if len(m.changes) == 0 && len(sections(m.from, m.to)) == 0 {
		return nil
	}
	for _, kind := range kinds {
		f := &found{kind: kind}
		kind.find(m, f)
		all = append(all, f.all...)
	}
	rank := map[Severity]int{Stop: 0, Warn: 1, Note: 2}
	slices.SortStableFunc(all, func(a, b Hazard) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
	return all
}

// Kinds lists all kinds of hazards, in the order of docs/hazards.md.
func Kinds() []Kind { return kinds }

// Acceptance is a person's decision to go on in spite of one hazard.
type Acceptance struct{ Code, LogicalID, Reason string }

// Accept lowers the hazards that were accepted to notes. An acceptance that meets no hazard is left over and returned: it
// may be misspelt, or the hazard may be gone.
func (d *Diff) Accept(accepted []Acceptance) (left []Acceptance) {
	for _, a := range accepted {
		met := false
		for i, h := range d.Hazards {
			if h.Code == a.Code && h.LogicalID == a.LogicalID {
				d.Hazards[i].Severity, d.Hazards[i].Accepted, met = Note, a.Reason, true
			}
		}
		if !met {
			left = append(left, a)
		}
	}
	return left
}

// Stops says whether a hazard of severity stop remains.
func (d *Diff) Stops() bool {
	return slices.ContainsFunc(d.Hazards, func(h Hazard) bool { return h.Severity == Stop })
}

// list is a list of logical ids in words.
func list(ids []string) string { return strings.Join(ids, ", ") }
