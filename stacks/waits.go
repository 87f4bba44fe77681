package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/korakagazindia/provisioner/constructs/certificate"
	"github.com/korakagazindia/provisioner/constructs/dns"
	"github.com/korakagazindia/provisioner/constructs/loadbalancer"
	"github.com/korakagazindia/provisioner/constructs/server"
)

// CloudFormation makes a resource after those that it refers to. This file has the waits that no reference says
// ("DependsOn attribute", CloudFormation Template Reference), and the topologies call them where they make the resource.

// wait makes a resource wait for others; nil among these is what the stack does not hold.
func wait(resource awscdk.CfnResource, others ...awscdk.CfnResource) {
	for _, other := range others {
		if other != nil {
			resource.AddResourceDependency(other, nil)
		}
	}
}

// waitForInternet is for what has a public address: in a new VPC the default route comes last.
func (f *foundation) waitForInternet(resource awscdk.CfnResource) {
	wait(resource, f.network.DefaultRoute)
}

// waitForPrograms is for what runs on the server, which fetches parameters by their names.
func (f *foundation) waitForPrograms(resource awscdk.CfnResource) {
	wait(resource, f.boot.Fetched...)
}

// waitForCertificate is for what costs money or holds a name: the owner may have to act before a created certificate is
// issued.
func waitForCertificate(resource awscdk.CfnResource, certified *certificate.Certificate) {
	wait(resource, certified.Resource)
}

// waitForHealthChecks is for the group: the balancer checks no target of a group behind no listener, and the backend lets no
// check in without the rule.
func waitForHealthChecks(group awscdk.CfnResource, balancer *loadbalancer.LoadBalancer) {
	wait(group, append(balancer.Listeners, balancer.Rule)...)
}

// prove adds to what can fail and nothing else waits for: all of it stands before a server takes an adopted address. nil is
// nothing.
func (f *foundation) prove(resources ...awscdk.CfnResource) {
	for _, resource := range resources {
		if resource != nil {
			f.provable = append(f.provable, resource)
		}
	}
}

// serveAtAddress brings users to the server by its address, and is called when all else is there. A record that leads to
// an adopted address may be live already and be refused, so it waits for the server alone and the address for the record;
// one that leads to a new address waits until that is the server's.
func (f *foundation) serveAtAddress(instance *server.Server) {
	record := &dns.Props{Address: f.address.IP, TTLSeconds: f.config.DNSTTLSeconds}
	if f.address.Adopted {
		f.prove(f.record(record, instance.Resource))
		f.associate(instance)
		return
	}
	f.record(record, f.associate(instance))
}

// associate gives the server the address, and starts the agent there afterwards: the exchange of its public address ends a
// server's connections. A deploy that fails takes the association back, and an adopted address would be left to nobody, so
// everything that can fail comes first.
func (f *foundation) associate(instance *server.Server) awscdk.CfnResource {
	association := f.address.Associate(f.stack, "AddressAssociation", instance.InstanceID)
	if f.address.Adopted {
		wait(association, f.provable...)
	}
	wait(f.agent.OnServer(f.stack, "ServerAgent", instance.InstanceID), association)
	return association
}
