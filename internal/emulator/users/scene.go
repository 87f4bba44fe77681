package users

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// running is the state of a machine that runs.
const running = "running"

// user is the address that users come from: one of the documentation's (RFC 5737).
const user = "203.0.113.50"

// scene is what stands in an emulator, as far as it decides where requests go.
type scene struct {
	records map[string]account.Record
	holders map[string]string // of addresses: machines
	hosts   map[string]account.Host
	boots   map[string]emulator.Boot
	fronts  map[string]*account.Front // by DNS name
	groups  map[string]group          // of targets, by ARN
	rules   map[string][]account.Rule // by security group
}

// group is a target group.
type group struct {
	targets  []account.Target
	settings map[string]string
}

// look asks the emulator, several questions at a time.
func (w *World) look(ctx context.Context) (*scene, error) {
	s := &scene{records: map[string]account.Record{}, holders: map[string]string{}, fronts: map[string]*account.Front{},
		groups: map[string]group{}}
	var addresses []account.Address
	err := together(
		func() error { return s.readRecords(ctx, w.road) },
		func() (err error) { addresses, err = w.road.Addresses(ctx); return },
		func() (err error) { s.hosts, err = w.road.Hosts(ctx); return },
		func() (err error) { s.boots, err = w.client.Boots(ctx); return },
		func() error { return s.readFronts(ctx, w) },
		func() (err error) { s.rules, err = w.road.Rules(ctx); return },
	)
	for id, h := range s.hosts {
		if h.Address != "" {
			s.holders[h.Address] = id
		}
	}
	for _, a := range addresses { // an Elastic IP is whose association it has, whatever a machine says
		s.holders[a.IP] = a.InstanceID
	}
	return s, err
}

// together does all at once, and returns what went wrong.
func together(all ...func() error) error {
	faults := make([]error, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { faults[i] = one() })
	}
	group.Wait()
	return errors.Join(faults...)
}

func (s *scene) readRecords(ctx context.Context, road *account.Road) error {
	zones, err := road.Zones(ctx)
	if err != nil {
		return err
	}
	for _, zone := range zones {
		records, err := road.Records(ctx, zone.ID)
		if err != nil {
			return err
		}
		for _, r := range records {
			s.records[r.Name] = r
		}
	}
	return nil
}

func (s *scene) readFronts(ctx context.Context, w *World) error {
	fronts, err := w.road.Fronts(ctx)
	if err != nil {
		return err
	}
	for _, f := range fronts {
		s.fronts[f.DNSName] = &f
		for _, l := range f.Listeners {
			if err := w.certified(ctx, l.CertificateARN); err != nil {
				return err
			}
			for _, share := range l.Shares {
				if err := s.readGroup(ctx, w.road, share.GroupARN); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// certified finds out which names a certificate is for, which never changes.
func (w *World) certified(ctx context.Context, arn string) error {
	if arn == "" || len(w.names(arn)) > 0 {
		return nil
	}
	certificates, err := w.road.Certificates(ctx)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, c := range certificates {
		w.certificates[c.ARN] = c.Names
	}
	return err
}

// names are those that a certificate is for, none where it is not issued.
func (w *World) names(arn string) []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.certificates[arn]
}

func (s *scene) readGroup(ctx context.Context, road *account.Road, arn string) error {
	if _, known := s.groups[arn]; known {
		return nil
	}
	targets, err := road.Targets(ctx, arn)
	if err != nil {
		return err
	}
	settings, err := road.Settings(ctx, arn)
	s.groups[arn] = group{targets, settings}
	return err
}

// serves reports whether a machine runs and has come up.
func (s *scene) serves(id string) bool {
	boot, known := s.boots[id]
	return s.hosts[id].State == running && (!known || boot.Health == "healthy")
}

// admits reports whether one of the security groups lets somebody in at a port: a user, or who is in one of the groups from.
func (s *scene) admits(groupIDs []string, port int, from []string) bool {
	for _, id := range groupIDs {
		for _, rule := range s.rules[id] {
			inGroup := slices.ContainsFunc(rule.GroupIDs, func(g string) bool { return slices.Contains(from, g) })
			if rule.Covers(port) && (rule.World() || rule.Admits(user) && from == nil || inGroup) {
				return true
			}
		}
	}
	return false
}

// delay is the longest deregistration delay of the groups that a machine is a target of.
func (s *scene) delay(id string) (longest time.Duration) {
	for _, g := range s.groups {
		if slices.ContainsFunc(g.targets, func(t account.Target) bool { return t.ID == id }) {
			longest = max(longest, g.seconds("deregistration_delay.timeout_seconds"))
		}
	}
	return longest
}

func (g group) seconds(setting string) time.Duration {
	n, _ := strconv.Atoi(g.settings[setting]) // what is not set is none
	return time.Duration(n) * time.Second
}

func split(address string) (ip string, port int, err error) {
	ip, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return ip, port, err
}
