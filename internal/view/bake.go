package view

import (
	"fmt"
	"io"

	"github.com/korakagazindia/provisioner/internal/bake"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/page"
)

// BakedText writes what was made, of what, what is to be known of it, and what comes next.
func BakedText(w io.Writer, look page.Look, r *bake.Result) error {
	p := page.Text{Look: look}
	row := func(what, format string, args ...any) {
		p.Wrap(page.Painted(fmt.Sprintf("%-11s", what)), "           ", fmt.Sprintf(format, args...))
	}
	if r.Image != "" {
		row("image", "%s, %s, available", r.Image, r.Name)
	} else {
		row("snapshots", "%s, complete", r.Name)
	}
	row("server", "%s of %s, commit %s", r.Server, r.Stack, r.Revision)
	for _, s := range r.Snapshots {
		if s.Disk == "" {
			row("disk", "%s", s.ID)
			continue
		}
		row("disk", "%s, a copy of %s, %d GiB", s.ID, s.Disk, s.GiB)
	}
	if r.Trial != nil {
		row("trial", "%s, of a copy that could reach %s", r.Trial.Verdict, reached[r.Trial.Open])
	}
	if r.Written != "" {
		row("cdk.json", "%s is %s; git diff shows it", r.Written, r.Image)
	}
	for _, o := range r.Removed {
		row("removed", "%s", o.String())
	}
	finding.Sort(r.Findings)
	findingsText(&p, r.Findings)
	if next := bakeNext(r); next != "" {
		p.Whole("next: " + next)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

var reached = map[bool]string{true: "everything", false: "Systems Manager alone"}

func bakeNext(r *bake.Result) string {
	switch {
	case r.Bad():
		return ""
	case r.Written != "":
		return "kora diff deployed horizontal"
	case r.Image != "":
		return "set fleetImageId to " + r.Image + " in cdk.json, for the fleet"
	}
	return ""
}

// BakedJSON writes it for programs.
func BakedJSON(w io.Writer, r *bake.Result) error {
	return page.JSON(w, struct {
		*bake.Result
		Findings []foundJSON `json:"findings"`
	}{r, findingsJSON(r.Findings)})
}
