package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// rule holds keys against each other. check runs only when each of its keys was read without a fault.
type rule struct {
	keys  []string
	check func(c *Config) []Fault
}

// must makes a rule of one condition: when wrong says so, key's value is at fault.
func must(wrong func(c *Config) bool, key string, value func(c *Config) any, allowed func(c *Config) string, with ...string) rule {
	return rule{append(with, key), func(c *Config) []Fault {
		if !wrong(c) {
			return nil
		}
		return []Fault{{key, value(c), allowed(c)}}
	}}
}

// sentence is what is allowed where no value is part of it.
func sentence(text string) func(*Config) string { return func(*Config) string { return text } }

var rules = []rule{
	must(func(c *Config) bool { return c.MinCapacity > c.MaxCapacity },
		"minCapacity", func(c *Config) any { return c.MinCapacity },
		func(c *Config) string { return fmt.Sprintf("at most maxCapacity, which is %d", c.MaxCapacity) }, "maxCapacity"),
	// 20 points is what keeps 70/30 from flapping with two nodes: out at 70 leaves 46.7 on three, in at 30 leaves 45 on two.
	must(func(c *Config) bool { return c.ScaleInCPUPercent > c.ScaleOutCPUPercent-20 },
		"scaleInCpuPercent", func(c *Config) any { return c.ScaleInCPUPercent },
		func(c *Config) string {
			return fmt.Sprintf("at least 20 points below scaleOutCpuPercent, which is %d, or the fleet flaps", c.ScaleOutCPUPercent)
		}, "scaleOutCpuPercent"),
	must(func(c *Config) bool {
		return c.ScalingPolicy == ScaleToTarget && c.TargetTrackingMetric == MetricRequests && c.TargetRequestsPerMinute == 0
	}, "targetRequestsPerMinute", func(*Config) any { return nil },
		sentence("targetTrackingMetric=requests needs it: the requests per minute at which one node is busy but well"),
		"scalingPolicy", "targetTrackingMetric"),
	must(func(c *Config) bool { return c.HealthCheckGraceSeconds <= c.HealthCheckIntervalSeconds },
		"healthCheckGraceSeconds", func(c *Config) any { return c.HealthCheckGraceSeconds },
		func(c *Config) string {
			return fmt.Sprintf("longer than healthCheckIntervalSeconds, which is %d, or new nodes are killed unchecked", c.HealthCheckIntervalSeconds)
		}, "healthCheckIntervalSeconds"),

	{[]string{"vpcId", "publicSubnetIds", "availabilityZones", "region", "singleInstanceType", "verticalInstanceType", "fleetInstanceType"}, network},
	must(func(c *Config) bool { return c.DatabaseSecurityGroupID != "" && c.VpcID == "" },
		"databaseSecurityGroupId", func(c *Config) any { return c.DatabaseSecurityGroupID },
		sentence("it needs vpcId: a security group trusts only groups of its own VPC"), "vpcId"),
	must(func(c *Config) bool { return len(c.AdditionalSecurityGroupIDs) > 0 && c.VpcID == "" },
		"additionalSecurityGroupIds", func(c *Config) any { return c.AdditionalSecurityGroupIDs },
		sentence("it needs vpcId: they belong to the VPC they were made in"), "vpcId"),
	// Five is the default quota of security groups on a network interface (VPC quotas); two are ours.
	must(func(c *Config) bool { return len(c.AdditionalSecurityGroupIDs) > 3 },
		"additionalSecurityGroupIds", func(c *Config) any { return c.AdditionalSecurityGroupIDs },
		sentence("at most 3: AWS allows 5 groups on a server, and two are the stack's own")),

	architecture("singleInstanceType", func(c *Config) string { return c.SingleInstanceType }),
	architecture("verticalInstanceType", func(c *Config) string { return c.VerticalInstanceType }),
	architecture("fleetInstanceType", func(c *Config) string { return c.FleetInstanceType }),

	must(func(c *Config) bool { return c.Stage == stage.Horizontal && c.KeepServer == "" },
		"keepServer", func(*Config) any { return nil },
		sentence("horizontal must say what becomes of today's server: single or vertical (it stays as that stage has it), or none (it goes)"), "stage"),
	must(func(c *Config) bool { return c.KeepServer == KeepNone && c.FleetTrafficPercent != 100 },
		"fleetTrafficPercent", func(c *Config) any { return c.FleetTrafficPercent },
		sentence("100 with keepServer=none: the fleet is all there is"), "keepServer"),
	must(func(c *Config) bool { return c.KeepServer == KeepNone && c.DNSTarget == DNSServer },
		"dnsTarget", func(c *Config) any { return c.DNSTarget },
		sentence("balancer with keepServer=none: there is no server to point at"), "keepServer"),
	must(func(c *Config) bool { return !c.KeepElasticIP && c.HasServer() },
		"keepElasticIp", func(c *Config) any { return c.KeepElasticIP },
		sentence("true while a server is in the stack: it holds the address (horizontal with keepServer=none has none)"), "stage", "keepServer"),

	must(func(c *Config) bool { return slices.Contains(c.PublicPorts, 22) },
		"publicPorts", func(c *Config) any { return c.PublicPorts },
		sentence("no 22, which would open SSH to everyone: sshCidr opens it to one network")),
	// 60 is the default quota of inbound rules of a security group (VPC quotas); sshCidr may be one.
	must(func(c *Config) bool { return len(c.PublicPorts) > 59 },
		"publicPorts", func(c *Config) any { return c.PublicPorts },
		sentence("at most 59: AWS allows a security group 60 rules, and sshCidr may be one")),

	// The server reads all of it from one parameter (PutParameter, Value: 4,096 characters in the standard tier), of which names
	// and numbers take less than 500, and what sets the proxy up 1,000.
	must(func(c *Config) bool { return len(freeText(c))+3*strings.Count(freeText(c), "'") > 2500 },
		"appDirectory", func(c *Config) any { return c.AppDirectory },
		sentence("with repositoryDirectory, healthCheckPath, gitRepository, gitRef, buildCommand and gitCredentialsParameter at most 2,500 characters, an apostrophe counting as four: a parameter "+
			"of Systems Manager holds 4,096"), "repositoryDirectory", "healthCheckPath", "gitRepository", "gitRef", "buildCommand", "gitCredentialsParameter"),

	// Whoever may look at the stack can read the template.
	must(func(c *Config) bool { return credentials.MatchString(c.GitRepository) },
		"gitRepository", func(c *Config) any { return credentials.ReplaceAllString(c.GitRepository, "$1$2...@") },
		sentence("a URL without credentials, which all could read in the template: gitCredentialsParameter names the SecureString that holds them")),
	must(func(c *Config) bool {
		return c.RepositoryDirectory != "" && !strings.HasPrefix(c.AppDirectory+"/", c.RepositoryDirectory+"/")
	}, "repositoryDirectory", func(c *Config) any { return c.RepositoryDirectory },
		func(c *Config) string {
			return fmt.Sprintf("appDirectory, which is %s, or a folder above it", c.AppDirectory)
		}, "appDirectory"),
	must(func(c *Config) bool { return c.GitRepository != "" && c.GitRef == "" },
		"gitRef", func(*Config) any { return nil },
		sentence("gitRepository needs it: the commit or tag to run"), "gitRepository"),
	must(func(c *Config) bool {
		imaged := c.ImageID != "" || c.AdoptedServer != nil
		return c.GitRef != "" && c.GitRepository == "" && (c.HasServer() && !imaged || c.fleet() && c.FleetImageID == "")
	}, "gitRef", func(c *Config) any { return c.GitRef },
		sentence("it needs gitRepository, or an imageId whose app has an origin to fetch it from"),
		"gitRepository", "imageId", "fleetImageId", "stage", "keepServer", "adoptedServer"),
	must(func(c *Config) bool { return c.BuildCommand != "" && c.GitRef == "" },
		"buildCommand", func(c *Config) any { return c.BuildCommand },
		sentence("it needs gitRef: what is built is a revision"), "gitRef"),
	must(func(c *Config) bool {
		return c.GitCredentialsParameter != "" && !strings.HasPrefix(c.GitCredentialsParameter, "/"+c.Name+"/")
	}, "gitCredentialsParameter", func(c *Config) any { return c.GitCredentialsParameter },
		func(c *Config) string { return fmt.Sprintf("below /%s/, all that the machines may read", c.Name) }, "name"),
	must(func(c *Config) bool { return c.GitCredentialsParameter != "" && c.GitRepository == "" },
		"gitCredentialsParameter", func(c *Config) any { return c.GitCredentialsParameter },
		sentence("it needs gitRepository"), "gitRepository"),

	must(func(c *Config) bool { return c.ElasticIPAllocationID != "" && c.ElasticIPAddress == "" },
		"elasticIpAllocationId", func(c *Config) any { return c.ElasticIPAllocationID },
		sentence("it needs elasticIpAddress, the address itself, which the DNS record points at"), "elasticIpAddress"),
	must(func(c *Config) bool {
		return c.ElasticIPAllocationID != "" && c.ImageID == "" && c.GitRepository == "" && c.AdoptedServer == nil
	}, "elasticIpAllocationId", func(c *Config) any { return c.ElasticIPAllocationID },
		sentence("it needs imageId or gitRepository: a live address would move to an empty server"),
		"imageId", "gitRepository", "adoptedServer"),
	must(func(c *Config) bool { return c.AdoptedServer != nil && c.ElasticIPAllocationID == "" },
		"elasticIpAllocationId", func(*Config) any { return nil },
		sentence("adoptedServer needs it: the address that the server holds"), "adoptedServer"),
	must(func(c *Config) bool { return c.AdoptedServer != nil && c.VpcID == "" },
		"vpcId", func(*Config) any { return nil },
		sentence("adoptedServer needs it, with publicSubnetIds, the server's first, and availabilityZones"), "adoptedServer"),

	must(func(c *Config) bool {
		return c.CertificateArn != "" && strings.Split(c.CertificateArn, ":")[3] != c.Region
	}, "certificateArn", func(c *Config) any { return c.CertificateArn },
		func(c *Config) string {
			return "a certificate of region " + c.Region + ": a load balancer takes no other"
		}, "region"),
	must(func(c *Config) bool {
		return c.HostedZoneName != "" && c.DomainName != "" && c.DomainName != c.HostedZoneName &&
			!strings.HasSuffix(c.DomainName, "."+c.HostedZoneName)
	}, "domainName", func(c *Config) any { return c.DomainName },
		func(c *Config) string { return "hostedZoneName itself, " + c.HostedZoneName + ", or a name in it" }, "hostedZoneName"),
	// ACM takes the first name into the certificate's common name (RequestCertificate, DomainName: RFC 5280's 64 octets).
	must(func(c *Config) bool { return c.fleet() && c.CertificateArn == "" && len(c.DomainName) > 64 },
		"domainName", func(c *Config) any { return c.DomainName },
		sentence("at most 64 characters for a certificate that is created: set certificateArn, one with this as a further name"), "stage", "certificateArn"),
	must(func(c *Config) bool { return c.DomainName == "" && c.HostedZoneName != "" },
		"hostedZoneName", func(c *Config) any { return c.HostedZoneName }, sentence("it needs domainName, the record to keep in it"), "domainName"),
	must(func(c *Config) bool { return c.DomainName == "" && c.HostedZoneID != "" },
		"hostedZoneId", func(c *Config) any { return c.HostedZoneID }, sentence("it needs domainName, the record to keep in it"), "domainName"),
	// PutMetricAlarm overwrites an alarm of that name without an error (CloudWatch API reference); CloudFormation refuses a
	// second one.
	must(func(c *Config) bool {
		return c.HighCPUAlarmName != "" && c.HighCPUAlarmName == c.LowHealthyHostsAlarmName
	},
		"lowHealthyHostsAlarmName", func(c *Config) any { return c.LowHealthyHostsAlarmName },
		sentence("another name than highCpuAlarmName: CloudFormation refuses a second alarm of one name"), "highCpuAlarmName", "name"),
}

