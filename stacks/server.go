package stacks

import (
	"github.com/korakagazindia/provisioner/constructs/boot"
	"github.com/korakagazindia/provisioner/constructs/monitoring"
	"github.com/korakagazindia/provisioner/constructs/server"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// serverTopology is single and vertical: one server that holds the address, and the record at the address.
func serverTopology(f *foundation, instanceType string) {
	c := f.config
	instance := newServer(f, instanceType, c.HighCPUAlarmName)
	f.dashboard(&monitoring.DashboardProps{InstanceID: instance.InstanceID})
	f.serve(f.atAddress(), instance)
	f.url(c.DomainName != "", f.address.IP)
}

// newServer makes the server with everything that belongs to it alone but its address. Its stage shows in the instance type
// only. highCPUAlarmName is "" when a fleet has that name.
func newServer(f *foundation, instanceType, highCPUAlarmName string) *server.Server {
	c := f.config
	props := &server.Props{
		Name: c.Name + "-server", InstanceType: instanceType, ImageID: f.imageID(c.ImageID), KeyPairName: c.KeyPairName,
		SubnetID: f.network.SubnetIDs[0], Zone: f.network.Zones[0],
		SecurityGroupIDs: append([]string{f.backend.ID, f.public.ID}, c.AdditionalSecurityGroupIDs...),
		InstanceProfile:  f.profile.Name, VolumeSizeGib: c.VolumeSizeGib,
		UserData: machine.ServerUserData(c.Name, c.Region, f.boot.Packed), Adopted: c.AdoptedServer,
		SignalTimeout: c.ServerTimeout(),
	}
	var more []string
	serves := ""
	switch {
	case c.AdoptedServer != nil:
		// What serves on it was set up by hand: proxy, Node and checkout are left alone.
		more = []string{"GIT_REPOSITORY", "", "ADOPTED", "yes"}
	case props.SignalTimeout > 0:
		serves = "yes"
	}
	if c.GitRepository != "" && c.AdoptedServer == nil {
		more = append(more, "PROXY", machine.Proxy.Packed())
	}
	f.boot.ServerSettings(f.stack, "ServerSettings", f.settings(append(more, "SERVES", serves)...))
	instance := server.New(f.stack, "Server", props)
	if c.AdoptedServer == nil {
		f.waitForInternet(instance.Resource)
		f.waitForPrograms(instance.Resource)
	}
	if c.GitRef != "" {
		revision := f.boot.Revisions(f.stack, "ServerRevision", &boot.RevisionsProps{
			InstanceID: instance.InstanceID, Region: c.Region, GitRef: c.GitRef, Wait: c.RevisionTimeout(),
			Adopted: c.AdoptedServer != nil,
		})
		f.waitForPrograms(revision)
		f.prove(revision)
	}
	if c.SnapshotRetentionDays > 0 {
		snapshots := server.NewSnapshots(f.stack, "ServerSnapshots", &server.SnapshotsProps{ServerName: props.Name, Keep: c.SnapshotRetentionDays})
		f.prove(snapshots.Policy)
	}
	f.prove(monitoring.NewServerAlarms(f.stack, &monitoring.ServerProps{
		InstanceID: instance.InstanceID, TopicArn: f.topic.Arn, HighCPUAlarmName: highCPUAlarmName,
	})...)
	return instance
}
