package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/status"
)

// Promised is what a configuration promises of what stands, and what the account itself says of that: what may not be read there
// is unknown, and the way of users is asked all the same.
func Promised(ctx context.Context, a *account.Account, c *config.Config, s *status.Status) Expected {
	e := Expected{Domain: c.DomainName, HealthPath: c.HealthCheckPath, HTTPS: c.DomainName != "", RedirectHTTP: c.DomainName != ""}
	behind := c.Stage == stage.Horizontal && c.DNSTarget == config.DNSBalancer
	if behind {
		e.RedirectHTTP, e.Sticky = e.HTTPS && c.RedirectHTTP, c.Sessions == "sticky"
	}
	for _, r := range s.Records {
		if r.Name == c.DomainName && r.TTLSeconds > 0 {
			e.Resolves = strings.Split(r.To, ", ")
		} else if r.Name == c.DomainName {
			e.Alias = r.To
		}
	}
	for _, server := range s.Servers {
		if server.InStack && server.Address != "" && server.Address != status.Unknown {
			e.Doors = append(e.Doors, Door{"server", server.Address})
		}
	}
	for _, b := range s.Balancers {
		e.Doors = append(e.Doors, Door{"balancer", b.DNSName})
	}
	for _, g := range s.TargetGroups {
		if g.Percent != nil {
			e.Groups = append(e.Groups, Group{g.Name, g.Name != c.Name+"-targets", *g.Percent, g.Targets})
		}
	}
	e.Known = append(e.Known, unread(s, c.Stage)...)
	e.Known = append(e.Known, revisions(s))
	e.Known = append(e.Known, watched(ctx, a, c)...)
	return e
}

// rests are the promises that rest on a part of the status, and whether the fleet's stage alone makes them.
var rests = []struct {
	part, code string
	fleet      bool
}{
	{"servers", healthByDoor, false}, {"addresses", healthByDoor, false}, {"balancers", healthByDoor, true},
	{"balancers", targetsHealthy, true}, {"balancers", weightsHold, true},
	{"targets", targetsHealthy, true}, {"targets", weightsHold, true}, {"traffic", targetsHealthy, true}, {"traffic", weightsHold, true},
}

// unread are the promises of a stage of which nothing is known, since the part of the status is unknown on which they rest: each
// once, with the first part.
func unread(s *status.Status, of stage.Stage) []Promise {
	var all []Promise
	said := map[string]bool{}
	for _, u := range s.Unknown {
		for _, r := range rests {
			if r.part == u.Part && (!r.fleet || of == stage.Horizontal) && !said[r.code] {
				said[r.code] = true
				all = append(all, promise(r.code, "", Unknown, u.Part+": "+u.Reason))
			}
		}
	}
	return all
}

// revisions compares what the machines have proven, each by the last line of its log.
func revisions(s *status.Status) Promise {
	for _, u := range s.Unknown {
		if u.Part == "servers" || u.Part == "fleets" {
			return promise(oneRevision, "", Unknown, u.Part+": "+u.Reason)
		}
	}
	var commits []string
	machines := 0
	add := func(commit string) {
		machines++
		commits = append(commits, commit)
	}
	for _, server := range s.Servers {
		if server.InStack && server.State == "running" {
			add(server.Commit)
		}
	}
	for _, fleet := range s.Fleets {
		for _, node := range fleet.Nodes {
			if node.Lifecycle == "InService" {
				add(node.Commit)
			}
		}
	}
	slices.Sort(commits)
	commits = slices.Compact(commits)
	switch {
	case machines == 0:
		return promise(oneRevision, "", Unknown, "no machine of the stack serves")
	case slices.Contains(commits, status.Unknown) || slices.Contains(commits, ""):
		return promise(oneRevision, "", Unknown, "not every machine has proven which commit it serves, as far as the log group tells")
	case len(commits) > 1:
		return promise(oneRevision, "", Broken, fmt.Sprintf("%d machines serve %s", machines, strings.Join(commits, ", ")))
	}
	return promise(oneRevision, "", Kept, fmt.Sprintf("%d machines have proven %s", machines, commits[0]))
}

