// Package finding is what a command says of what it looked at: a stable code, how much it weighs, of what, why, and what to
// do. A person may accept one by its code, with a reason.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/nearest"
)

// Severity is how much a finding weighs.
type Severity string

// Stop is a loss, an outage or a deploy that fails; Warn is something to decide; Note is something to know.
const (
	Stop Severity = "stop"
	Warn Severity = "warn"
	Note Severity = "note"
)

// Severities lists all, the gravest first.
func Severities() []Severity { return []Severity{Stop, Warn, Note} }

// Finding is one thing that was found.
type Finding struct {
	Code     string // stable: that of a Kind
	Severity Severity
	Subject  string // the logical id, or the name, of what it is about; "" for the whole
	Reason   string
	Remedy   string
	Accepted string // the reason that a person gave for accepting it, "" while nobody has
	Before   bool   // it was so before, and what was looked at changes nothing of it
}

// Other is the code of what another app than this one, or the CDK itself, warns of.
const Other = "app-warns"

// Kind is one kind of finding, a row of a table in docs.
type Kind struct {
	Code     string
	Severity Severity // the worst that it comes with
	Means    string
	Remedy   string
}

// Sort puts the gravest first, and leaves the order within a severity.
func Sort(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(Severities(), a.Severity), slices.Index(Severities(), b.Severity))
	})
}

// Stops reports whether a finding of severity stop is among them.
func Stops(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Stop })
}

// Acceptance is a person's decision to go on in spite of one finding.
type Acceptance struct{ Code, Subject, Reason string }

// ParseAcceptance reads CODE:SUBJECT=REASON. What has not that form, or the code of none of the kinds, is an error, which
// goes on after the value that it is about.
func ParseAcceptance(text string, kinds []Kind) (Acceptance, error) {
	of, reason, reasoned := strings.Cut(text, "=")
	code, subject, named := strings.Cut(of, ":")
	reason = strings.TrimSpace(reason)
	if !named || !reasoned || reason == "" {
		return Acceptance{}, fmt.Errorf("it takes CODE:RESOURCE=REASON, and the reason must say something")
	}
	var codes []string
	for _, kind := range kinds {
		codes = append(codes, kind.Code)
	}
	if !slices.Contains(codes, code) {
		return Acceptance{}, fmt.Errorf("there is no code %s%s", code, nearest.Hint(code, codes))
	}
	return Acceptance{code, subject, reason}, nil
}

// Accept lowers the findings that were accepted to notes. An acceptance that meets no finding is left over and returned: it
// may be misspelt, or the finding may be gone.
func Accept(findings []Finding, accepted []Acceptance) (left []Acceptance) {
	for _, a := range accepted {
		met := false
		for i, f := range findings {
			if f.Code == a.Code && f.Subject == a.Subject {
				findings[i].Severity, findings[i].Accepted, met = Note, a.Reason, true
			}
		}
		if !met {
			left = append(left, a)
		}
	}
	return left
}
