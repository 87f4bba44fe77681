package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/page"
)

// AdoptText writes for a person what was read of a server, and what follows from it.
func AdoptText(w io.Writer, look page.Look, f *adopt.Facts, d *adopt.Decision) error {
	p := &adoptPage{page.Text{Look: look}}
	p.facts(f)
	p.keys(d.Keys)
	p.ask(d.Ask)
	p.steps(d.Steps)
	p.findings(d)
	p.Line("")
	p.Wrap("next: ", "      ", d.Next)
	_, err := io.WriteString(w, p.String())
	return err
}

// adoptPage is an adoption's page in the making.
type adoptPage struct{ page.Text }

// row writes a fact behind its name.
func (p *adoptPage) row(name, says string) {
	if says != "" {
		p.Wrap(page.Painted(fmt.Sprintf("%-10s ", name)), behind, says)
	}
}

// behind is where a fact begins.
const behind = page.Painted("           ")

func (p *adoptPage) facts(f *adopt.Facts) {
	s := f.Server
	p.row("account", fmt.Sprintf("%s, %s, as %s", f.Caller.Account, f.Region, f.Caller.ARN))
	p.row("server", fmt.Sprintf("%s, %s %s, %s since %s", s.InstanceID, s.Type, s.Architecture, s.State, s.Launched.UTC().Format(time.DateOnly)))
	p.row("image", s.ImageID+" "+cmp.Or(s.ImageName, "(gone from the account, which does not matter)"))
	p.row("disk", disk(s.RootDevice))
	p.row("address", address(f.Address))
	p.row("network", network(f))
	for _, id := range s.GroupIDs {
		p.row("group", group(f.Groups[id], id))
	}
	p.row("record", record(f))
	for _, database := range f.Databases {
		p.row("database", fmt.Sprintf("%s (%s, port %d) in %s", database.ID, database.Engine, database.Port, database.VpcID))
	}
	p.row("key pair", cmp.Or(s.KeyName, "none"))
	p.row("profile", cmp.Or(s.ProfileARN, "none"))
	p.row("user data", userData(s))
	p.row("agent", agent(f))
	p.row("stack", stack(f))
}

func disk(d adopted.Disk) string {
	if d.GiB == 0 {
		return d.Name
	}
	encrypted := "not encrypted"
	if d.Encrypted {
		encrypted = "encrypted"
	}
	ends := "stays when the server ends"
	if d.DeleteOnTermination {
		ends = "deleted with the server"
	}
	return fmt.Sprintf("%s, %s of %d GiB, %s, %s", d.Name, d.Type, d.GiB, encrypted, ends)
}

func address(a adopt.Address) string {
	if a.IP == "" {
		return "no Elastic IP"
	}
	return fmt.Sprintf("%s (%s, %s)", a.IP, a.AllocationID, cmp.Or(a.AssociationID, "at nobody"))
}

func network(f *adopt.Facts) string {
	of := "VPC "
	if i := slices.IndexFunc(f.Subnets, func(s account.Subnet) bool { return s.ID == f.Server.SubnetID }); i >= 0 && f.Subnets[i].Default {
		of = "default VPC "
	}
	return fmt.Sprintf("%s%s, %s in %s", of, cmp.Or(f.Server.VpcID, "none"), cmp.Or(f.Server.SubnetID, "no subnet"), f.Server.Zone)
}

// group is a security group and where it lets the world in.
func group(g account.Group, id string) string {
	if g.ID == "" {
		return id
	}
	var open []string
	for _, rule := range g.Rules {
		if rule.World() {
			open = append(open, rule.Ports())
		}
	}
	if len(open) == 0 {
		return fmt.Sprintf("%s (%s), open to nobody on the internet", g.Name, g.ID)
	}
	return fmt.Sprintf("%s (%s), open to the world: %s", g.Name, g.ID, strings.Join(open, ", "))
}

func record(f *adopt.Facts) string {
	r := f.Record
	switch {
	case r == nil:
		return "none found"
	case r.Alias:
		return fmt.Sprintf("%s %s, an alias, in %s (%s)", r.Name, r.Type, r.ZoneName, r.ZoneID)
	}
	return fmt.Sprintf("%s %s %d s to %s, in %s (%s)", r.Name, r.Type, r.TTL, strings.Join(r.Values, ", "), r.ZoneName, r.ZoneID)
}

func userData(s adopt.Server) string {
	if s.UserDataHash == "" {
		return "none"
	}
	return "SHA-256 " + s.UserDataHash
}

func agent(f *adopt.Facts) string {
	switch {
	case f.Agent != nil:
		return fmt.Sprintf("Systems Manager's %s, %s, %s", f.Agent.Version, f.Agent.Ping, f.Agent.System)
	case f.ManagesAll:
		return "Systems Manager manages all servers of the region, and does not know this one"
	}
	return "not known to Systems Manager"
}

func stack(f *adopt.Facts) string {
	if f.Stack == nil {
		return "none yet"
	}
	return f.Stack.Name + " " + f.Stack.Status
}

// keys shows what cdk.json is to say: + what is new, = what it says already, ! what it says otherwise.
func (p *adoptPage) keys(keys []adopt.Key) {
	if len(keys) == 0 {
		return
	}
	p.Line("")
	p.Line("%s", "cdk.json: + to be added, = is there, ! says otherwise")
	for _, key := range keys {
		mark := "="
		switch {
		case key.Conflicts():
			mark = "!"
		case key.New():
			mark = "+"
		}
		value := key.Spelled()
		if strings.HasPrefix(value, "{") {
			value = "{...}" // which the file shows better
		}
		p.Wrap(page.Painted(fmt.Sprintf("  %s %s ", mark, key.Name)), "      ", value+" ("+key.Why+")")
	}
}

func (p *adoptPage) ask(questions []adopt.Question) {
	if len(questions) == 0 {
		return
	}
	p.Line("")
	p.Line("%s", "Only you know, and cdk.json does not say:")
	for _, q := range questions {
		p.Wrap(page.Painted("  ? "+q.Key+": "), "      ", q.What)
	}
}

func (p *adoptPage) steps(steps []adopt.Step) {
	if len(steps) == 0 {
		return
	}
	p.Line("")
	p.Line("%s", "What will change on this server, and when; it is not stopped, restarted or replaced:")
	for _, step := range steps {
		p.Wrap(page.Painted(fmt.Sprintf("  %-15s", step.Name)), page.Painted(strings.Repeat(" ", 17)), step.Changes)
	}
}

func (p *adoptPage) findings(d *adopt.Decision) {
	if len(d.Findings) == 0 {
		return
	}
	p.Line("")
	p.Line("%s", "What stands against it, and what to know (docs/adopt.md)")
	findingsText(&p.Text, d.Findings)
}

// findingsText writes each finding: what it is of, why, and what to do.
func findingsText(p *page.Text, found []finding.Finding) {
	for _, f := range found {
		p.Wrap("  "+p.Look.Paint(severities[f.Severity], string(f.Severity))+"  ", "        ", f.Code+"  "+f.Subject)
		p.Wrap("        ", "        ", f.Reason)
		if f.Remedy != "" {
			p.Wrap("        remedy: ", "        ", f.Remedy)
		}
	}
}
