package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// The logical ids of what a warning may be about.
const (
	serverID      = "Server"
	fleetID       = "Fleet"
	certificateID = "Certificate"
)

func onFleet(*Config) []string { return []string{fleetID} }

var warnings = slices.Concat(machineWarnings, repositoryWarnings, networkWarnings, fleetWarnings, keyWarnings)

var machineWarnings = []warning{
	{
		code: "empty-fleet", severity: finding.Stop, keys: []string{"stage", "fleetImageId", "gitRepository"},
		means:  "the nodes have neither an image nor a repository: none can serve, and the deploy that makes them rolls back",
		remedy: "set fleetImageId, imageId or gitRepository",
		when:   func(c *Config) bool { return c.fleet() && c.FleetImageID == "" && c.GitRepository == "" },
		on:     onFleet,
		reason: sentence("with neither an image nor gitRepository no node can serve, and the deploy that makes them rolls " +
			"back"),
	}, {
		code: "empty-server", severity: finding.Warn, keys: []string{"stage", "imageId", "gitRepository"},
		means:  "the server has neither an image nor a repository: it starts empty and answers nobody",
		remedy: "set imageId or gitRepository",
		when:   func(c *Config) bool { return slices.Contains(c.bare(), serverID) && c.GitRepository == "" },
		on:     func(*Config) []string { return []string{serverID} },
		reason: sentence("with neither imageId nor gitRepository the server starts empty and answers nobody"),
	}, {
		code: "image-not-pinned", severity: finding.Warn,
		keys:   []string{"stage", "imageId", "fleetImageId", "region", "architecture"},
		means:  "machines start from Ubuntu's dated image, and whether it is still offered was not verified",
		remedy: "set imageId to what aws ssm get-parameter --name <the parameter> prints",
		when:   func(c *Config) bool { return len(c.bare()) > 0 },
		reason: func(c *Config) string {
			return fmt.Sprintf("without an image of your own machines start from Canonical's Ubuntu 24.04 of %s, which no "+
				"deploy swaps for a newer one; "+
				"whether it is still offered in %s was not verified", UbuntuSerial, c.Region)
		},
		exact: func(c *Config) string {
			return fmt.Sprintf("set imageId to what 'aws ssm get-parameter --region %s --name %s' "+
				"prints", c.Region, c.UbuntuParameter())
		},
	}, {
		// What starts as another user than root gets no port below 1024 (capabilities(7), CAP_NET_BIND_SERVICE).
		code: "low-port", severity: finding.Stop, keys: []string{"stage", "imageId", "fleetImageId", "gitRepository", "port", "appUser"},
		means: "the app is to listen below 1024, where its user may not on Ubuntu's image: it never answers, and the " +
			"deploy that makes the machine rolls back",
		remedy: "set port to 1024 or higher",
		when:   func(c *Config) bool { return c.GitRepository != "" && c.Port < 1024 && len(c.bare()) > 0 },
		on:     (*Config).bare,
		reason: func(c *Config) string {
			return fmt.Sprintf("port=%d is below 1024, where %s may not listen on Ubuntu's image: the app never answers, "+
				"and the deploy that makes the machine rolls back", c.Port, c.AppUser)
		},
	}, {
		code: "low-port-of-image", severity: finding.Warn, keys: []string{"stage", "imageId", "fleetImageId", "gitRepository", "port", "appUser"},
		means:  "the app is to listen below 1024, where its user may not unless the image allows it",
		remedy: "set port to 1024 or higher, or let the image allow it",
		when:   func(c *Config) bool { return c.GitRepository != "" && c.Port < 1024 && len(c.imaged()) > 0 },
		on:     (*Config).imaged,
		reason: func(c *Config) string {
			return fmt.Sprintf("port=%d is below 1024, where %s may listen only if the image allows it; else the deploy "+
				"that makes the machine rolls back", c.Port, c.AppUser)
		},
	},
}

