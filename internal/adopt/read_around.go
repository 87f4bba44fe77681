package adopt

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/machine"
)

func (a *asking) ofNetwork() {
	f, c := a.facts, a.Config
	if f.Server.VpcID == "" {
		return
	}
	a.at("subnets and routes", false, func(ctx context.Context) (err error) {
		f.Subnets, err = a.Account.Subnets(ctx, f.Server.VpcID)
		return err
	})
	a.at("security groups", false, func(ctx context.Context) (err error) {
		f.Groups, err = a.Account.Groups(ctx, f.Server.VpcID)
		return err
	})
	a.at("which zones have the instance types", false, func(ctx context.Context) (err error) {
		types := []string{f.Server.Type, c.VerticalInstanceType, c.FleetInstanceType}
		slices.Sort(types)
		f.Offered, err = a.Account.Offered(ctx, slices.Compact(types))
		return err
	})
}

// kinds of names that the stack gives, as account has them.
const (
	alarm          = "alarm"
	autoScaling    = "Auto Scaling group"
	launchTemplate = "launch template"
	loadBalancer   = "load balancer"
	parameter      = "parameter"
	targetGroup    = "target group"
)

// Names are all that the stack gives by itself, in some stage: what has one of them already fails a deploy.
func Names(c *config.Config) []Taken {
	names := []Taken{
		{alarm, c.HighCPUAlarmName}, {alarm, c.LowHealthyHostsAlarmName}, {loadBalancer, c.Name + "-alb"}, {targetGroup, c.Name + "-targets"},
		{launchTemplate, c.Name + "-template"}, {autoScaling, c.Name + "-asg"}, {parameter, "/" + c.Name + "/server"},
	}
	for _, program := range machine.Programs {
		names = append(names, Taken{parameter, "/" + c.Name + "/" + program.Name})
	}
	return names
}

// ofNames reads which names of ours are somebody's: those that the stack has are its own.
func (a *asking) ofNames() {
	c, own := a.Config, slices.Collect(maps.Values(a.facts.Holds))
	for _, kind := range account.NameKinds() {
		a.at("names of each "+kind.Noun, false, func(ctx context.Context) error {
			there, err := a.Account.Names(ctx, kind, "/"+c.Name)
			a.mutex.Lock()
			defer a.mutex.Unlock()
			for _, ours := range Names(c) {
				if ours.Kind == kind.Noun && slices.Contains(there, ours.Name) && !slices.ContainsFunc(own, ours.is) {
					a.facts.Taken = append(a.facts.Taken, ours)
				}
			}
			return err
		})
	}
}

// is reports whether a physical id of the stack's is what has this name: the name itself, or an ARN that holds it.
func (t Taken) is(physicalID string) bool {
	return physicalID == t.Name || strings.HasPrefix(physicalID, "arn:") && slices.Contains(strings.Split(physicalID, "/"), t.Name)
}

// zones reads what the zones that may hold the domain's name say of it: those with the longest name, public and private.
func (a *asking) zones(ctx context.Context) error {
	domain := a.Config.DomainName
	zones, err := a.Account.Zones(ctx)
	if err != nil {
		return err
	}
	longest := 0
	for _, zone := range zones {
		if within(domain, zone.Name) && !zone.Private {
			longest = max(longest, len(zone.Name))
		}
	}
	for _, zone := range zones {
		if !within(domain, zone.Name) || !zone.Private && len(zone.Name) < longest {
			continue
		}
		sets, err := a.Account.RecordSets(ctx, zone.ID, domain)
		if err != nil {
			return err
		}
		a.facts.Zones = append(a.facts.Zones, Zone{zone, sets})
	}
	return nil
}

// within reports whether a name is a zone's own or below it.
func within(name, zone string) bool { return name == zone || strings.HasSuffix(name, "."+zone) }
