package view

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/cost"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/plan"
)

// PlanJSON writes a plan for programs.
func PlanJSON(w io.Writer, p *plan.Plan) error { return page.JSON(w, p) }

// PlanText writes a plan for a person.
func PlanText(w io.Writer, look page.Look, p *plan.Plan) error {
	t := &planPage{page.Text{Look: look}, map[string]bool{}}
	t.Wrap("", "  ", planHeading(p))
	t.Wrap("starts at  ", "           ", planStart(p.Start))
	for _, note := range p.Start.Notes {
		t.Wrap(look.Paint(page.Yellow, "note")+"       ", "           ", note)
	}
	if len(p.Parts) == 0 {
		t.Wrap("to look    ", "           ", runs(p.Look))
		_, err := io.WriteString(w, t.String())
		return err
	}
	for _, line := range planSums(p) {
		t.Wrap(page.Painted(fmt.Sprintf("%-11s", line[0])), "           ", line[1])
	}
	for _, part := range p.Parts {
		t.part(part)
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// planPage is a plan's page in the making. What to look for is said once where many steps have it.
type planPage struct {
	page.Text
	said map[string]bool
}

func (t *planPage) part(part *plan.Part) {
	t.Line("")
	t.Wrap("", "  ", partHeading(part))
	for _, stop := range part.Stops {
		t.Wrap("  "+t.Look.Paint(page.Red, "stop")+"  ", "        ", stopped(stop))
	}
	for _, s := range part.Steps {
		t.step(s)
	}
	t.Wrap("      back: ", "            ", part.Back.What)
	t.edit(part.Back.Edit)
	t.commands(part.Back.Commands)
}

func (t *planPage) step(s plan.Step) {
	t.Wrap(page.Painted(fmt.Sprintf("  %2d  %-13s", s.Number, s.Code)), "                   ", s.What)
	t.edit(s.Edit)
	t.commands(s.Commands)
	for _, line := range s.Does {
		t.Wrap("      . ", "        ", line)
	}
	for _, line := range s.Look {
		if !t.said[line] {
			t.Wrap("      ? ", "        ", line)
		}
		t.said[line] = true
	}
	for _, line := range timeAndCost(s) {
		t.Wrap("      ", "        ", line)
	}
}

func (t *planPage) edit(settings []plan.Setting) {
	if len(settings) > 0 {
		t.Wrap("      cdk.json: ", "                ", edited(settings))
	}
}

func (t *planPage) commands(commands []plan.Command) {
	for _, c := range commands {
		t.command("      $ ", c.Run, remark(c))
	}
}

// command writes a line for the shell; one that is too long goes on before a flag, as the shell takes it.
func (t *planPage) command(lead, line, remark string) {
	for page.Columns(lead+line+remark) > t.Look.Width {
		at := strings.LastIndex(line[:min(len(line), max(0, t.Look.Width-len(lead)-1))], " -")
		if at < 0 {
			break
		}
		t.Whole(lead + line[:at] + ` \`)
		lead, line = "          ", line[at+1:]
	}
	t.Whole(lead + line + remark)
}

// PlanMarkdown writes a plan as a ticket: a box to tick for each step.
func PlanMarkdown(w io.Writer, p *plan.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n- **Starts at:** %s\n", page.Cell(planHeading(p)), page.Cell(planStart(p.Start)))
	for _, note := range p.Start.Notes {
		fmt.Fprintf(&b, "- **Note:** %s\n", page.Cell(note))
	}
	if len(p.Parts) == 0 {
		b.WriteString("- **To look:**\n\n")
		markdownCommands(&b, "  ", p.Look)
	}
	for _, line := range planSums(p) {
		if len(p.Parts) > 0 {
			fmt.Fprintf(&b, "- **%s:** %s\n", strings.ToUpper(line[0][:1])+line[0][1:], page.Cell(line[1]))
		}
	}
	for _, part := range p.Parts {
		fmt.Fprintf(&b, "\n#### %s\n\n", page.Cell(partHeading(part)))
		for _, stop := range part.Stops {
			fmt.Fprintf(&b, "- [ ] **stop** %s\n", page.Cell(stopped(stop)))
		}
		for _, s := range part.Steps {
			markdownStep(&b, s)
		}
		fmt.Fprintf(&b, "- **Way back:** %s\n", page.Cell(part.Back.What))
		markdownEdit(&b, part.Back.Edit)
		markdownCommands(&b, "  ", part.Back.Commands)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownStep(b *strings.Builder, s plan.Step) {
	fmt.Fprintf(b, "- [ ] **%d. %s**: %s\n", s.Number, s.Code, page.Cell(s.What))
	markdownEdit(b, s.Edit)
	markdownCommands(b, "  ", s.Commands)
	for _, line := range s.Does {
		fmt.Fprintf(b, "  - %s\n", page.Cell(line))
	}
	for _, line := range s.Look {
		fmt.Fprintf(b, "  - [ ] %s\n", page.Cell(line))
	}
	for _, line := range timeAndCost(s) {
		fmt.Fprintf(b, "  - %s\n", page.Cell(line))
	}
}

func markdownEdit(b *strings.Builder, settings []plan.Setting) {
	if len(settings) > 0 {
		fmt.Fprintf(b, "  - cdk.json: %s\n", page.Code(edited(settings)))
	}
}

func markdownCommands(b *strings.Builder, indent string, commands []plan.Command) {
	if len(commands) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s```sh\n", indent)
	for _, c := range commands {
		fmt.Fprintf(b, "%s%s%s\n", indent, page.OneLine(c.Run), remark(c))
	}
	fmt.Fprintf(b, "%s```\n\n", indent)
}

// planHeading is where it leads, and how much it is.
func planHeading(p *plan.Plan) string {
	if len(p.Parts) == 0 {
		return fmt.Sprintf("%s in %s stands at %s: nothing is to be done", p.Stack, p.Region, p.Stage)
	}
	steps, deploys := 0, 0
	for _, part := range p.Parts {
		for _, s := range part.Steps {
			steps++
			if s.Code == "deploy" {
				deploys++
			}
		}
	}
	return fmt.Sprintf("%s in %s, to %s: %s, %s", p.Stack, p.Region, p.Stage, counted(steps, "step"), counted(deploys, "deploy"))
}

func planStart(s plan.Start) string { return s.Place.Words() + ": " + s.Why }

// planSums are what the whole of it takes: a name and a line each.
func planSums(p *plan.Plan) [][2]string {
	most := 0.0
	for _, part := range p.Parts {
		most = math.Max(most, part.MoreADay)
	}
	lasts := fmt.Sprintf("%s a month -> %s a month", dollars(p.Before), dollars(p.After))
	if len(p.Parts) > 1 {
		lasts += fmt.Sprintf("; on the way at most $%.2f a day more than before", most)
	}
	if p.Start.Place == plan.HandMade {
		lasts += "; of this, what the server made by hand and its address cost is billed today"
	}
	pause := "none, for users"
	if p.Pause.Most > 0 {
		pause = "users are without service for " + seconds(p.Pause)
	}
	return [][2]string{{"pause", pause}, {"bill", lasts},
		{"time", fmt.Sprintf("about %d min of deploys, twice that at most, and what is watched between them (docs/durations.md)", p.Takes/60)}}
}

func partHeading(part *plan.Part) string {
	heading := part.Name
	if part.Users != "" {
		heading += ": users reach " + part.Users
	}
	more := ""
	if math.Abs(part.MoreADay) >= 0.005 {
		more = fmt.Sprintf(", $%.2f a day %s than before", math.Abs(part.MoreADay), map[bool]string{true: "more", false: "less"}[part.MoreADay > 0])
	}
	if part.Monthly.Typical == 0 {
		return heading
	}
	return fmt.Sprintf("%s (%s a month%s)", heading, dollars(part.Monthly), more)
}

// stopped is a hazard that is to be settled before a deploy.
func stopped(s plan.Stop) string {
	code := s.Code
	if s.Subject != "" {
		code += " " + s.Subject
	}
	return code + ", as cdk.json is now: " + s.Remedy
}

// timeAndCost are a step's lines of those.
func timeAndCost(s plan.Step) []string {
	var lines []string
	if s.Pause != nil {
		lines = append(lines, "pause: "+seconds(*s.Pause))
	}
	if s.Takes != "" {
		lines = append(lines, "takes "+s.Takes)
	}
	if s.Costs != "" {
		lines = append(lines, "costs "+s.Costs)
	}
	return lines
}

// edited is an edit as cdk.json spells it.
func edited(settings []plan.Setting) string {
	var all []string
	for _, s := range settings {
		value := "null"
		switch v := s.Value.(type) {
		case nil:
		case string:
			value = strconv.Quote(v)
		default:
			value = fmt.Sprint(v)
		}
		all = append(all, fmt.Sprintf("%q: %s", s.Key, value))
	}
	return strings.Join(all, ", ")
}

func remark(c plan.Command) string {
	if c.Beside {
		return "   # in another terminal, begun first"
	}
	return ""
}

func runs(commands []plan.Command) string {
	var all []string
	for _, c := range commands {
		all = append(all, c.Run)
	}
	return strings.Join(all, "; ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func dollars(r cost.Range) string { return fmt.Sprintf("$%.2f", r.Typical) }

func seconds(s plan.Span) string {
	unit, by := "s", 1
	if s.Most >= 120 && s.Least%60 == 0 && s.Most%60 == 0 {
		unit, by = "min", 60
	}
	if s.Least == 0 {
		return fmt.Sprintf("up to %d %s", s.Most/by, unit)
	}
	return fmt.Sprintf("%d to %d %s", s.Least/by, s.Most/by, unit)
}
