package view

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/status"
)

// StatusText writes a table for each part of the product that stands.
func StatusText(w io.Writer, look page.Look, s *status.Status) error {
	p := &statusPage{page.Text{Look: look}}
	p.stack(s)
	p.next(s)
	p.row(s.Row)
	p.findings(s)
	for _, t := range []*page.Table{p.unknown(s), p.servers(s), p.fleets(s), p.nodes(s), p.credits(s), p.targets(s), p.records(s), p.alarms(s), p.items(s)} {
		if t.Len() > 0 {
			p.Line("")
			p.Table(t)
		}
	}
	p.leftOver(s)
	_, err := io.WriteString(w, p.String())
	return err
}

// statusPage is a status's page in the making.
type statusPage struct{ page.Text }

// table is one whose columns stand below each other where they do not fit.
func (p *statusPage) table(heading ...any) *page.Table {
	t := p.Look.Table(heading...)
	t.Stacks = true
	return t
}

func (p *statusPage) stack(s *status.Status) {
	switch {
	case s.Stack == nil && slices.ContainsFunc(s.Unknown, func(u status.Unread) bool { return u.Part == "stack" }):
		p.Line("stack: %s", p.state(status.Unknown))
	case s.Stack == nil && s.URL == "":
		p.Line("no stack yet: cdk deploy makes it")
	case s.Stack == nil:
		p.Line("no stack yet: kora local deploy single")
	case s.Stack.Reason == "":
		p.Line("stack %s: %s", s.Stack.Name, p.state(s.Stack.Status))
	default:
		lead := page.Painted(page.Readable("stack "+s.Stack.Name+": ")) + p.state(s.Stack.Status) + ": "
		p.Wrap(lead, "  ", s.Stack.Reason)
	}
}

func (p *statusPage) servers(s *status.Status) *page.Table {
	t := p.table("server", "type", "state", "address", "serves", "")
	t.Columns(page.Column{}, page.Column{}, page.Column{}, page.Column{}, page.Column{}, page.Column{Folds: true})
	for _, server := range s.Servers {
		note := "not in the stack"
		if server.InStack {
			note = ""
		}
		address := server.Address
		if address != "" && address != status.Unknown && !server.Elastic {
			address += ", until it stops"
		}
		t.Row(server.ID, server.Type, p.state(server.State), p.state(address), commit(server.Commit), note)
	}
	return t
}

func (p *statusPage) fleets(s *status.Status) *page.Table {
	t := p.table("fleet", "min", "desired", "max", "nodes")
	number := page.Column{Right: true}
	t.Columns(page.Column{}, number, number, number, number)
	for _, fleet := range s.Fleets {
		t.Row(fleet.Name, fleet.Min, fleet.Desired, fleet.Max, len(fleet.Nodes))
	}
	return t
}

func (p *statusPage) nodes(s *status.Status) *page.Table {
	t := p.table("node", "zone", "state", "health", "target", "address", "serves")
	for _, fleet := range s.Fleets {
		for _, node := range fleet.Nodes {
			t.Row(node.ID, node.Zone, p.state(node.Lifecycle), p.state(node.Health), p.state(node.Target), p.state(node.Address), commit(node.Commit))
		}
	}
	return t
}

// commit returns as much of a commit as git shows.
func commit(hash string) string { return hash[:min(len(hash), 10)] }

func (p *statusPage) targets(s *status.Status) *page.Table {
	t := p.table("target group", "traffic", "targets")
	t.Columns(page.Column{}, page.Column{}, page.Column{Folds: true})
	for _, group := range s.TargetGroups {
		var counts []string
		for _, health := range slices.Sorted(maps.Keys(group.Targets)) {
			counts = append(counts, fmt.Sprintf("%d %s", group.Targets[health], p.state(health)))
		}
		percent := p.state(status.Unknown)
		if group.Percent != nil {
			percent = page.Painted(fmt.Sprintf("%d %%", *group.Percent))
		}
		t.Row(group.Name, percent, page.Painted(strings.Join(counts, ", ")))
	}
	return t
}

func (p *statusPage) records(s *status.Status) *page.Table {
	t := p.table("record", "ttl", "points at")
	t.Columns(page.Column{}, page.Column{}, page.Column{Folds: true})
	for _, record := range s.Records {
		ttl, to := "alias", record.To
		if record.TTLSeconds > 0 {
			ttl = fmt.Sprintf("%d s", record.TTLSeconds)
		}
		switch {
		case record.Where == "":
			to += ", which is nothing here"
		case record.Where == status.Unknown:
			to += ", of whom is unknown"
		case ttl == "alias":
			to = record.Where // whose DNS name says no more
		default:
			to += ", " + record.Where
		}
		if record.Agree != nil && *record.Agree {
			to += "; resolvers agree"
		}
		t.Row(record.Name, ttl, to)
	}
	return t
}

