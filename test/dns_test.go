package test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// Where the record points in each stage and row, and in which zone it is.
func TestRecord(t *testing.T) {
	const (
		name     = `"Name": "server.korakagazindia.com.", "Type": "A"`
		byName   = name + `, "HostedZoneName": "korakagazindia.com."`
		byID     = name + `, "HostedZoneId": "Z0123456789ABCDEFGHIJ"`
		server   = `, "ResourceRecords": ["<Address>"], "TTL": "60"`
		balancer = `, "AliasTarget": {"DNSName": "<LoadBalancer.DNSName>", "HostedZoneId": "<LoadBalancer.CanonicalHostedZoneID>"}`
	)
	id := context{"hostedZoneId": "Z0123456789ABCDEFGHIJ"}
	idAlone := context{"hostedZoneName": nil, "hostedZoneId": "Z0123456789ABCDEFGHIJ"}
	table := rows("single")
	expectEach(t, []property{
		{"single", kora, "Record", `{` + byName + server + `}`},
		{"vertical", kora.and(context{"stage": "vertical"}), "Record", `{` + byName + server + `}`},
		{"row 1", kora.and(table[0].changes), "Record", `{` + byName + server + `}`},
		{"row 2", kora.and(table[1].changes), "Record", `{` + byName + balancer + `}`},
		{"row 3", kora.and(table[2].changes), "Record", `{` + byName + balancer + `}`},
		{"row 4", kora.and(table[3].changes), "Record", `{` + byName + balancer + `}`},
		{"row 5", kora.and(table[4].changes), "Record", `{` + byName + balancer + `}`},

		// A zone whose id is learnt later changes no record.
		{"by name even with an id", kora.and(id), "Record", `{` + byName + server + `}`},
		{"by name even with an id, at the balancer", fleet(id), "Record", `{` + byName + balancer + `}`},
		{"by id when that is all there is", kora.and(idAlone), "Record", `{` + byID + server + `}`},
		{"by id, at the balancer", fleet(idAlone), "Record", `{` + byID + balancer + `}`},
		{"no zone", kora.and(context{"hostedZoneName": nil}), "Record", ""},
		{"no zone, at the balancer", fleet(context{"hostedZoneName": nil}), "Record", ""},
		{"no domain", context{}, "Record", ""},

		{"an adopted address", existing, "Record/ResourceRecords", `["203.0.113.20"]`},
		{"a TTL of one's own", kora.and(context{"dnsTtlSeconds": 300.0}), "Record/TTL", `"300"`},
	})
}

