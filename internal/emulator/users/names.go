package users

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// aliasTTL is for how long resolvers keep the answer of an alias to a balancer, and of the balancer's own name: the record has no
// TTL of its own (Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html, "the TTL ... 60 seconds").
const aliasTTL = 60 * time.Second

// Resolve is the addresses of a name, as a resolver finds them that has been asked for nothing before.
func (w *World) Resolve(ctx context.Context, name string) ([]string, error) {
	addresses, _, err := w.resolve(ctx, name)
	return addresses, err
}

func (w *World) resolve(ctx context.Context, name string) ([]string, time.Duration, error) {
	now, err := w.current(ctx)
	if err != nil {
		return nil, 0, err
	}
	record, known := now.records[name]
	if record.Alias != "" {
		name = record.Alias
	}
	if known && record.Alias == "" {
		return slices.Clone(record.Values), time.Duration(record.TTLSeconds) * time.Second, nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.known(now)
	if f := w.fronts[dualstack(name)]; f != nil {
		return slices.Clone(f.addresses), aliasTTL, nil
	}
	return nil, 0, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// dualstack is a balancer's name without the prefix that consoles and tools put before it in an alias.
func dualstack(name string) string {
	const prefix = "dualstack."
	if len(name) > len(prefix) && name[:len(prefix)] == prefix {
		return name[len(prefix):]
	}
	return name
}

// Resolver is one that keeps an answer for as long as it may: its users come where the name led up to a TTL ago.
func (w *World) Resolver() func(ctx context.Context, name string) ([]string, error) {
	type answer struct {
		addresses []string
		until     time.Time
	}
	var mutex sync.Mutex
	kept := map[string]answer{}
	return func(ctx context.Context, name string) ([]string, error) {
		mutex.Lock()
		defer mutex.Unlock()
		if a, known := kept[name]; known && w.now().Before(a.until) {
			return slices.Clone(a.addresses), nil
		}
		addresses, ttl, err := w.resolve(ctx, name)
		if err == nil {
			kept[name] = answer{addresses, w.now().Add(ttl)}
		}
		return slices.Clone(addresses), err
	}
}
