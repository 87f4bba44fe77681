package cost

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/korakagazindia/provisioner/internal/template"
)

// pieces are resources that cost something and refer to nothing.
var pieces = []string{
	`{"Type": "AWS::EC2::EIP", "Properties": {}}`,
	`{"Type": "AWS::EC2::Volume", "Properties": {"Size": 20, "VolumeType": "gp3"}}`,
	`{"Type": "AWS::EC2::NatGateway", "Properties": {}}`,
	`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60}}`,
	`{"Type": "AWS::CloudWatch::Dashboard", "Properties": {}}`,
	`{"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}`,
	`{"Type": "AWS::S3::Bucket", "Properties": {}}`,
	`{"Type": "AWS::Route53::HostedZone", "Properties": {}}`,
	`{"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "email"}}`,
	`{"Type": "AWS::ElastiCache::CacheCluster", "Properties": {"CacheNodeType": "cache.t4g.micro", "Engine": "valkey", "NumCacheNodes": 2}}`,
	`{"Type": "AWS::EC2::VPC", "Properties": {}}`,
}

func together(t *testing.T, parts []string) *template.Template {
	t.Helper()
	resources := map[string]json.RawMessage{}
	for i, part := range parts {
		resources[fmt.Sprintf("R%d", i)] = json.RawMessage(part)
	}
	text, err := json.Marshal(map[string]any{"Resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := template.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// Without free tiers, which are the account's, a stack costs what its parts cost.
func TestCostIsAdditive(t *testing.T) {
	usage := Defaults()
	usage.NoFreeTier, usage.EgressGiB = true, 0 // the data through NAT gateways is the stack's, however many there are
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var all []string
		for range random.IntN(12) {
			all = append(all, pieces[random.IntN(len(pieces))])
		}
		cut := random.IntN(len(all) + 1)
		got := of(t, together(t, all), usage).Total
		want := of(t, together(t, all[:cut]), usage).Total.Plus(of(t, together(t, all[cut:]), usage).Total)
		if diff := cmp.Diff(got, want, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Fatalf("%v cut at %d (-got +want):\n%s", all, cut, diff)
		}
	}
}

// A resource more never makes a stage cheaper, and takes no other resource's line away.
func TestAResourceMoreCostsNotLess(t *testing.T) {
	for _, name := range goldens(t) {
		full := golden(t, name)
		before := of(t, full, Defaults())
		for _, piece := range pieces {
			raw := maps.Clone(full.Raw)
			resources := maps.Clone(raw["Resources"].(map[string]any))
			resources["Added"] = json.RawMessage(piece)
			raw["Resources"] = resources
			text, err := json.Marshal(raw)
			if err != nil {
				t.Fatal(err)
			}
			more, err := template.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			after := of(t, more, Defaults())
			if after.Total.Low < before.Total.Low-1e-9 || after.Total.High < before.Total.High-1e-9 {
				t.Errorf("%s with %s costs %v, without %v", name, piece, after.Total, before.Total)
			}
			for _, r := range full.Resources {
				if diff := cmp.Diff(after.Resource(r.ID), before.Resource(r.ID), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
					t.Errorf("%s with %s: %s costs something else (-with +without):\n%s", name, piece, r.ID, diff)
				}
			}
		}
	}
}

// low <= typical <= high, and each grows with the group's minimum and maximum.
func TestCostGrowsWithTheGroup(t *testing.T) {
	sized := func(low, high int) *template.Template {
		full := golden(t, "horizontal")
		fleet := full.Resource("Fleet").Properties
		fleet["MinSize"], fleet["MaxSize"] = float64(low), fmt.Sprint(high)
		return full
	}
	usage := Defaults()
	for low := range 6 {
		for high := low; high < 8; high++ {
			here := of(t, sized(low, high), usage).Total
			if here.Low > here.Typical+1e-9 || here.Typical > here.High+1e-9 {
				t.Errorf("%d to %d nodes: %v is not in order", low, high, here)
			}
			more := of(t, sized(low, high+1), usage).Total
			if more.High <= here.High || more.Low != here.Low {
				t.Errorf("at most %d nodes cost %v, at most %d %v", high, here, high+1, more)
			}
			if low < high {
				more := of(t, sized(low+1, high), usage).Total
				if more.Low <= here.Low || more.High != here.High {
					t.Errorf("at least %d nodes cost %v, at least %d %v", low, here, low+1, more)
				}
			}
		}
	}
}

// More use never costs less, and the total is the lines.
func TestUseCosts(t *testing.T) {
	for _, name := range goldens(t) {
		bill := of(t, golden(t, name), Defaults())
		var sum Range
		for _, l := range bill.Lines {
			sum = sum.Plus(l.Monthly)
		}
		if diff := cmp.Diff(bill.Total, sum, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s: the total is not the lines:\n%s", name, diff)
		}
		for _, f := range Figures() {
			usage := Defaults()
			v := f.Of(&usage)
			if *v = *v * 9; f.Flag == "cpu-percent" {
				*v = 90
			}
			if more := of(t, golden(t, name), usage).Total; more.Low < bill.Total.Low-1e-9 || more.High < bill.Total.High-1e-9 {
				t.Errorf("%s with more --%s costs %v, less than %v", name, f.Flag, more, bill.Total)
			}
		}
	}
}

// A bill says the same in the same order each time.
func TestABillIsTheSameTwice(t *testing.T) {
	for _, name := range goldens(t) {
		if diff := cmp.Diff(of(t, golden(t, name), Defaults()), of(t, golden(t, name), Defaults())); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
