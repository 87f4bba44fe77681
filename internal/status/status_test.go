package status

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/golden"
)

func TestRecord(t *testing.T) {
	servers := []Server{{ID: "i-1", Address: "192.0.2.7"}, {ID: "i-2"}}
	balancers := map[string]string{"lb.example.com": "kora-backend-alb"}
	address := func(values ...string) account.Record {
		return account.Record{Name: "a.example.com", TTLSeconds: 60, Values: values}
	}
	alias := func(name string) account.Record { return account.Record{Name: "a.example.com", Alias: name} }
	tests := []struct {
		name   string
		record account.Record
		want   Record
	}{
		{"a server's address", address("192.0.2.7"), Record{"a.example.com", 60, "192.0.2.7", "server i-1"}},
		{"nobody's address", address("192.0.2.8"), Record{"a.example.com", 60, "192.0.2.8", ""}},
		{"no address", address(), Record{"a.example.com", 60, "", ""}},
		{"two addresses", address("192.0.2.7", "192.0.2.8"), Record{"a.example.com", 60, "192.0.2.7, 192.0.2.8", ""}},
		{"the balancer", alias("lb.example.com"), Record{"a.example.com", 0, "lb.example.com", "balancer kora-backend-alb"}},
		{"the balancer by both protocols", alias("dualstack.lb.example.com"), Record{"a.example.com", 0, "dualstack.lb.example.com", "balancer kora-backend-alb"}},
		{"a balancer that is gone", alias("old.example.com"), Record{"a.example.com", 0, "old.example.com", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(newRecord(test.record, servers, balancers), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// A server of this backend may be one that the stack does not have; what another stack has, or any fleet, is none.
func TestServers(t *testing.T) {
	r := &reading{backend: Backend{Stack: "KoraBackend"}, ids: map[string]string{"Server": "i-1"}, nodes: map[string]bool{"i-5": true}}
	tests := []struct {
		name            string
		machine         account.Machine
		server, inStack bool
	}{
		{"the stack's", account.Machine{ID: "i-1", Stack: "KoraBackend"}, true, true},
		{"one that the stack had", account.Machine{ID: "i-2", Stack: "KoraBackend"}, true, false},
		{"made by hand", account.Machine{ID: "i-3"}, true, false},
		{"another stack's", account.Machine{ID: "i-4", Stack: "Shop"}, false, false},
		{"a fleet's", account.Machine{ID: "i-5"}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := r.server(test.machine); got != test.server {
				t.Errorf("a server: %t, want %t", got, test.server)
			}
			if got := r.has(test.machine.ID); got != test.inStack {
				t.Errorf("in the stack: %t, want %t", got, test.inStack)
			}
		})
	}
}

func TestAlarmName(t *testing.T) {
	ids := map[string]string{"ScaleOutAlarm": "KoraBackend-ScaleOutAlarm-1ABC", "HighCpuAlarm": "high-cpu-kora"}
	for physical, want := range map[string]string{
		"KoraBackend-ScaleOutAlarm-1ABC": "ScaleOutAlarm", // named by CloudFormation
		"high-cpu-kora":                  "high-cpu-kora", // named by us
		"other":                          "other",         // not in the stack
	} {
		if got := AlarmName(physical, ids); got != want {
			t.Errorf("%s is called %s, want %s", physical, got, want)
		}
	}
}

// Each state that a failure can leave has its row in the documents.
func TestStatesAreDocumented(t *testing.T) {
	table := "| state | what it means | first | the one next command |\n|---|---|---|---|\n"
	for _, s := range States {
		table += fmt.Sprintf("| %s | %s | %s | `%s` |\n", s.Status, s.Meaning, s.Once, s.Next)
	}
	golden.Section(t, "../../docs/failed.md", "<!-- states: go test ./internal/status -run TestStatesAreDocumented -update -->", "<!-- end of states -->", table)
}
