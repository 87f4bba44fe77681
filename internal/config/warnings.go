package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/stage"
)

// Warning is something that is allowed and is probably a mistake: a stable id, and one line that ends with the remedy.
type Warning struct {
	ID   string
	Text string
}

// Warnings lists what is worth a second look in a checked configuration. A warning about the fleet appears in
// horizontal only.
func (c *Config) Warnings() []Warning {
	var found []Warning
	for _, w := range warnings {
		if w.when(c) {
			found = append(found, Warning{w.id, w.text(c)})
		}
	}
	return found
}

type warning struct {
	id   string
	when func(c *Config) bool
	text func(c *Config) string
}

var warnings = []warning{
	{"t2-zone", func(c *Config) bool {
		t2 := slices.ContainsFunc(c.instanceTypes(), func(t string) bool { return strings.HasPrefix(t, "t2.") })
		return t2 && slices.Contains(c.AvailabilityZones, "ap-south-1c")
	}, sentence("t2 is not offered in the zone aps1-az2, which most accounts call ap-south-1c: leave ap-south-1c out of availabilityZones, or choose t3 types")},
	{"types-of-region", func(c *Config) bool { return c.Region != home && c.VpcID != "" },
		func(c *Config) string {
			return fmt.Sprintf("that %s offers %s was not verified: check with 'aws ec2 describe-instance-type-offerings --location-type availability-zone "+
				"--filters Name=instance-type,Values=%s --region %[1]s'", c.Region, strings.Join(c.instanceTypes(), ", "), strings.Join(c.instanceTypes(), ","))
		}},
	{"next-move-shrinks", func(c *Config) bool { return c.Stage == stage.Vertical && c.KeepServer == KeepSingle },
		func(c *Config) string {
			return fmt.Sprintf("keepServer=single would make the server small again (%s) in the move to horizontal: set keepServer=vertical", c.SingleInstanceType)
		}},
	{"new-vpc", func(c *Config) bool { return c.VpcID == "" },
		sentence("without vpcId a new VPC is made, from which the existing database cannot be reached privately: set vpcId, publicSubnetIds and availabilityZones to the database's")},
	{"empty-server", func(c *Config) bool { return c.fresh() && c.GitRepository == "" },
		func(c *Config) string {
			if c.Stage == stage.Horizontal {
				return "with neither imageId nor gitRepository no node can serve, and this deploy will roll back: set one"
			}
			return "with neither imageId nor gitRepository the server starts empty, and horizontal would roll back: set one"
		}},
	{"image-not-pinned", (*Config).fresh,
		func(c *Config) string {
			return fmt.Sprintf("without imageId the image is Canonical's Ubuntu 24.04 of %s, a dated release that no deploy swaps; that it is still offered in %s was not verified: "+
				"check with 'aws ssm get-parameter --name %s' and set imageId to what it prints", UbuntuSerial, c.Region, c.UbuntuParameter())
		}},
	{"key-of-repository", func(c *Config) bool { return overSSH.MatchString(c.GitRepository) },
		func(c *Config) string {
			return fmt.Sprintf("gitRepository=%s is reached by SSH, for which a fresh machine has no key: set an https:// URL and gitCredentialsParameter", c.GitRepository)
		}},
	{"moving-revision", func(c *Config) bool { return c.GitRef != "" && !pinned.MatchString(c.GitRef) },
		func(c *Config) string {
			return fmt.Sprintf("gitRef=%s looks like a branch: nodes that boot later run what it means by then; set a commit or a tag", c.GitRef)
		}},
	{"address-not-adopted", func(c *Config) bool { return c.ElasticIPAddress != "" && c.ElasticIPAllocationID == "" },
		func(c *Config) string {
			return fmt.Sprintf("elasticIpAddress=%s without elasticIpAllocationId: the server gets a new address and users stay on the old one, which is how to begin: "+
				"docs/way-in.md hands it over, with the id that 'aws ec2 describe-addresses --public-ips %[1]s' prints", c.ElasticIPAddress)
		}},
	// The CDK command line protects a stack before its first deploy, and does not lift that from one whose creation failed,
	// which must be deleted before the next try (aws-cdk 2.1148.1, deploy-stack).
	{"unprotected", func(c *Config) bool { return !c.TerminationProtection },
		sentence("terminationProtection=false: set it to true once the first deploy has succeeded; before, it would lock a stack whose creation failed")},
	// What starts as another user than root gets no port below 1024 (capabilities(7), CAP_NET_BIND_SERVICE).
	{"low-port", func(c *Config) bool {
		return c.GitRepository != "" && c.Port < 1024 && (c.AdoptedServer == nil || c.fleet())
	},
		func(c *Config) string {
			return fmt.Sprintf("port=%d is below 1024, where %s may not listen unless the image allows it, and the first deploy would roll back: set a higher port", c.Port, c.AppUser)
		}},
	{"no-spare-node", func(c *Config) bool { return c.fleet() && c.MinCapacity == c.MaxCapacity },
		sentence("minCapacity = maxCapacity: a new revision rolls with one node fewer than the minimum: set maxCapacity one higher")},
	{"one-node", func(c *Config) bool { return c.fleet() && c.MinCapacity == 1 },
		func(c *Config) string {
			return fmt.Sprintf("minCapacity=1 is below the two hosts that %s asks for, which then never stops: set minCapacity=2", c.LowHealthyHostsAlarmName)
		}},
	{"slow-nodes", func(c *Config) bool {
		return c.fleet() && c.FleetImageID == "" && c.GitRepository != "" && c.HealthCheckGraceSeconds < 900
	}, func(c *Config) string {
		return fmt.Sprintf("without an image every new node installs Node and the app first, for which healthCheckGraceSeconds=%d may be too short: "+
			"set fleetImageId to an image of a server that serves, or healthCheckGraceSeconds=900", c.HealthCheckGraceSeconds)
	}},
	{"no-tls", func(c *Config) bool { return c.fleet() && c.DomainName == "" && c.CertificateArn == "" },
		sentence("with neither domainName nor certificateArn the balancer serves plain HTTP only: set one")},
	{"no-certificate", func(c *Config) bool {
		return c.HasServer() && c.AdoptedServer == nil && c.GitRepository != "" && c.DomainName != "" && len(c.closed()) > 0
	},
		func(c *Config) string {
			return fmt.Sprintf("publicPorts=%s: the server gets its certificate for %s by port 80, and users come to it by 443: add %s",
				list(c.PublicPorts), c.DomainName, list(c.closed()))
		}},
	{"certificate-by-hand", func(c *Config) bool {
		return c.fleet() && c.DomainName != "" && c.CertificateArn == "" && c.HostedZoneID == ""
	}, func(c *Config) string {
		return fmt.Sprintf("the certificate for %s is created without hostedZoneId, so the deploy waits until you add its validation record, 12 hours at most, and then fails: "+
			"set hostedZoneId, or request it beforehand and set certificateArn", c.DomainName)
	}},
}

func (c *Config) fleet() bool { return c.Stage == stage.Horizontal }

// fresh reports whether machines begin as Ubuntu has them: an adopted server does not, so that the fleet alone can.
func (c *Config) fresh() bool {
	if c.AdoptedServer != nil {
		return c.fleet() && c.FleetImageID == ""
	}
	return c.ImageID == ""
}

// closed lists the ports of HTTP and HTTPS that publicPorts leaves out.
func (c *Config) closed() []int {
	return slices.DeleteFunc([]int{80, 443}, func(port int) bool { return slices.Contains(c.PublicPorts, port) })
}

// list is how publicPorts is written.
func list(ports []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(ports), "[]"), " ", ",")
}

// overSSH is a repository's URL by SSH, in either of git's two forms (git-clone, "GIT URLS").
var overSSH = regexp.MustCompile(`^(ssh://|[^/]+@[^/]+:)`)

// pinned is what looks like a commit's hash or a tag (v1.2.3, 2026-11-24).
var pinned = regexp.MustCompile(`^([0-9a-f]{7,64}|.*\d+[.-]\d+.*)$`)
