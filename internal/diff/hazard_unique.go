package diff

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/template"
)

// claim is something that one resource alone may hold: in its scope, such as a network, and by a key, such as a block of it.
type claim struct {
	scope any    // a property's value
	in    string // the scope in one spelling
	key   string // in one spelling
	what  string // the claim in a person's words
}

// claimOf is a claim, whose scope is spelled in one way: a security group by Ref and by its GroupId are one.
func claimOf(scope any, key, what string) claim {
	in := "value " + template.Text(scope)
	if to, ok := template.Refers(scope); ok && (to.Attribute == "" || strings.HasSuffix(to.Attribute, "Id")) {
		in = "resource " + to.ID
	}
	return claim{scope, in, key, what}
}

// claims is what each type's resources hold alone (the errors of EC2's, Elastic Load Balancing's and Route 53's API
// References: InvalidSubnet.Conflict, RouteAlreadyExists, DuplicateListener, PriorityInUse, InvalidPermission.Duplicate,
// VolumeInUse, Resource.AlreadyAssociated, InvalidIPAddress.InUse, NetworkAclEntryAlreadyExists; EFS's MountTargetConflict).
var claims = map[string]func(r *template.Resource) []claim{
	"AWS::EC2::Subnet": func(r *template.Resource) []claim {
		return append(valueClaim(r, "VpcId", "the block", "CidrBlock"), valueClaim(r, "VpcId", "the block", "Ipv6CidrBlock")...)
	},
	"AWS::EC2::Route": func(r *template.Resource) []claim {
		var all []claim
		for _, property := range []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} {
			all = append(all, valueClaim(r, "RouteTableId", "the destination", property)...)
		}
		return all
	},
	"AWS::EC2::SubnetCidrBlock":             func(r *template.Resource) []claim { return valueClaim(r, "SubnetId", "the block", "Ipv6CidrBlock") },
	"AWS::EC2::VPCCidrBlock":                func(r *template.Resource) []claim { return valueClaim(r, "VpcId", "the block", "CidrBlock") },
	"AWS::EC2::NetworkAclEntry":             aclClaims,
	"AWS::EFS::MountTarget":                 func(r *template.Resource) []claim { return valueClaim(r, "FileSystemId", "a target in", "SubnetId") },
	"AWS::EC2::SubnetRouteTableAssociation": func(r *template.Resource) []claim { return valueClaim(r, "", "the route table of", "SubnetId") },
	"AWS::EC2::VPCGatewayAttachment":        attachments,
	"AWS::EC2::NatGateway":                  func(r *template.Resource) []claim { return valueClaim(r, "", "the address", "AllocationId") },
	"AWS::EC2::NetworkInterface": func(r *template.Resource) []claim {
		return valueClaim(r, "SubnetId", "the address", "PrivateIpAddress")
	},
	"AWS::EC2::VolumeAttachment": func(r *template.Resource) []claim {
		return append(valueClaim(r, "InstanceId", "the device", "Device"), valueClaim(r, "", "the volume", "VolumeId")...)
	},
	"AWS::EC2::SecurityGroupIngress": func(r *template.Resource) []claim { return rules(r.Get("GroupId"), "in", r.Properties) },
	"AWS::EC2::SecurityGroupEgress":  func(r *template.Resource) []claim { return rules(r.Get("GroupId"), "out", r.Properties) },
	"AWS::EC2::SecurityGroup":        groupRules,
	listenerType:                     func(r *template.Resource) []claim { return valueClaim(r, "LoadBalancerArn", "port", "Port") },
	ruleType:                         func(r *template.Resource) []claim { return valueClaim(r, "ListenerArn", "priority", "Priority") },
	instanceType:                     machineClaims,
	recordType:                       func(r *template.Resource) []claim { return recordClaims(r, r.Properties) },
	"AWS::Route53::RecordSetGroup": func(r *template.Resource) []claim {
		var all []claim
		for _, record := range template.List(r.Get("RecordSets")) {
			all = append(all, recordClaims(r, record)...)
		}
		return all
	},
}

// valueClaim is the claim of a property's value, none where it is not set.
func valueClaim(r *template.Resource, scope, what, property string) []claim {
	value := r.Get(property)
	if value == nil {
		return nil
	}
	of := value
	if scope != "" {
		of = r.Get(scope)
	}
	return []claim{claimOf(of, property+" "+template.Text(value), what+" "+template.Text(value))}
}

