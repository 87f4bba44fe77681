// Package status is what stands in an account of one backend, in terms of the product.
package status

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
)

// Status is what stands. Lists are in the order of names or ids, nodes in that of their zones.
type Status struct {
	// URL is the emulator's, "" for AWS.
	URL string `json:"url,omitempty"`
	// Stack is nil before the first deploy.
	Stack *Stack `json:"stack"`
	// Servers are the machines that are in no fleet and in no other stack, also those that this one did not make or no longer
	// has.
	Servers []Server `json:"servers"`
	// Fleets are one in horizontal, and none in the other stages.
	Fleets []Fleet `json:"fleets"`
	// Balancers are the stack's.
	Balancers []Balancer `json:"balancers"`
	// TargetGroups are what the stack's balancer sends users to.
	TargetGroups []TargetGroup `json:"targetGroups"`
	// Records are the address records of the domain.
	Records []Record `json:"records"`
	// Alarms are the stack's.
	Alarms []Alarm `json:"alarms"`
	// Items are what else is billed, and what is left over.
	Items []Item `json:"items"`
	// LastWords is the command that shows what the machine that failed last wrote before it was gone: "" for none, and while the
	// stack is well.
	LastWords string `json:"lastWords,omitempty"`
}

// Stack is CloudFormation's.
type Stack struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	// Reason is why it has that status, "" where CloudFormation does not say.
	Reason string `json:"reason,omitempty"`
	// Meaning is what the status means where something is to be done, Next the one next command, and Once what must have been
	// done before, "" for nothing.
	Meaning string `json:"meaning,omitempty"`
	Once    string `json:"once,omitempty"`
	Next    string `json:"next,omitempty"`
	// Failures are what failed in the last operation, in that order.
	Failures []Failure `json:"failures"`
}

// Failure is what CloudFormation could not do to a resource.
type Failure struct {
	Resource string `json:"resource"`
	Type     string `json:"type"`
	Reason   string `json:"reason"`
}

// Server is one machine.
type Server struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	State   string `json:"state"`
	Address string `json:"address"`
	// Elastic says that the address stays when the machine is stopped.
	Elastic bool `json:"elastic"`
	// InStack says that the stack has it.
	InStack bool `json:"inStack"`
	// Commit is the one that it was proven to serve, or Unknown.
	Commit string `json:"commit"`
}

// Fleet is an Auto Scaling group.
type Fleet struct {
	Name    string `json:"name"`
	Min     int    `json:"min"`
	Desired int    `json:"desired"`
	Max     int    `json:"max"`
	Nodes   []Node `json:"nodes"`
}

// Node is one machine of a fleet.
type Node struct {
	ID        string `json:"id"`
	Zone      string `json:"zone"`
	Lifecycle string `json:"lifecycle"`
	Health    string `json:"health"`
	// Address is its public one, "" for none.
	Address string `json:"address"`
	// Commit is the one that it was proven to serve, or Unknown.
	Commit string `json:"commit"`
}

// Balancer is a load balancer.
type Balancer struct {
	Name    string `json:"name"`
	DNSName string `json:"dnsName"`
}

// TargetGroup is what a balancer sends a share of the users to.
type TargetGroup struct {
	Name string `json:"name"`
	// Percent is its share of new clients.
	Percent int `json:"percent"`
	// Targets counts its targets by their health: healthy, initial, unhealthy, draining, unused.
	Targets map[string]int `json:"targets"`
}

// Record is one that users resolve.
type Record struct {
	Name string `json:"name"`
	// TTLSeconds is 0 for an alias, which has none.
	TTLSeconds int `json:"ttlSeconds"`
	// To is what it resolves to: an address, or a balancer's DNS name.
	To string `json:"to"`
	// Where is what that belongs to: server and its id, balancer and its name, or "" for nothing that stands here.
	Where string `json:"where"`
}

// Alarm is one of CloudWatch's.
type Alarm struct {
	// Name is as AlarmName has it.
	Name  string `json:"name"`
	State string `json:"state"`
}

// Backend is whose status is read.
type Backend struct {
	// Stack is the name of its stack.
	Stack string
	// Domain is the name that users resolve, "" for none.
	Domain string
	// Address and AllocationID are those of the Elastic IP that the owners name, "" for none: nobody is told to release it.
	Address, AllocationID string
}

// Of is the backend of a configuration.
func Of(c *config.Config) Backend {
	return Backend{c.StackName(), c.DomainName, c.ElasticIPAddress, c.ElasticIPAllocationID}
}

