package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// subnets looks at those of cdk.json; a network of the stack's own is as it must be.
func subnets(ctx context.Context, l *looking) ([]Result, error) {
	if l.Config.VpcID == "" {
		return []Result{is(Pass, "", "the stack makes its own network")}, nil
	}
	found, err := l.Account.Subnets(ctx, l.Config.VpcID)
	if err != nil {
		return nil, err
	}
	byID, zones := map[string]account.Subnet{}, map[string]string{}
	for _, s := range found {
		byID[s.ID] = s
	}
	var results []Result
	least, who := 1, "a machine"
	if len(l.Template.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer")) > 0 {
		least, who = leastFree, "a load balancer"
	}
	for i, id := range l.Config.PublicSubnetIDs {
		s, there := byID[id]
		switch {
		case !there:
			results = append(results, is(Fail, id, "%s has no such subnet", l.Config.VpcID))
		case !s.Public:
			results = append(results, is(Fail, id, "its route table has no way to the internet"))
		case !s.Assigns:
			results = append(results, is(Fail, id, "it gives no public addresses at launch"))
		case s.Free < least:
			results = append(results, is(Fail, id, "%d addresses are free, and %s wants %d", s.Free, who, least))
		case zones[s.Zone] != "":
			results = append(results, is(Fail, id, "it is in %s, as %s is", s.Zone, zones[s.Zone]))
		case i < len(l.Config.AvailabilityZones) && s.Zone != l.Config.AvailabilityZones[i]:
			results = append(results, is(Fail, id, "it is in %s, and availabilityZones says %s", s.Zone, l.Config.AvailabilityZones[i]))
		default:
			results = append(results, is(Pass, id, "public, in %s, %d addresses free", s.Zone, s.Free))
		}
		zones[s.Zone] = id
	}
	return results, nil
}

// leastFree is how many free addresses a load balancer wants in each of its subnets (Elastic Load Balancing, "Subnets for your
// load balancer").
const leastFree = 8

// zone looks which zone has the record, and whether the world asks it.
func zone(ctx context.Context, l *looking) ([]Result, error) {
	c := l.Config
	if c.HostedZoneName == "" && c.HostedZoneID == "" {
		return []Result{is(Pass, "", "the stack has no record")}, nil
	}
	all, err := l.zones()
	if err != nil {
		return nil, err
	}
	matching := slices.DeleteFunc(slices.Clone(all), func(z account.Zone) bool {
		return c.HostedZoneID != "" && !strings.HasSuffix(z.ID, "/"+c.HostedZoneID) && z.ID != c.HostedZoneID ||
			c.HostedZoneName != "" && z.Name != c.HostedZoneName || z.Private
	})
	subject := strings.TrimSpace(c.HostedZoneName + " " + c.HostedZoneID)
	switch {
	case len(matching) == 0:
		return []Result{is(Fail, subject, "the account has no such public zone")}, nil
	case len(matching) > 1:
		return []Result{is(Fail, subject, "the account has %d public zones of that name: CloudFormation cannot choose", len(matching))}, nil
	}
	return l.delegated(ctx, matching[0])
}

// delegated compares the name servers that the world asks with those of the zone.
func (l *looking) delegated(ctx context.Context, z account.Zone) ([]Result, error) {
	own, err := l.Account.NameServers(ctx, z.ID)
	if err != nil {
		return nil, err
	}
	asked, err := l.NameServers(ctx, z.Name)
	if err != nil {
		return []Result{is(Unknown, z.Name, "the name servers that the world asks could not be found: %s", err)}, nil
	}
	normal := func(names []string) []string {
		names = each(names, func(n string) string { return strings.ToLower(strings.TrimSuffix(n, ".")) })
		slices.Sort(names)
		return names
	}
	own, asked = normal(own), normal(asked)
	if !slices.Equal(own, asked) {
		return []Result{is(Fail, z.Name, "the world asks %s, and the zone is on %s: its records reach nobody",
			strings.Join(asked, ", "), strings.Join(own, ", "))}, nil
	}
	return []Result{is(Pass, z.Name, "public, and the world asks it")}, nil
}

// slowTTL is from when on resolvers keep the old answer so long that a move is felt, in seconds.
const slowTTL = 300

// record looks where it leads, and how long resolvers keep it.
func record(ctx context.Context, l *looking) ([]Result, error) {
	c := l.Config
	if c.DomainName == "" {
		return []Result{is(Pass, "", "no domain is set")}, nil
	}
	all, err := l.zones()
	if err != nil {
		return nil, err
	}
	own, err := l.physical("Record")
	if err != nil {
		return nil, err
	}
	for _, z := range nearest(all, c.DomainName) {
		sets, err := l.Account.RecordSets(ctx, z.ID, c.DomainName)
		if err != nil {
			return nil, err
		}
		for _, set := range sets {
			if set.Type == "A" || set.Type == "CNAME" { // which allows no other beside it
				leads, err := l.leads(ctx)
				return []Result{l.judgeRecord(set, strings.TrimSuffix(own, ".") == c.DomainName, leads)}, err
			}
		}
	}
	return []Result{is(Warn, c.DomainName, "no zone of the account has a record of it")}, nil
}

