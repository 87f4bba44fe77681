// Package users is the way of users to what stands in an emulator, played on loopback: a name leads where the emulator's record
// does, an Elastic IP to the server that holds it, a balancer by its listeners, weights and cookies to targets that it finds
// healthy, and these to HTTP servers that play the machines. Everything that decides the way is read from the emulator's APIs.
//
// It is no kinder than AWS: the rules stand beside the pages that say them, and where no page says what happens, a request is lost.
package users

import (
	"context"
	"crypto/x509"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// World is the users' side of one emulator. Its fields are set before the first request.
type World struct {
	// Now is the time by which answers of resolvers, cookies and draining end; nil for the machine's clock.
	Now func() time.Time
	// Pick chooses among weights for a request to a path: from 0 to below 1, nil for by chance. It may be called by many at once.
	Pick func(path string) float64
	// Plays is how a machine plays its part, by its id; nil for all as they should.
	Plays func(machine string) Play
	// Shared is whether sessions are in a store that all machines share, and not in the memory of each.
	Shared bool
	// Held is whether what the emulator says is read by Refresh alone. Otherwise it is read again once it is older than fresh.
	Held bool

	road   *account.Road
	client emulator.Client
	issuer *authority

	reading sync.Mutex // held while the emulator is asked
	mutex   sync.Mutex
	read    time.Time
	scene   *scene
	turn    chan struct{} // closed when another scene is read
	nodes   map[string]*machine
	fronts  map[string]*front // by DNS name
	open    map[*connection]struct{}
	store   *sessions
	waiting int // how many wait for turn
	// certificates are the names of issued ones, by ARN.
	certificates map[string][]string
}

// fresh is for how long what the emulator said is taken for true: a request reads up to twelve answers of it.
const fresh = 250 * time.Millisecond

// Open begins to follow the emulator at url. That it does not answer, or is another program's, is an error.
func Open(ctx context.Context, url, region string) (*World, error) {
	w, err := newWorld()
	if err != nil {
		return nil, err
	}
	w.road, w.client = account.RoadAt(url, region), emulator.Client{URL: url}
	_, err = w.client.Boots(ctx)
	return w, err
}

func newWorld() (*World, error) {
	issuer, err := newAuthority()
	return &World{issuer: issuer, turn: make(chan struct{}), nodes: map[string]*machine{}, fronts: map[string]*front{},
		open: map[*connection]struct{}{}, store: newSessions(), certificates: map[string][]string{}}, err
}

// Close ends all servers and connections.
func (w *World) Close() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for c := range w.open {
		c.Conn.Close()
	}
	for _, m := range w.nodes {
		m.end()
	}
	for _, f := range w.fronts {
		f.end(nil)
	}
	close(w.turn)
	w.turn = make(chan struct{})
}

// Roots are the authority that has signed the certificates of this world.
func (w *World) Roots() *x509.CertPool { return w.issuer.pool }

// Refresh reads what stands now, and lets happen what follows from it: connections to whom they no longer lead to break, and
// machines that are gone answer no more.
func (w *World) Refresh(ctx context.Context) error {
	w.reading.Lock()
	defer w.reading.Unlock()
	return w.refresh(ctx)
}

func (w *World) refresh(ctx context.Context) error {
	now, err := w.look(ctx)
	if err == nil {
		w.show(now)
	}
	return err
}

// show lets another scene be what stands.
func (w *World) show(now *scene) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	before := w.scene
	w.scene, w.read = now, time.Now()
	for id, m := range w.nodes {
		if !now.serves(id) {
			w.leave(m, before, now)
		}
	}
	for name, f := range w.fronts {
		if f.end(now.fronts[name]); now.fronts[name] == nil {
			delete(w.fronts, name)
		}
	}
	for c := range w.open {
		if now.holders[c.address] != c.machine {
			c.Conn.Close()
			delete(w.open, c)
		}
	}
	close(w.turn)
	w.turn, w.waiting = make(chan struct{}), 0
}

// current is what stands, read again where it is not fresh.
func (w *World) current(ctx context.Context) (*scene, error) {
	w.reading.Lock()
	defer w.reading.Unlock()
	w.mutex.Lock()
	scene, stale := w.scene, w.scene == nil || !w.Held && time.Since(w.read) > fresh
	w.mutex.Unlock()
	if !stale {
		return scene, nil
	}
	// A client that gives up takes nothing from those who wait for the same answers.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := w.refresh(ctx); err != nil {
		return nil, fmt.Errorf("the emulator does not answer: %v", err) // its name not found is no fault of the users'
	}
	return w.scene, nil
}

