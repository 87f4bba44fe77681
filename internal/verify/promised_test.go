package verify

import (
	"testing"

	"github.com/korakagazindia/provisioner/internal/status"
)

// One commit on every machine that serves; a machine that has proven none makes it unknown.
func TestRevisions(t *testing.T) {
	server := func(commit, state string) status.Server {
		return status.Server{ID: "i-1", State: state, InStack: true, Commit: commit}
	}
	fleet := func(commits ...string) []status.Fleet {
		var nodes []status.Node
		for _, commit := range commits {
			nodes = append(nodes, status.Node{Lifecycle: "InService", Commit: commit})
		}
		return []status.Fleet{{Nodes: append(nodes, status.Node{Lifecycle: "Terminating", Commit: "old"})}}
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
	}
	for _, test := range tests {
		if got := revisions(&test.s); got.Verdict != test.want || got.Evidence == "" {
			t.Errorf("%s: %+v, want %s", test.name, got, test.want)
		}
	}
}
