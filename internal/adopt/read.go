package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
)

// Reader is what facts are read with: an account of which nothing can be changed.
type Reader struct {
	Account *account.Account
	Region  string
	Config  *config.Config
	// InstanceID names the server where elasticIpAddress does not; "" otherwise.
	InstanceID string
	// Announce is told what is being read.
	Announce func(what string)
	// Now is the time.
	Now time.Time
}

// Read finds the server, by the address of cdk.json or by its id, and all that bears on it. What whoever asks may not read is
// noted as unknown; that the server cannot be found, or that AWS does not answer, is an error.
func (r Reader) Read(ctx context.Context) (*Facts, error) {
	f := &Facts{Region: r.Region}
	r.Announce("asking who you are")
	caller, err := r.Account.Caller(ctx)
	if err != nil {
		return nil, err
	}
	f.Caller = Caller(*caller)
	if err := r.find(ctx, f); err != nil {
		return nil, err
	}
	a := &asking{Reader: r, ctx: ctx, facts: f}
	a.server()
	if err := a.wait(); err != nil {
		return nil, err
	}
	a.around()
	if err := a.wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(f.Taken, func(a, b Taken) int { return strings.Compare(a.Kind+a.Name, b.Kind+b.Name) })
	slices.SortFunc(f.Unknown, func(a, b Unknown) int { return strings.Compare(a.What, b.What) })
	f.Server.complete()
	f.Record = f.record()
	return f, nil
}

// find finds the address and the id of the server that has it.
func (r Reader) find(ctx context.Context, f *Facts) error {
	if r.InstanceID != "" {
		return r.findByID(ctx, f)
	}
	ip := r.Config.ElasticIPAddress
	if ip == "" {
		return errors.New("context key elasticIpAddress is not set: the address that users reach leads to the server; " +
			"or name the server: --instance i-0123456789abcdef0")
	}
	r.Announce("looking for the address " + ip)
	address, err := r.Account.Address(ctx, ip)
	if err != nil {
		return fmt.Errorf("the address %s: %w", ip, err)
	}
	if address == nil {
		return fmt.Errorf("%s is no Elastic IP of account %s in %s: another account's, another region's (context key region), or "+
			"an address that is not kept when the server stops: --instance i-0123456789abcdef0 names the server", ip, f.Caller.Account, r.Region)
	}
	if address.InstanceID == "" {
		return fmt.Errorf("%s (%s) is at no server: --instance i-0123456789abcdef0 names it", ip, address.AllocationID)
	}
	f.Address, f.Server.InstanceID = newAddress(*address), address.InstanceID
	return nil
}

func (r Reader) findByID(ctx context.Context, f *Facts) error {
	r.Announce("looking for the addresses of " + r.InstanceID)
	f.Server.InstanceID = r.InstanceID
	addresses, err := r.Account.AddressesOf(ctx, r.InstanceID)
	if err != nil {
		return fmt.Errorf("the addresses of %s: %w", r.InstanceID, err)
	}
	for _, address := range addresses {
		if f.Address.IP == "" || address.IP == r.Config.ElasticIPAddress {
			f.Address = newAddress(address)
		}
	}
	return nil
}

func newAddress(a account.Address) Address {
	return Address{a.IP, a.AllocationID, a.AssociationID, a.InstanceID}
}

// asking is a reading of many things at once, each of which fills its own part of the facts.
type asking struct {
	Reader
	ctx   context.Context
	facts *Facts

	group sync.WaitGroup
	mutex sync.Mutex
	fault error
}

// at makes one call beside the others. That whoever asks may not is noted; needed is said of what nothing can be decided without.
func (a *asking) at(what string, needed bool, call func(context.Context) error) {
	a.group.Go(func() {
		a.mutex.Lock()
		a.Announce("reading " + what)
		a.mutex.Unlock()
		err := call(a.ctx)
		a.mutex.Lock()
		defer a.mutex.Unlock()
		switch {
		case err == nil:
		case account.Denied(err):
			a.facts.Unknown = append(a.facts.Unknown, Unknown{what, err.Error(), needed})
		default:
			a.fault = errors.Join(a.fault, fmt.Errorf("%s: %w", what, err))
		}
	})
}

