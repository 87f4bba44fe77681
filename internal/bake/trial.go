package bake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// aTrial is the kind of what a trial makes and takes away again.
const aTrial = "trial"

// Verdict is what a trial came to.
type Verdict string

// Bad is an image that cannot serve; unknown is what could not be decided, and is never fine.
const (
	Good    Verdict = "good"
	Bad     Verdict = "bad"
	Unknown Verdict = "unknown"
)

// verdicts are by the codes of what a trial finds.
var verdicts = map[string]Verdict{
	"serves": Good, "does-not-boot": Bad, "not-well": Bad, "waits-for-others": Unknown, "no-answer": Unknown, "not-watched": Unknown,
}

// Trial is what came of trying the image.
type Trial struct {
	Verdict Verdict `json:"verdict"`
	// Open says that the copy could reach everything.
	Open bool `json:"open"`
	// Answer is the status of the health check, 0 for none. Waits are for whom the app waited in vain.
	Answer int    `json:"answer"`
	Waits  []Wait `json:"waits"`
}

// Wait is for whom the app waited, and at how many looks, two a second.
type Wait struct {
	Peer  string `json:"peer"`
	Times int    `json:"times"`
}

// How long a trial may take: until the agent of a copy answers, and until the app is well beyond the grace that a node has. The copy
// ends itself when all of that is over, and some.
const (
	agentTakes  = 15 * time.Minute
	probeTakes  = time.Minute
	removeTakes = 15 * time.Minute
)

func minutes(d time.Duration) string { return fmt.Sprintf("%.0f minutes", d.Minutes()) }

// life is how long a copy may live.
func (b *Baking) life() time.Duration { return agentTakes + b.grace() + probeTakes + removeTakes }

func (b *Baking) grace() time.Duration {
	return time.Duration(b.Config.HealthCheckGraceSeconds) * time.Second
}

// asked are the services of AWS that a copy needs to be asked: by them the agent registers itself, and gets commands. One that is
// older than 3.3.40.0 gets them by a third (Systems Manager User Guide, "ec2messages, ssmmessages, and other API operations").
var asked, older = []string{"ssm", "ssmmessages"}, "ec2messages"

