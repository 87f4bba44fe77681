package verify

import (
	"context"
	"sync"
)

// Expected is what the stage promises, as far as the way of users shows it.
type Expected struct {
	// Domain is the name that users ask for, "" for none: then the first door is asked by HTTP.
	Domain string
	// Against is the host or address that is asked in place of what the name resolves to, "" for that.
	Against string
	// HTTPS is whether users come by HTTPS, and RedirectHTTP whether HTTP sends them there.
	HTTPS, RedirectHTTP bool
	// HealthPath is the path of the health check, such as /health.
	HealthPath string
	// Resolves are the addresses that the record has, and Alias the name that stands for them in an alias, such as a balancer's.
	Resolves []string
	Alias    string
	// Doors are the ways in, each for itself.
	Doors []Door
	// Groups are the target groups behind the balancer.
	Groups []Group
	// Requests is how many are asked to find the shares of the groups, and Tells the header, or the field of the health check's
	// JSON, in which the answers of server and fleet differ.
	Requests int
	Tells    string
	// SessionPath is one whose answer begins a session, "" for none known, and Sticky whether the balancer holds a client to one
	// machine.
	SessionPath string
	Sticky      bool
	// Known are promises that were looked at elsewhere: by the account.
	Known []Promise
}

// Door is one way in: a server's address, or a balancer's name.
type Door struct {
	// Name is what it is: "server" or "balancer".
	Name    string
	Address string
}

// Group is a target group behind the balancer.
type Group struct {
	Name string
	// Server is whether it is that of the server beside a fleet.
	Server bool
	// Percent is its share of new clients.
	Percent int
	// Targets counts its targets by their health.
	Targets map[string]int
}

// Verify looks at each promise, all at once, and returns them in the order of Kinds.
func Verify(ctx context.Context, w Way, e Expected) []Promise {
	looks := []func(context.Context, Way, Expected) []Promise{names, chain, oldTLS, redirect, named, doors, targets, weights, sessions}
	found := make([][]Promise, len(looks))
	var all sync.WaitGroup
	for i, look := range looks {
		all.Go(func() { found[i] = look(ctx, w, e) })
	}
	all.Wait()
	var promises []Promise
	for _, some := range append(found, e.Known) {
		promises = append(promises, some...)
	}
	return promises
}
