package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/korakagazindia/provisioner/constructs/dns"
	"github.com/korakagazindia/provisioner/constructs/monitoring"
	"github.com/korakagazindia/provisioner/constructs/server"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// serverTopology is single and vertical: one server that holds the address, and the record at the address.
func serverTopology(f *foundation, instanceType string) {
	c := f.config
	instance := newServer(f, instanceType, c.HighCPUAlarmName)
	f.dashboard(&monitoring.DashboardProps{InstanceID: instance.InstanceID})
	f.serveAtAddress(instance)
	f.url(c.DomainName != "", f.address.IP)
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
		for _, resource := range f.provable {
			association.AddResourceDependency(resource, nil)
		}
	}
	f.agent.OnServer(f.stack, "ServerAgent", instance.InstanceID).AddResourceDependency(association, nil)
	return association
}

// newServer makes the server with everything that belongs to it alone but its address. Its stage shows in the instance type
// only. highCPUAlarmName is "" when a fleet has that name.
func newServer(f *foundation, instanceType, highCPUAlarmName string) *server.Server {
	c := f.config
	// With nothing on the server that could answer, there is nothing to wait for.
	answers := c.ImageID != "" || c.GitRepository != ""
	props := &server.Props{
		Name: c.Name + "-server", InstanceType: instanceType, ImageID: f.imageID(c.ImageID), KeyPairName: c.KeyPairName,
		SubnetID: f.network.SubnetIDs[0], Zone: f.network.Zones[0],
		SecurityGroupIDs: append([]string{f.backendGroup, f.publicGroup}, c.AdditionalSecurityGroupIDs...),
		InstanceProfile:  f.profileName, VolumeSizeGib: c.VolumeSizeGib,
		UserData: machine.ServerUserData(c.Name, c.Region, f.boot.Packed), Await: f.network.Await,
	}
	serves := ""
	if answers {
		serves = "yes"
		props.SignalTimeout = signalTimeout(c.HealthCheckGraceSeconds)
	}
	if c.GitRepository != "" {
		props.SignalTimeout += installation
	}
	f.boot.ServerSettings(f.stack, "ServerSettings", f.settings("SERVES", serves))
	instance := server.New(f.stack, "Server", props)
	f.boot.Await(instance.Resource)
	if c.GitRef != "" {
		revision := f.boot.Revisions(f.stack, "ServerRevision", instance.InstanceID, c.Region, c.GitRef, signalTimeout(c.HealthCheckGraceSeconds)+installation)
		f.prove(revision)
	}
	if c.SnapshotRetentionDays > 0 {
		f.prove(server.NewSnapshots(f.stack, "ServerSnapshots", props.Name, c.SnapshotRetentionDays))
	}
	f.prove(monitoring.NewServerAlarms(f.stack, &monitoring.ServerProps{
		InstanceID: instance.InstanceID, TopicArn: f.topicArn, HighCPUAlarmName: highCPUAlarmName,
	})...)
	return instance
}

// installation is how long a server may take, besides answering its health check, to install Node and pm2 and an app's
// dependencies on one small processor; minutes are usual.
const installation = 15 * time.Minute

// signalTimeout is three minutes more than a machine may take to become healthy, so that it can still say that it failed:
// CloudFormation counts from its launch, the machine from when its script starts, 60 to 100 seconds later on a t2.micro.
func signalTimeout(graceSeconds int) time.Duration {
	return time.Duration(graceSeconds)*time.Second + 3*time.Minute
}
