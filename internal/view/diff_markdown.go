package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/page"
)

// DiffMarkdown writes a move as a pull-request comment.
func DiffMarkdown(w io.Writer, d *diff.Diff, bills *diff.Bills) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s → %s: %s\n\n", page.Code(d.From), page.Code(d.To), d.Headline())
	if d.Empty() {
		markdownHazards(&b, d.Hazards)
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "- **Service:** %s\n", page.Cell(d.Downtime.String()))
	for _, c := range d.Downtime.Causes {
		fmt.Fprintf(&b, "  - %s %s: %d–%d s\n", page.Code(c.ID), page.Cell(c.Why), c.Min, c.Max)
	}
	fmt.Fprintf(&b, "- **Way back:** %s\n", page.Cell(d.Return))
	if bills != nil {
		fmt.Fprintf(&b, "- **Bill:** %s\n", bills)
		for _, u := range bills.Unpriced {
			fmt.Fprintf(&b, "  - not priced: %s\n", page.Cell(u.String()))
		}
		for _, s := range bills.Stays {
			fmt.Fprintf(&b, "  - stays billed outside the stack: %s\n", page.Cell(s.String()))
		}
	}
	markdownHazards(&b, d.Hazards)
	markdownChanges(&b, d.Groups())
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
		fmt.Fprintf(b, "| **%s** `%s` | %s | %s | %s |\n", h.Severity, h.Code, page.Code(cmp.Or(h.Subject, "template")),
			page.Cell(h.Reason), page.Cell(remedy))
	}
}

// commentLimit is where the table of changes ends: GitHub takes 65,536 characters a comment, and the sequence follows.
const commentLimit = 30_000

func markdownChanges(b *strings.Builder, groups []diff.Group) {
	if len(groups) == 0 {
		return
	}
	b.WriteString("\n| what happens | resource | property | from | to |\n|---|---|---|---|---|\n")
	left := 0
	for _, g := range groups {
		for _, c := range g.Changes {
			if b.Len() > commentLimit {
				left++
				continue
			}
			lead := fmt.Sprintf("| %s | %s<br>%s |", g.Action, page.Code(c.ID), page.Cell(c.Type))
			if len(c.Properties) == 0 {
				fmt.Fprintf(b, "%s | | |\n", lead)
			}
			for _, p := range paired(c.Properties) {
				from, to := page.Around(value(p.From), value(p.To), 80)
				fmt.Fprintf(b, "%s %s | %s | %s |\n", lead, page.Code(p.Path), page.Code(from), page.Code(to))
				lead = "| | |"
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "\nand %d more\n", left)
	}
}

// markdownBeside shows what differs beside the resources.
func markdownBeside(b *strings.Builder, properties []diff.Property) {
	if len(properties) == 0 {
		return
	}
	b.WriteString("\n| beside the resources | from | to |\n|---|---|---|\n")
	for _, p := range properties {
		from, to := page.Around(value(p.From), value(p.To), 80)
		fmt.Fprintf(b, "| %s | %s | %s |\n", page.Code(p.Path), page.Code(from), page.Code(to))
	}
}

func markdownSequence(b *strings.Builder, steps []diff.Step) {
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
		fmt.Fprintf(b, "%d. %s%s\n", i+1, word, page.Cell(page.Cut(s.String(), commentLimit/10)))
	}
	b.WriteString("\n</details>\n")
}
