package moves

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Position is where a backend stands in its growth. Its zero value is that of one that is not deployed yet.
type Position struct {
	// Stage is "" for nothing, and for a server of a type that is neither single's nor vertical's.
	Stage stage.Stage
	// In horizontal, the rest is as in a Row; DNSTarget is "" where neither a record nor an output tells it.
	FleetTrafficPercent int
	DNSTarget           config.DNSTarget
	KeepServer          config.KeepServer
	// ServerType is the server's, "" for no server.
	ServerType string
}

// Of is where a configuration leads.
func Of(c *config.Config) Position {
	switch c.Stage {
	case stage.Single:
		return Position{Stage: c.Stage, ServerType: c.SingleInstanceType}
	case stage.Vertical:
		return Position{Stage: c.Stage, ServerType: c.VerticalInstanceType}
	}
	p := Position{c.Stage, c.FleetTrafficPercent, c.DNSTarget, c.KeepServer, ""}
	switch c.KeepServer {
	case config.KeepSingle:
		p.ServerType = c.SingleInstanceType
	case config.KeepVertical:
		p.ServerType = c.VerticalInstanceType
	case config.KeepNone: // and then all users reach the fleet, whatever the number says
		p.FleetTrafficPercent = 100
	}
	return p
}

// Row is the one of the table that the position is, false for none.
func (p Position) Row() (Row, bool) {
	if p.Stage != stage.Horizontal {
		return Row{}, false
	}
	rows := Rows(p.KeepServer)
	if p.KeepServer == config.KeepNone {
		rows = rows[len(rows)-1:]
	}
	at := slices.IndexFunc(rows, func(r Row) bool {
		return r.FleetTrafficPercent == p.FleetTrafficPercent && r.DNSTarget == p.DNSTarget && r.KeepServer == p.KeepServer && r.KeepServer != ""
	})
	if at < 0 {
		return Row{}, false
	}
	return rows[at], true
}

// Fits reports whether the position is a stage or a row, or nothing at all.
func (p Position) Fits() bool {
	_, row := p.Row()
	return row || p.Stage == stage.Single || p.Stage == stage.Vertical || p == Position{}
}

// After reports whether a plan of the position's stage passes it on its way from another: both fit, and where both are in horizontal
// this row is the later one.
func (p Position) After(other Position) bool {
	row, _ := p.Row()
	from, _ := other.Row()
	return p.Fits() && other.Fits() && (p.Stage != other.Stage || row.Number > from.Number)
}

// String is the position in words, such as "row 3, canary".
func (p Position) String() string {
	row, is := p.Row()
	switch {
	case is:
		return fmt.Sprintf("row %d, %s", row.Number, row.Name)
	case p == Position{}:
		return "nothing"
	case p.Stage == stage.Horizontal:
		return "horizontal, in no row of the table: " + strings.Join(p.unfit(), " ")
	case p.Stage == "":
		return "a server of " + p.ServerType + ", which is neither single's type nor vertical's"
	}
	return string(p.Stage)
}

// unfit is what the position has that makes it no row.
func (p Position) unfit() []string {
	keep, target := string(p.KeepServer), string(p.DNSTarget)
	if keep == "" {
		keep = "(a server of " + p.ServerType + ")"
	}
	if target == "" {
		target = "(nobody knows)"
	}
	return []string{fmt.Sprintf("fleetTrafficPercent=%d", p.FleetTrafficPercent), "dnsTarget=" + target, "keepServer=" + keep}
}
