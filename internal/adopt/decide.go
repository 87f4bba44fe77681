package adopt

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
)

// Choices are what a person decides beside what the account says.
type Choices struct {
	// Beside asks for what a new server needs that is built beside this one: without the server itself, its address and its zone.
	Beside bool
	// ReplaceProfile takes it that the server's profile goes; WithUserData puts its user data into cdk.json.
	ReplaceProfile, WithUserData bool
}

// Key is a context key that the account decides.
type Key struct {
	Name  string
	Value any // as JSON has it
	// Has is what cdk.json says, nil for nothing.
	Has any
	// Why is where the value comes from, in words.
	Why string
}

// New reports whether cdk.json does not say it yet, Conflicts whether it says something else.
func (k Key) New() bool { return k.Has == nil }

// Conflicts reports whether cdk.json says something else.
func (k Key) Conflicts() bool { return k.Has != nil && !same(k.Has, k.Value) }

// Spelled is the value in one line.
func (k Key) Spelled() string { return spelled(k.Value) }

// Decision is what follows from the facts: what cdk.json is to say, what stands against the server, and what will happen to it.
type Decision struct {
	Keys     []Key
	Findings []finding.Finding
	// Steps are what will change on the server, and when.
	Steps []Step
	// Ask are the keys that no account knows, with what they are.
	Ask []Question
	// Next is the step that comes next, in words.
	Next string
}

// Step is what a later step changes on the server.
type Step struct{ Name, Changes string }

// Question is a key that only a person knows.
type Question struct{ Key, What string }

// Stops are the findings that keep the server out of the stack.
func (d *Decision) Stops() []finding.Finding {
	return slices.DeleteFunc(slices.Clone(d.Findings), func(f finding.Finding) bool { return f.Severity != finding.Stop })
}

// deciding collects a decision.
type deciding struct {
	*Decision
	facts   *Facts
	config  *config.Config
	context map[string]any // cdk.json's
	choices Choices
}

// Decide says what follows from the facts for a project with that context, which config is the reading of.
func Decide(f *Facts, c *config.Config, context map[string]any, choices Choices) *Decision {
	d := &deciding{&Decision{}, f, c, context, choices}
	d.network()
	d.certificate()
	d.database()
	d.key("keyPairName", f.Server.KeyName, c.KeyPairName, "the server's")
	d.key("architecture", f.Server.Architecture, c.Architecture, "the server's")
	if !d.held() { // then it has what the stack gave it
		d.key("additionalSecurityGroupIds", f.Server.GroupIDs, c.AdditionalSecurityGroupIDs, "the server's, in its order")
		d.key("singleInstanceType", f.Server.Type, c.SingleInstanceType, "the server's")
	}
	if !choices.Beside {
		d.address()
		d.record()
		d.server()
		d.refuse()
	}
	d.names()
	d.conflicts()
	d.notice()
	if !choices.Beside {
		d.Steps = steps()
	}
	d.Ask = d.questions()
	finding.Sort(d.Findings)
	d.Next = d.next()
	return d.Decision
}

// held reports whether the backend's stack has the server.
func (d *deciding) held() bool {
	return d.facts.Stack != nil && d.facts.Holds["Server"] == d.facts.Server.InstanceID
}

// Writes are the settings that cdk.json lacks.
func (d *Decision) Writes() []Key {
	return slices.DeleteFunc(slices.Clone(d.Keys), func(k Key) bool { return !k.New() })
}

// key proposes a value, unless it is none or what holds without being said.
func (d *deciding) key(name string, value, effective any, why string) {
	if reflect.ValueOf(value).IsZero() {
		return
	}
	has := d.context[name]
	if has == "" {
		has = nil
	}
	if has == nil && same(value, effective) {
		return
	}
	d.Keys = append(d.Keys, Key{name, value, has, why})
}

// same compares as JSON and the command line do: 300 is "300".
func same(a, b any) bool { return spelled(a) == spelled(b) }

func spelled(value any) string {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, spelled(v.Index(i).Interface()))
		}
		return strings.Join(all, ",")
	case reflect.Struct, reflect.Map:
		text, err := json.Marshal(Plain(value)) // with its keys in order
		if err != nil {
			panic(err) // it has just been JSON
		}
		return string(text)
	}
	return fmt.Sprint(value)
}

