package view

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/check"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
)

// remedies are those of the table, by code.
func remedies(results ...check.Result) []check.Result {
	for i, r := range results {
		for _, kind := range check.Kinds() {
			if kind.Code == r.Code && (r.Verdict == check.Warn || r.Verdict == check.Fail) {
				results[i].Remedy = kind.Remedy
			}
		}
	}
	return results
}

const denied = "it could not be asked: AccessDenied: You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ops is not " +
	"authorized to perform: acm:ListCertificates on resource: arn:aws:acm:ap-south-1:123456789012:* with an explicit deny in an identity-based policy: " +
	"docs/permissions.md has the rights that are needed"

// What a person and a program read of checks at 100 columns.
func TestChecks(t *testing.T) {
	user := check.Result{Code: "credentials", Verdict: check.Pass, Subject: "arn:aws:iam::123456789012:user/ops", Evidence: "account 123456789012"}
	size := check.Result{Code: "template-size", Verdict: check.Pass, Evidence: "28432 of 51200 characters"}
	vcpus := check.Result{Code: "vcpu-quota", Verdict: check.Pass, Subject: "vCPUs (ec2 L-1216C47A)",
		Evidence: "the stack needs 6 at its maximum, 1 run beside it, and 32 are allowed"}
	for name, results := range map[string][]check.Result{
		"pass": {user, size, vcpus},
		"some": remedies(user, size,
			check.Result{Code: "vcpu-quota", Verdict: check.Fail, Subject: "vCPUs (ec2 L-1216C47A)",
				Evidence: "the stack needs 6 at its maximum, 1 run beside it, and 5 are allowed"},
			check.Result{Code: "group-quota", Verdict: check.Pass, Subject: "rules of one security group (vpc L-0EA8095F)",
				Evidence: "2 are needed, 60 are allowed"},
			check.Result{Code: "certificate", Verdict: check.Unknown, Evidence: denied},
			check.Result{Code: "record", Verdict: check.Warn, Subject: "server.korakagazindia.com",
				Evidence: "it leads to 13.233.176.103, and resolvers keep it for 3600 s"}),
		"nobody": remedies(
			check.Result{Code: "credentials", Verdict: check.Unknown, Evidence: "no check of the account was made: no AWS credentials: set AWS_PROFILE, or " +
				"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"}, size,
			check.Result{Code: "health", Verdict: check.Pass, Subject: "https://server.korakagazindia.com/health", Evidence: "200"}),
	} {
		var text, program strings.Builder
		if err := ChecksText(&text, page.At(100, false), results); err != nil {
			t.Fatal(err)
		}
		if err := ChecksJSON(&program, "horizontal", results); err != nil {
			t.Fatal(err)
		}
		golden.File(t, filepath.Join("testdata", "checks", name+".txt"), text.String())
		golden.File(t, filepath.Join("testdata", "checks", name+".json"), program.String())
		for _, line := range strings.Split(text.String(), "\n") {
			if len([]rune(line)) > 100 {
				t.Errorf("%d columns: %s", len([]rune(line)), line)
			}
		}
	}
}
