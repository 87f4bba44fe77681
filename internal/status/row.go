package status

import (
	"context"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Row is where the backend stands in the table of moves, and where cdk.json leads.
type Row struct {
	// Deployed and Configured are in words, such as "row 3, canary", "single", or what fits no row.
	Deployed   string `json:"deployed"`
	Configured string `json:"configured"`
	// Same says that they are one, and Fits that what is deployed is a stage or a row of the table.
	Same bool `json:"same"`
	Fits bool `json:"fits"`
	// Next is the command that shows the way from one to the other, or, where they are one, the next edit of cdk.json.
	Next string `json:"next"`
}

// newRow compares. A stack that holds what kora adopt import took in, and nothing else, is yet to be joined by a deploy.
func newRow(deployed moves.Position, joined bool, c *config.Config) *Row {
	asked := moves.Of(c)
	row := &Row{deployed.String(), asked.String(), joined && deployed == asked, deployed.Fits(), "kora diff deployed " + string(c.Stage)}
	switch {
	case !joined:
		row.Deployed += ", imported and not joined yet"
	case row.Same:
		row.Next = moves.Next(c)
	case asked.After(deployed):
		row.Next = "kora plan " + string(c.Stage)
	}
	return row
}

// row reads the deployed template.
func (r *reading) row(ctx context.Context) error {
	if r.backend.Config == nil {
		return nil
	}
	if r.stack.err != nil {
		return r.stack.err
	}
	position, joined := moves.Position{}, true
	if stack := r.stack.value; stack != nil && stack.Stands() {
		text, err := r.account.Template(ctx, r.backend.Stack)
		if err != nil {
			return err
		}
		t, err := template.Given{Region: r.backend.Config.Region, Stack: r.backend.Stack}.Parse([]byte(text))
		if err != nil {
			return err
		}
		position, joined = Deployed(t, r.backend.Config)
	}
	r.status.Row = newRow(position, joined, r.backend.Config)
	return nil
}

// The logical ids, which are a contract, of what tells a position.
const (
	serverID       = "Server"
	fleetID        = "Fleet"
	balancerID     = "LoadBalancer"
	fleetTargetsID = "LoadBalancerTargets"
)

// Deployed is where a deployed template has led, by the configuration's types of single and vertical; and whether an imported
// server has been joined, which it is where the stack holds more than that server. An empty template is a position of nothing.
func Deployed(t *template.Template, c *config.Config) (position moves.Position, joined bool) {
	return positionOf(t, c), len(t.Resources) == 0 || t.Resource(logGroup) != nil
}

func positionOf(t *template.Template, c *config.Config) moves.Position {
	p := moves.Position{ServerType: text(t.Resource(serverID), "InstanceType")}
	kept := config.KeepServer("")
	switch p.ServerType {
	case "":
		kept = config.KeepNone
	case c.SingleInstanceType:
		p.Stage, kept = stage.Single, config.KeepSingle
	case c.VerticalInstanceType:
		p.Stage, kept = stage.Vertical, config.KeepVertical
	}
	if t.Resource(fleetID) == nil {
		return p
	}
	p.Stage, p.KeepServer, p.DNSTarget, p.FleetTrafficPercent = stage.Horizontal, kept, target(t), share(t)
	return p
}

func text(r *template.Resource, property string) string {
	if r == nil {
		return ""
	}
	value, _ := r.Get(property).(string)
	return value
}

// target is where users are led: by the record, or, where that is the owner's, by what the stack tells to point it at.
func target(t *template.Template) config.DNSTarget {
	if record := t.Resource(recordID); record != nil {
		if record.Properties["AliasTarget"] != nil {
			return config.DNSBalancer
		}
		return config.DNSServer
	}
	output := t.Outputs["DnsTarget"]
	if output == nil { // without a domain
		output = t.Outputs["Url"]
	}
	switch {
	case output == nil:
		return ""
	case strings.Contains(template.Text(template.Get(output, "Value")), balancerID+"."):
		return config.DNSBalancer
	}
	return config.DNSServer
}

// share is the fleet's of new clients, in percent.
func share(t *template.Template) int {
	for _, listener := range t.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		fleet, all := 0.0, 0.0
		for _, of := range groups(listener) {
			weight := number(of["Weight"])
			all += weight
			if strings.Contains(template.Text(of["TargetGroupArn"]), fleetTargetsID) {
				fleet += weight
			}
		}
		if all > 0 {
			return int(100*fleet/all + 0.5)
		}
	}
	return 100 // one group alone has no weight
}

// groups are those to which a listener forwards.
func groups(listener *template.Resource) []map[string]any {
	actions, _ := listener.Properties["DefaultActions"].([]any)
	var all []map[string]any
	for _, action := range actions {
		forward, _ := action.(map[string]any)
		config, _ := forward["ForwardConfig"].(map[string]any)
		listed, _ := config["TargetGroups"].([]any)
		for _, one := range listed {
			if group, is := one.(map[string]any); is {
				all = append(all, group)
			}
		}
	}
	return all
}

func number(value any) float64 {
	n, _ := value.(float64)
	return n
}
