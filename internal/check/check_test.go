package check_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/local"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

const region = "ap-south-1"

// world is an account on the emulator with the owners' server, made by hand.
type world struct {
	*testing.T
	cloud *emulator.Emulator
	facts map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	tooltest.Ministack(t)
	p, err := project.Find("")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t}
	if w.cloud, err = emulator.Start(t.Context(), emulator.Options{Root: p.Root, Region: region, Log: t.Output()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cloud.Stop() })
	if w.facts, err = local.SeedHandMade(t.Context(), w.cloud.URL, w.config(nil), local.HandMade{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// config is that of a fleet which is built beside the server, with changes; "" unsets.
func (w *world) config(changes map[string]string) *config.Config {
	w.Helper()
	context := map[string]any{"stage": "horizontal", "keepServer": "none", "fleetTrafficPercent": "100", "keyPairName": "korakagaz-backend-key",
		"domainName": "server.korakagazindia.com", "alarmEmail": "ops@korakagazindia.com", "hostedZoneName": "korakagazindia.com",
		"highCpuAlarmName": "high-cpu-kora-fleet",
		"gitRepository":    "https://github.com/korakagazindia/kora.git", "gitRef": "0123456789abcdef0123456789abcdef01234567"}
	for key, value := range w.facts {
		if value != "" { // what is left out is the record, which stays by hand
			context[key] = value
		}
	}
	for key, value := range changes {
		context[key] = value
	}
	c, err := config.Unruled(context)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// subject is the deploy of a stage's template as the tests keep it.
func (w *world) subject(changes map[string]string) check.Subject {
	w.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "test", "testdata", "templates", "horizontal.template.json"))
	if err != nil {
		w.Fatal(err)
	}
	t, err := template.Parse(text)
	if err != nil {
		w.Fatal(err)
	}
	t.Resource("HighCpuAlarm").Properties["AlarmName"] = "high-cpu-kora-fleet"
	t.Resource("LowHealthyHostsAlarm").Properties["AlarmName"] = "low-healthy-hosts-fleet"
	c := w.config(changes)
	return check.Subject{Account: account.At(w.cloud.URL, region), Config: c, Template: t, Now: time.Now(),
		Ask: func(context.Context, string) (int, error) { return 200, nil },
		NameServers: func(ctx context.Context, domain string) ([]string, error) {
			zones, err := account.At(w.cloud.URL, region).Zones(ctx)
			for _, z := range zones {
				if z.Name == domain {
					return account.At(w.cloud.URL, region).NameServers(ctx, z.ID)
				}
			}
			return nil, errors.Join(err, errors.New("no such zone"))
		}}
}

// verdicts are the worst of each code.
func verdicts(results []check.Result) map[string]check.Verdict {
	order := []check.Verdict{check.Pass, check.Warn, check.Unknown, check.Fail}
	found := map[string]check.Verdict{}
	for _, r := range results {
		if slices.Index(order, r.Verdict) >= slices.Index(order, found[r.Code]) {
			found[r.Code] = r.Verdict
		}
	}
	return found
}

// Each check on the account that it is made for, and on one in which it fails.
func TestChecks(t *testing.T) {
	w := newWorld(t)
	plain := verdicts(check.Check(t.Context(), w.subject(nil)))
	if len(plain) != len(check.Kinds()) {
		t.Errorf("%d codes of %d: %v", len(plain), len(check.Kinds()), plain)
	}
	tests := []struct {
		code      string
		usually   check.Verdict
		change    map[string]string
		then      check.Verdict
		otherwise func(*check.Subject)
	}{
		{"credentials", check.Pass, nil, check.Unknown, func(s *check.Subject) { s.Account, s.Why = nil, account.ErrNoCredentials }},
		{"stack-state", check.Pass, nil, "", nil},
		{"template-size", check.Pass, nil, check.Fail, func(s *check.Subject) { s.Template.Raw["Metadata"] = strings.Repeat("x", 51200) }},
		{"key-pair", check.Pass, map[string]string{"keyPairName": "nobodys"}, check.Fail, nil},
		{"type-offered", check.Pass, map[string]string{"availabilityZones": "ap-south-1a,ap-south-1z"}, check.Fail, nil},
		{"subnets", check.Pass, map[string]string{"publicSubnetIds": "subnet-0123456789abcdef0"}, check.Fail, nil},
		{"zone", check.Pass, nil, check.Fail, func(s *check.Subject) {
			s.NameServers = func(context.Context, string) ([]string, error) { return []string{"ns1.registrar.example."}, nil }
		}},
		{"zone", check.Pass, map[string]string{"hostedZoneName": "example.com"}, check.Fail, nil},
		{"certificate", check.Pass, map[string]string{"domainName": "www.example.com"}, check.Fail, nil},
		{"health", check.Pass, nil, check.Fail, func(s *check.Subject) { s.Ask = func(context.Context, string) (int, error) { return 302, nil } }},
		{"database", check.Pass, map[string]string{"databaseSecurityGroupId": "sg-0123456789abcdef0"}, check.Fail, nil},
		{"parameters", check.Pass, map[string]string{"gitCredentialsParameter": "/kora-backend/nobodys"}, check.Fail, nil},
		{"alarms-heard", check.Pass, map[string]string{"alarmEmail": ""}, check.Warn, nil},
		{"record", check.Fail, map[string]string{"domainName": "www.korakagazindia.com"}, check.Warn, nil},
		{"names-free", check.Pass, nil, check.Fail, func(s *check.Subject) { s.Template.Resource("HighCpuAlarm").Properties["AlarmName"] = "high-cpu-kora" }},
		{"agent", check.Pass, nil, "", nil},
		{"budget", check.Warn, nil, "", nil},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			if plain[test.code] != test.usually {
				t.Errorf("usually %s, want %s: %v", plain[test.code], test.usually, check.Check(t.Context(), w.subject(nil)))
			}
			if test.then == "" {
				return
			}
			s := w.subject(test.change)
			if test.otherwise != nil {
				test.otherwise(&s)
			}
			results := check.Check(t.Context(), s)
			if got := verdicts(results)[test.code]; got != test.then {
				t.Errorf("%s, want %s: %v", got, test.then, results)
			}
		})
	}
}

