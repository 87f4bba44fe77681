package diff

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// WriteMarkdown writes the move as a pull-request comment.
func WriteMarkdown(w io.Writer, d *Diff, bills *Bills) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s → %s: %s\n\n", code(d.From), code(d.To), headline(d))
	if d.Empty() {
		markdownHazards(&b, d.Hazards)
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "- **Service:** %s\n", escaped(Pause(d.Downtime)+whyServed(d.Downtime)))
	for _, c := range d.Downtime.Causes {
		fmt.Fprintf(&b, "  - %s %s: %d–%d s\n", code(c.ID), escaped(c.Why), c.Min, c.Max)
	}
	fmt.Fprintf(&b, "- **Way back:** %s\n", escaped(d.Return))
	if bills != nil {
		fmt.Fprintf(&b, "- **Bill:** %s\n", bills)
		for _, u := range bills.Unpriced {
			fmt.Fprintf(&b, "  - not priced: %s\n", escaped(u.String()))
		}
		for _, s := range bills.Stays {
			fmt.Fprintf(&b, "  - stays billed outside the stack: %s\n", escaped(s.String()))
		}
	}
	markdownHazards(&b, d.Hazards)
	markdownChanges(&b, d.Changes)
	markdownBeside(&b, append(d.Outputs, d.Sections...))
	markdownSequence(&b, d.Sequence)
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownHazards(b *strings.Builder, hazards []finding.Finding) {
	if len(hazards) == 0 {
		return
	}
	b.WriteString("\n| hazard | resource | why | what to do |\n|---|---|---|---|\n")
	for _, h := range hazards {
		remedy := h.Remedy
		if h.Accepted != "" {
			remedy = "accepted: " + h.Accepted
		}
		fmt.Fprintf(b, "| **%s** `%s` | %s | %s | %s |\n", h.Severity, h.Code, code(cmp.Or(h.Subject, "template")), escaped(h.Reason), escaped(remedy))
	}
}

// commentLimit is where the table of changes ends: GitHub takes 65,536 characters a comment, and the sequence follows.
const commentLimit = 30_000

func markdownChanges(b *strings.Builder, changes []*Change) {
	if len(changes) == 0 {
		return
	}
	b.WriteString("\n| what happens | resource | property | from | to |\n|---|---|---|---|---|\n")
	left := 0
	for _, g := range groups {
		for _, c := range actioned(changes, g.action) {
			if b.Len() > commentLimit {
				left++
				continue
			}
			lead := fmt.Sprintf("| %s | %s<br>%s |", g.action, code(c.ID), escaped(c.Type))
			if len(c.Properties) == 0 {
				fmt.Fprintf(b, "%s | | |\n", lead)
			}
			for _, p := range c.Properties {
				from, to := around(shown(p.From), shown(p.To), 80)
				fmt.Fprintf(b, "%s %s | %s | %s |\n", lead, code(p.Path), code(from), code(to))
				lead = "| | |"
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "\nand %d more\n", left)
	}
}

// markdownBeside shows what differs beside the resources.
func markdownBeside(b *strings.Builder, properties []Property) {
	if len(properties) == 0 {
		return
	}
	b.WriteString("\n| beside the resources | from | to |\n|---|---|---|\n")
	for _, p := range properties {
		from, to := around(shown(p.From), shown(p.To), 80)
		fmt.Fprintf(b, "| %s | %s | %s |\n", code(p.Path), code(from), code(to))
	}
}

func markdownSequence(b *strings.Builder, steps []Step) {
	if len(steps) == 0 {
		return
	}
	b.WriteString("\n<details><summary>Sequence</summary>\n\n")
	for i, s := range steps {
		if b.Len() > 2*commentLimit {
			b.WriteString("\nand so on\n")
			break
		}
		word := ""
		if s.CleanUp {
			word = "clean-up: "
		}
		fmt.Fprintf(b, "%d. %s%s\n", i+1, word, escaped(cut(s.words(), commentLimit/10)))
	}
	b.WriteString("\n</details>\n")
}

// escaped is text that stays text in a cell of a table, and calls nobody.
func escaped(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "\r", " ", "`", "'", "@", "@\u200b").Replace(strings.Map(printable, text))
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "`", "'").Replace(strings.Map(printable, text)) + "`"
}
