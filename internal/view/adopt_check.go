package view

import (
	"fmt"
	"io"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/page"
)

// checkMarks stand before what was compared.
var checkMarks = map[adopt.Verdict]string{adopt.Same: "✓", adopt.Announced: "~", adopt.Differs: "!", adopt.Unread: "?"}

// CheckText writes for a person how a server stands to its portrait, a line for each thing, and how its agent is.
func CheckText(w io.Writer, look page.Look, lines []adopt.Line, agent string) error {
	p := page.Text{Look: look}
	count := map[adopt.Verdict]int{}
	for _, l := range lines {
		count[l.Verdict]++
		first := page.Painted(checkMarks[l.Verdict] + " " + page.Readable(l.What) + ": ")
		switch l.Verdict {
		case adopt.Same:
			p.Wrap(first, "    ", cut(l.Is))
		case adopt.Unread:
			p.Wrap(first, "    ", "not known: "+l.Why)
		default:
			p.Wrap(first, "    ", fmt.Sprintf("%s -> %s", cut(l.Was), cut(l.Is)))
			if l.Why != "" {
				p.Wrap("    ", "    ", l.Why)
			}
		}
	}
	p.Line("")
	p.Line("%d as they were, %d as announced, %d differ, %d not known", count[adopt.Same], count[adopt.Announced], count[adopt.Differs], count[adopt.Unread])
	p.Wrap("agent: ", "       ", agent)
	_, err := io.WriteString(w, p.String())
	return err
}

// cut is a value that leaves room for another.
func cut(said string) string {
	if said == "" {
		return "none"
	}
	return page.Cut(said, 160)
}

// checkJSON is the same for programs.
type checkJSON struct {
	Sound bool        `json:"sound"`
	Lines []checkLine `json:"lines"`
	Agent string      `json:"agent"`
}

type checkLine struct {
	What    string        `json:"what"`
	Verdict adopt.Verdict `json:"verdict"`
	Was     string        `json:"was"`
	Is      string        `json:"is"`
	Why     string        `json:"why,omitempty"`
}

// CheckJSON writes the same for programs.
func CheckJSON(w io.Writer, lines []adopt.Line, agent string) error {
	out := checkJSON{Sound: adopt.Sound(lines), Lines: []checkLine{}, Agent: agent}
	for _, l := range lines {
		out.Lines = append(out.Lines, checkLine{l.What, l.Verdict, l.Was, l.Is, l.Why})
	}
	return page.JSON(w, out)
}
