package plan

import (
	"fmt"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Place is where a backend stands on its way.
type Place string

// The places before the stages; then there are the stages but for horizontal, which is its rows: row-1 to row-5.
const (
	Nothing  Place = "nothing"   // no stack, and no server
	HandMade Place = "hand-made" // no stack, and a server that somebody made by hand
	Imported Place = "imported"  // the stack holds that server, and nothing else
	Single   Place = "single"
	Vertical Place = "vertical"
)

// last is the row at which the move to the fleet has ended.
const last = 5

// Row is the place of a row of the table of moves.
func Row(number int) Place { return Place(fmt.Sprintf("row-%d", number)) }

// Places lists all, from the first to the last.
func Places() []Place {
	all := []Place{Nothing, HandMade, Imported, Single, Vertical}
	for _, r := range moves.Rows(config.KeepSingle) {
		all = append(all, Row(r.Number))
	}
	return all
}

// row is the number of the place's row, 0 for a place that is none.
func (p Place) row() int {
	number := 0
	if _, err := fmt.Sscanf(string(p), "row-%d", &number); err != nil {
		return 0
	}
	return number
}

// Words are how a person calls the place: row 3 (canary).
func (p Place) Words() string {
	if p.row() > 0 {
		return fmt.Sprintf("row %d (%s)", p.row(), moves.Rows(config.KeepSingle)[p.row()-1].Name)
	}
	switch p {
	case HandMade:
		return "a server made by hand"
	case Imported:
		return "an imported server"
	}
	return string(p)
}

// At is the place of a position, with whose server stands there. joined is whether the stack holds more than a server that was
// imported. A server of a type that cdk.json names for neither stage is an error.
func At(p moves.Position, joined bool) (Place, config.KeepServer, error) {
	switch {
	case !joined:
		return Imported, "", nil
	case p == moves.Position{}:
		return Nothing, "", nil
	case p.Stage == stage.Single, p.Stage == stage.Vertical:
		return Place(p.Stage), config.KeepServer(p.Stage), nil
	case p.KeepServer == "":
		return "", "", fmt.Errorf("%s: correct singleInstanceType or verticalInstanceType in cdk.json", p)
	}
	place := Row(1)
	for _, r := range moves.Rows(p.KeepServer) {
		if r.DNSTarget == config.DNSBalancer && p.DNSTarget != r.DNSTarget || p.FleetTrafficPercent < r.FleetTrafficPercent || r.KeepServer != p.KeepServer {
			break
		}
		place = Row(r.Number) // the last one that brings no more than stands
	}
	return place, p.KeepServer, nil
}

// ParsePlace reads the name of a place.
func ParsePlace(text string) (Place, error) {
	var names []string
	for _, p := range Places() {
		if text == string(p) {
			return p, nil
		}
		names = append(names, string(p))
	}
	return "", fmt.Errorf("it takes %s%s", strings.Join(names, ", "), nearest.Hint(text, names))
}