// attachments: a network has one gateway of each kind.
func attachments(r *template.Resource) []claim {
	kind := "InternetGatewayId"
	if r.Get("VpnGatewayId") != nil {
		kind = "VpnGatewayId"
	}
	return []claim{claimOf(r.Get("VpcId"), kind, "the gateway of "+r.Text("VpcId"))}
}

// aclClaims: a network's list has one entry of a number in each direction.
func aclClaims(r *template.Resource) []claim {
	way := "in"
	if template.True(r.Get("Egress")) {
		way = "out"
	}
	return []claim{claimOf(r.Get("NetworkAclId"), way+" "+r.Text("RuleNumber"), "the entry "+r.Text("RuleNumber"))}
}

// machineClaims are a server's address within its subnet, the volumes that its properties attach, and its devices.
func machineClaims(r *template.Resource) []claim {
	all := valueClaim(r, "SubnetId", "the address", "PrivateIpAddress")
	for _, volume := range template.List(r.Get("Volumes")) {
		if id := template.Get(volume, "VolumeId"); id != nil {
			all = append(all, claimOf(id, "VolumeId "+template.Text(id), "the volume "+template.Text(id)))
		}
		all = append(all, device(r, template.Get(volume, "Device"))...)
	}
	for _, mapping := range template.List(r.Get("BlockDeviceMappings")) {
		all = append(all, device(r, template.Get(mapping, "DeviceName"))...)
	}
	return all
}

// device is the claim of a device that a server's own properties name.
func device(server *template.Resource, name any) []claim {
	if name == nil {
		return nil
	}
	return []claim{claimOf(itself(server), "Device "+template.Text(name), "the device "+template.Text(name))}
}

// itself is a reference to a resource.
func itself(r *template.Resource) any {
	return &template.Unknown{Name: "Ref", Argument: r.ID, Resource: r.ID}
}

// recordClaims: a zone has one record of a name, a type and a set identifier. The zone may stand in the group of records.
func recordClaims(r *template.Resource, properties any) []claim {
	record := &template.Resource{Properties: map[string]any{}}
	maps.Copy(record.Properties, r.Properties)
	if own, isMap := properties.(map[string]any); isMap {
		maps.Copy(record.Properties, own)
	}
	zone := record.Get("HostedZoneId")
	if name, isText := record.Get("HostedZoneName").(string); isText && zone == nil {
		zone = strings.ToLower(strings.TrimSuffix(name, "."))
	} else if zone == nil {
		zone = record.Get("HostedZoneName")
	}
	return []claim{claimOf(zone, "record "+recordKey(record)+" "+record.Text("Type"), "the record "+recordName(record))}
}

// rules is the claim of one rule in its security group.
func rules(group any, way string, rule any) []claim {
	return []claim{claimOf(group, way+" "+portRule(oneSpelling(rule)), "the rule "+portRule(rule))}
}

// protocols are those that have a number and a name (EC2 API Reference, IpPermission).
var protocols = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

// oneSpelling is a rule as EC2 compares it: the ports of every protocol do not count, nor the bits of a block behind its length
// (AWS::EC2::SecurityGroupIngress, "IpProtocol"; EC2 API Reference, AuthorizeSecurityGroupIngress).
func oneSpelling(rule any) any {
	m, isMap := rule.(map[string]any)
	if !isMap {
		return rule
	}
	m = maps.Clone(m)
	protocol := strings.ToLower(template.Text(m["IpProtocol"]))
	if name := protocols[protocol]; name != "" {
		protocol = name
	}
	if m["IpProtocol"] = protocol; protocol == "-1" {
		delete(m, "FromPort")
		delete(m, "ToPort")
	}
	for key, value := range m {
		if to, ok := template.Refers(value); ok && to.Attribute == "GroupId" {
			m[key] = to.ID
		}
		if prefix, err := netip.ParsePrefix(template.Text(value)); err == nil {
			m[key] = prefix.Masked().String()
		}
	}
	return m
}

// groupRules are the rules that a security group brings along.
func groupRules(r *template.Resource) []claim {
	var all []claim
	self := itself(r)
	for _, rule := range template.List(r.Get("SecurityGroupIngress")) {
		all = append(all, rules(self, "in", rule)...)
	}
	for _, rule := range template.List(r.Get("SecurityGroupEgress")) {
		all = append(all, rules(self, "out", rule)...)
	}
	return all
}