// Without credentials that is said once, and what needs none is still looked at.
func TestNoCredentials(t *testing.T) {
	w := newWorld(t)
	s := w.subject(nil)
	s.Account, s.Why = nil, account.ErrNoCredentials
	got := fmt.Sprint(verdicts(check.Check(t.Context(), s)))
	if want := "map[credentials:unknown health:pass template-size:pass]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A call that is denied turns its own checks unknown, and leaves the others what they were.
func TestDenied(t *testing.T) {
	w := newWorld(t)
	client := &emulator.Client{URL: w.cloud.URL}
	before := verdicts(check.Check(t.Context(), w.subject(nil)))
	for action, codes := range map[string]string{
		"sts:GetCallerIdentity":                     "budget credentials",
		"cloudformation:DescribeStacks":             "stack-state",
		"ec2:DescribeKeyPairs":                      "key-pair",
		"ec2:DescribeInstanceTypeOfferings":         "type-offered",
		"ec2:DescribeSubnets":                       "subnets",
		"ec2:DescribeSecurityGroups":                "database",
		"route53:ListHostedZones":                   "record zone",
		"route53:ListResourceRecordSets":            "record",
		"acm:ListCertificates":                      "certificate",
		"cloudwatch:DescribeAlarms":                 "names-free",
		"elasticloadbalancing:DescribeTargetGroups": "names-free",
		"iam:GetRole":                               "service-role",
		"budgets:DescribeBudgets":                   "budget",
	} {
		if err := client.Deny(t.Context(), action); err != nil {
			t.Fatal(action, err)
		}
		after := verdicts(check.Check(t.Context(), w.subject(nil)))
		var changed []string
		for code, verdict := range after {
			if verdict != before[code] {
				changed = append(changed, code)
			}
			if verdict != before[code] && verdict != check.Unknown {
				t.Errorf("%s denied: %s is %s, was %s", action, code, verdict, before[code])
			}
		}
		slices.Sort(changed)
		if got := strings.Join(changed, " "); got != codes {
			t.Errorf("%s denied: %q are unknown, want %q", action, got, codes)
		}
	}
}
