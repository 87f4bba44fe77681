package diff

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/template"
)

// width is how many columns a line of text may take.
const width = 100

// groups is the order in which changes are shown, and the heading and mark of each.
var groups = []struct {
	action     Action
	mark, head string
}{
	{Refuse, "!", "refused: CloudFormation does not update it, and the deploy fails"},
	{Replace, "!", "replaced: a new one is made, the old one goes"},
	{MayReplace, "!", "may be replaced: what decides it is not in the template"},
	{Delete, "-", "deleted"},
	{Interrupt, "~", "changed in place, with a pause"},
	{Unknown, "?", "changed, with unknown effect"},
	{Update, "~", "changed in place"},
	{Create, "+", "created"},
	{Retain, ".", "kept: leaves the stack, stays in the account"},
}

// WriteText writes the move for a person, in lines of at most 100 columns.
func WriteText(w io.Writer, d *Diff, bills *Bills) error {
	p := &page{}
	p.wrap("", "  ", fmt.Sprintf("%s -> %s: %s", d.From, d.To, headline(d)))
	p.changes(d)
	p.beside("Outputs", d.Outputs)
	p.beside("Other sections", d.Sections)
	p.sequence(d.Sequence)
	p.downtime(d)
	if bills != nil && !d.Empty() {
		p.bills(bills)
	}
	p.hazards(d.Hazards)
	_, err := io.WriteString(w, p.b.String())
	return err
}

// WriteQuiet writes one line: how much changes, how long users are without service, and how many hazards there are.
func WriteQuiet(w io.Writer, d *Diff) error {
	line := d.From + " -> " + d.To + ": " + headline(d)
	if !d.Empty() {
		line += "; " + Pause(d.Downtime) + "; " + tally(d.Hazards)
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// headline counts what happens: "1 interrupted, 3 changed in place, 40 created".
func headline(d *Diff) string {
	if d.Empty() {
		return "nothing changes"
	}
	words := map[Action]string{Refuse: "refused", Replace: "replaced", MayReplace: "may be replaced", Delete: "deleted", Interrupt: "interrupted", Unknown: "with unknown effect",
		Update: "changed in place", Create: "created", Retain: "kept"}
	var parts []string
	if d.Other != "" {
		parts = append(parts, "another stack")
	}
	for _, g := range groups {
		if n := len(actioned(d.Changes, g.action)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words[g.action]))
		}
	}
	if len(parts) == 0 {
		return "no resource changes"
	}
	return strings.Join(parts, ", ")
}

func actioned(changes []*Change, action Action) []*Change {
	var all []*Change
	for _, c := range changes {
		if c.Action == action {
			all = append(all, c)
		}
	}
	return all
}

func tally(hazards []finding.Finding) string {
	if len(hazards) == 0 {
		return "no hazards"
	}
	count := map[finding.Severity]int{}
	for _, h := range hazards {
		count[h.Severity]++
	}
	var parts []string
	for _, s := range finding.Severities() {
		if count[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
		}
	}
	return "hazards: " + strings.Join(parts, ", ")
}

