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
		{"a server's address", address("192.0.2.7"), Record{Name: "a.example.com", TTLSeconds: 60, To: "192.0.2.7", Where: "server i-1"}},
		{"nobody's address", address("192.0.2.8"), Record{Name: "a.example.com", TTLSeconds: 60, To: "192.0.2.8", Where: ""}},
		{"no address", address(), Record{Name: "a.example.com", TTLSeconds: 60, To: "", Where: ""}},
		{"two addresses", address("192.0.2.7", "192.0.2.8"), Record{Name: "a.example.com", TTLSeconds: 60, To: "192.0.2.7, 192.0.2.8", Where: ""}},
		{"the balancer", alias("lb.example.com"), Record{Name: "a.example.com", TTLSeconds: 0, To: "lb.example.com", Where: "balancer kora-backend-alb"}},
		{"the balancer by both protocols", alias("dualstack.lb.example.com"), Record{Name: "a.example.com", TTLSeconds: 0, To: "dualstack.lb.example.com", Where: "balancer kora-backend-alb"}},
		{"a balancer that is gone", alias("old.example.com"), Record{Name: "a.example.com", TTLSeconds: 0, To: "old.example.com", Where: ""}},
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
	r := &reading{backend: Backend{Stack: "KoraBackend"}, held: fact[map[string]string]{value: map[string]string{"Server": "i-1"}}}
	tests := []struct {
		name            string
		machine         account.Machine
		server, inStack bool
	}{
		{"the stack's", account.Machine{ID: "i-1", Stack: "KoraBackend"}, true, true},
		{"one that the stack had", account.Machine{ID: "i-2", Stack: "KoraBackend"}, true, false},
		{"made by hand", account.Machine{ID: "i-3"}, true, false},
		{"another stack's", account.Machine{ID: "i-4", Stack: "Shop"}, false, false},
		{"a fleet's", account.Machine{ID: "i-5", Stack: "KoraBackend", Fleet: "kora-backend-asg"}, false, false},
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

// An address that nobody holds is left over, but for the stack's, and for one that the owners name: in the middle of a hand-over
// that is users' own.
func TestAddressesThatAreLeftOver(t *testing.T) {
	r := &reading{backend: Backend{Stack: "KoraBackend", Address: "192.0.2.1", AllocationID: "eipalloc-2"},
		held: fact[map[string]string]{value: map[string]string{"Address": "192.0.2.3"}}, status: empty()}
	free := "aws ec2 release-address --allocation-id "
	tests := []struct {
		name string
		account.Address
		want Item
	}{
		{"named by itself", account.Address{AllocationID: "eipalloc-1", IP: "192.0.2.1"},
			Item{"address", "eipalloc-1", "192.0.2.1, held by nobody, though cdk.json names it", false, ""}},
		{"named by its id", account.Address{AllocationID: "eipalloc-2", IP: "192.0.2.2"},
			Item{"address", "eipalloc-2", "192.0.2.2, held by nobody, though cdk.json names it", false, ""}},
		{"the stack's", account.Address{AllocationID: "eipalloc-3", IP: "192.0.2.3"},
			Item{"address", "eipalloc-3", "192.0.2.3, held by nobody", true, ""}},
		{"held", account.Address{AllocationID: "eipalloc-4", IP: "192.0.2.4", AssociationID: "eipassoc-4", InstanceID: "i-4"},
			Item{"address", "eipalloc-4", "192.0.2.4, held by i-4", false, ""}},
		{"nobody's", account.Address{AllocationID: "eipalloc-5", IP: "192.0.2.5"},
			Item{"address", "eipalloc-5", "192.0.2.5, held by nobody", false, free + "eipalloc-5"}},
	}
	for _, test := range tests {
		r.elastic.value, r.status.Items = []account.Address{test.Address}, nil
		if err := r.addresses(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r.status.Items, []Item{test.want}); diff != "" {
			t.Errorf("%s (-got +want):\n%s", test.name, diff)
		}
	}
	r.elastic.value = []account.Address{{AllocationID: "eipalloc-6", Stack: "Shop"}}
	if r.status.Items = nil; r.addresses(t.Context()) != nil || len(r.status.Items) > 0 {
		t.Errorf("another stack's: %v", r.status.Items)
	}
}
