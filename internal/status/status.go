// Package status is what stands in an account of one backend, in terms of the product.
package status

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
)

// Status is what stands. Lists are in the order of names or ids, nodes in that of their zones. What could not be read is null, or the
// word unknown, and Unknown says why.
type Status struct {
	// URL is the emulator's, "" for AWS.
	URL string `json:"url,omitempty"`
	// Stack is nil before the first deploy.
	Stack *Stack `json:"stack"`
	// Row is where it is in the table of moves.
	Row *Row `json:"row"`
	// Findings are what is worth a look, the gravest first.
	Findings []Finding `json:"findings"`
	// Unknown are the parts that could not be read, in the order of Parts.
	Unknown []Unread `json:"unknown"`
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
	// Operation is what was last done to it.
	Operation *Operation `json:"operation"`
	// Failures are what failed in the last operation, in that order: the first one made the others fail.
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
	Serving
}

// Serving is what a machine does for users.
type Serving struct {
	// Commit is the one that it was proven to serve, or Unknown.
	Commit string `json:"commit"`
	// Target is its health as the balancer finds it, such as healthy or draining, Unknown, or "" for one that is no target, and
	// TargetReason why it is not healthy.
	Target       string `json:"target"`
	TargetReason string `json:"targetReason,omitempty"`
	// Credits are its CPU credits, nil for a machine that has none, or that does not run.
	Credits *Credits `json:"credits"`
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
	// Type is the machine's, and Address its public one, "" for none; both may be Unknown.
	Type    string `json:"type"`
	Address string `json:"address"`
	Serving
}

// Balancer is a load balancer.
type Balancer struct {
	Name    string `json:"name"`
	DNSName string `json:"dnsName"`
}

// TargetGroup is what a balancer sends a share of the users to.
type TargetGroup struct {
	Name string `json:"name"`
	// Percent is its share of new clients, nil where that is unknown.
	Percent *int `json:"percent"`
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
	// Where is what that belongs to: server and its id, balancer and its name, "" for nothing that stands here, or Unknown.
	Where string `json:"where"`
	// Resolved are the addresses that resolvers answer with, and Agree whether they are the record's; nil where nobody could be asked.
	Resolved []string `json:"resolved"`
	Agree    *bool    `json:"agree"`
}

// Alarm is one of CloudWatch's.
type Alarm struct {
	// Name is as AlarmName has it.
	Name  string `json:"name"`
	State string `json:"state"`
	// Scales says that it scales a fleet: in ALARM it does what it is for.
	Scales bool `json:"scales"`
}

// Backend is whose status is read.
type Backend struct {
	// Stack is the name of its stack.
	Stack string
	// Domain is the name that users resolve, "" for none.
	Domain string
	// Address and AllocationID are those of the Elastic IP that the owners name, "" for none: nobody is told to release it.
	Address, AllocationID string
	// Config is what cdk.json says, nil for who does not ask for the row.
	Config *config.Config
}

// Of is the backend of a configuration.
func Of(c *config.Config) Backend {
	return Backend{c.StackName(), c.DomainName, c.ElasticIPAddress, c.ElasticIPAllocationID, c}
}

// Reader reads what stands of a backend.
type Reader struct {
	Account *account.Account
	Backend Backend
	// Resolve is who answers the addresses of a name, nil for nobody: the emulator has no resolvers.
	Resolve func(ctx context.Context, name string) ([]string, error)
	// Now is the clock, nil for the machine's.
	Now func() time.Time

	credits read // CloudWatch's newest, for as long as it has no newer ones
}

// Read reads what stands of a backend, without resolvers.
func Read(ctx context.Context, a *account.Account, b Backend) (*Status, error) {
	return (&Reader{Account: a, Backend: b}).Read(ctx)
}

// Read reads what stands. What cannot be read is unknown, and the rest is read; it fails where AWS cannot be asked at all.
func (by *Reader) Read(ctx context.Context) (*Status, error) {
	r := &reading{Reader: by, account: by.Account, backend: by.Backend, status: empty()}
	r.gather(ctx)
	if err := r.stack.err; err != nil && !account.Denied(err) {
		return nil, err
	}
	for _, part := range Parts { // later ones refer to earlier ones
		if err := part.read(r, ctx); err != nil {
			part.lost(r.status)
			r.status.Unknown = append(r.status.Unknown, newUnread(part.Code, err))
		}
	}
	r.status.Findings = findings(r.status)
	return r.status, ctx.Err()
}

// empty is what stands where nothing does: programs find lists, not null.
func empty() *Status {
	return &Status{Findings: []Finding{}, Unknown: []Unread{}, Servers: []Server{}, Fleets: []Fleet{}, Balancers: []Balancer{},
		TargetGroups: []TargetGroup{}, Records: []Record{}, Alarms: []Alarm{}, Items: []Item{}}
}

// reading is a status that is being read.
type reading struct {
	*Reader
	account *account.Account
	backend Backend
	status  *Status

	stack     fact[*account.Stack]
	held      fact[map[string]string] // the stack's physical ids by logical ones
	all       fact[[]account.Machine]
	elastic   fact[[]account.Address]
	groups    fact[[]account.Fleet]
	balancers fact[[]account.Balancer]
	targets   fact[[]account.TargetGroup]
	zones     fact[[]account.Zone]
	watching  fact[[]account.Alarm]
}