// Read reads what stands of a backend. It fails where one of its parts cannot be read.
func Read(ctx context.Context, a *account.Account, b Backend) (*Status, error) {
	r := &reading{account: a, backend: b, status: empty()}
	parts := []func(context.Context) error{
		r.stack, r.machines, r.fleets, r.servers, r.proofs, r.traffic, r.records, r.alarms, r.addresses, r.disks, r.snapshots, r.stores,
		r.lastWords,
	}
	for _, part := range parts { // later ones refer to earlier ones
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return r.status, nil
}

// empty is what stands where nothing does: programs find lists, not null.
func empty() *Status {
	return &Status{Servers: []Server{}, Fleets: []Fleet{}, Balancers: []Balancer{}, TargetGroups: []TargetGroup{}, Records: []Record{}, Alarms: []Alarm{}, Items: []Item{}}
}

// reading is a status that is being read.
type reading struct {
	account   *account.Account
	backend   Backend
	status    *Status
	ids       map[string]string // the stack's physical ids by logical ones
	all       []account.Machine
	elastic   []account.Address
	nodes     map[string]bool   // the ids of machines that are in any fleet
	balancers map[string]string // the names of balancers by their DNS names
}

// has reports whether the stack has a resource of that physical id.
func (r *reading) has(physical string) bool {
	return slices.Contains(slices.Collect(maps.Values(r.ids)), physical)
}

func (r *reading) stack(ctx context.Context) (err error) {
	r.status.Stack, err = ReadStack(ctx, r.account, r.backend.Stack)
	if err == nil && r.status.Stack != nil {
		r.ids, err = r.account.Resources(ctx, r.backend.Stack)
	}
	return err
}

// machines reads what the parts behind it share.
func (r *reading) machines(ctx context.Context) (err error) {
	if r.all, err = r.account.Machines(ctx); err == nil {
		r.elastic, err = r.account.Addresses(ctx)
	}
	return err
}

// address is a machine's public one, and whether it is elastic.
func (r *reading) address(m account.Machine) (ip string, elastic bool) {
	for _, a := range r.elastic {
		if a.InstanceID == m.ID {
			return a.IP, true
		}
	}
	return m.Address, false
}

func (r *reading) fleets(ctx context.Context) error {
	fleets, err := r.account.Fleets(ctx)
	r.nodes = map[string]bool{}
	for _, f := range fleets {
		for _, n := range f.Nodes {
			r.nodes[n.ID] = true
		}
		if r.has(f.Name) {
			r.status.Fleets = append(r.status.Fleets, r.newFleet(f))
		}
	}
	slices.SortFunc(r.status.Fleets, func(a, b Fleet) int { return strings.Compare(a.Name, b.Name) })
	return err
}

func (r *reading) newFleet(f account.Fleet) Fleet {
	fleet := Fleet{Name: f.Name, Min: f.Min, Desired: f.Desired, Max: f.Max, Nodes: []Node{}}
	for _, n := range f.Nodes {
		node := Node{ID: n.ID, Zone: n.Zone, Lifecycle: n.Lifecycle, Health: n.Health}
		for _, m := range r.all {
			if m.ID == n.ID {
				node.Address = m.Address
			}
		}
		fleet.Nodes = append(fleet.Nodes, node)
	}
	slices.SortFunc(fleet.Nodes, func(a, b Node) int {
		return cmp.Or(strings.Compare(a.Zone, b.Zone), strings.Compare(a.ID, b.ID))
	})
	return fleet
}

func (r *reading) servers(context.Context) error {
	for _, m := range r.all {
		if !r.server(m) {
			continue
		}
		ip, elastic := r.address(m)
		r.status.Servers = append(r.status.Servers, Server{m.ID, m.Type, m.State, ip, elastic, r.has(m.ID), Unknown})
		if m.Stack != "" && !r.has(m.ID) && !elastic { // with the address users may still be there
			r.item(Item{"server", m.ID, "which the stack made and no longer has", false, terminated(m.ID)})
		}
	}
	slices.SortFunc(r.status.Servers, func(a, b Server) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

// server reports whether a machine may be this backend's server.
func (r *reading) server(m account.Machine) bool {
	return !r.nodes[m.ID] && (m.Stack == "" || m.Stack == r.backend.Stack)
}

func (r *reading) alarms(ctx context.Context) error {
	alarms, err := r.account.Alarms(ctx)
	for _, alarm := range alarms {
		if r.has(alarm.Name) {
			r.status.Alarms = append(r.status.Alarms, Alarm{AlarmName(alarm.Name, r.ids), alarm.State})
		}
	}
	slices.SortFunc(r.status.Alarms, func(a, b Alarm) int { return strings.Compare(a.Name, b.Name) })
	return err
}

// AlarmName is what the product calls the alarm of a physical name: its logical id where CloudFormation chose the name, or
// else that name. ids are the stack's physical ids by logical ones.
func AlarmName(physical string, ids map[string]string) string {
	for id, known := range ids {
		// The names that CloudFormation makes hold the logical id (CloudFormation, "Name type").
		if known == physical && strings.Contains(physical, "-"+id+"-") {
			return id
		}
	}
	return physical
}
