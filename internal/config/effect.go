package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// need is what a key takes to have an effect.
type need struct {
	words string
	met   func(c *Config) bool
	stage bool // another stage, or another row of the table of moves, has it: the key waits for that one
}

var (
	ofFleet  = need{"stage=horizontal", (*Config).fleet, true}
	ofSingle = need{"stage=single, or keepServer=single", func(c *Config) bool { return c.server() == stage.Single }, true}
	ofLarger = need{"stage=vertical, or " +
		"keepServer=vertical", func(c *Config) bool { return c.server() == stage.Vertical }, true}
	ofServer  = need{"a server in the stack", (*Config).HasServer, true}
	ofMachine = need{"a machine that the stack makes", func(c *Config) bool { return c.makesServer() || c.fleet() }, true}
	ofAddress = need{"keepElasticIp=true", func(c *Config) bool { return c.KeepElasticIP }, false}
	ofRecord  = need{"hostedZoneName or " +
		"hostedZoneId", func(c *Config) bool { return c.HostedZoneName != "" || c.HostedZoneID != "" }, false}
	ofTarget = need{"scalingPolicy=targetTracking", func(c *Config) bool { return c.ScalingPolicy == ScaleToTarget }, false}
	// A fleet of one size has nothing to track, so there is no policy.
	ofSizes = need{"maxCapacity above minCapacity", func(c *Config) bool { return c.MaxCapacity > c.MinCapacity }, false}
	ofAlarm = need{"scalingPolicy=simple or step", func(c *Config) bool { return c.ScalingPolicy != ScaleToTarget }, false}
)

// needs says of each key that does not always have an effect what it takes. TestEveryKeyIsHeard holds it to the templates.
var needs = map[string][]need{
	"singleInstanceType":   {ofSingle},
	"verticalInstanceType": {ofLarger},
	"fleetInstanceType":    {ofFleet},
	"imageId": {{"a server of the stack's own, or a fleet without fleetImageId", func(c *Config) bool {
		return c.makesServer() || c.fleet() && c.FleetImageID == c.ImageID
	}, true}},
	"volumeSizeGib": {ofMachine},
	"adoptedServer": {ofServer},
	"fleetImageId":  {ofFleet},
	"cpuCredits": {ofFleet, {"a fleetInstanceType that has credits, such as " +
		"t3.micro", (*Config).burstable, false}},
	"snapshotRetentionDays": {ofServer},

	"publicPorts":           {ofServer},
	"sshCidr":               {ofServer},
	"elasticIpAllocationId": {ofServer},
	"elasticIpAddress":      {ofAddress, {"elasticIpAllocationId", func(c *Config) bool { return c.ElasticIPAllocationID != "" || c.HasServer() }, false}},

	"healthCheckIntervalSeconds": {ofFleet},
	"deregistrationDelaySeconds": {ofFleet},
	"gitRepository":              {ofMachine},
	"gitCredentialsParameter": {ofMachine, {"a gitRepository by " +
		"https://", func(c *Config) bool { return !overSSH.MatchString(c.GitRepository) }, false}},

	"minCapacity":        {ofFleet},
	"maxCapacity":        {ofFleet},
	"scaleOutCpuPercent": {ofFleet, ofAlarm},
	"scaleInCpuPercent":  {ofFleet, ofAlarm},
	// Steps and targets wait for a node's warm-up instead (EC2 Auto Scaling User Guide, "Scaling cooldowns").
	"cooldownSeconds":      {ofFleet, {"scalingPolicy=simple", func(c *Config) bool { return c.ScalingPolicy == ScaleSimple }, false}},
	"scalingPolicy":        {ofFleet},
	"targetTrackingMetric": {ofFleet, ofTarget, ofSizes},
	"targetCpuPercent": {ofFleet, ofTarget, ofSizes,
		{"targetTrackingMetric=cpu", func(c *Config) bool { return c.TargetTrackingMetric == MetricCPU }, false}},
	"targetRequestsPerMinute": {ofFleet, ofTarget, ofSizes,
		{"targetTrackingMetric=requests", func(c *Config) bool { return c.TargetTrackingMetric == MetricRequests }, false}},

	"keepServer":          {ofFleet},
	"fleetTrafficPercent": {ofFleet},
	"dnsTarget":           {ofFleet},
	"trafficStickinessSeconds": {ofFleet, ofServer, {"sessions=sticky, or a fleetTrafficPercent from 1 to " +
		"99", (*Config).pinned, true}},
	"redirectHttp": {ofFleet, {"certificateArn or " +
		"domainName", func(c *Config) bool { return c.CertificateArn != "" || c.DomainName != "" }, false}},
	"dropInvalidHeaders": {ofFleet},
	"sessions":           {ofFleet},

	"databasePort": {{"databaseSecurityGroupId", func(c *Config) bool { return c.DatabaseSecurityGroupID != "" }, false}},

	"hostedZoneId": {
		{"stage=horizontal, whose certificate it " +
			"validates", func(c *Config) bool { return c.HostedZoneName == "" || c.fleet() }, true},
		{"no certificateArn, or no " +
			"hostedZoneName", func(c *Config) bool { return c.HostedZoneName == "" || c.CertificateArn == "" }, false}},
	"certificateArn": {ofFleet},
	"dnsTtlSeconds": {ofRecord, {"a record that points at the server's address",
		func(c *Config) bool { return !c.fleet() || c.DNSTarget == DNSServer }, true}},

	"lowHealthyHostsAlarmName": {ofFleet},
}

