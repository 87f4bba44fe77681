package command

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/korakagazindia/provisioner/internal/status"
)

// printStatus writes a table for each part of the product that stands.
func printStatus(w io.Writer, s *status.Status, p paint) error {
	parts := []string{stackLine(s, p)}
	for _, t := range []table.Writer{serverTable(s, p), fleetTable(s), nodeTable(s, p), targetTable(s, p), recordTable(s), alarmTable(s, p)} {
		if t.Length() > 0 {
			parts = append(parts, t.Render())
		}
	}
	_, err := fmt.Fprintln(w, strings.Join(parts, "\n\n"))
	return err
}

func stackLine(s *status.Status, p paint) string {
	if s.Stack == nil {
		if s.URL == "" {
			return "no stack yet: cdk deploy makes it"
		}
		return "no stack yet: kora local deploy single"
	}
	line := "stack " + s.Stack.Name + ": " + state(p, s.Stack.Status)
	if s.Stack.Reason != "" {
		line += ": " + s.Stack.Reason
	}
	return strings.ReplaceAll(text.WrapText(line, width), " \n", "\n")
}

func serverTable(s *status.Status, p paint) table.Writer {
	t := newTable("server", "type", "state", "address", "")
	for _, server := range s.Servers {
		note := "not in the stack"
		if server.InStack {
			note = ""
		}
		t.AppendRow(table.Row{server.ID, server.Type, state(p, server.State), server.Address, note})
	}
	return t
}

func fleetTable(s *status.Status) table.Writer {
	t := newTable("fleet", "min", "desired", "max", "nodes")
	for _, fleet := range s.Fleets {
		t.AppendRow(table.Row{fleet.Name, fleet.Min, fleet.Desired, fleet.Max, len(fleet.Nodes)})
	}
	return t
}

func nodeTable(s *status.Status, p paint) table.Writer {
	t := newTable("node", "zone", "state", "health")
	for _, fleet := range s.Fleets {
		for _, node := range fleet.Nodes {
			t.AppendRow(table.Row{node.ID, node.Zone, state(p, node.Lifecycle), state(p, node.Health)})
		}
	}
	return t
}

func targetTable(s *status.Status, p paint) table.Writer {
	t := newTable("target group", "traffic", "targets")
	for _, group := range s.TargetGroups {
		var counts []string
		for _, health := range slices.Sorted(maps.Keys(group.Targets)) {
			counts = append(counts, fmt.Sprintf("%d %s", group.Targets[health], state(p, health)))
		}
		t.AppendRow(table.Row{group.Name, fmt.Sprintf("%d %%", group.Percent), strings.Join(counts, ", ")})
	}
	return t
}

func recordTable(s *status.Status) table.Writer {
	t := newTable("record", "ttl", "points at")
	for _, record := range s.Records {
		ttl, to := "alias", record.To
		if record.TTLSeconds > 0 {
			ttl = fmt.Sprintf("%d s", record.TTLSeconds)
		}
		switch {
		case record.Where == "":
			to += ", which is nothing here"
		case ttl == "alias":
			to = record.Where // whose DNS name says no more
		default:
			to += ", " + record.Where
		}
		t.AppendRow(table.Row{record.Name, ttl, to})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMax: 45, WidthMaxEnforcer: text.WrapText}, {Number: 3, WidthMax: 44, WidthMaxEnforcer: text.WrapSoft}})
	return t
}

// alarmTable has the worst first.
func alarmTable(s *status.Status, p paint) table.Writer {
	t := newTable("alarms", "", "")
	names := map[string][]string{}
	for _, alarm := range s.Alarms {
		names[alarm.State] = append(names[alarm.State], alarm.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) { // ALARM, INSUFFICIENT_DATA, OK
		t.AppendRow(table.Row{state(p, name), len(names[name]), strings.Join(names[name], ", ")})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, WidthMax: 70, WidthMaxEnforcer: text.WrapSoft}})
	return t
}

// colours are those of the states that are well and of those that are not; others have none.
var colours = map[string]text.Color{
	"running": text.FgGreen, "InService": text.FgGreen, "Healthy": text.FgGreen, "healthy": text.FgGreen, "OK": text.FgGreen,
	"CREATE_COMPLETE": text.FgGreen, "UPDATE_COMPLETE": text.FgGreen,
	"stopped": text.FgRed, "Unhealthy": text.FgRed, "unhealthy": text.FgRed, "ALARM": text.FgRed,
	"CREATE_FAILED": text.FgRed, "ROLLBACK_COMPLETE": text.FgRed, "ROLLBACK_FAILED": text.FgRed,
	"UPDATE_ROLLBACK_COMPLETE": text.FgYellow, "UPDATE_ROLLBACK_FAILED": text.FgRed,
}

func state(p paint, word string) string {
	if colour, known := colours[word]; known {
		return p.as(colour, word)
	}
	return word
}
