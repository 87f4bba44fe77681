package verify

import (
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/status"
)

// One commit on every machine that serves; a machine that has proven none makes it unknown.
func TestRevisions(t *testing.T) {
	server := func(commit, state string) status.Server {
		return status.Server{ID: "i-1", State: state, InStack: true, Serving: status.Serving{Commit: commit}}
	}
	fleet := func(commits ...string) []status.Fleet {
		var nodes []status.Node
		for _, commit := range commits {
			nodes = append(nodes, status.Node{Lifecycle: "InService", Serving: status.Serving{Commit: commit}})
		}
		return []status.Fleet{{Nodes: append(nodes, status.Node{Lifecycle: "Terminating", Serving: status.Serving{Commit: "old"}})}}
	}
	tests := []struct {
		name string
		s    status.Status
		want Verdict
	}{
		{"one server", status.Status{Servers: []status.Server{server("aaa", "running")}}, Kept},
		{"a fleet of one commit, and a node that leaves", status.Status{Fleets: fleet("aaa", "aaa")}, Kept},
		{"two commits", status.Status{Fleets: fleet("aaa", "bbb")}, Broken},
		{"server and fleet differ", status.Status{Servers: []status.Server{server("aaa", "running")}, Fleets: fleet("bbb")}, Broken},
		{"a stopped server does not serve", status.Status{Servers: []status.Server{server("bbb", "stopped")}, Fleets: fleet("aaa")}, Kept},
		{"one has proven none", status.Status{Fleets: fleet("aaa", status.Unknown)}, Unknown},
		{"nothing stands", status.Status{}, Unknown},
		{"the fleet may not be read", status.Status{Servers: []status.Server{server("aaa", "running")}, Unknown: []status.Unread{{Part: "fleets", Reason: "denied"}}}, Unknown},
		{"the disks may not be read", status.Status{Servers: []status.Server{server("aaa", "running")}, Unknown: []status.Unread{{Part: "disks", Reason: "denied"}}}, Kept},
	}
	for _, test := range tests {
		if got := revisions(&test.s); got.Verdict != test.want || got.Evidence == "" {
			t.Errorf("%s: %+v, want %s", test.name, got, test.want)
		}
	}
}

// What rests on a part of the status that may not be read is unknown; what a stage does not promise is not.
func TestUnread(t *testing.T) {
	denied := func(part string) *status.Status {
		return &status.Status{Unknown: []status.Unread{{Part: part, Reason: "denied"}}}
	}
	for _, test := range []struct {
		part string
		of   stage.Stage
		want string
	}{
		{"servers", stage.Single, healthByDoor},
		{"balancers", stage.Single, ""},
		{"balancers", stage.Horizontal, healthByDoor + " " + targetsHealthy + " " + weightsHold},
		{"traffic", stage.Horizontal, targetsHealthy + " " + weightsHold},
		{"disks", stage.Horizontal, ""},
	} {
		var codes []string
		for _, p := range unread(denied(test.part), test.of) {
			if p.Verdict != Unknown {
				t.Errorf("%s: %+v", test.part, p)
			}
			codes = append(codes, p.Code)
		}
		if got := strings.Join(codes, " "); got != test.want {
			t.Errorf("%s in %s: %q, want %q", test.part, test.of, got, test.want)
		}
	}
}