// server is the stage whose server the stack has, "" for none.
func (c *Config) server() stage.Stage {
	switch {
	case !c.fleet():
		return c.Stage
	case c.HasServer():
		return stage.Stage(c.KeepServer)
	}
	return ""
}

// makesServer reports whether the stack has a server that was not adopted.
func (c *Config) makesServer() bool { return c.HasServer() && c.AdoptedServer == nil }

func (c *Config) burstable() bool {
	kind, _ := instancetype.Parse(c.FleetInstanceType)
	return kind.Burstable()
}

// pinned reports whether the balancer holds clients to the server or to the fleet.
func (c *Config) pinned() bool {
	return c.Sessions == SessionsSticky || c.FleetTrafficPercent > 0 && c.FleetTrafficPercent < 100
}

// waiting lists the keys that were set and that this stage, or this row of the table of moves, does not read.
func (c *Config) waiting() []string {
	return c.unheard(func(unmet, unmetOfStage []string, key string) string {
		if len(unmet) > 0 || len(unmetOfStage) == 0 {
			return ""
		}
		return key
	})
}

// idle lists the keys that were set and change nothing beside these others, in no stage, each with what it takes.
func (c *Config) idle() []string {
	return c.unheard(func(unmet, _ []string, key string) string {
		if len(unmet) == 0 {
			return ""
		}
		return key + ", which takes " + strings.Join(unmet, " and ")
	})
}

// unheard is what say says, unless it is "", of each key that was set, by the words of the needs that are not met.
func (c *Config) unheard(say func(unmet, unmetOfStage []string, key string) string) []string {
	var all []string
	for _, key := range keys {
		if !c.set[key.Name] {
			continue
		}
		unmet := map[bool][]string{}
		for _, n := range needs[key.Name] {
			if !n.met(c) {
				unmet[n.stage] = append(unmet[n.stage], n.words)
			}
		}
		if said := say(unmet[false], unmet[true], key.Name); said != "" {
			all = append(all, said)
		}
	}
	return all
}

// sets reports whether a key has another value than its default: then a person means something by it.
func (k Key) sets(value any) bool {
	text, isText := asText(value)
	if flag, isFlag := value.(bool); isFlag {
		text, isText = fmt.Sprint(flag), true
	}
	return !isText || !slices.Contains([]string{"", k.Default}, text)
}