// find adds a finding of that kind, whose remedy is the kind's unless another is given.
func (d *deciding) find(code, subject, reason string, remedy ...string) {
	kinds := slices.Concat(Kinds(), LookKinds())
	kind := kinds[slices.IndexFunc(kinds, func(k finding.Kind) bool { return k.Code == code })]
	f := finding.Finding{Code: code, Severity: kind.Severity, Subject: subject, Reason: reason, Remedy: kind.Remedy}
	if len(remedy) > 0 {
		f.Remedy = remedy[0]
	}
	d.Findings = append(d.Findings, f)
}

// network proposes the VPC with the server's subnet and a second one, and what of its groups cdk.json has to know.
func (d *deciding) network() {
	f, c := d.facts, d.config
	if f.Server.VpcID == "" {
		return
	}
	d.key("vpcId", f.Server.VpcID, c.VpcID, "the server's")
	if subnets, zones := d.subnets(); len(subnets) > 1 {
		d.key("publicSubnetIds", subnets, c.PublicSubnetIDs, "the server's, then a public one in another zone")
		d.key("availabilityZones", zones, d.context["availabilityZones"], "those of the subnets")
	} else if !d.unknown("subnets and routes") {
		d.find("subnets", f.Server.VpcID, "beside "+f.Server.Zone+" no zone that has "+strings.Join(d.types(), ", ")+" has a public subnet")
	}
	if ports := d.publicPorts(); len(ports) > 0 && d.context["publicPorts"] == nil {
		d.key("publicPorts", ports, c.PublicPorts, "open to the world in the server's groups, but for SSH and the app's own")
	}
}

// types are the instance types that the zones must have.
func (d *deciding) types() []string {
	types := []string{d.facts.Server.Type, d.config.VerticalInstanceType, d.config.FleetInstanceType}
	slices.Sort(types)
	return slices.Compact(types)
}

// subnets are those that cdk.json names, where they can stay: the server's first, all of them public, each in another zone. Else
// the server's and the best second one: one that assigns addresses, in a zone that has all types, one of the default VPC's first.
func (d *deciding) subnets() (ids, zones []string) {
	f := d.facts
	byID := map[string]account.Subnet{}
	for _, s := range f.Subnets {
		byID[s.ID] = s
	}
	chosen := append([]string{f.Server.SubnetID}, d.second()...)
	if own := d.config.PublicSubnetIDs; len(own) > 1 && own[0] == f.Server.SubnetID {
		fits := !slices.ContainsFunc(own, func(id string) bool { return !byID[id].Public })
		if fits {
			chosen = own
		}
	}
	for _, id := range chosen {
		ids, zones = append(ids, id), append(zones, byID[id].Zone)
	}
	return ids, zones
}

// second is the subnet for what goes beside the server, none where there is none.
func (d *deciding) second() []string {
	f := d.facts
	fit := slices.DeleteFunc(slices.Clone(f.Subnets), func(s account.Subnet) bool {
		lacks := slices.ContainsFunc(d.types(), func(t string) bool { return f.Offered != nil && !slices.Contains(f.Offered[t], s.Zone) })
		return s.Zone == f.Server.Zone || !s.Public || !s.Assigns || lacks
	})
	slices.SortStableFunc(fit, func(a, b account.Subnet) int { return rank(a) - rank(b) })
	if len(fit) == 0 {
		return nil
	}
	return []string{fit[0].ID}
}

// rank puts a default subnet first.
func rank(s account.Subnet) int {
	if s.Default {
		return 0
	}
	return 1
}

// ssh is the port that publicPorts may not open.
const ssh = 22

