package status

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
)

// recordID is the record's logical id, whose physical one is its name.
const recordID = "Record"

func (r *reading) readBalancers(context.Context) error {
	for _, b := range r.balancers.value {
		if r.has(b.ARN) {
			r.status.Balancers = append(r.status.Balancers, Balancer{b.Name, b.DNSName})
			r.item(Item{"balancer", b.Name, "load balancer", true, ""})
		}
	}
	return cmp.Or(r.balancers.err, r.held.err)
}

// readTargets has the groups without their shares, and tells each machine of the stack's how the balancer finds it.
func (r *reading) readTargets(ctx context.Context) error {
	health := map[string]account.Target{}
	err := cmp.Or(r.targets.err, r.held.err)
	for _, g := range r.targets.value {
		if !r.has(g.ARN) {
			continue
		}
		targets, errHealth := r.account.Targets(ctx, g.ARN)
		err = cmp.Or(err, errHealth)
		group := TargetGroup{Name: r.targetName(g), Targets: map[string]int{}}
		for _, t := range targets {
			group.Targets[t.Health]++
			health[t.ID] = t
		}
		r.status.TargetGroups = append(r.status.TargetGroups, group)
	}
	slices.SortFunc(r.status.TargetGroups, func(a, b TargetGroup) int { return strings.Compare(a.Name, b.Name) })
	r.serving(func(id, _ string, _ bool, s *Serving) {
		if s.Target = Unknown; err == nil {
			s.Target, s.TargetReason = health[id].Health, health[id].Reason
		}
	})
	return err
}

// traffic is the share of new clients, in percent, of each target group.
func (r *reading) traffic(ctx context.Context) error {
	if len(r.status.TargetGroups) == 0 {
		return nil
	}
	shares := map[string]int{}
	for _, arn := range r.held.value {
		if !strings.Contains(arn, ":loadbalancer/") {
			continue
		}
		forwarded, err := r.account.Shares(ctx, arn)
		if err != nil {
			return err
		}
		maps.Copy(shares, forwarded)
	}
	for _, g := range r.targets.value {
		for i := range r.status.TargetGroups {
			if group := &r.status.TargetGroups[i]; r.has(g.ARN) && group.Name == r.targetName(g) {
				percent := shares[g.ARN]
				group.Percent = &percent
			}
		}
	}
	return nil
}

// targetName is the logical id of a target group whose name CloudFormation made, of as much of stack and id as there is room
// for, and of a suffix in capitals; the names that the stack gives have none.
func (r *reading) targetName(g account.TargetGroup) string {
	for id, physical := range r.held.value {
		if physical == g.ARN && g.Name != strings.ToLower(g.Name) {
			return id
		}
	}
	return g.Name
}

// records reads the zones that the backend's names may stand in.
func (r *reading) records(ctx context.Context) error {
	names := slices.DeleteFunc([]string{r.backend.Domain, r.held.value[recordID]}, func(name string) bool { return name == "" })
	for _, zone := range r.zones.value {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix("."+name, "."+zone.Name) }) {
			continue
		}
		records, err := r.account.Records(ctx, zone.ID)
		if err != nil {
			return err
		}
		r.item(Item{Kind: "zone", Name: bare(zone.ID), What: zone.Name})
		for _, record := range records {
			if slices.Contains(names, record.Name) {
				r.record(zone.ID, record)
			}
		}
	}
	slices.SortFunc(r.status.Records, func(a, b Record) int { return strings.Compare(a.Name, b.Name) })
	return r.zones.err
}

// record shows one. Where it leads is unknown where not all is known that it may lead to.
func (r *reading) record(zoneID string, record account.Record) {
	shown := newRecord(record, r.status.Servers, r.byName())
	if shown.Where == "" && cmp.Or(r.all.err, r.elastic.err, r.balancers.err, r.held.err) != nil {
		shown.Where = Unknown
	}
	r.status.Records = append(r.status.Records, shown)
	if shown.Where == "" && r.held.value[recordID] == "" && r.abandoned(record) {
		r.item(Item{"record", record.Name, "which leads nowhere any more", false, deletion(zoneID, record)})
	}
}

// byName are the names of balancers by their DNS names.
func (r *reading) byName() map[string]string {
	names := map[string]string{}
	for _, b := range r.balancers.value {
		names[b.DNSName] = b.Name
	}
	return names
}

// newRecord reports where a record leads: to one of the servers, or to a balancer, whose name its DNS name tells.
func newRecord(record account.Record, servers []Server, balancers map[string]string) Record {
	shown := Record{Name: record.Name, TTLSeconds: record.TTLSeconds, To: strings.Join(record.Values, ", ")}
	if record.Alias != "" {
		shown.To = record.Alias
		if name := balancers[strings.TrimPrefix(record.Alias, "dualstack.")]; name != "" {
			shown.Where = "balancer " + name
		}
		return shown
	}
	for _, server := range servers {
		if server.Address != "" && server.Address == shown.To {
			shown.Where = "server " + server.ID
		}
	}
	return shown
}

// abandoned reports whether what a record leads to was this account's, and is gone or held by nobody.
func (r *reading) abandoned(record account.Record) bool {
	if record.Alias != "" {
		return strings.HasSuffix(record.Alias, ".elb.amazonaws.com") // and none of the balancers there are
	}
	for _, ip := range record.Values {
		if !slices.ContainsFunc(r.elastic.value, func(a account.Address) bool { return a.IP == ip && a.AssociationID == "" }) {
			return false
		}
	}
	return len(record.Values) > 0
}

// bare is a zone's id as the commands take it: the API hands it out as a path.
func bare(zoneID string) string { return strings.TrimPrefix(zoneID, "/hostedzone/") }

// deletion is the command that deletes a record, for which Route 53 wants all that it holds.
func deletion(zoneID string, record account.Record) string {
	type values struct {
		Value string
	}
	type alias struct {
		HostedZoneId         string
		DNSName              string
		EvaluateTargetHealth bool
	}
	set := struct {
		Name, Type      string
		TTL             int      `json:",omitempty"`
		ResourceRecords []values `json:",omitempty"`
		AliasTarget     *alias   `json:",omitempty"`
	}{Name: record.Name, Type: "A", TTL: record.TTLSeconds}
	for _, value := range record.Values {
		set.ResourceRecords = append(set.ResourceRecords, values{value})
	}
	if record.Alias != "" {
		set.AliasTarget = &alias{record.AliasZone, record.Alias, record.ChecksHealth}
	}
	batch, err := json.Marshal(map[string]any{"Changes": []any{map[string]any{"Action": "DELETE", "ResourceRecordSet": set}}})
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	return fmt.Sprintf("aws route53 change-resource-record-sets --hosted-zone-id %s --change-batch '%s'", bare(zoneID), batch)
}
