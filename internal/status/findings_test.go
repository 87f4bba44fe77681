package status

import (
	"errors"
	"testing"
	"time"
)

// healthy is a fleet beside its server of which nothing is to be found.
func healthy() *Status {
	share, agree, hours, baseline := 100, true, 2.5, 10.0
	serving := func() Serving {
		return Serving{Commit: "aaa", Target: "healthy", Credits: &Credits{Balance: 135, Mode: "standard", FullLoadHours: &hours, Baseline: &baseline}}
	}
	return &Status{
		Stack:        &Stack{Name: "KoraBackend", Status: "UPDATE_COMPLETE"},
		Row:          &Row{Deployed: "row 3, canary", Configured: "row 3, canary", Same: true, Fits: true},
		Servers:      []Server{{ID: "i-1", State: "running", InStack: true, Serving: serving()}, {ID: "i-9", State: "stopped"}},
		Fleets:       []Fleet{{Name: "asg", Desired: 1, Nodes: []Node{{ID: "i-2", Lifecycle: inService, Health: "Healthy", Serving: serving()}}}},
		TargetGroups: []TargetGroup{{Name: "targets", Percent: &share}},
		Records:      []Record{{Name: "a.example.com", TTLSeconds: 300, To: "192.0.2.1", Where: "server i-1", Resolved: []string{"192.0.2.1"}, Agree: &agree}},
		Alarms:       []Alarm{{"ScaleInAlarm", "ALARM", true}, {"high-cpu-kora", "OK", false}, {"UnhealthyHostsAlarm", "INSUFFICIENT_DATA", false}},
		Items:        []Item{{Kind: "disk", Name: "vol-1"}},
	}
}

// Each code has a status that raises it, and one near by that does not.
func TestFindings(t *testing.T) {
	no, little, hour := false, 0.9, 1.0
	node := func(s *Status) *Node { return &s.Fleets[0].Nodes[0] }
	tests := []struct {
		code string
		// change raises it, for a reason, and near raises nothing.
		change, near func(*Status)
		raises       string
	}{
		{"stack-state", func(s *Status) {
			s.Stack.Status, s.Stack.Meaning = "UPDATE_ROLLBACK_COMPLETE", "the last deploy failed"
		},
			func(s *Status) { s.Stack = nil }, "UPDATE_ROLLBACK_COMPLETE"},
		{"no-server-runs", func(s *Status) { s.Servers[0].State = "stopped" }, func(s *Status) { s.Servers[0].State = "pending" }, "it is stopped"},
		{"record-nowhere", func(s *Status) { s.Records[0].Where = "" }, func(s *Status) { s.Records[0].Where = Unknown }, "it leads to 192.0.2.1"},
		{"operation-under-way", func(s *Status) { s.Stack.Status = "UPDATE_IN_PROGRESS" },
			func(s *Status) { s.Stack.Status = "CREATE_COMPLETE" }, "UPDATE_IN_PROGRESS"},
		{"fits-no-row", func(s *Status) { s.Row.Fits, s.Row.Deployed = false, "horizontal, in no row" }, func(s *Status) { s.Row = nil }, "horizontal, in no row"},
		{"row-differs", func(s *Status) { s.Row.Same, s.Row.Configured = false, "row 4, fleet" }, func(s *Status) { s.Row = nil },
			"deployed: row 3, canary; cdk.json: row 4, fleet"},
		{"resolvers-differ", func(s *Status) { s.Records[0].Agree, s.Records[0].Resolved = &no, []string{"192.0.2.9"} },
			func(s *Status) { s.Records[0].Agree, s.Records[0].Resolved = nil, nil },
			"resolvers answer 192.0.2.9, and Route 53 has 192.0.2.1: wait 300 s after the last change"},
		{"target-unhealthy", func(s *Status) {
			node(s).Target, node(s).TargetReason = "unhealthy", "Target.Timeout: Request timed out"
		},
			func(s *Status) { node(s).Target = "draining" }, "Target.Timeout: Request timed out"},
		{"fleet-short", func(s *Status) { node(s).Health = "Unhealthy" }, func(s *Status) { s.Fleets[0].Desired = 0 }, "0 of 1 nodes serve"},
		{"revisions-differ", func(s *Status) { node(s).Commit = "bbb" }, func(s *Status) { node(s).Commit = Unknown }, "1 machine aaa, 1 machine bbb"},
		{"credits-low", func(s *Status) { s.Servers[0].Credits.Balance, s.Servers[0].Credits.FullLoadHours = 49, &little },
			func(s *Status) { s.Servers[0].Credits.FullLoadHours = &hour }, "49 CPU credits: 54 minutes at full load, then 10 % of its CPU"},
		{"credits-owed", func(s *Status) { node(s).Credits.Mode, node(s).Credits.Surplus = "unlimited", 7 },
			func(s *Status) { node(s).Credits.Mode, node(s).Credits.FullLoadHours = "unlimited", &little }, "7 CPU credits are spent ahead"},
		{"alarm", func(s *Status) { s.Alarms[1].State = "ALARM" }, func(s *Status) { s.Alarms[1].State = "INSUFFICIENT_DATA" }, "it is in ALARM"},
		{"left-over", func(s *Status) { s.Items[0].What, s.Items[0].End = "8 GiB, of no server", "aws" }, func(s *Status) { s.Items[0].What = "8 GiB" },
			"disk: 8 GiB, of no server"},
	}
	raised := map[string]bool{}
	for _, test := range tests {
		s := healthy()
		test.change(s)
		if found := findings(s); len(found) != 1 || found[0].Code != test.code || found[0].Reason != test.raises || found[0].Remedy == "" {
			t.Errorf("%s: found %+v, want %q", test.code, found, test.raises)
		}
		s = healthy()
		test.near(s)
		if found := findings(s); len(found) > 0 {
			t.Errorf("%s, near: found %+v", test.code, found)
		}
		raised[test.code] = true
	}
	for _, k := range Kinds() {
		if !raised[k.Code] {
			t.Errorf("nothing raises %s", k.Code)
		}
	}
	if found := findings(healthy()); len(found) > 0 {
		t.Errorf("usually: %+v", found)
	}
}

// The gravest come first.
func TestFindingsAreInOrder(t *testing.T) {
	s := healthy()
	s.Row.Same, s.Servers[0].State, s.Records[0].Where = false, "stopped", ""
	got := ""
	for _, f := range findings(s) {
		got += f.Code + " "
	}
	if want := "no-server-runs record-nowhere row-differs "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A guard that is left is left over, and one that nobody may look for is unknown.
func TestGuarded(t *testing.T) {
	s := healthy()
	s.Guarded(nil, nil)
	if len(s.Unknown)+len(s.Findings) > 0 {
		t.Errorf("none: %+v, %+v", s.Unknown, s.Findings)
	}
	s.Guarded(nil, errors.New("IncorrectInstanceState: it is stopped"))
	if len(s.Unknown) != 1 || s.Unknown[0].Part != "guard" || len(s.Findings) > 0 {
		t.Errorf("nobody knows: %+v, %+v", s.Unknown, s.Findings)
	}
	s.Guarded(&Item{Kind: "guard", Name: "kora-adopt-guard", End: "aws iam"}, nil)
	if len(s.Findings) != 1 || s.Findings[0].Code != "left-over" {
		t.Errorf("one: %+v", s.Findings)
	}
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
