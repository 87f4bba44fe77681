package view

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/page"
	"github.com/korakagazindia/provisioner/internal/status"
)

func percent(n int) *int { return &n }

// full is a status with everything, and names as long as AWS allows or as CloudFormation makes them.
func full() *status.Status {
	long := strings.Repeat("a-long-name-", 20)
	hours, baseline, yes := 2.66, 10.0, true
	began := time.Date(2026, 11, 26, 6, 12, 30, 0, time.UTC)
	ended := began.Add(4*time.Minute + 10*time.Second)
	credits := func(mode string, surplus float64) *status.Credits {
		return &status.Credits{Balance: 143.7, Surplus: surplus, Mode: mode, At: began, FullLoadHours: &hours, Baseline: &baseline}
	}
	s := &status.Status{
		Row: &status.Row{Deployed: "horizontal, in no row of the table: fleetTrafficPercent=50 dnsTarget=balancer keepServer=single",
			Configured: "row 3, canary", Next: "kora diff deployed horizontal"},
		Findings: []status.Finding{{Code: "fits-no-row", Severity: "warn", Reason: "horizontal, in no row of the table"},
			{Code: "target-unhealthy", Severity: "warn", Subject: "i-0123456789abcdef3", Reason: "Target.FailedHealthChecks: Health checks failed with these codes: [502]"},
			{Code: "no-server-runs", Severity: "stop", Subject: "i-0123456789abcdef0", Reason: "it is stopped"}, {Code: "row-differs", Severity: "note"},
			{Code: "credits-owed", Severity: "note", Subject: "i-0123456789abcdef3", Reason: "9 CPU credits are spent ahead"}},
		Unknown: []status.Unread{{Part: "serves", Reason: "AccessDeniedException: User: x is not authorized to perform: logs:GetLogEvents", Permission: "logs:GetLogEvents"},
			{Part: "disks", Reason: "UnauthorizedOperation: You are not authorized to perform this operation.: docs/permissions.md has the rights that are needed"},
			{Part: "snapshots", Reason: "UnauthorizedOperation: You are not authorized to perform this operation.: docs/permissions.md has the rights that are needed"},
			{Part: "resolvers", Reason: "server.example.com: lookup server.example.com on 127.0.0.53:53: read udp 127.0.0.1:41234->127.0.0.53:53: i/o timeout"}},
		Stack: &status.Stack{Name: "KoraBackend", Status: "UPDATE_ROLLBACK_COMPLETE", Reason: "The following resource(s) failed to create: [Fleet]. " + long,
			Operation: &status.Operation{Kind: "update", Outcome: status.OutcomeTakenBack, Began: began, Ended: &ended}},
		Servers: []status.Server{{ID: "i-0123456789abcdef0", Type: "t2.micro", State: "running", Address: "13.233.176.103", Elastic: true, InStack: true, Serving: status.Serving{Commit: "0123456789abcdef0123456789abcdef01234567", Credits: credits("standard", 0)}}, {ID: "i-0123456789abcdef1", Type: "u-24tb1.112xlarge", State: "shutting-down", Serving: status.Serving{Commit: status.Unknown}}},
		Fleets: []status.Fleet{{Name: "kora-backend-asg", Min: 2, Desired: 3, Max: 100, Nodes: []status.Node{
			{ID: "i-0123456789abcdef2", Zone: "ap-south-1a", Lifecycle: "InService", Health: "Healthy", Address: "13.233.176.105",
				Serving: status.Serving{Commit: "89abcdef0123456789abcdef0123456789abcdef", Target: "healthy", Credits: credits("unlimited", 0)}},
			{ID: "i-0123456789abcdef3", Zone: "ap-south-1b", Lifecycle: "Terminating:Wait", Health: "Unhealthy", Address: status.Unknown,
				Serving: status.Serving{Commit: status.Unknown, Target: status.Unknown, Credits: credits("unlimited", 9)}},
		}}},
		TargetGroups: []status.TargetGroup{{Name: "KoraBackend-LoadBalC55FC179163C2", Percent: percent(90), Targets: map[string]int{"healthy": 1}},
			{Name: "kora-backend-targets", Targets: map[string]int{"initial": 1, "healthy": 2, "unhealthy": 3, "draining": 4}}},
		Records: []status.Record{{Name: strings.Repeat("server.", 9) + "example.com", TTLSeconds: 86400, To: "13.233.176.103", Where: "server i-0123456789abcdef0"},
			{Name: "gone.example.com", To: "dualstack.kora-backend-alb-1234567890.ap-south-1.elb.amazonaws.com"},
			{Name: "server.example.com", To: "kora-backend-alb-1234567890.ap-south-1.elb.amazonaws.com", Where: "balancer kora-backend-alb", Agree: &yes},
			{Name: "whose.example.com", TTLSeconds: 60, To: "13.233.176.109", Where: status.Unknown}},
		Alarms: []status.Alarm{{Name: "high-cpu-kora", State: "ALARM"}, {Name: long, State: "OK"}},
	}
	for i := range 20 {
		s.Alarms = append(s.Alarms, status.Alarm{Name: fmt.Sprintf("ServerMemoryCriticalAlarm%d", i), State: "INSUFFICIENT_DATA"})
	}
	return s
}

