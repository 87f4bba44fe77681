package status

import (
	"context"
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
		r.status.TargetGroups = append(r.status.TargetGroups, TargetGroup{g.Name, shares[g.ARN], targets})
	}
	slices.SortFunc(r.status.TargetGroups, func(a, b TargetGroup) int { return strings.Compare(a.Name, b.Name) })
	return nil
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
		for _, record := range records {
			if slices.Contains(names, record.Name) {
				r.status.Records = append(r.status.Records, newRecord(record, r.status.Servers, r.balancers))
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
