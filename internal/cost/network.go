package cost

import (
	"fmt"

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

// associated says whether something in the template holds the address.
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

// hasElasticIP says whether an Elastic IP takes the place of the server's own public address.
func (c *counter) hasElasticIP(server *template.Resource) bool {
	for _, r := range c.template.OfType("AWS::EC2::EIPAssociation", "AWS::EC2::EIP") {
		if held := c.target(r.Get("InstanceId")); held == server {
			return true
		}
	}
	return false
}

// public says whether a machine gets a public address at launch: its network interface says so, or its subnet. A subnet
// outside the template is taken for one that gives addresses, as those of this backend must.
func (c *counter) public(m machine) bool {
	for _, card := range template.List(m.data["NetworkInterfaces"]) {
		if said := template.Get(card, "AssociatePublicIpAddress"); said != nil {
			return template.True(said)
		}
	}
	subnet := c.target(m.subnet)
	return subnet == nil || template.True(c.plain(subnet.Get("MapPublicIpOnLaunch")))
}

// natGateway counts the gateway, and users' data through it.
func (c *counter) natGateway(r *template.Resource) {
	c.add(r, Transfer, "nat/hour", "NAT gateway", same(price.HoursPerMonth))
	c.add(r, Transfer, "nat/gb", "data through the NAT gateway", same(c.usage.EgressGiB))
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
	if scheme, ok := c.text(first(r.Get("Scheme"), "internet-facing")); ok && scheme == "internal" {
		return
	}
	subnets := len(template.List(r.Get("Subnets"))) + len(template.List(r.Get("SubnetMappings")))
	item := fmt.Sprintf("IPv4 of the balancer, %d zones", subnets)
	c.addresses(r, item, same(float64(subnets)))
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
	if len(c.template.OfType("AWS::AutoScaling::AutoScalingGroup")) > 0 {
		// Billed on both sides (Amazon EC2 pricing, "Data Transfer within the same AWS Region").
		c.add(nil, Transfer, "transfer/zone", "data between zones, both ways", same(2*c.usage.ZoneGiB))
	}
}

// hostedZone counts a zone of the stack.
func (c *counter) hostedZone(r *template.Resource) {
	c.add(r, Naming, "route53/zone", "hosted zone", same(1))
}

// record remembers the zone that a record stands in, and counts its queries. An alias is answered for nothing (Amazon Route 53
// pricing, "Queries").
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