// heldIn is what each resource of a template holds alone.
func heldIn(t *template.Template) map[string][]claim {
	held := map[string][]claim{}
	for _, r := range t.Resources {
		if claims[r.Type] != nil {
			held[r.ID] = claims[r.Type](r)
		}
	}
	return held
}

// stillTaken: what is made, or comes by a claim, while whoever held it before still stands, or while another one wants it too.
func stillTaken(m *move, h *found) {
	held, wants := heldIn(m.from), heldIn(m.to)
	for _, c := range m.changes {
		if c.After == nil || claims[c.Type] == nil || deletesFirst(c) {
			continue
		}
		for _, wanted := range wants[c.ID] {
			if m.comesBy(c, wanted) && m.taken(h, c, wanted, held, wants) {
				break
			}
		}
	}
}

// taken adds the hazard of a claim, false when there is none.
func (m *move) taken(h *found, c *Change, wanted claim, held, wants map[string][]claim) bool {
	if !m.newScope(wanted) {
		if holder, certain := m.holder(held, c, wanted); holder != "" {
			h.addAs(weight(certain), c.ID, "%s is held by %s when it is made", wanted.what, holder)
			return true
		}
	}
	for _, r := range m.to.Resources {
		if r.ID == c.ID || !slices.ContainsFunc(wants[r.ID], func(other claim) bool { return clash(other, wanted) }) {
			continue
		}
		if slices.ContainsFunc(held[r.ID], func(had claim) bool { return clash(had, wanted) }) {
			continue // a holder, of which the old template has told
		}
		h.addAs(weight(r.Raw["Condition"] == nil && c.After.Raw["Condition"] == nil), c.ID, "%s is %s's too", wanted.what, r.ID)
		return true
	}
	return false
}

// weight is how much a claim weighs that is taken for certain, or maybe.
func weight(certain bool) finding.Severity {
	if certain {
		return Stop
	}
	return Warn
}

// comesBy reports whether a change brings the resource a claim that it had not, or makes it anew with the same.
func (m *move) comesBy(c *Change, wanted claim) bool {
	if c.Before == nil || c.Before.Type != c.Type || c.replaced() {
		return true
	}
	return !slices.ContainsFunc(claims[c.Type](c.Before), func(had claim) bool { return clash(had, wanted) })
}

// newScope reports whether a claim's scope is made in this move: nobody holds anything in it yet.
func (m *move) newScope(wanted claim) bool {
	return slices.ContainsFunc(template.References(wanted.scope), func(r template.Reference) bool {
		c := m.byID[r.ID]
		return c != nil && (c.Action == Create || c.Action == Replace)
	})
}

// holder is who holds a claim in the old template and still stands when it is wanted, "" for nobody; it is not certain where
// its own change gives it up.
func (m *move) holder(held map[string][]claim, wants *Change, wanted claim) (id string, certain bool) {
	for _, r := range m.from.Resources {
		if !slices.ContainsFunc(held[r.ID], func(had claim) bool { return clash(had, wanted) }) {
			continue
		}
		c := m.byID[r.ID]
		gives := c != nil && c.After != nil && !c.replaced() && c.After.Type == r.Type &&
			!slices.ContainsFunc(claims[r.Type](c.After), func(has claim) bool { return clash(has, wanted) })
		switch {
		case r.ID == wants.ID && (!wants.replaced() || wants.Before == nil):
		case r.ID == wants.ID:
			return "the old one, which goes last", wants.Action == Replace
		case c != nil && deletesFirst(c) && waitsFor(m.to, wants.After, r.ID), gives && waitsFor(m.to, wants.After, r.ID):
		case r.Type == recordType && wants.Type == recordType && m.to.Resource(r.ID) == nil: // record-id-changes
		default:
			return r.ID, !gives && (c == nil || !deletesFirst(c))
		}
	}
	return "", false
}

// clash reports whether two claims cannot stand together: one key, or blocks that overlap, in one scope.
func clash(a, b claim) bool {
	if a.in != b.in || a.key == b.key {
		return a.in == b.in
	}
	x, okX := block(a.key)
	y, okY := block(b.key)
	return okX && okY && x.Overlaps(y)
}

// block is the block of a subnet's claim.
func block(key string) (netip.Prefix, bool) {
	text, isBlock := strings.CutPrefix(key, "CidrBlock ")
	if !isBlock {
		text, isBlock = strings.CutPrefix(key, "Ipv6CidrBlock ")
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix, isBlock && err == nil
}