// small is a status of single, as it is after a deploy.
func small() *status.Status {
	return &status.Status{
		Stack:   &status.Stack{Name: "KoraBackend", Status: "CREATE_COMPLETE"},
		Servers: []status.Server{{ID: "i-0123456789abcdef0", Type: "t2.micro", State: "running", Address: "13.233.176.103", Elastic: true, InStack: true, Serving: status.Serving{Commit: "0123456789abcdef0123456789abcdef01234567"}}},
		Records: []status.Record{{Name: "server.example.com", TTLSeconds: 60, To: "13.233.176.103", Where: "server i-0123456789abcdef0"}},
		Alarms:  []status.Alarm{{Name: "high-cpu-kora", State: "OK"}},
	}
}

// failed is a status after a first deploy that failed.
func failed() *status.Status {
	return &status.Status{
		Stack: &status.Stack{Name: "KoraBackend", Status: "ROLLBACK_COMPLETE",
			Meaning: "the first deploy failed, and what it had made is gone again, but for what is left over",
			Once:    "mend what failed", Next: "npx --yes aws-cdk@2.1148.1 deploy",
			Failures: []status.Failure{{Resource: "Server", Type: "AWS::EC2::Instance",
				Reason: "Received 1 FAILURE signal(s) out of 1. Unable to satisfy 100% MinSuccessfulInstancesPercent requirement"}}},
		Servers: []status.Server{{ID: "i-0123456789abcdef1", Type: "t2.micro", State: "running", Address: "13.233.176.104"}},
		Items: []status.Item{
			{Kind: "address", Name: "eipalloc-0123456789abcdef0", What: "13.233.176.103, held by i-0123456789abcdef0"},
			{Kind: "disk", Name: "vol-0123456789abcdef0", What: "8 GiB, of no server", End: "aws ec2 delete-volume --volume-id vol-0123456789abcdef0"},
			{Kind: "log group", Name: "KoraBackend-LogGroup-4YAJ0M6QCKA0", What: "logs",
				End: "aws logs delete-log-group --log-group-name KoraBackend-LogGroup-4YAJ0M6QCKA0"},
		},
		LastWords: "aws logs get-log-events --log-group-name KoraBackend-LogGroup-4YAJ0M6QCKA0 --log-stream-name i-0123456789abcdef2/failure" +
			" --query 'events[].message' --output text",
	}
}

// withoutCommands is what may not be wider than the page: a command is never broken.
func withoutCommands(said string, s *status.Status) string {
	commands := []string{s.LastWords}
	for _, item := range s.Items {
		commands = append(commands, item.End)
	}
	for _, command := range commands {
		if command != "" && !strings.Contains(said, "\n  "+command+"\n") {
			panic("not whole, on a line of its own: " + command)
		}
		said = strings.Replace(said, command, "", 1)
	}
	return said
}

// What a person reads of a status fits in 100 columns, and a pipe gets no colours.
func TestStatusTables(t *testing.T) {
	for name, status := range map[string]*status.Status{"nothing": {}, "nothing-local": {URL: "http://localhost:4566"}, "small": small(), "large": full(), "failed": failed()} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := StatusText(&out, page.Plain(), status); err != nil {
				t.Fatal(err)
			}
			fits(t, withoutCommands(out.String(), status), page.Plain().Width)
			for line := range strings.Lines(out.String()) {
				if strings.Contains(line, " \n") {
					t.Errorf("%q ends with a space", line)
				}
			}
			golden.File(t, filepath.Join("testdata", "status", name+".txt"), out.String())
		})
	}
}

// States that are well or are not have colours, where there are any.
func TestStatusColours(t *testing.T) {
	var out strings.Builder
	if err := StatusText(&out, page.Look{Width: 100, Colour: true}, small()); err != nil {
		t.Fatal(err)
	}
	if want := "stack KoraBackend: \x1b[32mCREATE_COMPLETE\x1b[0m\n"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("%q, want %q first", out.String(), want)
	}
}
