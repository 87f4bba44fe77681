// Package moves is the table of moves: from a server to the fleet in five deploys, each of them undone by the one before it.
package moves

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Row is one deploy of the move, in horizontal.
type Row struct {
	// Number is the row's, from 1.
	Number int
	// Name is what it does, in words.
	Name string

	FleetTrafficPercent int
	DNSTarget           config.DNSTarget
	KeepServer          config.KeepServer

	// Users says what they reach.
	Users string
	// Look is what to look at before going on, "" for nothing.
	Look string
	// When is when its edit is to be made, "" for after Look.
	When string
}

// Rows are the table, for a server that stays as keep says until the last row.
func Rows(keep config.KeepServer) []Row {
	return []Row{
		{1, "build and prove", 0, config.DNSServer, keep,
			"the server, by its address", "two healthy nodes; `low-healthy-hosts` is OK", ""},
		{2, "through the balancer", 0, config.DNSBalancer, keep,
			"the server, by the balancer", "the same site, by HTTPS, for two TTLs; headers with an underscore in their name no longer " +
				"reach the app (`dropInvalidHeaders`)", "once the fleet has proven itself"},
		{3, "canary", 10, config.DNSBalancer, keep,
			"both", "`ServerErrorsAlarm`, `SlowResponsesAlarm`, the nodes' logs", ""},
		{4, "fleet", 100, config.DNSBalancer, keep,
			"the fleet", "a day of it", ""},
		{5, "clean up", 100, config.DNSBalancer, config.KeepNone,
			"the fleet", "", "once nothing reaches the server any more"},
	}
}

// Edit is the row as an edit of cdk.json: KEY=VALUE, in the order in which they are written.
func (r Row) Edit() []string {
	return []string{
		"stage=" + string(stage.Horizontal), "keepServer=" + string(r.KeepServer),
		fmt.Sprintf("fleetTrafficPercent=%d", r.FleetTrafficPercent), "dnsTarget=" + string(r.DNSTarget),
	}
}

// From is what of the edit is another than that of the row before.
func (r Row) From(before Row) []string {
	return slices.DeleteFunc(r.Edit(), func(edit string) bool { return slices.Contains(before.Edit(), edit) })
}

// reached reports whether a configuration of horizontal has what the row brings.
func (r Row) reached(c *config.Config) bool {
	return (c.DNSTarget == config.DNSBalancer || r.DNSTarget == config.DNSServer) &&
		c.FleetTrafficPercent >= r.FleetTrafficPercent &&
		(c.KeepServer == config.KeepNone || r.KeepServer != config.KeepNone)
}

// Next is what comes after a configuration, as an edit of cdk.json with the time for it.
func Next(c *config.Config) string {
	switch c.Stage {
	case stage.Single:
		return "stage=vertical when one " + c.SingleInstanceType + " is too small"
	case stage.Vertical:
		return strings.Join(Rows(config.KeepVertical)[0].Edit(), " ")
	}
	rows := Rows(c.KeepServer)
	for i, r := range rows {
		if !r.reached(c) {
			return strings.TrimSpace(r.From(rows[i-1])[0] + " " + r.When)
		}
	}
	if c.KeepElasticIP {
		return "keepElasticIp=false, then release the address: it is billed"
	}
	return "none: this is the last stage"
}