// way is how the copy is reached: the addresses that it may reach, none where everything.
func (b *Baking) way(ctx context.Context, server *account.Server) ([]string, error) {
	if server.ProfileARN == "" {
		return nil, fmt.Errorf("--try: %s has no instance profile, by which Systems Manager could ask its copy", server.ID)
	}
	if b.JobsMayRun {
		return nil, nil
	}
	endpoints, err := b.Account.Endpoints(ctx, server.VpcID)
	if err != nil {
		return nil, fmt.Errorf("--try: the endpoints of %s: %w", server.VpcID, err)
	}
	var addresses, missing []string
	for _, service := range append(slices.Clone(asked), older) {
		at := slices.IndexFunc(endpoints, func(e account.Endpoint) bool { return e.Service == service })
		switch {
		case at >= 0:
			addresses = append(addresses, endpoints[at].Addresses...)
		case service != older:
			missing = append(missing, service)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("--try: %s has no interface endpoint of %s, by which alone a copy could be asked: with --jobs-may-run it "+
			"may reach everything, and production's jobs and queue workers run on it too", server.VpcID, strings.Join(missing, " and "))
	}
	slices.Sort(addresses)
	return slices.Compact(addresses), nil
}

// try starts a machine of the image, asks it, and takes it away whatever happens.
func (b *Baking) try(ctx context.Context, r *Result, server *account.Server, image *account.Image, addresses []string) (err error) {
	tags := b.ours(aTrial)
	tags[tagServer], tags[tagDate] = r.Server, b.Now().UTC().Format(time.RFC3339)
	tags[tagName] = r.Name + "-trial-" + b.Now().UTC().Format("150405") // two runs may try one image
	defer func() { err = errors.Join(err, b.clean(ctx, tags)) }()
	r.Trial = &Trial{Verdict: Unknown, Open: b.JobsMayRun, Waits: []Wait{}}
	b.Announce("trying " + image.ID + ": a security group for its copy")
	group, err := b.Account.OpenGroup(ctx, server.VpcID, tags[tagName], tags)
	if err != nil {
		return err
	}
	if !b.JobsMayRun {
		if err := b.Account.Close(ctx, group, addresses); err != nil {
			return err
		}
	}
	copied, err := b.Account.Try(ctx, account.Trial{
		Image: image.ID, Type: server.Type, SubnetID: server.SubnetID, GroupID: group, ProfileARN: server.ProfileARN,
		UserData: machine.TrialUserData(b.life()), Private: !b.JobsMayRun, Devices: image.Devices, Tags: tags,
	})
	if err != nil {
		return err
	}
	b.Announce(fmt.Sprintf("%s boots: a copy of %s, which ends by itself in %s", copied, r.Server, minutes(b.life())))
	return b.judge(ctx, r, copied)
}

// judge asks a copy, and says what that shows.
func (b *Baking) judge(ctx context.Context, r *Result, copied string) error {
	online, impaired, err := b.online(ctx, copied)
	switch {
	case err != nil:
		return err
	case impaired:
		r.verdict("does-not-boot", copied, "EC2's status check of the copy has failed, not that of what it runs on, and Systems Manager's agent has not answered in "+minutes(agentTakes))
		return nil
	case !online:
		r.verdict("no-answer", copied, fmt.Sprintf("Systems Manager's agent of the copy has not answered in %s", minutes(agentTakes)))
		return nil
	}
	b.Announce(fmt.Sprintf("%s is up: asking %s on port %d, for %s at most", copied, b.Config.HealthCheckPath, b.Config.Port, minutes(b.grace())))
	script := machine.Trial(b.Config.Port, b.Config.HealthCheckPath, b.Config.AppUser, b.grace())
	written, err := b.Runner.Run(ctx, copied, script, b.grace()+probeTakes)
	if err != nil && ctx.Err() == nil {
		r.verdict("no-answer", copied, "the copy was asked, and did not say: "+err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	return r.seen(copied, written)
}

// online waits for the agent of a copy, whose disks are slow at their first reading: EC2 may find it impaired before it has booted.
// What it finds at last is impaired.
func (b *Baking) online(ctx context.Context, copied string) (online, impaired bool, err error) {
	for until := b.Now().Add(agentTakes); b.Now().Before(until); {
		agent, err := b.Account.Agent(ctx, copied)
		if err != nil {
			return false, false, err
		}
		if agent != nil && agent.Ping == "Online" {
			return true, false, nil
		}
		if err := b.alive(ctx, copied); err != nil {
			return false, false, err
		}
		if impaired, err = b.Account.Impaired(ctx, copied); err != nil {
			return false, false, err
		}
		if err := b.Account.Wait(ctx); err != nil {
			return false, false, err
		}
	}
	return false, impaired, nil
}

// alive is an error for a copy that has ended.
func (b *Baking) alive(ctx context.Context, copied string) error {
	all, err := b.Account.Copied(ctx, b.ours(aTrial))
	for _, one := range all {
		if one.ID == copied && one.Over() {
			return fmt.Errorf("%s, a copy, has ended before it could be asked: %s", copied,
				cmp.Or(one.Reason, "EC2 gives no reason"))
		}
	}
	return err
}

// seen judges what a copy wrote of itself.
func (r *Result) seen(copied, written string) error {
	said := struct {
		Answer    int    `json:"answer"`
		Listening bool   `json:"listening"`
		Waits     []Wait `json:"waits"` // nil where nothing watched
	}{}
	if err := json.Unmarshal([]byte(written), &said); err != nil {
		return fmt.Errorf("what %s wrote is not what the trial writes: %w", copied, err)
	}
	r.Trial.Answer = said.Answer
	r.Trial.Waits = append(r.Trial.Waits, said.Waits...)
	answers := fmt.Sprintf("the health check answers %d", said.Answer)
	switch {
	case said.Answer == 0 && said.Listening:
		answers = "the app listens, and does not answer the health check"
	case said.Answer == 0:
		answers = "nothing listens on the app's port"
	}
	switch {
	case said.Answer == 200:
		r.verdict("serves", copied, answers)
	case said.Waits == nil:
		r.verdict("not-watched", copied, answers+", and nothing watched from the boot on for whom the app waits")
	case len(said.Waits) > 0:
		r.verdict("waits-for-others", copied, answers+", and the app waits for "+peers(said.Waits))
	default:
		r.verdict("not-well", copied, answers+", and since the boot the app has waited for nobody")
	}
	return nil
}

// peers are for whom an app waits, those for whom it did so most first.
func peers(waits []Wait) string {
	slices.SortStableFunc(waits, func(a, b Wait) int { return b.Times - a.Times })
	var all []string
	for _, w := range waits[:min(3, len(waits))] {
		all = append(all, w.Peer)
	}
	return strings.Join(all, ", ")
}

func (r *Result) verdict(code, copied, reason string) {
	r.Trial.Verdict = verdicts[code]
	r.find(code, copied, reason)
}

// clean removes every copy that has these tags, and then its group, whoever has made it. It takes its time though the run was
// interrupted. What it could not remove is an error that says what becomes of it.
func (b *Baking) clean(ctx context.Context, tags map[string]string) error {
	tell := b.Announce
	if ctx.Err() != nil {
		tell = b.Say
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTakes)
	defer cancel()
	err := b.remove(ctx, tags, tell)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("a trial's copy may be left, tagged %s=%s: it ends by itself in %s, and the next kora bake removes it: %w",
		tagOurs, aTrial, minutes(b.life()), err)
	tell(err.Error())
	return err
}

func (b *Baking) remove(ctx context.Context, tags map[string]string, tell func(string)) error {
	copies, err := b.copiesLeft(ctx, tags)
	if err != nil {
		return err
	}
	groups, err := b.Account.TaggedGroups(ctx, tags)
	if err != nil || len(copies)+len(groups) == 0 {
		return err
	}
	tell("removing the copy and its security group: some minutes")
	for { // a copy that was started as the run was cut is shown some time later
		if copies, err = b.ending(ctx, tags, copies); err != nil {
			return err
		}
		if len(copies) == 0 {
			if groups, err = b.dropped(ctx, groups); err != nil || len(groups) == 0 {
				return err
			}
		}
		if err := b.Account.Wait(ctx); err != nil {
			return fmt.Errorf("%s has not ended: %w", strings.Join(append(copies, groups...), ", "), err)
		}
		if copies, err = b.copiesLeft(ctx, tags); err != nil {
			return err
		}
	}
}

// ending ends copies, and returns those that have not ended by then.
func (b *Baking) ending(ctx context.Context, tags map[string]string, copies []string) ([]string, error) {
	if len(copies) == 0 {
		return nil, nil
	}
	for _, id := range copies {
		if err := b.Account.End(ctx, id); err != nil {
			return nil, err
		}
	}
	return b.copiesLeft(ctx, tags)
}

// dropped removes groups, and returns those that something is in still: a network interface goes some time after its machine
// (terraform #11047).
func (b *Baking) dropped(ctx context.Context, groups []string) ([]string, error) {
	var left []string
	for _, group := range groups {
		gone, err := b.Account.Drop(ctx, group)
		if err != nil {
			return nil, err
		}
		if !gone {
			left = append(left, group)
		}
	}
	return left, nil
}

// copiesLeft are the ids of the copies that have these tags and have not ended.
func (b *Baking) copiesLeft(ctx context.Context, tags map[string]string) ([]string, error) {
	all, err := b.Account.Copied(ctx, tags)
	var ids []string
	for _, one := range all {
		if !one.Over() {
			ids = append(ids, one.ID)
		}
	}
	return ids, err
}

// trialKinds are what a trial can come to.
func trialKinds() []finding.Kind {
	return []finding.Kind{
		{Code: "serves", Severity: finding.Note, Means: "good: a copy has booted from the image, and answers the health check with 200"},
		{Code: "not-well", Severity: finding.Stop,
			Means:  "bad: a copy has booted, does not answer 200, and since its boot the app has waited for no connection: what is missing is not the network",
			Remedy: "look at the app on the server: pm2 startup and pm2 save, its port, its health check; then kora bake --try again"},
		{Code: "does-not-boot", Severity: finding.Stop,
			Means:  "bad: EC2's status check of a copy has failed, not that of what it runs on, and its agent has not answered",
			Remedy: "kora bake --reboot --try: an image without a restart may have a file system that is cut"},
		{Code: "waits-for-others", Severity: finding.Warn,
			Means: "unknown: a copy does not answer 200, and its app waits for a connection that nobody lets it have, as to the database: the server " +
				"may serve where this copy cannot",
			Remedy: "read for whom it waits: where that is the database, the image may be well"},
		{Code: "no-answer", Severity: finding.Warn,
			Means:  "unknown: the agent of a copy has not answered, or has not done what it was given",
			Remedy: "the endpoints' security groups must let the subnet in at 443; an agent before 3.3.40.0 needs an endpoint of ec2messages too"},
		{Code: "not-watched", Severity: finding.Warn,
			Means:  "unknown: a copy does not answer 200, and what watches its connections did not run: cloud-init has not read its user data",
			Remedy: "look at cloud-init on the server: cloud-init status --long"},
	}
}