// freeText is what a machine's settings hold besides names and numbers.
func freeText(c *Config) string {
	return c.AppDirectory + c.RepositoryDirectory + c.HealthCheckPath + c.GitRepository + c.GitRef + c.BuildCommand + c.GitCredentialsParameter + c.DomainName
}

// credentials are a URL's beginning that holds some: a token may stand alone where HTTP has a user, which is one for SSH.
var credentials = regexp.MustCompile(`(?i)^(https?://)[^/]*@|^([a-z+]+://)[^/@]*:[^/]*@`)

// home is the one region whose zones a and b are known to exist for every account. Elsewhere ap-northeast-1b and us-west-1b
// take no new subnets, eu-north-1 has no t2 (trailofbits/algo #1285), us-east-1e no t3 (ned1313/Getting-Started-Terraform
// #38).
const home = "ap-south-1"

// instanceTypes lists the types of the three stages, each once.
func (c *Config) instanceTypes() []string {
	types := []string{c.SingleInstanceType, c.VerticalInstanceType, c.FleetInstanceType}
	slices.Sort(types)
	return slices.Compact(types)
}

// network checks the VPC's three keys together.
func network(c *Config) []Fault {
	var faults []Fault
	zones := func(allowed string) {
		faults = append(faults, Fault{"availabilityZones", c.AvailabilityZones, allowed})
	}
	subnets := func(allowed string) {
		if len(c.PublicSubnetIDs) == 0 {
			faults = append(faults, Fault{"publicSubnetIds", nil, allowed})
		} else {
			faults = append(faults, Fault{"publicSubnetIds", c.PublicSubnetIDs, allowed})
		}
	}
	if slices.ContainsFunc(c.AvailabilityZones, func(zone string) bool { return !strings.HasPrefix(zone, c.Region) }) {
		zones("zones of region " + c.Region)
	}
	switch given := c.VpcID != ""; {
	case !given && len(c.PublicSubnetIDs) > 0:
		subnets("they need vpcId, the VPC they are in")
	case !given && !c.zonesGiven && c.Region != home:
		faults = append(faults, Fault{"availabilityZones", nil, fmt.Sprintf("%s needs two that your account has (aws ec2 describe-availability-zones --region %[1]s) "+
			"and that offer the servers' types (aws ec2 describe-instance-type-offerings --location-type availability-zone "+
			"--filters Name=instance-type,Values=%s --region %[1]s)", c.Region, strings.Join(c.instanceTypes(), ","))})
	case !given && len(c.AvailabilityZones) != 2:
		zones("exactly two for a new VPC; more need vpcId and publicSubnetIds")
	case given && len(c.PublicSubnetIDs) < 2:
		subnets("vpcId needs two subnets or more, each in another zone")
	case given && (!c.zonesGiven || len(c.AvailabilityZones) != len(c.PublicSubnetIDs)):
		zones(fmt.Sprintf("vpcId needs the zone of each of the %d publicSubnetIds, in their order", len(c.PublicSubnetIDs)))
	}
	return faults
}

// architecture checks that an instance type has the processor that the images are for.
func architecture(key string, instanceType func(c *Config) string) rule {
	return rule{[]string{key, "architecture"}, func(c *Config) []Fault {
		of := "x86_64"
		if parsed, _ := instancetype.Parse(instanceType(c)); parsed.ARM() {
			of = "arm64"
		}
		if of == c.Architecture {
			return nil
		}
		return []Fault{{key, instanceType(c), fmt.Sprintf("a type for architecture=%s (this one is %s)", c.Architecture, of)}}
	}}
}
