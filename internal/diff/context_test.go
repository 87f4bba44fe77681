package diff

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/template"
)

// What the app warns of is a hazard of the move: a note where it was so before, and a stop only where new machines are made.
func TestWarningsOfAMove(t *testing.T) {
	warning := finding.Finding{Code: "empty-fleet", Severity: Stop, Subject: "Fleet", Reason: "nothing serves"}
	other := finding.Finding{Code: finding.Other, Severity: Stop, Subject: "", Reason: "an error of the CDK's"}
	onServer := finding.Finding{Code: "low-port", Severity: Stop, Subject: "Server", Reason: "port 80"}
	revision := set("Revision", `{"Type": "AWS::SSM::Association", "Properties": {"Targets": [{"Values": [{"Ref": "Server"}]}],
		"Parameters": {"gitRef": ["v1"]}, "WaitForSuccessTimeoutSeconds": 60}}`)
	told := func(t *template.Template, warned ...finding.Finding) *template.Template {
		t.Told, t.Warned = true, warned
		return t
	}
	image := set("FleetLaunchTemplate.Properties.LaunchTemplateData.ImageId", `"ami-2"`)
	size := set("Fleet.Properties.MaxSize", `"7"`)
	for _, tc := range []struct {
		name     string
		from, to *template.Template
		severity finding.Severity
		before   bool
	}{
		{"the fleet is made", told(golden(t, "single")), told(golden(t, "horizontal"), warning), Stop, false},
		{"the fleet rolls, and was so before", told(golden(t, "horizontal"), warning), told(edited(t, "horizontal", image), warning), Stop, false},
		{"only its size changes", told(golden(t, "horizontal")), told(edited(t, "horizontal", size), warning), Warn, false},
		{"only its size changes, and it was so before", told(golden(t, "horizontal"), warning), told(edited(t, "horizontal", size), warning), Note, true},
		{"nothing changes but what it warns of", told(golden(t, "horizontal")), told(golden(t, "horizontal"), warning), Warn, false},
		{"nothing changes at all", told(golden(t, "horizontal"), warning), told(golden(t, "horizontal"), warning), "", false},
		{"the first revision on a server that stands", told(golden(t, "single")), told(edited(t, "single", revision), onServer), Stop, false},
		{"on a server that stands", told(golden(t, "single")), told(golden(t, "vertical"), onServer), Warn, false},
		{"an error", told(golden(t, "single")), told(golden(t, "vertical"), other), Stop, false},
		{"a template without context", golden(t, "single"), golden(t, "horizontal"), Stop, false},
		{"templates without context, one size", golden(t, "horizontal"), edited(t, "horizontal", size), Note, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, subject := warning.Code, warning.Subject
			if tc.name == "an error" {
				code, subject = other.Code, other.Subject
			} else if strings.Contains(tc.name, "on a server") {
				code, subject = onServer.Code, onServer.Subject
			}
			found := Compare(tc.from, tc.to).Hazards
			if got := severityOf(found, code, subject); got != tc.severity {
				t.Errorf("severity %q, want %q: %v", got, tc.severity, codes(found))
			}
			for _, h := range found {
				if h.Code == code && h.Before != tc.before {
					t.Errorf("before: %v, want %v", h.Before, tc.before)
				}
			}
		})
	}
}

// Codes are unique, and each is in one of the two tables.
func TestCodesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range append(Kinds(), ContextKinds()...) {
		if seen[k.Code] {
			t.Errorf("%s stands twice", k.Code)
		}
		seen[k.Code] = true
	}
}
