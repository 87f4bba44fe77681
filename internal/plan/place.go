package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
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

// Of is the place that a configuration says, with whose server is kept.
func Of(c *config.Config) (Place, config.KeepServer) {
	switch c.Stage {
	case stage.Vertical:
		return Vertical, config.KeepVertical
	case stage.Horizontal:
		return reached(c.FleetTrafficPercent, c.DNSTarget, c.KeepServer), c.KeepServer
	}
	return Single, config.KeepSingle
}

// reached is the last row that brings no more than that.
func reached(percent int, target config.DNSTarget, keep config.KeepServer) Place {
	place := Row(1)
	for _, r := range moves.Rows(keep) {
		if r.DNSTarget == config.DNSBalancer && target != r.DNSTarget || percent < r.FleetTrafficPercent || r.KeepServer != keep {
			break
		}
		place = Row(r.Number)
	}
	return place
}

// Standing is the place that a template is of, with whose server it keeps. A server of a type that cdk.json names for neither
// stage is an error.
func Standing(t *template.Template, c *config.Config) (Place, config.KeepServer, error) {
	server := t.Resource("Server")
	switch {
	case len(t.Resources) == 0:
		return Nothing, "", nil
	case server != nil && t.Resource("AlertsTopic") == nil: // which every stage has
		return Imported, "", nil
	case server == nil && t.Resource("Fleet") == nil:
		return "", "", fmt.Errorf("%s has neither Server nor Fleet: it is not this project's", t.Stack)
	}
	keep := config.KeepNone
	if server != nil {
		switch kind := server.Text("InstanceType"); kind {
		case c.SingleInstanceType:
			keep = config.KeepSingle
		case c.VerticalInstanceType:
			keep = config.KeepVertical
		default:
			return "", "", fmt.Errorf("the server is a %s: singleInstanceType is %s and verticalInstanceType %s: correct the one that it is",
				kind, c.SingleInstanceType, c.VerticalInstanceType)
		}
	}
	if t.Resource("Fleet") == nil {
		return Place(keep), keep, nil
	}
	return reached(percent(t), target(t), keep), keep, nil
}

// percent is the fleet's share of users behind the balancer.
func percent(t *template.Template) int {
	for _, id := range []string{"LoadBalancerHttps", "LoadBalancerHttp"} {
		listener := t.Resource(id)
		if listener == nil {
			continue
		}
		for _, action := range template.List(listener.Get("DefaultActions")) {
			for _, group := range template.List(template.Get(action, "ForwardConfig", "TargetGroups")) {
				to, _ := template.Refers(template.Get(group, "TargetGroupArn"))
				if weight, weighted := template.Number(template.Get(group, "Weight")); weighted && to.ID == "LoadBalancerTargets" {
					return int(weight)
				}
			}
		}
	}
	return 100 // a fleet that shares with nobody
}

// target is where the record leads or, where it is kept by hand, is to lead.
func target(t *template.Template) config.DNSTarget {
	leads := any(t.Outputs["DnsTarget"])
	if record := t.Resource("Record"); record != nil {
		leads = record.Properties
	} else if leads == nil {
		leads = t.Outputs["Url"]
	}
	if slices.ContainsFunc(template.References(leads), func(r template.Reference) bool { return r.ID == "LoadBalancer" }) {
		return config.DNSBalancer
	}
	return config.DNSServer
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
