package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/template"
)

// denials are the checks that a denied call turns unknown: where the stack stands, with a server.
var denials = map[string]string{
	"acm:DescribeCertificate":                    "certificate",
	"acm:ListCertificates":                       "certificate",
	"autoscaling:DescribeAutoScalingGroups":      "fleet-quota names-free",
	"budgets:DescribeBudgets":                    "budget",
	"budgets:DescribeNotificationsForBudget":     "budget",
	"cloudformation:DescribeStacks":              "address-quota names-free rights stack-state vcpu-quota",
	"cloudformation:GetTemplate":                 "address-quota names-free rights vcpu-quota",
	"cloudformation:ListStackResources":          "address-quota agent alarms-heard backup balancer-quota clock fleet-quota group-quota image names-free network-quota record room-on-server vcpu-quota",
	"cloudwatch:DescribeAlarms":                  "names-free",
	"cloudwatch:GetMetricData":                   "room-on-server",
	"ec2:DescribeAddresses":                      "address-quota",
	"ec2:DescribeImages":                         "image",
	"ec2:DescribeInstances":                      "backup vcpu-quota",
	"ec2:DescribeInstanceTypeOfferings":          "type-offered",
	"ec2:DescribeInstanceTypes":                  "image vcpu-quota",
	"ec2:DescribeInternetGateways":               "network-quota",
	"ec2:DescribeKeyPairs":                       "key-pair",
	"ec2:DescribeLaunchTemplates":                "names-free",
	"ec2:DescribeRouteTables":                    "subnets",
	"ec2:DescribeSecurityGroups":                 "database group-quota",
	"ec2:DescribeSnapshots":                      "backup",
	"ec2:DescribeSubnets":                        "subnets",
	"ec2:DescribeVpcs":                           "network-quota",
	"elasticloadbalancing:DescribeLoadBalancers": "balancer-quota names-free",
	"elasticloadbalancing:DescribeTargetGroups":  "balancer-quota names-free",
	"iam:SimulatePrincipalPolicy":                "rights",
	"iam:GetRole":                                "service-role",
	"logs:DescribeLogStreams":                    "clock",
	"logs:GetLogEvents":                          "clock",
	"route53:GetHostedZone":                      "zone",
	"route53:ListHostedZones":                    "record zone",
	"route53:ListResourceRecordSets":             "record",
	"servicequotas:GetServiceQuota":              "group-quota network-quota vcpu-quota",
	"sns:ListSubscriptionsByTopic":               "alarms-heard",
	"ssm:DescribeInstanceInformation":            "agent",
	"ssm:DescribeParameters":                     "names-free parameters",
	"ssm:GetParameter":                           "image",
	"sts:GetCallerIdentity":                      "budget credentials rights",

	// These tell only what Service Quotas does not.
	"autoscaling:DescribeAccountLimits":                           "",
	"ec2:DescribeAccountAttributes":                               "",
	"elasticloadbalancing:DescribeAccountLimits":                  "",
	"servicequotas:GetAWSDefaultServiceQuota":                     "",
	"servicequotas:GetServiceQuota ec2:DescribeAccountAttributes": "address-quota group-quota network-quota vcpu-quota",
	"servicequotas:GetServiceQuota elasticloadbalancing:DescribeAccountLimits autoscaling:DescribeAccountLimits": "balancer-quota fleet-quota group-quota network-quota vcpu-quota",
}

// A call that is denied turns its own checks unknown, and leaves the others what they were.
func TestDenied(t *testing.T) {
	w := newWorld(t)
	s := w.stand()
	w.reports(s.id, "disk_used_percent", "10")
	w.reports(s.id, "mem_used_percent", "10")
	w.budget("")
	client := &emulator.Client{URL: w.cloud.URL}
	subject := func() check.Subject {
		s := w.subject(map[string]string{"name": standing, "gitCredentialsParameter": "/kora-standing/git"})
		s.Template.Resources = append(s.Template.Resources, &template.Resource{ID: "Another", Type: "AWS::EC2::EIP"})
		return s
	}
	w.mayAll("")
	before := verdicts(check.Check(t.Context(), subject()))
	for actions, codes := range denials {
		if err := client.Deny(t.Context(), strings.Fields(actions)...); err != nil {
			t.Fatal(actions, err)
		}
		after := verdicts(check.Check(t.Context(), subject()))
		var changed []string
		for code, verdict := range after {
			if verdict == check.Unknown && before[code] != check.Unknown {
				changed = append(changed, code)
			} else if verdict != before[code] && code != "rights" { // which tell of the denial
				t.Errorf("%s denied: %s is %s, was %s", actions, code, verdict, before[code])
			}
		}
		slices.Sort(changed)
		if got := strings.Join(changed, " "); got != codes {
			t.Errorf("%s denied: %q are unknown, want %q", actions, got, codes)
		}
	}
	holdEveryCall(t)
}

// renamed are calls that another action decides.
var renamed = map[string]string{"budgets:ViewBudget": "budgets:DescribeBudgets"}

// holdEveryCall fails for a call of kora check, as the page of permissions has them, that is denied nowhere above.
func holdEveryCall(t *testing.T) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "permissions.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `kora check` \\| (.*) \\|$").FindSubmatch(page)
	if row == nil {
		t.Fatal("the page of permissions has no row of kora check")
	}
	for _, action := range strings.Split(strings.ReplaceAll(string(row[1]), "*", ""), ", ") {
		if other := renamed[action]; other != "" {
			action = other
		}
		_, is := denials[action]
		_, asked := denialsAsked[action]
		if !is && !asked && !denialsOfDrift[action] {
			t.Errorf("%s is denied nowhere", action)
		}
	}
}
