package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// Finding is something that is worth a look.
type Finding struct {
	// Code is that of one of Kinds, and Severity stop, warn or note.
	Code     string           `json:"code"`
	Severity finding.Severity `json:"severity"`
	// Subject is what it is about: an id or a name.
	Subject string `json:"subject"`
	Reason  string `json:"reason"`
	Remedy  string `json:"remedy"`
}

// kind is a row of the table, with what finds it.
type kind struct {
	finding.Kind
	find func(s *Status, add func(subject, format string, args ...any))
}

// Kinds are all findings, in the order in which they are looked for.
func Kinds() []finding.Kind {
	var all []finding.Kind
	for _, k := range kinds {
		all = append(all, k.Kind)
	}
	return all
}

var kinds = []kind{
	{finding.Kind{Code: "stack-state", Severity: finding.Stop, Means: "the stack is in a state that a failure leaves",
		Remedy: "the one next command stands below it: docs/failed.md"}, stackState},
	{finding.Kind{Code: "no-server-runs", Severity: finding.Stop, Means: "the stack's server does not run",
		Remedy: "aws ec2 start-instances, or see who stopped it: docs/alarms.md"}, serverStopped},
	{finding.Kind{Code: "record-nowhere", Severity: finding.Warn, Means: "the record leads to nothing that stands in this account",
		Remedy: "look at the record before anything else: users follow it"}, recordNowhere},
	{finding.Kind{Code: "operation-under-way", Severity: finding.Note, Means: "CloudFormation is at work: what is shown changes yet",
		Remedy: "kora status --watch follows it"}, underWay},
	{finding.Kind{Code: "fits-no-row", Severity: finding.Warn, Means: "what is deployed is no stage and no row of the table of moves",
		Remedy: "set stage, keepServer, fleetTrafficPercent and dnsTarget to those of a row, and deploy it"}, noRow},
	{finding.Kind{Code: "row-differs", Severity: finding.Note, Means: "cdk.json leads elsewhere than to what is deployed: the next deploy moves",
		Remedy: "kora plan STAGE shows the way, kora diff deployed STAGE what the deploy will do"}, rowDiffers},
	{finding.Kind{Code: "resolvers-differ", Severity: finding.Warn, Means: "resolvers answer with something else than Route 53 has",
		Remedy: "wait as long as is said; then look at the registrar's name servers: kora check"}, resolversDiffer},
	{finding.Kind{Code: "target-unhealthy", Severity: finding.Warn, Means: "the balancer finds a machine of the stack unhealthy",
		Remedy: "its reason is the balancer's; the machine's own log: docs/machine.md"}, targetUnhealthy},
	{finding.Kind{Code: "fleet-short", Severity: finding.Warn, Means: "fewer nodes serve than the fleet wants",
		Remedy: "a node that boots takes minutes; aws autoscaling describe-scaling-activities says why one does not come"}, fleetShort},
	{finding.Kind{Code: "revisions-differ", Severity: finding.Warn, Means: "machines have proven to serve different commits",
		Remedy: "while a deploy hands out a revision that is so; else docs/machine.md"}, revisionsDiffer},
	{finding.Kind{Code: "credits-low", Severity: finding.Warn, Means: "a machine in standard mode has CPU credits for less than an hour at full load",
		Remedy: "at none it is held to its baseline: kora advise; cpuCredits=unlimited"}, creditsLow},
	{finding.Kind{Code: "credits-owed", Severity: finding.Note, Means: "a machine in unlimited mode has spent CPU credits that it has not earned",
		Remedy: "what it owes beyond those of 24 hours is billed: kora advise"}, creditsOwed},
	{finding.Kind{Code: "alarm", Severity: finding.Warn, Means: "an alarm has gone off that is not there to scale",
		Remedy: "docs/alarms.md has each"}, alarmed},
	{finding.Kind{Code: "left-over", Severity: finding.Note, Means: "something is left over that nothing has any more, most often billed",
		Remedy: "the command that ends it stands below; look first"}, leftOver},
}

// Told are the codes of those that a page says by itself, where they belong.
var Told = []string{"stack-state", "fits-no-row", "row-differs", "left-over"}

// findings are what is worth a look, the gravest first. What is unknown is no finding: it has its own list.
func findings(s *Status) []Finding {
	found := []Finding{}
	for _, k := range kinds {
		k.find(s, func(subject, format string, args ...any) {
			found = append(found, Finding{k.Code, k.Severity, subject, fmt.Sprintf(format, args...), k.Remedy})
		})
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return slices.Index(finding.Severities(), a.Severity) - slices.Index(finding.Severities(), b.Severity)
	})
	return found
}

