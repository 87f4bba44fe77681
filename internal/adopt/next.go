package adopt

import (
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/finding"
)

// next is the step that comes next.
func (d *deciding) next() string {
	blocked := d.Blocks()
	switch {
	case len(blocked) > 0:
		return "settle what stops it, then kora adopt again: " + codes(blocked)
	case len(d.Writes()) > 0 && d.choices.Beside:
		return "kora adopt --beside --write puts that into cdk.json; then docs/way-in.md"
	case len(d.Writes()) > 0:
		return "kora adopt --write puts that into cdk.json, and changes nothing else"
	case d.choices.Beside:
		return "docs/way-in.md"
	case len(d.Stops()) > 0:
		return "settle what stops it, then kora adopt again: " + codes(d.Stops())
	case !d.held():
		return "kora adopt guard, then kora adopt import"
	case d.facts.Holds[profileID] == "": // imported, not joined
		return "kora diff deployed single, then cdk deploy, without gitRef"
	case d.facts.Agent == nil:
		return "wait for Systems Manager to know the server, up to 30 minutes: kora adopt check"
	}
	return "kora adopt check, at any time; kora adopt look, before a first revision"
}

func codes(findings []finding.Finding) string {
	var all []string
	for _, f := range findings {
		if code := f.Code; len(all) == 0 || all[len(all)-1] != code {
			all = append(all, code)
		}
	}
	return strings.Join(all, ", ")
}

// later are the stops of a step after --write, which cdk.json has no part in, or which are settled there.
var later = map[string]bool{"name-taken": true, "root-user": true, "not-running": true}

// Blocks are the findings for which cdk.json is not written.
func (d *Decision) Blocks() []finding.Finding {
	var all []finding.Finding
	for _, f := range d.Stops() {
		if !later[f.Code] {
			all = append(all, f)
		}
	}
	return all
}

// AgentLine says how Systems Manager's agent is, and what to do where it has not come in that time.
func AgentLine(agent *account.Agent, waited time.Duration) string {
	switch {
	case agent != nil && agent.Ping == "Online":
		return "Online, " + agent.Version
	case agent != nil:
		return agent.Ping + ": on the server, sudo snap restart amazon-ssm-agent"
	case waited > 30*time.Minute:
		return "not known to Systems Manager after " + waited.Round(time.Minute).String() + ": does the server reach the internet at port 443, " +
			"is the agent there (snap list amazon-ssm-agent), and is it of 2020 or newer?"
	}
	return "not known to Systems Manager; once the server has its role it takes up to 30 minutes, or, on the server: " +
		"sudo snap restart amazon-ssm-agent"
}
