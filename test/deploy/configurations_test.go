package deploy

import "testing"

// Whatever the configuration turns on or off is held by the emulator, on the way to the fleet and back.
func TestConfigurations(t *testing.T) {
	for name, more := range map[string]values{
		"everything": revision("0123456789abcdef0123456789abcdef01234567").and(values{"name": "kora-backend", "gitCredentialsParameter": "/kora-backend/git",
			"alarmEmail": "operations@korakagazindia.com", "sshCidr": "203.0.113.7/32", "volumeSizeGib": 30}),
		"defaults":         {"sessions": "none", "uploads": "none", "redirectHttp": false, "snapshotRetentionDays": 0},
		"sticky sessions":  {"sessions": "sticky", "scalingPolicy": "step"},
		"target tracking":  {"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests", "targetRequestsPerMinute": 600},
		"arm64":            {"architecture": "arm64", "singleInstanceType": "t4g.micro", "verticalInstanceType": "t4g.small", "fleetInstanceType": "t4g.micro", "cpuCredits": "standard"},
		"a bucket of ours": {"uploads": "kora-uploads"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned().and(more)
			for _, s := range []step{single, vertical, row(3, "vertical"), row(5, "vertical"), row(4, "vertical"), row(1, "vertical"), single} {
				a.mustDeploy(template(t, base.and(s.changes)))
			}
			if s := a.stands(); s.Address != "server" || s.Record != "address" || s.Server == "" {
				t.Errorf("%+v", s)
			}
		})
	}
}