var repositoryWarnings = []warning{
	{
		code: "repository-out-of-reach", severity: finding.Stop, keys: []string{"stage", "imageId", "fleetImageId", "gitRepository"},
		means: "the repository is reached by SSH or lies on a disk, and the machines start from an image without key and " +
			"files: the deploy that makes them rolls back",
		remedy: "set an https:// URL, with gitCredentialsParameter where the repository is private",
		when:   func(c *Config) bool { return c.outOfReach() != "" && len(c.bare()) > 0 },
		on:     (*Config).bare,
		reason: func(c *Config) string {
			return fmt.Sprintf("gitRepository=%s %s: the first fetch fails, and the deploy that makes the machine rolls "+
				"back", c.GitRepository, c.outOfReach())
		},
	}, {
		code: "repository-of-image", severity: finding.Warn, keys: []string{"stage", "imageId", "fleetImageId", "gitRepository"},
		means: "the repository is reached by SSH or lies on a disk: only an image that holds the key or the files can " +
			"fetch from it",
		remedy: "set an https:// URL, with gitCredentialsParameter where the repository is private",
		when:   func(c *Config) bool { return c.outOfReach() != "" && len(c.imaged()) > 0 },
		on:     (*Config).imaged,
		reason: func(c *Config) string {
			return fmt.Sprintf("gitRepository=%s %s, unless the image holds it", c.GitRepository, c.outOfReach())
		},
	}, {
		code: "repository-in-clear", severity: finding.Warn, keys: []string{"gitRepository"},
		means: "the repository is fetched without encryption: whoever stands between can hand the machines other code and " +
			"read the credentials",
		remedy: "set an https:// URL",
		when:   func(c *Config) bool { return unencrypted.MatchString(c.GitRepository) },
		reason: func(c *Config) string {
			return fmt.Sprintf("gitRepository=%s is fetched without encryption: whoever stands between can hand the "+
				"machines other code, and read credentials", c.GitRepository)
		},
	}, {
		code: "moving-revision", severity: finding.Warn, keys: []string{"gitRef"},
		means: "the revision looks like a branch: machines that start later run what it has become by then, and no deploy " +
			"brings it to the others",
		remedy: "set a commit or a tag",
		when:   func(c *Config) bool { return isBranch(c.GitRef) },
		reason: func(c *Config) string {
			return fmt.Sprintf("gitRef=%s looks like a branch, and machines that start later run what it has become by "+
				"then", c.GitRef)
		},
	},
}

