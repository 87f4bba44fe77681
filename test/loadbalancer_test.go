package test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

func TestLoadBalancer(t *testing.T) {
	expectEach(t, []property{
		{"internet-facing, named, headers checked", fleet(nil), "LoadBalancer", `{"Name": "kora-backend-alb", "Scheme": "internet-facing",
			"SecurityGroups": ["<LoadBalancerSecurityGroup.GroupId>"], "Subnets": ["<NetworkSubnet1>", "<NetworkSubnet2>"],
			"LoadBalancerAttributes": [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}]}`},
		{"headers left alone", fleet(context{"dropInvalidHeaders": false}), "LoadBalancer/LoadBalancerAttributes", `[{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}]`},
		{"named after the backend", existing.and(context{"stage": "horizontal"}), "LoadBalancer/Name", `"shop-api-alb"`},
		{"none in single", kora, "LoadBalancer", ""},
		{"none in vertical", kora.and(context{"stage": "vertical"}), "LoadBalancer", ""},
	})
}

func TestTargetGroups(t *testing.T) {
	const (
		checks = `"TargetType": "instance", "Protocol": "HTTP", "Port": 3001, "VpcId": "<NetworkVpc>", "HealthCheckPath": "/health",
			"HealthCheckIntervalSeconds": 30, "HealthyThresholdCount": 2`
		delay  = `{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}`
		cookie = `{"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"},
			{"Key": "stickiness.lb_cookie.duration_seconds", "Value": "86400"}`
	)
	sticky := fleet(context{"sessions": "sticky"})
	changed := fleet(context{"port": 8000.0, "healthCheckPath": "/up", "healthCheckIntervalSeconds": 6.0, "deregistrationDelaySeconds": 120.0})
	for _, group := range []string{"LoadBalancerTargets", "LoadBalancerServerTargets"} {
		expectEach(t, []property{
			{group + ", port", changed, group + "/Port", "8000"},
			{group + ", path", changed, group + "/HealthCheckPath", `"/up"`},
			{group + ", shortest interval", changed, group + "/HealthCheckIntervalSeconds", "6"},
			{group + ", the default of 5 seconds below it", changed, group + "/HealthCheckTimeoutSeconds", ""},
			{group + ", delay", changed, group + "/TargetGroupAttributes", `[{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}]`},
		})
	}
	expectEach(t, []property{
		{"the fleet's", fleet(nil), "LoadBalancerTargets", `{"Name": "kora-backend-targets", ` + checks + `, "TargetGroupAttributes": [` + delay + `]}`},
		{"named after the backend", existing.and(context{"stage": "horizontal"}), "LoadBalancerTargets/Name", `"shop-api-targets"`},
		// No name: the guide's belongs to the fleet's.
		{"the kept server's", fleet(nil), "LoadBalancerServerTargets", `{` + checks + `, "TargetGroupAttributes": [` + delay + `], "Targets": [{"Id": "<Server>"}]}`},
		{"no server, no group", fleet(context{"keepServer": "none"}), "LoadBalancerServerTargets", ""},

		{"no cookie with redis", fleet(context{"sessions": "redis"}), "LoadBalancerTargets/TargetGroupAttributes", `[` + delay + `]`},
		{"no cookie without sessions", fleet(context{"sessions": "none"}), "LoadBalancerTargets/TargetGroupAttributes", `[` + delay + `]`},
		{"a cookie for a day with sticky", sticky, "LoadBalancerTargets/TargetGroupAttributes", `[` + delay + `, ` + cookie + `]`},
		{"one server needs no cookie", sticky, "LoadBalancerServerTargets/TargetGroupAttributes", `[` + delay + `]`},
		{"sticky unless said otherwise", context{"stage": "horizontal", "keepServer": "none"}, "LoadBalancerTargets/TargetGroupAttributes", `[` + delay + `, ` + cookie + `]`},
		{"sticky beside no server", sticky.and(context{"keepServer": "none"}), "LoadBalancerTargets/TargetGroupAttributes", `[` + delay + `, ` + cookie + `]`},
	})
}

