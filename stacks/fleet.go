package stacks

import (
	"time"

	"github.com/korakagazindia/provisioner/constructs/cache"
	"github.com/korakagazindia/provisioner/constructs/certificate"
	"github.com/korakagazindia/provisioner/constructs/dns"
	"github.com/korakagazindia/provisioner/constructs/fleet"
	"github.com/korakagazindia/provisioner/constructs/loadbalancer"
	"github.com/korakagazindia/provisioner/constructs/monitoring"
	"github.com/korakagazindia/provisioner/constructs/server"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// fleetTopology is horizontal: the fleet behind its balancer, and beside it the old server exactly as its stage had it,
// until serverType is "".
func fleetTopology(f *foundation, serverType string) {
	c := f.config
	dashboard := &monitoring.DashboardProps{}
	var kept *server.Server
	if serverType != "" {
		kept = newServer(f, serverType, "")
		dashboard.InstanceID = kept.InstanceID
	}
	balancer, certified := newBalancer(f, dashboard.InstanceID)
	group := newFleet(f, balancer, certified)
	scale(f, group, balancer)

	f.prove(f.agent.OnFleet(f.stack, "FleetAgent", group.GroupName))
	f.prove(monitoring.NewFleetAlarms(f.stack, &monitoring.FleetProps{
		GroupName: group.GroupName, Group: group.Resource, BalancerName: balancer.FullName, TargetsName: balancer.Targets.FullName,
		MinCapacity: c.MinCapacity, MaxCapacity: c.MaxCapacity, CPUCredits: cpuCredits(c), TopicArn: f.topic.Arn,
		HighCPUAlarmName: c.HighCPUAlarmName, LowHealthyHostsAlarmName: c.LowHealthyHostsAlarmName,
	})...)
	dashboard.GroupName, dashboard.BalancerName, dashboard.TargetsName = group.GroupName, balancer.FullName, balancer.Targets.FullName
	f.dashboard(dashboard)
	f.output("BalancerName", balancer.DNSName)
	if c.DNSTarget == config.DNSServer {
		f.serve(f.atAddress(), kept)
		f.url(c.DomainName != "", f.address.IP)
		return
	}
	// Users come when nodes have proven that they can serve: the group is complete only after their signals.
	f.serve(&dns.Props{BalancerName: balancer.DNSName, BalancerZoneID: balancer.ZoneID}, kept, append(balancer.Listeners, group.Resource)...)
	f.url(certified.Arn != "", balancer.DNSName)
}

// newBalancer makes the balancer and its certificate: the given one, one that is created for the domain, or none.
func newBalancer(f *foundation, serverInstanceID string) (*loadbalancer.LoadBalancer, *certificate.Certificate) {
	c := f.config
	certified := &certificate.Certificate{Arn: c.CertificateArn}
	if certified.Arn == "" && c.DomainName != "" {
		certified = certificate.New(f.stack, "Certificate", &certificate.Props{DomainName: c.DomainName, HostedZoneID: c.HostedZoneID})
	}
	balancer := loadbalancer.New(f.stack, "LoadBalancer", &loadbalancer.Props{
		Name: c.Name, VpcID: f.network.VpcID, SubnetIDs: f.network.SubnetIDs, BackendSecurityGroupID: f.backend.ID,
		Port: c.Port, HealthCheckPath: c.HealthCheckPath, HealthCheckIntervalSeconds: c.HealthCheckIntervalSeconds,
		DeregistrationDelaySeconds: c.DeregistrationDelaySeconds,
		CertificateArn:             certified.Arn, RedirectHTTP: c.RedirectHTTP, DropInvalidHeaders: c.DropInvalidHeaders, StickySessions: c.Sessions == config.SessionsSticky,
		ServerInstanceID: serverInstanceID, FleetTrafficPercent: c.FleetTrafficPercent, TrafficStickinessSeconds: c.TrafficStickinessSeconds,
	})
	f.waitForInternet(balancer.Resource)
	waitForCertificate(balancer.Resource, certified)
	return balancer, certified
}

// newFleet makes the group, and the cache that its nodes share sessions in.
func newFleet(f *foundation, balancer *loadbalancer.LoadBalancer, certified *certificate.Certificate) *fleet.Fleet {
	c := f.config
	redis, tls := &cache.Cache{}, ""
	if c.Sessions == config.SessionsRedis {
		redis = cache.New(f.stack, "Cache", &cache.Props{
			VpcID: f.network.VpcID, SubnetIDs: f.network.SubnetIDs, ClientSecurityGroupID: f.backend.ID,
		})
		waitForCertificate(redis.Resource, certified)
		tls = "true" // offered, not required
	}
	settings := f.settings("STACK", c.StackName(), "RESOURCE", "Fleet", "REDIS_HOST", redis.Host, "REDIS_PORT", redis.Port, "REDIS_TLS", tls,
		"NAME", c.Name, "REGION", c.Region, "KIND", "node", "TARGET_GROUP", balancer.Targets.Arn)
	props := &fleet.Props{
		Name: c.Name, InstanceType: c.FleetInstanceType, ImageID: f.imageID(c.FleetImageID), KeyPairName: c.KeyPairName,
		SubnetIDs: f.network.SubnetIDs, SecurityGroupIDs: append([]string{f.backend.ID}, c.AdditionalSecurityGroupIDs...),
		InstanceProfileArn: f.profile.Arn, VolumeSizeGib: c.VolumeSizeGib,
		UserData:       machine.NodeUserData(settings, f.boot.Packed),
		TargetGroupArn: balancer.Targets.Arn, MinCapacity: c.MinCapacity, MaxCapacity: c.MaxCapacity,
		Cooldown: time.Duration(c.CooldownSeconds) * time.Second, Grace: time.Duration(c.HealthCheckGraceSeconds) * time.Second,
		SignalTimeout: c.SignalTimeout(),
		CPUCredits:    cpuCredits(c),
	}
	group := fleet.New(f.stack, "Fleet", props)
	f.waitForInternet(group.Resource)
	waitForHealthChecks(group.Resource, balancer)
	return group
}

// cpuCredits is how the fleet's type pays for CPU, "" when it has no credits.
func cpuCredits(c *config.Config) string {
	if kind, _ := instancetype.Parse(c.FleetInstanceType); kind.Burstable() {
		return string(c.CPUCredits)
	}
	return ""
}

// scale makes the policies that the owner chose.
func scale(f *foundation, group *fleet.Fleet, balancer *loadbalancer.LoadBalancer) {
	c := f.config
	var steps *fleet.Steps
	switch c.ScalingPolicy {
	case config.ScaleSimple:
		steps = group.ScaleSimply(f.stack, "FleetScale")
	case config.ScaleStep:
		steps = group.ScaleByStep(f.stack, "FleetScale")
	case config.ScaleToTarget:
		// A fleet of one size has nothing to track, and cfn-lint's E3712 says that AWS refuses it.
		if c.MinCapacity == c.MaxCapacity {
			return
		}
		if c.TargetTrackingMetric == config.MetricRequests {
			f.prove(group.TrackRequests(f.stack, "FleetTarget", c.TargetRequestsPerMinute, balancer.FullName, balancer.Targets.FullName))
		} else {
			f.prove(group.TrackCPU(f.stack, "FleetTarget", c.TargetCPUPercent))
		}
		return
	}
	f.prove(monitoring.NewScalingAlarms(f.stack, &monitoring.ScalingProps{
		GroupName: group.GroupName, TopicArn: f.topic.Arn, OutPolicyArn: steps.OutArn, InPolicyArn: steps.InArn,
		OutCPUPercent: c.ScaleOutCPUPercent, InCPUPercent: c.ScaleInCPUPercent,
	})...)
}