// wait ends when all calls have, and returns what could not be read.
func (a *asking) wait() error {
	a.group.Wait()
	return a.fault
}

// server reads the server itself, which says what else is to be read.
func (a *asking) server() {
	id := a.facts.Server.InstanceID
	a.at("the server "+id, true, func(ctx context.Context) error {
		server, err := a.Account.Server(ctx, id)
		if err == nil {
			a.facts.Server.take(server)
		}
		return err
	})
	a.at("the backend's stack", true, func(ctx context.Context) (err error) {
		if a.facts.Stack, err = a.Account.Stack(ctx, a.Config.StackName()); err != nil || a.facts.Stack == nil {
			return err
		}
		a.facts.Holds, err = a.Account.Resources(ctx, a.Config.StackName())
		return err
	})
}

// around reads what the server has and what it stands in, all at once.
func (a *asking) around() {
	a.ofServer()
	a.ofNetwork()
	a.ofNames()
	f := a.facts
	a.at("certificates", false, func(ctx context.Context) (err error) {
		f.Certificates, err = a.Account.Certificates(ctx)
		return err
	})
	a.at("databases", false, func(ctx context.Context) (err error) {
		f.Databases, err = a.Account.Databases(ctx)
		return err
	})
	a.at("the Systems Manager agent", false, func(ctx context.Context) (err error) {
		f.Agent, err = a.Account.Agent(ctx, f.Server.InstanceID)
		return err
	})
	a.at("the host management of Systems Manager", false, func(ctx context.Context) (err error) {
		f.ManagesAll, err = a.Account.ManagesAll(ctx)
		return err
	})
	if a.Config.DomainName != "" {
		a.at("hosted zones and the record", false, a.zones)
	}
	a.at("calls for metadata without a token", false, func(ctx context.Context) error {
		values, err := a.Account.Values(ctx, account.Metric{
			Namespace: "AWS/EC2", Name: "MetadataNoToken", Statistic: "Sum", Period: time.Hour,
			Dimensions: map[string]string{"InstanceId": f.Server.InstanceID},
		}, a.Now.AddDate(0, 0, -tokenlessDays), a.Now)
		for _, value := range values {
			f.Tokenless += value.Value
		}
		return err
	})
}

// tokenlessDays are how far back calls without a token are counted.
const tokenlessDays = 14

// ofServer reads what of the server DescribeInstances does not tell.
func (a *asking) ofServer() {
	s := &a.facts.Server
	a.at("the server's attributes", true, func(ctx context.Context) error {
		attributes, err := a.Account.Attributes(ctx, s.InstanceID)
		if err == nil {
			s.attributes = attributes
		}
		return err
	})
	a.at("the server's CPU credits", true, func(ctx context.Context) (err error) {
		var modes map[string]string
		modes, err = a.Account.Credits(ctx, s.InstanceID)
		s.credits = modes[s.InstanceID]
		return err
	})
	a.at("the server's disks", true, func(ctx context.Context) error {
		var ids []string
		for _, v := range s.Volumes {
			ids = append(ids, v.ID)
		}
		if len(ids) == 0 {
			return nil
		}
		volumes, err := a.Account.Volumes(ctx, ids)
		s.disks = volumes
		return err
	})
	a.at("the server's image", false, func(ctx context.Context) (err error) {
		s.ImageName, err = a.Account.Image(ctx, s.ImageID)
		return err
	})
	a.at("the stack that the server is in", true, func(ctx context.Context) error {
		stack, err := a.Account.StackOf(ctx, s.InstanceID)
		if s.Stack == "" {
			s.Stack = stack
		}
		return err
	})
	if s.KeyName != "" {
		a.at("the key pair "+s.KeyName, false, func(ctx context.Context) (err error) {
			a.facts.KeyPair, err = a.Account.KeyPair(ctx, s.KeyName)
			return err
		})
	}
	if s.ProfileARN != "" {
		a.at("what the server's profile allows", true, func(ctx context.Context) (err error) {
			a.facts.Rights, err = a.Account.Rights(ctx, s.ProfileARN)
			return err
		})
	}
}