// Waiting is how many requests for LongPath have come to a machine since the scene was read, and wait for the next.
func (w *World) Waiting() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.waiting
}

func (w *World) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

func (w *World) pick(path string) float64 {
	if w.Pick == nil {
		return rand.Float64()
	}
	return w.Pick(path)
}

func (w *World) play(machine string) Play {
	if w.Plays == nil {
		return Play{}
	}
	return w.Plays(machine)
}

// aside is for how long a server that no balancer leads to any more finishes what it was asked before. On AWS minutes are between the
// listener's change and the server's end: CloudFormation removes what a template no longer has once all else is updated
// (AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html, the state UPDATE_COMPLETE_CLEANUP_IN_PROGRESS), and here none.
const aside = 10 * time.Second

// leave ends a machine that serves no more. A node that its fleet has ended finishes what it was asked before: Auto Scaling
// terminates it once it is deregistered, and that waits for the requests under way up to the deregistration delay
// (elasticloadbalancing/latest/application/edit-target-group-attributes.html, "Deregistration delay"). So does a server that no
// balancer led to any more when it was ended: the emulator tells the order of the two, which one scene may show at once.
// Everything else breaks.
func (w *World) leave(m *machine, before, now *scene) {
	if m.until.IsZero() {
		m.until = w.now()
		if _, there := now.hosts[m.id]; !there && before != nil && before.hosts[m.id].Fleet != "" {
			m.until = m.until.Add(before.delay(m.id))
		} else if now.boots[m.id].Aside {
			m.until = m.until.Add(aside)
		}
	}
	if m.idle() || !w.now().Before(m.until) {
		m.end()
		delete(w.nodes, m.id)
	}
}

// machine is the one that plays a machine, begun where there is none.
func (w *World) machine(id string) *machine {
	m := w.asked(id)
	m.busy.Add(-1)
	return m
}

// asked is the machine that a balancer has chosen for a request: it is busy from then on, so that no scene that is read before the
// request has come to it ends it.
func (w *World) asked(id string) *machine {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.nodes[id] == nil {
		w.nodes[id] = &machine{id: id, world: w, ports: map[int]string{}, store: newSessions()}
	}
	w.nodes[id].busy.Add(1)
	return w.nodes[id]
}

// Dial connects to an address and port as a user does.
func (w *World) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	refused := func(why string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: unreached(why)}
	}
	ip, port, err := split(address)
	if err != nil {
		return nil, err
	}
	now, err := w.current(ctx)
	if err != nil {
		return nil, err
	}
	if f := w.front(now, ip); f != nil {
		return f.dial(ctx, now, port)
	}
	id := now.holders[ip]
	switch host := now.hosts[id]; {
	case id == "":
		return refused("nobody has the address " + ip)
	case host.State != running:
		return refused("the machine at " + ip + " is " + host.State)
	case !now.admits(host.GroupIDs, port, nil):
		return refused("no security group lets users in at " + address)
	case !now.serves(id) || host.Fleet != "":
		return refused("connect to " + address + ": connection refused")
	}
	raw, err := w.machine(id).dial(ctx, port)
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: raw, world: w, address: ip, machine: id}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.open[c] = struct{}{}
	return c, nil
}

// connection is a user's to a machine, by an address that the machine may lose.
type connection struct {
	net.Conn
	world            *World
	address, machine string
}

// Close is as net.Conn has it.
func (c *connection) Close() error {
	c.world.mutex.Lock()
	defer c.world.mutex.Unlock()
	delete(c.world.open, c)
	return c.Conn.Close()
}

// unreached is why no connection came about.
type unreached string

// Error is one line.
func (u unreached) Error() string { return string(u) }

// front is the balancer that has an address, nil for none. Addresses are given to balancers as they come: two each, one a zone.
func (w *World) front(now *scene, ip string) *front {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.known(now)
	for _, f := range w.fronts {
		if slices.Contains(f.addresses, ip) {
			return f
		}
	}
	return nil
}

// known gives each balancer its addresses.
func (w *World) known(now *scene) {
	for _, name := range slices.Sorted(maps.Keys(now.fronts)) {
		if w.fronts[name] == nil {
			w.fronts[name] = &front{name: name, world: w, addresses: w.issuer.addresses(), ports: map[int]*door{}, turns: map[string]int{}}
		}
	}
}
