package view

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/page"
)

// verdictColours paint what is to be looked at.
var verdictColours = map[check.Verdict]page.Colour{check.Fail: page.Red, check.Warn: page.Yellow, check.Unknown: page.Yellow}

// ChecksText writes a line for each check, the gravest first, with what to do about those that did not pass, and the count.
func ChecksText(w io.Writer, look page.Look, results []check.Result) error {
	p := page.Text{Look: look}
	count := map[check.Verdict]int{}
	for _, r := range check.ByGravity(results) {
		count[r.Verdict]++
		word := page.Painted(r.Verdict)
		if colour, painted := verdictColours[r.Verdict]; painted {
			word = look.Paint(colour, string(r.Verdict))
		}
		said := r.Evidence
		if r.Subject != "" {
			said = r.Subject + ": " + said
		}
		pad := page.Painted("        "[:8-len(r.Verdict)])
		p.Wrap(word+pad+page.Painted(page.Readable(r.Code))+"  ", "        ", said)
		if r.Remedy != "" {
			p.Wrap("          remedy: ", "          ", r.Remedy)
		}
	}
	p.Line("")
	p.Line("%d pass, %d warn, %d fail, %d unknown", count[check.Pass], count[check.Warn], count[check.Fail], count[check.Unknown])
	skipped := check.Skipped(results)
	for _, flag := range slices.Sorted(maps.Keys(skipped)) {
		p.Line("not looked at without %s: %s", flag, strings.Join(skipped[flag], ", "))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// ChecksJSON writes them for programs.
func ChecksJSON(w io.Writer, stage string, results []check.Result) error {
	return page.JSON(w, struct {
		Stage   string         `json:"stage"`
		Verdict check.Verdict  `json:"verdict"`
		Checks  []check.Result `json:"checks"`
		// NotLookedAt has the codes that a flag asks for, by the flag.
		NotLookedAt map[string][]string `json:"notLookedAt"`
	}{stage, check.Worst(results), results, check.Skipped(results)})
}