// fact is what one call said, or why it said nothing.
type fact[T any] struct {
	value T
	err   error
}

// gather asks for all that several parts share, at once.
func (r *reading) gather(ctx context.Context) {
	var all sync.WaitGroup
	ask(&all, &r.stack, func() (*account.Stack, error) { return r.account.Stack(ctx, r.backend.Stack) })
	ask(&all, &r.held, func() (map[string]string, error) { return r.account.Resources(ctx, r.backend.Stack) })
	ask(&all, &r.all, func() ([]account.Machine, error) { return r.account.Machines(ctx) })
	ask(&all, &r.elastic, func() ([]account.Address, error) { return r.account.Addresses(ctx) })
	ask(&all, &r.groups, func() ([]account.Fleet, error) { return r.account.Fleets(ctx) })
	ask(&all, &r.balancers, func() ([]account.Balancer, error) { return r.account.Balancers(ctx) })
	ask(&all, &r.targets, func() ([]account.TargetGroup, error) { return r.account.TargetGroups(ctx) })
	ask(&all, &r.zones, func() ([]account.Zone, error) { return r.account.Zones(ctx) })
	ask(&all, &r.watching, func() ([]account.Alarm, error) { return r.account.Alarms(ctx) })
	all.Wait()
}

func ask[T any](all *sync.WaitGroup, f *fact[T], call func() (T, error)) {
	all.Go(func() { f.value, f.err = call() })
}

// has reports whether the stack has a resource of that physical id.
func (r *reading) has(physical string) bool {
	return slices.Contains(slices.Collect(maps.Values(r.held.value)), physical)
}

// readStack has the stack without its last operation.
func (r *reading) readStack(context.Context) error {
	if r.stack.err == nil && r.stack.value != nil {
		r.status.Stack = newStack(*r.stack.value)
	}
	return r.stack.err
}

// address is a machine's public one, and whether it is elastic.
func (r *reading) address(m account.Machine) (ip string, elastic bool) {
	if r.elastic.err != nil {
		return Unknown, false
	}
	for _, a := range r.elastic.value {
		if a.InstanceID == m.ID {
			return a.IP, true
		}
	}
	return m.Address, false
}

func (r *reading) fleets(context.Context) error {
	for _, f := range r.groups.value {
		if r.has(f.Name) {
			r.status.Fleets = append(r.status.Fleets, r.newFleet(f))
		}
	}
	slices.SortFunc(r.status.Fleets, func(a, b Fleet) int { return strings.Compare(a.Name, b.Name) })
	return cmp.Or(r.groups.err, r.held.err)
}

func (r *reading) newFleet(f account.Fleet) Fleet {
	fleet := Fleet{Name: f.Name, Min: f.Min, Desired: f.Desired, Max: f.Max, Nodes: []Node{}}
	for _, n := range f.Nodes {
		node := Node{ID: n.ID, Zone: n.Zone, Lifecycle: n.Lifecycle, Health: n.Health}
		if r.all.err != nil {
			node.Type, node.Address = Unknown, Unknown
		}
		if m := r.machine(n.ID); m != nil {
			node.Type, node.Address = m.Type, m.Address
		}
		fleet.Nodes = append(fleet.Nodes, node)
	}
	slices.SortFunc(fleet.Nodes, func(a, b Node) int {
		return cmp.Or(strings.Compare(a.Zone, b.Zone), strings.Compare(a.ID, b.ID))
	})
	return fleet
}

func (r *reading) servers(context.Context) error {
	if err := cmp.Or(r.all.err, r.held.err); err != nil {
		return err
	}
	for _, m := range r.all.value {
		if !r.server(m) {
			continue
		}
		ip, elastic := r.address(m)
		r.status.Servers = append(r.status.Servers, Server{ID: m.ID, Type: m.Type, State: m.State, Address: ip, Elastic: elastic, InStack: r.has(m.ID)})
		if m.Stack != "" && !r.has(m.ID) && !elastic && r.elastic.err == nil { // with the address users may still be there
			r.item(Item{"server", m.ID, "which the stack made and no longer has", false, terminated(m.ID)})
		}
	}
	slices.SortFunc(r.status.Servers, func(a, b Server) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

// server reports whether a machine may be this backend's server.
func (r *reading) server(m account.Machine) bool {
	return m.Fleet == "" && (m.Stack == "" || m.Stack == r.backend.Stack)
}

// serving visits each machine of the stack's with what it does for users.
func (r *reading) serving(visit func(id, kind string, runs bool, s *Serving)) {
	for i := range r.status.Servers {
		if server := &r.status.Servers[i]; server.InStack {
			visit(server.ID, server.Type, server.State == "running", &server.Serving)
		}
	}
	for _, fleet := range r.status.Fleets {
		for i := range fleet.Nodes {
			visit(fleet.Nodes[i].ID, fleet.Nodes[i].Type, true, &fleet.Nodes[i].Serving)
		}
	}
}

func (r *reading) alarms(context.Context) error {
	for _, alarm := range r.watching.value {
		if r.has(alarm.Name) {
			r.status.Alarms = append(r.status.Alarms, Alarm{AlarmName(alarm.Name, r.held.value), alarm.State, alarm.Fleet() != ""})
		}
	}
	slices.SortFunc(r.status.Alarms, func(a, b Alarm) int { return strings.Compare(a.Name, b.Name) })
	return cmp.Or(r.watching.err, r.held.err)
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