// nearest are the public zones that may have a name, first the one that resolvers ask where several have it: that of the longest name.
func nearest(all []account.Zone, name string) []account.Zone {
	having := slices.DeleteFunc(slices.Clone(all), func(z account.Zone) bool { return z.Private || !strings.HasSuffix("."+name, "."+z.Name) })
	slices.SortStableFunc(having, func(a, b account.Zone) int { return len(b.Name) - len(a.Name) })
	return having
}

// leads are where the record may lead: to the stack's address and to its balancer's name, of those that there are.
func (l *looking) leads(ctx context.Context) ([]string, error) {
	address, err := l.physical("Address")
	if err != nil {
		return nil, err
	}
	arn, err := l.physical("LoadBalancer")
	if err != nil {
		return nil, err
	}
	var to []string
	if address != "" {
		to = append(to, address)
	}
	if arn == "" {
		return to, nil
	}
	all, err := l.Account.Balancers(ctx)
	for _, b := range all {
		if b.ARN == arn {
			to = append(to, strings.ToLower(b.DNSName))
		}
	}
	return to, err
}

func (l *looking) judgeRecord(set account.RecordSet, own bool, leads []string) Result {
	made := l.Template.Resource("Record") != nil
	to := each(set.Values, func(value string) string { return strings.TrimSuffix(strings.ToLower(value), ".") }) // a CNAME's is a name
	if set.Alias {
		to = []string{strings.TrimPrefix(strings.ToLower(set.AliasOf), "dualstack.")} // which Route 53's console puts before
	}
	switch {
	case made && !own:
		return is(Fail, set.Name, "it exists, a record %s, and the deploy would make it: CloudFormation refuses that", set.Type)
	case set.SetID != "":
		return is(Warn, set.Name, "it is one of several (%s): where users are led depends on more than this stack", set.SetID)
	case len(leads) > 0 && !slices.ContainsFunc(to, func(one string) bool { return slices.Contains(leads, one) }):
		return is(Warn, set.Name, "it leads to %s, and the stack is %s", strings.Join(to, ", "), strings.Join(leads, " and "))
	case set.Alias:
		return is(Pass, set.Name, "an alias of %s: resolvers keep it for 60 s", set.AliasOf)
	}
	return judged(set.TTLSeconds <= slowTTL, Warn, set.Name, "it leads to %s, and resolvers keep it for %d s", strings.Join(to, ", "), set.TTLSeconds)
}

// soon is from when on a certificate is near its end: ACM renews 60 days before it (ACM User Guide, "Managed certificate
// renewal"), so that one so near has not been renewed.
const soon = 30 * 24 * time.Hour

// certificate looks at the one that the balancer shows.
func certificate(ctx context.Context, l *looking) ([]Result, error) {
	c := l.Config
	if c.Stage != stage.Horizontal || c.CertificateArn == "" {
		return []Result{is(Pass, "", "no certificate is given")}, nil
	}
	issued, err := l.Account.Certificates(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range issued {
		if one.ARN != c.CertificateArn {
			continue
		}
		if !covers(one.Names, c.DomainName) {
			return []Result{is(Fail, one.ARN, "it covers %s, not %s", strings.Join(one.Names, ", "), c.DomainName)}, nil
		}
		left, said := one.Until.Sub(l.Now), "issued, for "+strings.Join(one.Names, ", ")+", until "+one.Until.Format(time.DateOnly)
		if left <= 0 {
			return []Result{is(Fail, one.ARN, "%s", said)}, nil
		}
		return []Result{judged(left > soon, Warn, one.ARN, "%s", said)}, nil
	}
	return []Result{is(Fail, c.CertificateArn, "it is not among the issued certificates of %s", c.Region)}, nil
}

// covers reports whether a name is among those of a certificate; *.example.com covers one label (RFC 6125, 6.4.3).
func covers(names []string, name string) bool {
	_, parent, _ := strings.Cut(name, ".")
	return slices.Contains(names, name) || slices.Contains(names, "*."+parent)
}

// healthNow asks the app before anything is changed: what is not healthy now is not the deploy's doing.
func healthNow(ctx context.Context, l *looking) ([]Result, error) {
	c := l.Config
	switch {
	case c.DomainName == "":
		return []Result{is(Unknown, "", "no domain is set that could be asked")}, nil
	case l.Ask == nil:
		return []Result{is(Unknown, c.DomainName, "users do not reach the emulator by it")}, nil
	}
	url := "https://" + c.DomainName + c.HealthCheckPath
	status, err := l.Ask(ctx, url)
	if l.unreached(ctx, err) {
		return nil, err
	}
	if err != nil {
		return []Result{is(Fail, url, "%s", err)}, nil
	}
	return []Result{judged(status == http.StatusOK, Fail, url, "%d", status)}, nil
}

// unreached reports whether an error is for want of a network: nothing is then known of whom was asked. Who is told of no such name,
// and of no name servers of the world either, has no resolver that reaches it.
func (l *looking) unreached(ctx context.Context, err error) bool {
	var unnamed *net.DNSError
	if errors.As(err, &unnamed) {
		_, err := l.NameServers(ctx, ".")
		return !unnamed.IsNotFound || err != nil
	}
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETDOWN)
}

