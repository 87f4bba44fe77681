package status

import (
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

func (r *reading) traffic(ctx context.Context) error {
	shares, err := r.shares(ctx)
	if err != nil {
		return err
	}
	groups, err := r.account.TargetGroups(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if !r.has(g.ARN) {
			continue
		}
		targets, err := r.account.Health(ctx, g.ARN)
		if err != nil {
			return err
		}
		r.status.TargetGroups = append(r.status.TargetGroups, TargetGroup{r.targetName(g), shares[g.ARN], targets})
	}
	slices.SortFunc(r.status.TargetGroups, func(a, b TargetGroup) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// targetName is the logical id of a target group whose name CloudFormation made, of as much of stack and id as there is room
// for, and of a suffix in capitals; the names that the stack gives have none.
func (r *reading) targetName(g account.TargetGroup) string {
	for id, physical := range r.ids {
		if physical == g.ARN && g.Name != strings.ToLower(g.Name) {
			return id
		}
	}
	return g.Name
}

// shares is the share of new clients, in percent, of each target group by its ARN.
func (r *reading) shares(ctx context.Context) (map[string]int, error) {
	balancers, err := r.account.Balancers(ctx)
	r.balancers = map[string]string{}
	shares := map[string]int{}
	for _, b := range balancers {
		r.balancers[b.DNSName] = b.Name
		if !r.has(b.ARN) {
			continue
		}
		r.status.Balancers = append(r.status.Balancers, Balancer{b.Name, b.DNSName})
		r.item(Item{"balancer", b.Name, "load balancer", true, ""})
		forwarded, err := r.account.Shares(ctx, b.ARN)
		if err != nil {
			return nil, err
		}
		maps.Copy(shares, forwarded)
	}
	return shares, err
}

// records reads the zones that the backend's names may stand in.
func (r *reading) records(ctx context.Context) error {
	names := slices.DeleteFunc([]string{r.backend.Domain, r.ids[recordID]}, func(name string) bool { return name == "" })
	zones, err := r.account.Zones(ctx)
	for _, zone := range zones {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix("."+name, "."+zone.Name) }) {
			continue
		}
		records, err := r.account.Records(ctx, zone.ID)
		if err != nil {
			return err
		}
		r.item(Item{Kind: "zone", Name: bare(zone.ID), What: zone.Name})
		for _, record := range records {
			if !slices.Contains(names, record.Name) {
				continue
			}
			shown := newRecord(record, r.status.Servers, r.balancers)
			r.status.Records = append(r.status.Records, shown)
			if shown.Where == "" && r.ids[recordID] == "" && r.abandoned(record) {
				r.item(Item{"record", record.Name, "which leads nowhere any more", false, deletion(zone.ID, record)})
			}
		}
	}
	slices.SortFunc(r.status.Records, func(a, b Record) int { return strings.Compare(a.Name, b.Name) })
	return err
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
		if !slices.ContainsFunc(r.elastic, func(a account.Address) bool { return a.IP == ip && a.AssociationID == "" }) {
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