// credits are those of machines that have some, with what they are good for.
func (p *statusPage) credits(s *status.Status) *page.Table {
	t := p.table("cpu credits", "balance", "mode", "lasts")
	t.Columns(page.Column{}, page.Column{Right: true}, page.Column{}, page.Column{Folds: true})
	row := func(id string, c *status.Credits) {
		if c != nil {
			t.Row(id, fmt.Sprintf("%.0f", c.Balance), p.state(c.Mode), lasts(c))
		}
	}
	for _, server := range s.Servers {
		row(server.ID, server.Credits)
	}
	for _, fleet := range s.Fleets {
		for _, node := range fleet.Nodes {
			row(node.ID, node.Credits)
		}
	}
	return t
}

// lasts is what credits are good for, in words.
func lasts(c *status.Credits) string {
	if c.FullLoadHours == nil {
		return ""
	}
	said := fmt.Sprintf("%.1f h at full load", *c.FullLoadHours)
	switch {
	case c.Surplus > 0:
		return fmt.Sprintf("%.0f spent ahead; billed beyond those of 24 h", c.Surplus)
	case c.Mode == "unlimited":
		return said + ", then it pays"
	case c.Mode == "standard":
		return fmt.Sprintf("%s, then %.0f %% of its CPU", said, *c.Baseline)
	}
	return said
}

// alarms has the worst first.
func (p *statusPage) alarms(s *status.Status) *page.Table {
	t := p.table("alarms", "", "")
	t.Columns(page.Column{}, page.Column{Right: true, With: true}, page.Column{Folds: true})
	names := map[string][]string{}
	for _, alarm := range s.Alarms {
		names[alarm.State] = append(names[alarm.State], alarm.Name)
	}
	for _, state := range slices.Sorted(maps.Keys(names)) { // ALARM, INSUFFICIENT_DATA, OK
		t.Row(p.state(state), len(names[state]), strings.Join(names[state], ", "))
	}
	return t
}

// items are what else is billed or left over.
func (p *statusPage) items(s *status.Status) *page.Table {
	t := p.table("also here", "", "")
	t.Columns(page.Column{}, page.Column{}, page.Column{Folds: true})
	for _, item := range s.Items {
		what := item.What
		if item.LeftOver() {
			what += ": left over"
		}
		t.Row(item.Kind, item.Name, what)
	}
	return t
}

// unknown are the parts that could not be read, those of one reason together.
func (p *statusPage) unknown(s *status.Status) *page.Table {
	t := p.table("unknown", "why")
	t.Columns(page.Column{Folds: true, Max: 40}, page.Column{Folds: true})
	var reasons []string
	parts := map[string][]string{}
	for _, u := range s.Unknown {
		why := u.Reason
		if u.Permission != "" {
			why = "denied: it needs " + u.Permission + " (docs/permissions.md)"
		}
		if parts[why] == nil {
			reasons = append(reasons, why)
		}
		parts[why] = append(parts[why], u.Part)
	}
	for _, why := range reasons {
		t.Row(p.Look.Paint(page.Yellow, strings.Join(parts[why], ", ")), why)
	}
	return t
}

// states are those that are well and those that are not, in their colour; others have none.
var states = map[string]page.Colour{
	"running": page.Green, "InService": page.Green, "Healthy": page.Green, "healthy": page.Green, "OK": page.Green,
	"CREATE_COMPLETE": page.Green, "UPDATE_COMPLETE": page.Green, "IMPORT_COMPLETE": page.Green, status.Unknown: page.Yellow,
	"stopped": page.Red, "Unhealthy": page.Red, "unhealthy": page.Red, "ALARM": page.Red,
	"CREATE_FAILED": page.Red, "ROLLBACK_COMPLETE": page.Red, "ROLLBACK_FAILED": page.Red,
	"DELETE_FAILED": page.Red, "REVIEW_IN_PROGRESS": page.Yellow, "UPDATE_ROLLBACK_COMPLETE": page.Yellow, "UPDATE_ROLLBACK_FAILED": page.Red,
}

// state returns a state in its colour.
func (p *statusPage) state(word string) page.Painted {
	if colour, known := states[word]; known {
		return p.Look.Paint(colour, word)
	}
	return page.Painted(page.Readable(word))
}

// StatusLine is a status in one line of JSON.
func StatusLine(s *status.Status) (string, error) {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(s)
	return line.String(), err
}