// Pause is a downtime in words: "no pause for users", "users are without service for 1 to 3 minutes".
func Pause(d Downtime) string {
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

// whyServed is why users are served on, where nothing pauses.
func whyServed(d Downtime) string {
	if d.Why == "" {
		return ""
	}
	return ": " + d.Why
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

// page is text in the making.
type page struct{ b strings.Builder }

func (p *page) line(format string, args ...any) {
	text := strings.Map(printable, fmt.Sprintf(format, args...))
	p.b.WriteString(strings.TrimRight(cut(text, width), " ") + "\n")
}

// printable keeps what a template says from steering the terminal.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return '?'
}

// wrap writes words behind first, and further lines behind rest.
func (p *page) wrap(first, rest, text string) {
	line, started := first, false
	for word := range strings.FieldsSeq(text) {
		if started && runes(line)+1+runes(word) > width {
			p.line("%s", line)
			line, started = rest, false
		}
		if started {
			line += " "
		}
		line += word
		started = true
	}
	p.line("%s", line)
}

func (p *page) changes(d *Diff) {
	for _, g := range groups {
		changes := actioned(d.Changes, g.action)
		if len(changes) == 0 {
			continue
		}
		p.line("")
		p.line("%s", strings.ToUpper(g.head[:1])+g.head[1:])
		for _, c := range changes {
			p.line("  %s %-34s %s", g.mark, c.ID, c.Type)
			p.properties(c.Properties)
		}
	}
}

func (p *page) properties(properties []Property) {
	why := ""
	for i, each := range properties {
		p.property(each)
		why = each.Why
		if why != "" && (i+1 == len(properties) || properties[i+1].Why != why || top(properties[i+1].Path) != top(each.Path)) {
			p.wrap("        ", "        ", why)
		}
	}
}

// property shows a change in one line where it fits, or else the old value above the new one, each cut to where they differ.
func (p *page) property(each Property) {
	from, to := shown(each.From), shown(each.To)
	lead := "      " + each.Path + ": "
	switch {
	case each.From == nil && runes(lead)+2+runes(to) <= width:
		p.line("%s+ %s", lead, to)
		return
	case each.To == nil && runes(lead)+2+runes(from) <= width:
		p.line("%s- %s", lead, from)
		return
	case each.From != nil && each.To != nil && runes(lead)+4+runes(from)+runes(to) <= width:
		p.line("%s%s -> %s", lead, from, to)
		return
	}
	p.line("%s", strings.TrimSuffix(lead, " "))
	from, to = around(from, to, width-10)
	if each.From != nil {
		p.line("        - %s", from)
	}
	if each.To != nil {
		p.line("        + %s", to)
	}
}

// shown is a value in one line.
func shown(value any) string {
	if value == nil {
		return ""
	}
	text := strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(template.Text(value))
	if text == "" {
		return `""`
	}
	return text
}

// around cuts two texts to n characters so that where they begin to differ is in sight.
func around(a, b string, n int) (string, string) {
	x, y := []rune(a), []rune(b)
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	if len(x) <= n && len(y) <= n {
		return a, b
	}
	start := max(0, same-n/3)
	for _, text := range []*[]rune{&x, &y} {
		if start > 0 && len(*text) > start {
			*text = append([]rune("..."), (*text)[start:]...)
		}
	}
	return cut(string(x), n), cut(string(y), n)
}

func cut(text string, n int) string {
	if runes(text) <= n {
		return text
	}
	return string([]rune(text)[:n-3]) + "..."
}

func runes(text string) int { return len([]rune(text)) }

// beside shows what differs beside the resources.
func (p *page) beside(heading string, properties []Property) {
	if len(properties) == 0 {
		return
	}
	p.line("")
	p.line("%s", heading)
	for _, each := range properties {
		p.property(each)
	}
}

func (p *page) sequence(steps []Step) {
	if len(steps) == 0 {
		return
	}
	p.line("")
	p.line("Sequence: each step needs something of the one before; clean-up begins when all else has succeeded")
	for i, s := range steps {
		lead := fmt.Sprintf("  %2d  ", i+1)
		if s.CleanUp {
			lead = fmt.Sprintf("  %2d  clean-up: ", i+1)
		}
		p.wrap(lead, "      ", steps[i].words())
	}
}

// words are a step's items, those of one action together: "create A, B; update C".
func (s Step) words() string {
	var parts []string
	for _, g := range groups {
		var ids []string
		for _, item := range s.Items {
			if item.Action == g.action {
				ids = append(ids, item.ID)
			}
		}
		if len(ids) > 0 {
			word := map[Action]string{Retain: "keep", Unknown: "change, with unknown effect,", MayReplace: "replace, perhaps,", Refuse: "try in vain to change"}[g.action]
			if s.CleanUp && g.action == MayReplace {
				word = "delete, if it was replaced, the old"
			}
			parts = append(parts, cmp.Or(word, string(g.action))+" "+list(ids))
		}
	}
	return strings.Join(parts, "; ")
}

func (p *page) downtime(d *Diff) {
	if d.Empty() {
		return
	}
	p.line("")
	p.wrap("Service: ", "         ", Pause(d.Downtime)+whyServed(d.Downtime))
	for _, c := range d.Downtime.Causes {
		p.wrap("  ", "    ", fmt.Sprintf("%s %s: %d-%d s", c.ID, c.Why, c.Min, c.Max))
	}
	p.wrap("Way back: ", "          ", d.Return)
}

func (p *page) bills(bills *Bills) {
	p.line("")
	p.wrap("Bill: ", "      ", bills.String())
	for _, u := range bills.Unpriced {
		p.wrap("  not priced: ", "    ", u.String())
	}
	for _, s := range bills.Stays {
		p.wrap("  stays billed outside the stack: ", "    ", s.String())
	}
}

func (p *page) hazards(hazards []finding.Finding) {
	if len(hazards) == 0 {
		return
	}
	p.line("")
	p.line("Hazards (docs/hazards.md)")
	for _, h := range hazards {
		p.line("  %s  %s  %s", h.Severity, h.Code, h.Subject)
		p.wrap("        ", "        ", h.Reason)
		if h.Accepted != "" {
			p.wrap("        accepted: ", "        ", h.Accepted)
			continue
		}
		p.wrap("        remedy: ", "        ", h.Remedy)
	}
}