// adder adds a finding of one kind.
type adder = func(subject, format string, args ...any)

func stackState(s *Status, add adder) {
	if s.Stack != nil && s.Stack.Meaning != "" {
		add(s.Stack.Name, "%s", s.Stack.Status)
	}
}

func underWay(s *Status, add adder) {
	if s.Stack != nil && strings.HasSuffix(s.Stack.Status, "_IN_PROGRESS") && s.Stack.Meaning == "" {
		add(s.Stack.Name, "%s", s.Stack.Status)
	}
}

func noRow(s *Status, add adder) {
	if s.Row != nil && !s.Row.Fits {
		add("", "%s", s.Row.Deployed)
	}
}

func rowDiffers(s *Status, add adder) {
	if s.Row != nil && !s.Row.Same {
		add("", "deployed: %s; cdk.json: %s", s.Row.Deployed, s.Row.Configured)
	}
}

func serverStopped(s *Status, add adder) {
	for _, server := range s.Servers {
		if server.InStack && server.State != "running" && server.State != "pending" {
			add(server.ID, "it is %s", server.State)
		}
	}
}

func recordNowhere(s *Status, add adder) {
	for _, record := range s.Records {
		if record.Where == "" {
			add(record.Name, "it leads to %s", record.To)
		}
	}
}

func resolversDiffer(s *Status, add adder) {
	for _, record := range s.Records {
		if record.Agree == nil || *record.Agree {
			continue
		}
		answer, ttl := strings.Join(record.Resolved, ", "), record.TTLSeconds
		if answer == "" {
			answer = "that there is no such name"
		}
		if ttl == 0 {
			ttl = aliasTTL
		}
		add(record.Name, "resolvers answer %s, and Route 53 has %s: wait %d s after the last change", answer, record.To, ttl)
	}
}

// machines visits those that serve, with their ids.
func (s *Status) machines(visit func(id string, serving Serving)) {
	for _, server := range s.Servers {
		if server.InStack && server.State == "running" {
			visit(server.ID, server.Serving)
		}
	}
	for _, fleet := range s.Fleets {
		for _, node := range fleet.Nodes {
			if node.Lifecycle == inService {
				visit(node.ID, node.Serving)
			}
		}
	}
}

// inService is a node that serves (Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling instance lifecycle").
const inService = "InService"

func targetUnhealthy(s *Status, add adder) {
	s.machines(func(id string, m Serving) {
		if m.Target == "unhealthy" {
			add(id, "%s", m.TargetReason)
		}
	})
}

func fleetShort(s *Status, add adder) {
	for _, fleet := range s.Fleets {
		serve := 0
		for _, node := range fleet.Nodes {
			if node.Lifecycle == inService && node.Health == "Healthy" {
				serve++
			}
		}
		if serve < fleet.Desired {
			add(fleet.Name, "%d of %d nodes serve", serve, fleet.Desired)
		}
	}
}

func revisionsDiffer(s *Status, add adder) {
	of := map[string]int{}
	s.machines(func(_ string, m Serving) {
		if m.Commit != Unknown && m.Commit != "" {
			of[m.Commit]++
		}
	})
	if len(of) < 2 {
		return
	}
	var each []string
	for commit, n := range of {
		each = append(each, fmt.Sprintf("%s %s", count(n, "machine"), commit[:min(10, len(commit))]))
	}
	slices.Sort(each)
	add("", "%s", strings.Join(each, ", "))
}

func creditsLow(s *Status, add adder) {
	s.machines(func(id string, m Serving) {
		if c := m.Credits; c != nil && c.Mode == "standard" && c.FullLoadHours != nil && *c.FullLoadHours < 1 {
			add(id, "%.0f CPU credits: %.0f minutes at full load, then %.0f %% of its CPU", c.Balance, *c.FullLoadHours*60, *c.Baseline)
		}
	})
}

func creditsOwed(s *Status, add adder) {
	s.machines(func(id string, m Serving) {
		if c := m.Credits; c != nil && c.Surplus > 0 {
			add(id, "%.0f CPU credits are spent ahead", c.Surplus)
		}
	})
}

func alarmed(s *Status, add adder) {
	for _, alarm := range s.Alarms {
		if alarm.State == "ALARM" && !alarm.Scales {
			add(alarm.Name, "it is in ALARM")
		}
	}
}

func leftOver(s *Status, add adder) {
	for _, item := range s.Items {
		if item.LeftOver() {
			add(item.Name, "%s: %s", item.Kind, item.What)
		}
	}
}