// watched looks whether the stack's alarms act, somebody hears of them, and what fails is recovered.
func watched(ctx context.Context, a *account.Account, c *config.Config) []Promise {
	unknown := func(err error) []Promise {
		return []Promise{promise(alarmsAct, "", Unknown, err.Error()), promise(recovers, "", Unknown, err.Error())}
	}
	held, err := a.Holds(ctx, c.StackName())
	if err != nil {
		return unknown(err)
	}
	all, err := a.Alarms(ctx)
	if err != nil {
		return unknown(err)
	}
	ids := map[string]string{}
	var own []account.Alarm
	var gone []string
	for _, r := range held {
		ids[r.LogicalID] = r.ID
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		if i := slices.IndexFunc(all, func(alarm account.Alarm) bool { return alarm.Name == r.ID }); i >= 0 {
			own = append(own, all[i])
		} else {
			gone = append(gone, r.ID)
		}
	}
	return []Promise{acting(ctx, a, ids["AlertsTopic"], own, gone), recovering(ctx, a, ids, own)}
}

// acting looks whether each of the stack's alarms does something, of which those who notify tell the stack's topic, and none is gone.
func acting(ctx context.Context, a *account.Account, topic string, own []account.Alarm, gone []string) Promise {
	var idle []string
	for _, alarm := range own {
		if alarm.Silent || !slices.Contains(alarm.Topics, topic) && len(alarm.Policies) == 0 && alarm.Recovers == "" {
			idle = append(idle, alarm.Name)
		}
	}
	slices.Sort(idle)
	slices.Sort(gone)
	switch {
	case len(gone) > 0:
		return promise(alarmsAct, strings.Join(gone, ", "), Broken, "the stack's template has them, and they are gone")
	case len(own) == 0:
		return promise(alarmsAct, "", Broken, "the stack has no alarm")
	case len(idle) > 0:
		return promise(alarmsAct, strings.Join(idle, ", "), Broken, "they act on nothing, or tell another topic than the stack's")
	}
	subscribers, err := a.Subscribers(ctx, topic)
	if err != nil {
		return promise(alarmsAct, "", Unknown, err.Error())
	}
	confirmed := 0
	for _, s := range subscribers {
		if s.Confirmed {
			confirmed++
		}
	}
	evidence := fmt.Sprintf("%d alarms act; %d of %d subscribers have confirmed", len(own), confirmed, len(subscribers))
	if confirmed == 0 {
		return promise(alarmsAct, "", Broken, evidence)
	}
	return promise(alarmsAct, "", Kept, evidence)
}

// replaces reports whether a process of a group is part of replacing a node: finding it, ending it, launching another for users
// (autoscaling/ec2/userguide/as-suspend-resume-processes.html).
func replaces(process string) bool {
	return slices.Contains([]string{"HealthCheck", "ReplaceUnhealthy", "Terminate", "Launch", "AddToLoadBalancer"}, process)
}

// recovering looks at a server's alarm that recovers it, and at a group that replaces its nodes.
func recovering(ctx context.Context, a *account.Account, ids map[string]string, own []account.Alarm) Promise {
	var said []string
	if ids["Server"] != "" {
		if !slices.ContainsFunc(own, func(alarm account.Alarm) bool { return alarm.Recovers == ids["Server"] && !alarm.Silent }) {
			return promise(recovers, ids["Server"], Broken, "no alarm recovers the server when its host fails")
		}
		said = append(said, "an alarm recovers the server")
	}
	if ids["Fleet"] != "" {
		fleet, err := a.Fleet(ctx, ids["Fleet"])
		switch {
		case err != nil:
			return promise(recovers, ids["Fleet"], Unknown, err.Error())
		case fleet == nil:
			return promise(recovers, ids["Fleet"], Broken, "the group is gone")
		case slices.ContainsFunc(fleet.Suspended, replaces):
			return promise(recovers, ids["Fleet"], Broken, "the group has suspended "+strings.Join(fleet.Suspended, ", "))
		case fleet.Check != "ELB":
			return promise(recovers, ids["Fleet"], Broken, "the group replaces a node when "+fleet.Check+" finds it unhealthy, not when the balancer does")
		}
		said = append(said, "the group replaces a node that the balancer finds unhealthy")
	}
	if len(said) == 0 {
		return promise(recovers, "", Unknown, "the stack has neither server nor fleet")
	}
	return promise(recovers, "", Kept, strings.Join(said, "; "))
}
