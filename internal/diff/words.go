package diff

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// Group is the changes of one action, with what is said of them.
type Group struct {
	Action  Action
	Heading string // such as "changed in place, with a pause"
	Changes []*Change
	Keeps   bool // see Change

	counted string // as in "3 changed in place"
	step    string // what a step does, "" where the action's name says it
}

// kindsOfChange is the order in which changes are shown: the gravest first.
var kindsOfChange = []Group{
	{Action: Refuse, counted: "refused", step: "try in vain to change",
		Heading: "refused: CloudFormation does not update it, and the deploy fails"},
	{Action: Replace, counted: "replaced",
		Heading: "replaced: a new one is made, the old one goes"},
	{Action: Replace, Keeps: true, counted: "replaced, the old one kept",
		Heading: "replaced: a new one is made, the old one stays in the account, billed and in no stack"},
	{Action: MayReplace, counted: "may be replaced", step: "replace, perhaps,",
		Heading: "may be replaced: what decides it is not in the template"},
	{Action: MayReplace, Keeps: true, counted: "may be replaced, the old one kept",
		Heading: "may be replaced: what decides it is not in the template; the old one would stay in the account, billed and in no stack"},
	{Action: Delete, counted: "deleted",
		Heading: "deleted"},
	{Action: Interrupt, counted: "interrupted",
		Heading: "changed in place, with a pause"},
	{Action: Unknown, counted: "with unknown effect", step: "change, with unknown effect,",
		Heading: "changed, with unknown effect"},
	{Action: Update, counted: "changed in place",
		Heading: "changed in place"},
	{Action: Create, counted: "created",
		Heading: "created"},
	{Action: Retain, counted: "kept", step: "keep",
		Heading: "kept: leaves the stack, stays in the account"},
}

// Groups returns the changes by what happens, the gravest first, without those of which there are none.
func (d *Diff) Groups() []Group {
	var all []Group
	for _, g := range kindsOfChange {
		for _, c := range d.Changes {
			if c.Action == g.Action && c.Keeps == g.Keeps {
				g.Changes = append(g.Changes, c)
			}
		}
		if len(g.Changes) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// Headline returns what happens, counted: "1 interrupted, 3 changed in place, 40 created".
func (d *Diff) Headline() string {
	if d.Empty() {
		return "nothing changes"
	}
	var parts []string
	if d.Other != "" {
		parts = append(parts, "another stack")
	}
	for _, g := range d.Groups() {
		parts = append(parts, fmt.Sprintf("%d %s", len(g.Changes), g.counted))
	}
	if len(parts) == 0 {
		return "no resource changes"
	}
	return strings.Join(parts, ", ")
}

// Summary returns one line: how much changes, how long users are without service, and how many hazards there are.
func (d *Diff) Summary() string {
	line := d.From + " -> " + d.To + ": " + d.Headline()
	if d.Empty() && len(d.Hazards) == 0 {
		return line
	}
	if d.Empty() {
		return line + "; " + tally(d.Hazards)
	}
	return line + "; " + d.Downtime.pause() + "; " + tally(d.Hazards)
}

// tally counts the hazards, but for notes of what was so before.
func tally(hazards []finding.Finding) string {
	count := map[finding.Severity]int{}
	for _, h := range hazards {
		if !h.Before || h.Severity != Note {
			count[h.Severity]++
		}
	}
	switch {
	case len(hazards) == 0:
		return "no hazards"
	case len(count) == 0:
		return "no new hazards"
	}
	var parts []string
	for _, s := range finding.Severities() {
		if count[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
		}
	}
	return "hazards: " + strings.Join(parts, ", ")
}

// String returns a downtime in words: "users are without service for 1 to 3 min", or "no pause for users" and why.
func (d Downtime) String() string {
	if d.Why == "" {
		return d.pause()
	}
	return d.pause() + ": " + d.Why
}

func (d Downtime) pause() string {
	if d.MaxSeconds == 0 {
		return "no pause for users"
	}
	if d.MinSeconds == 0 {
		return "users are without service for up to " + span(d.MaxSeconds)
	}
	if d.MinSeconds%60 == 0 && d.MaxSeconds%60 == 0 {
		return fmt.Sprintf("users are without service for %d to %d min", d.MinSeconds/60, d.MaxSeconds/60)
	}
	return "users are without service for " + span(d.MinSeconds) + " to " + span(d.MaxSeconds)
}

func span(seconds int) string {
	switch {
	case seconds < 120 && seconds != 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds%60 == 0:
		return fmt.Sprintf("%d min", seconds/60)
	}
	return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
}

// String returns a step's items, those of one action together: "create A, B; update C".
func (s Step) String() string {
	var parts []string
	for _, g := range kindsOfChange {
		if g.Keeps {
			continue // what is kept is an item of its own
		}
		var ids []string
		for _, item := range s.Items {
			if item.Action == g.Action {
				ids = append(ids, item.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		does := cmp.Or(g.step, string(g.Action))
		if s.CleanUp && g.Action == MayReplace {
			does = "delete, if it was replaced, the old"
		}
		parts = append(parts, does+" "+commas(ids))
	}
	return strings.Join(parts, "; ")
}