// database looks whether the database's group and the backend are in one VPC: a rule between groups needs that.
func database(ctx context.Context, l *looking) ([]Result, error) {
	c := l.Config
	if c.DatabaseSecurityGroupID == "" {
		return []Result{is(Pass, "", "no database is named")}, nil
	}
	if c.VpcID == "" {
		return []Result{is(Fail, c.DatabaseSecurityGroupID, "the stack makes a VPC of its own, and the database is in another one: set vpcId")}, nil
	}
	groups, err := l.Account.Groups(ctx, c.VpcID)
	if err != nil {
		return nil, err
	}
	_, there := groups[c.DatabaseSecurityGroupID]
	said := map[bool]string{true: "it is in %s", false: "it is not in %s"}
	return []Result{judged(there, Fail, c.DatabaseSecurityGroupID, said[there], c.VpcID)}, nil
}

// parameters looks for those that people make: the app's environment, and the credentials of the repository.
func parameters(ctx context.Context, l *looking) ([]Result, error) {
	c := l.Config
	asked := map[string]string{} // what is so without it
	if c.GitCredentialsParameter != "" {
		asked[c.GitCredentialsParameter] = "there is none of that name"
	}
	if _, fleet := l.serves(); fleet != nil && c.Sessions == "redis" {
		asked[fmt.Sprintf("/%s/env/SESSION_SECRET", c.Name)] = "there is none: nodes that sign with secrets of their own throw each other's sessions away"
	}
	if len(asked) == 0 {
		return []Result{is(Pass, "", "none is asked for")}, nil
	}
	found, err := l.Account.Parameters(ctx, "/"+c.Name)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		results = append(results, judgeParameter(name, asked[name], found))
	}
	return results, nil
}

// judgeParameter warns of a secret that is not kept as one.
func judgeParameter(name, without string, found []account.Parameter) Result {
	for _, p := range found {
		if p.Name == name {
			said := map[bool]string{true: "it is there, encrypted", false: "it is a String, which who may read parameters reads: make it a SecureString"}
			return judged(p.Secret, Warn, name, "%s", said[p.Secret])
		}
	}
	return is(Fail, name, "%s", without)
}

// heard looks who hears of alarms.
func heard(ctx context.Context, l *looking) ([]Result, error) {
	topic, err := l.physical("AlertsTopic")
	if err != nil {
		return nil, err
	}
	if topic == "" {
		return []Result{judged(l.Config.AlarmEmail != "", Warn, "alarmEmail", "the deploy makes the topic; who is to hear of alarms: %s", orNobody(l.Config.AlarmEmail))}, nil
	}
	all, err := l.Account.Subscribers(ctx, topic)
	if err != nil {
		return nil, err
	}
	confirmed, asked := 0, false
	for _, s := range all {
		if s.Confirmed {
			confirmed++
		}
		asked = asked || !s.Confirmed && s.Endpoint == l.Config.AlarmEmail
	}
	subject := topic[strings.LastIndex(topic, ":")+1:]
	if asked {
		return []Result{is(Warn, subject, "%s has not confirmed; %d of %d subscribers have", l.Config.AlarmEmail, confirmed, len(all))}, nil
	}
	return []Result{judged(confirmed > 0, Warn, subject, "%d of %d subscribers have confirmed", confirmed, len(all))}, nil
}

func orNobody(address string) string {
	if address == "" {
		return "nobody"
	}
	return address
}

// budget looks for one that tells somebody.
func budget(ctx context.Context, l *looking) ([]Result, error) {
	who, err := l.caller()
	if err != nil {
		return nil, err
	}
	all, err := l.Account.Budgets(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	for _, name := range all {
		alerts, err := l.Account.Alerts(ctx, who.Account, name)
		if err != nil {
			return nil, err
		}
		if alerts > 0 {
			return []Result{is(Pass, name, "it has %d alerts", alerts)}, nil
		}
	}
	if len(all) > 0 {
		return []Result{is(Warn, strings.Join(all, ", "), "no budget tells anybody: none has an alert")}, nil
	}
	return []Result{is(Warn, "", "the account has no budget of costs")}, nil
}

func each[Item, Noun any](items []Item, noun func(Item) Noun) []Noun {
	var nouns []Noun
	for _, item := range items {
		nouns = append(nouns, noun(item))
	}
	return nouns
}
