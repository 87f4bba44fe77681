package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// addresses counts public IPv4 addresses that are in use: each by the hour since 2024-02-01 (AWS News Blog, "New - AWS
// Public IPv4 Address Charge").
func (c *counter) addresses(r *template.Resource, item string, count Range) {
	c.add(r, Addresses, "ipv4/in-use", item, count.Times(price.HoursPerMonth))
}

// address counts an Elastic IP of the stack. It costs the same idle, but says so.
func (c *counter) address(r *template.Resource) {
	if r.Get("InstanceId") != nil || c.associated(r) {
		c.addresses(r, "Elastic IP, attached", same(1))
		return
	}
	c.add(r, Addresses, "ipv4/idle", "Elastic IP, idle", same(price.HoursPerMonth))
}

// associated reports whether something in the template holds the address.
func (c *counter) associated(address *template.Resource) bool {
	for _, r := range c.template.OfType("AWS::EC2::EIPAssociation", "AWS::EC2::NatGateway", "AWS::ElasticLoadBalancingV2::LoadBalancer") {
		for _, ref := range template.References(r.Properties) {
			if ref.ID == address.ID {
				return true
			}
		}
	}
	return false
}

// association counts the address of an association when it is not of this stack.
func (c *counter) association(r *template.Resource) {
	held := first(r.Get("AllocationId"), r.Get("EIP"))
	if c.target(held) == nil && held != nil {
		c.addresses(r, "Elastic IP, outside the stack", same(1))
	}
}

// hasElasticIP reports whether an Elastic IP takes the place of the server's own public address: it is associated with the
// server, or with its network card.
func (c *counter) hasElasticIP(server *template.Resource) bool {
	cards := template.References(server.Get("NetworkInterfaces"))
	for _, r := range c.template.OfType("AWS::EC2::EIPAssociation", "AWS::EC2::EIP") {
		if c.target(r.Get("InstanceId")) == server {
			return true
		}
		card := c.target(r.Get("NetworkInterfaceId"))
		if card != nil && slices.ContainsFunc(cards, func(one template.Reference) bool { return one.ID == card.ID }) {
			return true
		}
	}
	return false
}

// public counts the public address that a machine gets at launch: its network card says so, or its subnet. A card that is
// made before gets none by itself (EC2 User Guide, "Public IPv4 addresses"). A subnet outside the template is taken for one
// that gives addresses, as those of this backend must.
func (c *counter) public(m machine, item string) {
	subnets, known := template.Listed(m.subnets)
	cards, cardsKnown := template.Listed(m.data["NetworkInterfaces"])
	if !cardsKnown {
		c.unpriced(m.from, "its network cards, and so its public addresses, are known only when it is deployed")
		return
	}
	for _, card := range cards {
		switch said := template.Get(card, "AssociatePublicIpAddress"); {
		case !template.Known(said):
			c.unpriced(m.from, "whether it has a public address is known only when it is deployed")
			return
		case template.Get(card, "NetworkInterfaceId") != nil || said != nil && !template.True(said):
			return
		case said != nil:
			c.addresses(m.from, item, m.count)
			return
		case template.Get(card, "SubnetId") != nil:
			subnets, known = []any{template.Get(card, "SubnetId")}, true
		}
	}
	switch c.giving(subnets, known) {
	case "all":
		c.addresses(m.from, item, m.count)
	case "some":
		c.unpriced(m.from, "public addresses: some of its subnets give them")
	}
}

// giving is how many of the subnets give a public address: all, some or none.
func (c *counter) giving(subnets []any, known bool) string {
	giving := 0
	for _, each := range subnets {
		subnet := c.target(each)
		if subnet == nil || template.True(subnet.Get("MapPublicIpOnLaunch")) || !template.Known(subnet.Get("MapPublicIpOnLaunch")) {
			giving++
		}
	}
	switch {
	case !known || giving == len(subnets):
		return "all"
	case giving > 0:
		return "some"
	}
	return "none"
}

// natGateway counts the gateway, and its address where that is not of this stack; the data through all of them is counted
// once, with the traffic.
func (c *counter) natGateway(r *template.Resource) {
	if held := r.Get("AllocationId"); held != nil && c.target(held) == nil {
		c.addresses(r, "Elastic IP, outside the stack", same(1))
	}
	c.add(r, Transfer, "nat/hour", "NAT gateway", same(price.HoursPerMonth))
}

// endpoint: those of S3 and DynamoDB cost nothing. The default is Gateway (AWS::EC2::VPCEndpoint, "VpcEndpointType").
func (c *counter) endpoint(r *template.Resource) {
	if kind, ok := c.text(first(r.Get("VpcEndpointType"), "Gateway")); !ok || kind != "Gateway" {
		c.unpriced(r, "an endpoint of type %s costs by the hour and zone", template.Text(r.Get("VpcEndpointType")))
	}
}