var networkWarnings = []warning{
	{
		code: "new-vpc", severity: finding.Warn, keys: []string{"vpcId"},
		means:  "a new VPC is made, from which an existing database cannot be reached privately",
		remedy: "set vpcId, publicSubnetIds and availabilityZones to the database's",
		when:   func(c *Config) bool { return c.VpcID == "" },
		reason: sentence("without vpcId a new VPC is made, from which the existing database cannot be reached privately"),
	}, {
		code: "t2-zone", severity: finding.Warn,
		keys:   []string{"availabilityZones", "singleInstanceType", "verticalInstanceType", "fleetInstanceType"},
		means:  "t2 is not offered in the zone aps1-az2, which most accounts call ap-south-1c",
		remedy: "leave ap-south-1c out of availabilityZones, or choose t3 types",
		when: func(c *Config) bool {
			t2 := slices.ContainsFunc(c.instanceTypes(), func(t string) bool { return strings.HasPrefix(t, "t2.") })
			return t2 && slices.Contains(c.AvailabilityZones, "ap-south-1c")
		},
		reason: sentence("t2 is not offered in the zone aps1-az2, which most accounts call ap-south-1c"),
	}, {
		code: "types-of-region", severity: finding.Warn,
		keys:   []string{"region", "vpcId", "singleInstanceType", "verticalInstanceType", "fleetInstanceType"},
		means:  "whether the region offers the instance types was not verified",
		remedy: "aws ec2 describe-instance-type-offerings --location-type availability-zone lists them",
		when:   func(c *Config) bool { return c.Region != home && c.VpcID != "" },
		reason: func(c *Config) string {
			return fmt.Sprintf("whether %s offers %s in your zones was not "+
				"verified", c.Region, strings.Join(c.instanceTypes(), ", "))
		},
		exact: func(c *Config) string {
			return fmt.Sprintf("look with 'aws ec2 describe-instance-type-offerings --location-type availability-zone "+
				"--filters Name=instance-type,Values=%s --region %s'", strings.Join(c.instanceTypes(), ","), c.Region)
		},
	}, {
		code: "address-not-adopted", severity: finding.Warn, keys: []string{"stage", "elasticIpAddress", "elasticIpAllocationId"},
		means:  "the stack makes a new address, and users stay on the old one: how to begin beside a live server",
		remedy: "docs/way-in.md hands the old address over",
		when: func(c *Config) bool {
			return c.HasServer() && c.ElasticIPAddress != "" && c.ElasticIPAllocationID == ""
		},
		reason: func(c *Config) string {
			return fmt.Sprintf("elasticIpAddress=%s without elasticIpAllocationId: the server gets a new address and users "+
				"stay on the old one, which is how to begin", c.ElasticIPAddress)
		},
		exact: func(c *Config) string {
			return fmt.Sprintf("docs/way-in.md hands it over, with the id that 'aws ec2 describe-addresses --public-ips "+
				"%s' prints", c.ElasticIPAddress)
		},
	}, {
		code: "no-certificate", severity: finding.Warn, keys: []string{"stage", "gitRepository", "domainName", "publicPorts"},
		means:  "the server gets its certificate by port 80 and users come by 443, and one of them is closed",
		remedy: "add the ports to publicPorts",
		when: func(c *Config) bool {
			return c.HasServer() && c.AdoptedServer == nil && c.GitRepository != "" && c.DomainName != "" && len(c.closed()) > 0
		},
		reason: func(c *Config) string {
			return fmt.Sprintf("publicPorts=%s: the server gets its certificate for %s by port 80, and users come to it by "+
				"443", list(c.PublicPorts), c.DomainName)
		},
		exact: func(c *Config) string { return "add " + list(c.closed()) },
	},
}

