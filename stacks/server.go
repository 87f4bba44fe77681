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
	instance, association := newServer(f, instanceType, c.HighCPUAlarmName)
	f.record(&dns.Props{Address: f.address.IP, TTLSeconds: c.DNSTTLSeconds}, association)
	f.dashboard(&monitoring.DashboardProps{InstanceID: instance.InstanceID})
	f.url(c.DomainName != "", f.address.IP)
}

// newServer makes the server with everything that belongs to it alone, gives it the address, and returns it with the
// association. Its stage shows in the instance type only. highCPUAlarmName is "" when a fleet has that name.
func newServer(f *foundation, instanceType, highCPUAlarmName string) (*server.Server, awscdk.CfnResource) {
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
		f.boot.Revisions(f.stack, "ServerRevision", instance.InstanceID, c.Region, c.GitRef, signalTimeout(c.HealthCheckGraceSeconds)+installation)
	}
	if c.SnapshotRetentionDays > 0 {
		server.NewSnapshots(f.stack, "ServerSnapshots", props.Name, c.SnapshotRetentionDays)
	}
	f.agent.OnServer(f.stack, "ServerAgent", instance.InstanceID)
	monitoring.NewServerAlarms(f.stack, &monitoring.ServerProps{
		InstanceID: instance.InstanceID, TopicArn: f.topicArn, HighCPUAlarmName: highCPUAlarmName,
	})
	return instance, f.address.Associate(f.stack, "AddressAssociation", instance.InstanceID)
}

// installation is how long a server may take, besides answering its health check, to install Node and pm2 and an app's
// dependencies on one small processor; minutes are usual.
const installation = 15 * time.Minute

// signalTimeout is a minute more than a machine may take to become healthy, so that it can still say that it failed.
func signalTimeout(graceSeconds int) time.Duration {
	return time.Duration(graceSeconds+60) * time.Second
}
