package status

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// answers is for how long a resolver may think: one that cannot be reached is tried for longer by itself.
const answers = 5 * time.Second

// SystemResolver answers with a name's IPv4 addresses, as this machine's resolver has them.
func SystemResolver(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, answers)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
	var addresses []string
	for _, a := range found {
		addresses = append(addresses, a.Unmap().String())
	}
	return addresses, err
}

// resolvers asks for the records as users do, and compares. Of an alias they answer with what the name that it stands for has.
func (r *reading) resolvers(ctx context.Context) error {
	if len(r.status.Records) == 0 {
		return nil
	}
	if r.Resolve == nil {
		return errNoResolvers
	}
	for i := range r.status.Records {
		if err := r.resolved(ctx, &r.status.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) resolved(ctx context.Context, record *Record) error {
	found, err := r.Resolve(ctx, record.Name)
	if err != nil && !nobody(err) {
		return fmt.Errorf("%s: %w", record.Name, err)
	}
	resolved, agree := append([]string{}, found...), false
	slices.Sort(resolved)
	if record.TTLSeconds > 0 {
		agree = slices.Equal(resolved, slices.Sorted(slices.Values(strings.Split(record.To, ", "))))
	} else {
		behind, err := r.Resolve(ctx, record.To)
		if err != nil && !nobody(err) {
			return fmt.Errorf("%s: %w", record.To, err)
		}
		agree = slices.ContainsFunc(resolved, func(ip string) bool { return slices.Contains(behind, ip) })
	}
	record.Resolved, record.Agree = resolved, &agree
	return nil
}

// nobody reports whether a resolver answered, and that there is no such name.
func nobody(err error) bool {
	var said *net.DNSError
	return errors.As(err, &said) && said.IsNotFound
}

// aliasTTL is for how long resolvers keep a balancer's addresses, in seconds (Elastic Load Balancing User Guide, "Application Load
// Balancers").
const aliasTTL = 60