var fleetWarnings = []warning{
	{
		code: "next-move-shrinks", severity: finding.Warn, keys: []string{"stage", "keepServer"},
		means:  "keepServer=single would make the larger server small again in the move to horizontal",
		remedy: "set keepServer=vertical",
		when:   func(c *Config) bool { return c.Stage == stage.Vertical && c.KeepServer == KeepSingle },
		reason: func(c *Config) string {
			return fmt.Sprintf("keepServer=single would make the server small again (%s) in the move to "+
				"horizontal", c.SingleInstanceType)
		},
	}, {
		code: "no-spare-node", severity: finding.Warn, keys: []string{"stage", "minCapacity", "maxCapacity"},
		means:  "the fleet's minimum is its maximum: while a new revision rolls there is one node fewer than the minimum",
		remedy: "set maxCapacity one higher",
		when:   func(c *Config) bool { return c.fleet() && c.MinCapacity == c.MaxCapacity },
		on:     onFleet,
		reason: func(c *Config) string {
			return fmt.Sprintf("minCapacity and maxCapacity are both %d, so while a new revision rolls one node fewer "+
				"serves", c.MinCapacity)
		},
	}, {
		code: "one-node", severity: finding.Warn, keys: []string{"stage", "minCapacity", "lowHealthyHostsAlarmName"},
		means:  "the fleet may have one node, and the alarm about healthy hosts asks for two",
		remedy: "set minCapacity=2",
		when:   func(c *Config) bool { return c.fleet() && c.MinCapacity == 1 },
		on:     onFleet,
		reason: func(c *Config) string {
			return fmt.Sprintf("minCapacity=1 is below the two hosts that the alarm %s asks for, which then never "+
				"ends", c.LowHealthyHostsAlarmName)
		},
	}, {
		code: "slow-nodes", severity: finding.Warn, keys: []string{"stage", "fleetImageId", "gitRepository", "healthCheckGraceSeconds"},
		means: "nodes install Node and the app at each start, which may take longer than they are given: the deploy then " +
			"rolls back",
		remedy: "set fleetImageId to an image of a server that serves, or healthCheckGraceSeconds=900",
		when: func(c *Config) bool {
			return c.fleet() && c.FleetImageID == "" && c.GitRepository != "" && c.HealthCheckGraceSeconds < 900
		},
		on: onFleet,
		reason: func(c *Config) string {
			return fmt.Sprintf("without an image every new node first installs Node and the app, for which "+
				"healthCheckGraceSeconds=%d may be too short; "+
				"then the deploy rolls back", c.HealthCheckGraceSeconds)
		},
	}, {
		code: "build-on-nodes", severity: finding.Warn, keys: []string{"stage", "fleetImageId", "buildCommand", "healthCheckGraceSeconds"},
		means:  "nodes build the app at each start, within the time and the memory that they are given",
		remedy: "set fleetImageId to an image of a server that serves this gitRef",
		when:   func(c *Config) bool { return c.fleet() && c.FleetImageID == "" && c.BuildCommand != "" },
		on:     onFleet,
		reason: func(c *Config) string {
			return fmt.Sprintf("without an image every new node builds the app, within healthCheckGraceSeconds=%d and with its own memory", c.HealthCheckGraceSeconds)
		},
	}, {
		code: "no-tls", severity: finding.Warn, keys: []string{"stage", "domainName", "certificateArn"},
		means:  "the balancer has no certificate and serves plain HTTP only",
		remedy: "set domainName or certificateArn",
		when:   func(c *Config) bool { return c.fleet() && c.DomainName == "" && c.CertificateArn == "" },
		reason: sentence("with neither domainName nor certificateArn the balancer serves plain HTTP only"),
	}, {
		code: "certificate-waits", severity: finding.Stop, keys: []string{"stage", "domainName", "certificateArn", "hostedZoneId"},
		means:  "a certificate is created that the stack cannot validate: the deploy waits up to 12 hours and fails",
		remedy: "set hostedZoneId, or request it beforehand and set certificateArn",
		when: func(c *Config) bool {
			return c.fleet() && c.DomainName != "" && c.CertificateArn == "" && c.HostedZoneID == ""
		},
		on: func(*Config) []string { return []string{certificateID} },
		reason: func(c *Config) string {
			return fmt.Sprintf("the certificate for %s is created without hostedZoneId, so the deploy waits until you add "+
				"its validation record, 12 hours at most, and then fails", c.DomainName)
		},
	},
}

var keyWarnings = []warning{
	{
		// The CDK command line protects a stack before its first deploy, and does not lift that from one whose creation failed,
		// which must be deleted before the next try (aws-cdk 2.1148.1, deploy-stack).
		code: "unprotected", severity: finding.Note, keys: []string{"terminationProtection"},
		means: "the stack may be deleted: right until its first deploy has succeeded, since protection would lock a stack " +
			"whose creation failed",
		remedy: "set terminationProtection=true once the first deploy has succeeded",
		when:   func(c *Config) bool { return !c.TerminationProtection },
		reason: sentence("terminationProtection=false lets anybody delete the stack, and is right until its first deploy " +
			"has succeeded"),
	}, {
		code: "without-effect", severity: finding.Warn, keys: []string{"*"},
		means:  "a key is set that changes nothing beside the others",
		remedy: "set what it takes, or leave it out",
		when:   func(c *Config) bool { return len(c.idle()) > 0 },
		reason: func(c *Config) string { return "without effect beside the other keys: " + strings.Join(c.idle(), "; ") },
	}, {
		code: "waiting-keys", severity: finding.Note, keys: []string{"*"},
		means:  "keys are set that this stage does not read",
		remedy: "leave them for the stage that does",
		when:   func(c *Config) bool { return len(c.waiting()) > 0 },
		reason: func(c *Config) string { return "this configuration does not read " + strings.Join(c.waiting(), ", ") },
	},
}