// Users come when what they reach is there: the server with its address, or the listeners and a fleet that has proven
// itself; the record never waits for an adopted address, which it is before. Either is said in so many words, since an address and a balancer's name are known long before.
func TestRecordWaits(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		if _, ok := tpl.Resources["Record"]; !ok || c.AdoptedServer != nil && c.HasServer() { // TestAdoptedServer
			return
		}
		var want []any
		if tpl.at("Record/AliasTarget") != nil {
			want = append(want, "Fleet", "LoadBalancerHttp")
			if tpl.Resources["LoadBalancerHttps"].Type != "" {
				want = append(want, "LoadBalancerHttps")
			}
		}
		switch {
		case !c.HasServer():
		case c.ElasticIPAllocationID != "":
			want = append(want, "Server")
		default:
			want = append([]any{"AddressAssociation"}, want...)
		}
		if diff := cmp.Diff(tpl.at("Record/DependsOn"), any(want)); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// What the operator is shown after each deploy: where users get in, what to point one's own DNS at when the stack does not
// keep the record, and the next step as an edit of cdk.json.
func TestOutputs(t *testing.T) {
	const (
		dashboard = "https://ap-south-1.console.aws.amazon.com/cloudwatch/home?region=ap-south-1#dashboards/dashboard/<Dashboard>"
		https     = "https://server.korakagazindia.com"
	)
	type outputs map[string]string
	in := func(url, address, next string, more ...string) outputs {
		all := outputs{"Url": url, "DashboardUrl": dashboard, "NextStep": next}
		if address != "" {
			all["IpAddress"] = address
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	balancer := []string{"BalancerName", "<LoadBalancer.DNSName>"}
	table, vertical := rows("single"), context{"stage": "vertical"}
	unzoned := context{"hostedZoneName": nil}
	nameless := context{"hostedZoneName": nil, "domainName": nil}
	given := context{"certificateArn": existing["certificateArn"]}
	for _, test := range []struct {
		name    string
		context context
		want    outputs
	}{
		{"single", kora, in(https, "<Address>", "stage=vertical when one t2.micro is too small")},
		{"single, of another type", existing, in("https://api.example.com", "203.0.113.20", "stage=vertical when one t3.micro is too small")},
		{"vertical", kora.and(vertical), in(https, "<Address>", "stage=horizontal keepServer=vertical fleetTrafficPercent=0 dnsTarget=server")},
		{"row 1", kora.and(table[0].changes), in(https, "<Address>", "dnsTarget=balancer once the fleet has proven itself", balancer...)},
		{"row 2", kora.and(table[1].changes), in(https, "<Address>", "fleetTrafficPercent=10", balancer...)},
		{"row 3", kora.and(table[2].changes), in(https, "<Address>", "fleetTrafficPercent=100", balancer...)},
		{"row 4", kora.and(table[3].changes), in(https, "<Address>", "keepServer=none once nothing reaches the server any more", balancer...)},
		{"row 5", kora.and(table[4].changes), in(https, "<Address>", "keepElasticIp=false, then release the address: it is billed", balancer...)},
		{"row 5 without the address", kora.and(table[4].changes).and(context{"keepElasticIp": false}), in(https, "", "none: this is the last stage", balancer...)},

		{"single, no zone", kora.and(unzoned), in(https, "<Address>", "stage=vertical when one t2.micro is too small", "DnsTarget", "<Address>")},
		// Users reach the server by its address until row 2.
		{"row 1, no zone", kora.and(table[0].changes).and(unzoned), in(https, "<Address>", "dnsTarget=balancer once the fleet has proven itself",
			append(balancer, "DnsTarget", "<Address>")...)},
		{"row 2, no zone", kora.and(table[1].changes).and(unzoned), in(https, "<Address>", "fleetTrafficPercent=10",
			append(balancer, "DnsTarget", "<LoadBalancer.DNSName>")...)},

		{"single, no domain", kora.and(nameless), in("http://<Address>", "<Address>", "stage=vertical when one t2.micro is too small")},
		{"row 1, no domain", kora.and(table[0].changes).and(nameless), in("http://<Address>", "<Address>", "dnsTarget=balancer once the fleet has proven itself", balancer...)},
		{"row 2, no domain", kora.and(table[1].changes).and(nameless), in("http://<LoadBalancer.DNSName>", "<Address>", "fleetTrafficPercent=10", balancer...)},
		{"row 1, a certificate and no domain", kora.and(table[0].changes).and(nameless).and(given),
			in("http://<Address>", "<Address>", "dnsTarget=balancer once the fleet has proven itself", balancer...)},
		{"row 2, a certificate and no domain", kora.and(table[1].changes).and(nameless).and(given),
			in("https://<LoadBalancer.DNSName>", "<Address>", "fleetTrafficPercent=10", balancer...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := outputs{}
			for name, output := range must(t, test.context).Outputs {
				got[name] = fmt.Sprint(plain(output.Value))
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// Every state says what comes next, and names no key that does not exist.
func TestNextStepsAreKeys(t *testing.T) {
	var names []string
	for _, key := range config.Keys() {
		names = append(names, key.Name)
	}
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		next := fmt.Sprint(plain(tpl.Outputs["NextStep"].Value))
		for _, edit := range edits.FindAllStringSubmatch(next, -1) {
			if !slices.Contains(names, edit[1]) {
				t.Errorf("%q names %s, which is no key", next, edit[1])
			}
		}
	})
}

var edits = regexp.MustCompile(`(\w+)=`)
