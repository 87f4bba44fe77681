package account

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Zone is a hosted zone. Its name has no dot at its end.
type Zone struct {
	ID, Name string
	// Private reports whether only VPCs see it.
	Private bool
}

// Zones are all of the account.
func (a *Account) Zones(ctx context.Context) ([]Zone, error) {
	pages := route53.NewListHostedZonesPaginator(a.zones, &route53.ListHostedZonesInput{})
	return all(ctx, pages, func(p *route53.ListHostedZonesOutput) []Zone {
		return each(p.HostedZones, func(z types.HostedZone) Zone {
			return Zone{strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/"), undotted(z.Name), z.Config != nil && z.Config.PrivateZone}
		})
	})
}

// NameServers are those that a public zone is on.
func (a *Account) NameServers(ctx context.Context, zoneID string) ([]string, error) {
	found, err := a.zones.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zoneID})
	if err != nil {
		return nil, Plain(err)
	}
	if found.DelegationSet == nil {
		return nil, nil
	}
	return found.DelegationSet.NameServers, nil
}

// Record is an address record (A).
type Record struct {
	// Name has no dot at its end.
	Name string
	// TTLSeconds is 0 for an alias, which has none.
	TTLSeconds int
	// Values are the addresses, none for an alias.
	Values []string
	// Alias is the name that it stands for, without a dot at its end, "" where it is none.
	Alias string
	// AliasZone is the id of the zone of that name, and ChecksHealth whether the record is left out while what it stands for is
	// not healthy.
	AliasZone    string
	ChecksHealth bool
}

// Records are the address records of a zone.
func (a *Account) Records(ctx context.Context, zoneID string) ([]Record, error) {
	pages := route53.NewListResourceRecordSetsPaginator(a.zones, &route53.ListResourceRecordSetsInput{HostedZoneId: &zoneID})
	return all(ctx, pages, func(p *route53.ListResourceRecordSetsOutput) []Record {
		var found []Record
		for _, set := range p.ResourceRecordSets {
			if set.Type == types.RRTypeA {
				found = append(found, newRecord(set))
			}
		}
		return found
	})
}

func newRecord(set types.ResourceRecordSet) Record {
	record := Record{Name: undotted(set.Name), TTLSeconds: int(aws.ToInt64(set.TTL))}
	if set.AliasTarget != nil {
		record.Alias, record.AliasZone = undotted(set.AliasTarget.DNSName), aws.ToString(set.AliasTarget.HostedZoneId)
		record.ChecksHealth = set.AliasTarget.EvaluateTargetHealth
	}
	record.Values = each(set.ResourceRecords, func(r types.ResourceRecord) string { return aws.ToString(r.Value) })
	return record
}

func undotted(name *string) string { return strings.TrimSuffix(aws.ToString(name), ".") }

// RecordSet is what a zone says of a name, of any type.
type RecordSet struct {
	Name, Type string
	TTLSeconds int // 0 for an alias, which has none
	Values     []string
	// SetID tells apart several of one name and type, which are weighted or differ by place; "" for the usual one.
	SetID string
	Alias bool
	// AliasOf is the name that it stands for, without a dot at its end, "" where it is none.
	AliasOf string
}

// RecordSets are what a zone says of a name: the first hundred of its sets, where the usual name has one or two.
func (a *Account) RecordSets(ctx context.Context, zoneID, name string) ([]RecordSet, error) {
	page, err := a.zones.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zoneID, StartRecordName: &name, MaxItems: aws.Int32(100),
	})
	if err != nil {
		return nil, Plain(err)
	}
	var found []RecordSet
	for _, set := range page.ResourceRecordSets { // from that name on
		if undotted(set.Name) == name {
			found = append(found, RecordSet{name, string(set.Type), int(aws.ToInt64(set.TTL)), newRecord(set).Values,
				aws.ToString(set.SetIdentifier), set.AliasTarget != nil, newRecord(set).Alias})
		}
	}
	return found, nil
}