// Where each row of the table of moves sends users, and for how long a client stays where it is.
func TestWeights(t *testing.T) {
	both := func(percent int, stays string) string {
		return fmt.Sprintf(`[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "<LoadBalancerTargets>", "Weight": %d},
			{"TargetGroupArn": "<LoadBalancerServerTargets>", "Weight": %d}]%s}}]`, percent, 100-percent, stays)
	}
	const (
		alone = `[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "<LoadBalancerTargets>", "Weight": 100}]}}]`
		stays = `, "TargetGroupStickinessConfig": {"Enabled": true, "DurationSeconds": 300}`
		brief = `, "TargetGroupStickinessConfig": {"Enabled": true, "DurationSeconds": 60}`
	)
	table := rows("single")
	sticky := context{"sessions": "sticky"}
	for _, test := range []struct {
		name    string
		context context
		want    string
	}{
		{"1 build and prove", kora.and(table[0].changes), both(0, "")},
		{"2 through the balancer", kora.and(table[1].changes), both(0, "")},
		{"3 canary", kora.and(table[2].changes), both(10, stays)},
		{"4 fleet", kora.and(table[3].changes), both(100, "")},
		{"5 clean up", kora.and(table[4].changes), alone},
		{"one deploy", fleet(nil), both(100, "")},
		{"nearly nothing", fleet(context{"fleetTrafficPercent": 1.0}), both(1, stays)},
		{"nearly all", fleet(context{"fleetTrafficPercent": 99.0}), both(99, stays)},
		{"a stay of one's own", fleet(context{"fleetTrafficPercent": 50.0, "trafficStickinessSeconds": 60.0}), both(50, brief)},
		{"a server from vertical", fleet(context{"fleetTrafficPercent": 10.0, "keepServer": "vertical"}), both(10, stays)},
		// AWS takes a forward to two groups of which one is sticky only with group stickiness on.
		{"1, sticky", kora.and(table[0].changes).and(sticky), both(0, stays)},
		{"3, sticky", kora.and(table[2].changes).and(sticky), both(10, stays)},
		{"4, sticky", kora.and(table[3].changes).and(sticky), both(100, stays)},
		{"5, sticky", kora.and(table[4].changes).and(sticky), alone},
		{"without sessions", fleet(context{"sessions": "none"}), both(100, "")},
	} {
		t.Run(test.name, func(t *testing.T) {
			tpl := must(t, test.context)
			expect(t, "443", tpl.at("LoadBalancerHttps/DefaultActions"), test.want)
			// Where 80 forwards, it does the same.
			expect(t, "80", must(t, test.context.and(context{"redirectHttp": false})).at("LoadBalancerHttp/DefaultActions"), test.want)
		})
	}
}

// 443 with the certificate there is, and 80 that leads to it; without a certificate only 80.
func TestListeners(t *testing.T) {
	const (
		redirect = `[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]`
		forward  = `[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "<LoadBalancerTargets>", "Weight": 100},
			{"TargetGroupArn": "<LoadBalancerServerTargets>", "Weight": 0}]}}]`
		given = "arn:aws:acm:ap-south-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	)
	http := func(actions string) string {
		return `{"LoadBalancerArn": "<LoadBalancer>", "Port": 80, "Protocol": "HTTP", "DefaultActions": ` + actions + `}`
	}
	https := func(certificate string) string {
		return `{"LoadBalancerArn": "<LoadBalancer>", "Port": 443, "Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
			"Certificates": [{"CertificateArn": "` + certificate + `"}], "DefaultActions": ` + forward + `}`
	}
	created := func(validation string) string {
		return `{"DomainName": "server.korakagazindia.com", "ValidationMethod": "DNS"` + validation + `}`
	}
	for _, test := range []struct {
		name                     string
		changes                  context
		http, https, certificate string
	}{
		{"a certificate is created", nil, http(redirect), https("<Certificate>"), created("")},
		{"and validates itself in a zone known by its id", context{"hostedZoneId": "Z0123456789ABCDEFGHIJ"}, http(redirect), https("<Certificate>"),
			created(`, "DomainValidationOptions": [{"DomainName": "server.korakagazindia.com", "HostedZoneId": "Z0123456789ABCDEFGHIJ"}]`)},
		{"no zone: the owner validates", context{"hostedZoneName": nil}, http(redirect), https("<Certificate>"), created("")},
		{"given", context{"certificateArn": given}, http(redirect), https(given), ""},
		{"given without a domain", context{"certificateArn": given, "domainName": nil, "hostedZoneName": nil}, http(redirect), https(given), ""},
		{"no redirect", context{"redirectHttp": false}, http(forward), https("<Certificate>"), created("")},
		{"neither domain nor certificate", context{"domainName": nil, "hostedZoneName": nil}, http(forward), "", ""},
		{"neither, and no redirect", context{"redirectHttp": false, "domainName": nil, "hostedZoneName": nil}, http(forward), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tpl := must(t, fleet(test.changes))
			expect(t, "80", tpl.at("LoadBalancerHttp"), test.http)
			expect(t, "443", tpl.at("LoadBalancerHttps"), test.https)
			expect(t, "certificate", tpl.at("Certificate"), test.certificate)
		})
	}
}

// A created certificate may wait for its owner for hours: what costs money or bears a name is made only after it. The
// kept server serves on, and waits for nothing of it.
func TestCostlyThingsAwaitTheCertificate(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		created := c.Stage == stage.Horizontal && c.DomainName != "" && c.CertificateArn == ""
		if _, ok := tpl.Resources["Certificate"]; ok != created {
			t.Errorf("a certificate is created: got %t, want %t", ok, created)
		}
		var early []string
		for id, r := range tpl.Resources {
			switch r.Type {
			case "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::AutoScaling::AutoScalingGroup", "AWS::ElastiCache::ReplicationGroup",
				"AWS::ElasticLoadBalancingV2::Listener":
				if created && !tpl.awaited(id)["Certificate"] {
					early = append(early, id)
				}
			}
		}
		if diff := cmp.Diff(early, []string(nil)); diff != "" {
			t.Errorf("made before the certificate (-got +want):\n%s", diff)
		}
	})
}
