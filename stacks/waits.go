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

// serve brings users by the record, after what they are to reach, and gives the server its address; without a server there is
// none to give. An adopted address comes after the record: a live record may be refused, whatever it leads to. A new address
// comes before it, since nobody is there yet.
func (f *foundation) serve(record *dns.Props, instance *server.Server, after ...awscdk.CfnResource) {
	switch {
	case instance == nil:
		f.record(record, after...)
	case f.config.AdoptedServer != nil:
		f.serveAdopted(record, instance, after...)
	case f.address.Adopted:
		f.prove(f.record(record, append(after, instance.Resource)...))
		f.associate(instance)
	default:
		f.record(record, append(after, f.associate(instance))...)
	}
}

// serveAdopted is serve for a server that holds its address already. The association was imported and does not change, so that
// nothing is to come before it; a record that could not be imported is made, which may be refused: it comes last.
func (f *foundation) serveAdopted(record *dns.Props, instance *server.Server, after ...awscdk.CfnResource) {
	after = append(after, instance.Resource)
	if f.config.AdoptedServer.AssociationID != "" {
		association := f.address.Associate(f.stack, "AddressAssociation", instance.InstanceID)
		association.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
		after = append(after, association)
	}
	f.prove(f.agent.OnServer(f.stack, "ServerAgent", instance.InstanceID))
	f.record(record, append(after, f.provable...)...)
}

// atAddress is the record that leads to the server's address.
func (f *foundation) atAddress() *dns.Props {
	return &dns.Props{Address: f.address.IP, TTLSeconds: f.config.DNSTTLSeconds}
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