// balancer counts an application load balancer: its hours, its capacity units, an address in each zone.
func (c *counter) balancer(r *template.Resource) {
	if kind, ok := c.text(first(r.Get("Type"), "application")); !ok || kind != "application" {
		c.unpriced(r, "the price book knows application load balancers only")
		return
	}
	c.add(r, Balancing, "alb/hour", "load balancer", same(price.HoursPerMonth))
	if idle, known := c.idleTimeout(r); known {
		c.add(r, Balancing, "alb/lcu", "load balancer capacity", same(c.usage.lcu(idle)*price.HoursPerMonth))
	} else {
		c.unpriced(r, "its capacity: the idle timeout is known only when it is deployed")
	}
	scheme, _ := c.text(first(r.Get("Scheme"), "internet-facing"))
	if family, _ := c.text(r.Get("IpAddressType")); scheme == "internal" || family == "dualstack-without-public-ipv4" {
		return
	}
	if template.Open(r.Get("Scheme")) || template.Open(r.Get("IpAddressType")) {
		c.note("%s is counted as one with public addresses: whether it has any is known only when it is deployed", r.ID)
	}
	zones, bound := c.zonesOf(r)
	c.addresses(r, fmt.Sprintf("IPv4 of the balancer, "+bound+" zones", zones), same(float64(zones)))
}

// zonesOf is how many zones a balancer is in, and how to say it: "%d+" where the template does not tell more than that there
// are two at least, the fewest that AWS takes (Elastic Load Balancing User Guide, "Application Load Balancers", Subnets).
func (c *counter) zonesOf(r *template.Resource) (zones int, said string) {
	said = "%d"
	for _, property := range []string{"Subnets", "SubnetMappings"} {
		list, known := template.Listed(r.Get(property))
		if !known {
			return 2, "%d+"
		}
		for _, each := range list {
			if name, _, ok := template.Function(each); ok && name == "Fn::If" && strings.Contains(template.Text(each), "AWS::NoValue") {
				said = "up to %d" // a condition may leave it out
			}
		}
		zones += len(list)
	}
	if zones < 2 {
		return 2, "%d+"
	}
	return zones, said
}

// defaultIdleTimeout is how many seconds a connection without data stays open where a load balancer does not say (Application
// Load Balancers, "Connection idle timeout").
const defaultIdleTimeout = 60

// idleTimeout is that of a load balancer in seconds; false when the template does not tell it.
func (c *counter) idleTimeout(balancer *template.Resource) (float64, bool) {
	for _, attribute := range template.List(balancer.Get("LoadBalancerAttributes")) {
		if template.Get(attribute, "Key") == "idle_timeout.timeout_seconds" {
			return c.number(template.Get(attribute, "Value"), defaultIdleTimeout)
		}
	}
	return defaultIdleTimeout, true
}

// lcu is the load balancer's capacity units at the usage: the largest of new connections, active ones and data counts
// (Elastic Load Balancing pricing, "LCU details": 25 a second, 3,000, 1 GB an hour). Each request is taken to come on a
// connection of its own that stays open for the idle timeout, in seconds. Rules: the first ten cost nothing.
func (u Usage) lcu(idleTimeout float64) float64 {
	return max(u.RequestsPerSecond/25, u.RequestsPerSecond*idleTimeout/3000, u.EgressGiB/price.HoursPerMonth)
}

// traffic counts the data to users, and that between zones: of a fleet, since its cache and database are in one zone.
// Data between a load balancer and its targets costs nothing (Application Load Balancers, "Cross-zone load balancing").
func (c *counter) traffic() {
	serves := c.template.OfType("AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup", "AWS::ElasticLoadBalancingV2::LoadBalancer")
	if len(serves) > 0 {
		c.add(nil, Transfer, "transfer/internet", "data to users", same(c.usage.EgressGiB))
	}
	if len(c.template.OfType("AWS::EC2::NatGateway")) > 0 {
		c.add(nil, Transfer, "nat/gb", "data through NAT gateways", same(c.usage.EgressGiB))
	}
	if len(c.template.OfType("AWS::AutoScaling::AutoScalingGroup")) > 0 {
		// Billed on both sides (Amazon EC2 pricing, "Data Transfer within the same AWS Region").
		c.add(nil, Transfer, "transfer/zone", "data between zones, both ways", same(2*c.usage.ZoneGiB))
	}
}

// hostedZone counts a zone of the stack.
func (c *counter) hostedZone(r *template.Resource) {
	c.add(r, Naming, "route53/zone", "hosted zone", same(1))
}

// record remembers the zone that a record stands in, and counts its queries. An alias is answered for nothing (Amazon Route
// 53 pricing, "Queries").
func (c *counter) record(r *template.Resource) {
	zone := first(r.Get("HostedZoneName"), r.Get("HostedZoneId"))
	if c.target(zone) == nil && zone != nil {
		c.zones[template.Text(zone)] = true
	}
	if r.Get("AliasTarget") != nil {
		c.add(r, Naming, "route53/alias-queries", "DNS queries, by an alias", same(c.usage.DNSQueries/1e6))
		return
	}
	c.add(r, Naming, "route53/queries", "DNS queries", same(c.usage.DNSQueries/1e6))
}