// publicPorts are the TCP ports at which the world may come in, but for SSH and the app's own. A range of ports is nobody's wish
// to serve there.
func (d *deciding) publicPorts() []int {
	var ports []int
	for _, id := range d.facts.Server.GroupIDs {
		for _, rule := range d.facts.Groups[id].Rules {
			if rule.Protocol == "tcp" && rule.World() && rule.From == rule.To && rule.From != ssh && rule.From != d.config.Port {
				ports = append(ports, rule.From)
			}
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// address proposes the Elastic IP.
func (d *deciding) address() {
	d.key("elasticIpAllocationId", d.facts.Address.AllocationID, d.config.ElasticIPAllocationID, "the address's")
	d.key("elasticIpAddress", d.facts.Address.IP, d.config.ElasticIPAddress, "the server's")
}

// record proposes the zone, where the record in it can be the stack's.
func (d *deciding) record() {
	f, domain := d.facts, d.config.DomainName
	zone := f.zone()
	switch {
	case domain == "" || d.unknown("hosted zones and the record"):
	case zone == nil && len(f.Zones) == 0:
		d.find("record", domain, "the account has no hosted zone for it")
	case zone == nil && !slices.ContainsFunc(f.Zones, func(z Zone) bool { return !z.Private }):
		d.find("record", domain, "its only zone here, "+f.Zones[0].ID+", is a private one, which users do not see")
	case zone == nil:
		d.find("record", domain, "there are several zones of one name, and none or several lead to the address",
			"which one the registrar delegates to, the account does not say: set hostedZoneId in cdk.json")
	case f.Record == nil:
		d.find("record", domain, "the zone "+zone.Name+" has no record of it")
	case !f.Record.Simple(f.Address.IP):
		d.find("record", domain, f.Record.says()+", and not simply to "+f.Address.IP)
	default:
		d.key("hostedZoneName", zone.Name, d.config.HostedZoneName, "the one with the record")
		if !slices.ContainsFunc(d.Keys, func(k Key) bool { return k.Name == "certificateArn" }) && d.config.CertificateArn == "" {
			d.key("hostedZoneId", zone.ID, d.config.HostedZoneID, "the one with the record, where a new certificate validates itself")
		}
		d.key("dnsTtlSeconds", f.Record.TTL, d.config.DNSTTLSeconds, "the record's")
	}
}

// says is where a record leads, in words.
func (r *Record) says() string {
	switch {
	case r.Alias:
		return "it is an alias"
	case r.SetIdentifier != "":
		return "it is one of several weighted or placed records (" + r.SetIdentifier + ")"
	}
	return fmt.Sprintf("it is a record %s to %s", r.Type, strings.Join(r.Values, ", "))
}

// certificate proposes the issued one that covers the domain the longest.
func (d *deciding) certificate() {
	c := d.config
	if c.DomainName == "" || d.unknown("certificates") {
		return
	}
	var best *account.Certificate
	for i, one := range d.facts.Certificates {
		if slices.ContainsFunc(one.Names, func(name string) bool { return covers(name, c.DomainName) }) &&
			(best == nil || one.Until.After(best.Until)) {
			best = &d.facts.Certificates[i]
		}
		if one.ARN == c.CertificateArn { // a person's choice
			return
		}
	}
	if best == nil {
		d.find("certificate", c.DomainName, "no issued certificate in "+d.facts.Region+" covers it")
		return
	}
	d.key("certificateArn", best.ARN, c.CertificateArn, "covers "+c.DomainName+until(best.Until))
}

// covers reports whether a certificate's name is good for a domain: *.example.com for one label before it.
func covers(name, domain string) bool {
	if parent, wild := strings.CutPrefix(name, "*."); wild {
		_, rest, _ := strings.Cut(domain, ".")
		return rest == parent
	}
	return name == domain
}

// unknown reports whether that could not be read.
func (d *deciding) unknown(what string) bool {
	return slices.ContainsFunc(d.facts.Unknown, func(u Unknown) bool { return u.What == what })
}

// server proposes the key that says what the server is.
func (d *deciding) server() {
	if d.held() {
		return // cdk.json knows best what the server was
	}
	own := d.facts.Server.Server
	own.AssociationID = d.facts.Address.AssociationID
	if d.choices.WithUserData && d.facts.Server.UserData != "" {
		own.More = maps.Clone(own.More)
		own.More["UserData"] = d.facts.Server.UserData
	}
	d.key("adoptedServer", own, nil, "the server as it is")
}
