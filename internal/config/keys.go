package config

import (
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Config holds every context key, checked and with its default filled in. An empty string, slice or zero means that the
// key was not set and has no default; Keys documents each one.
type Config struct {
	Stage  stage.Stage
	Name   string
	Region string

	SingleInstanceType    string
	VerticalInstanceType  string
	FleetInstanceType     string
	Architecture          string
	ImageID               string
	FleetImageID          string
	KeyPairName           string
	VolumeSizeGib         int
	CPUCredits            Credits
	SnapshotRetentionDays int

	AvailabilityZones          []string
	VpcID                      string
	PublicSubnetIDs            []string
	AdditionalSecurityGroupIDs []string
	PublicPorts                []int
	SSHCidr                    string
	ElasticIPAllocationID      string
	ElasticIPAddress           string
	KeepElasticIP              bool
	// AdoptedServer is the server that was there before the stack, nil for one that the stack makes.
	AdoptedServer *adopted.Server

	Port                       int
	HealthCheckPath            string
	HealthCheckIntervalSeconds int
	HealthCheckGraceSeconds    int
	DeregistrationDelaySeconds int
	AppDirectory               string
	RepositoryDirectory        string
	AppUser                    string
	GitRepository              string
	BuildCommand               string
	GitRef                     string
	GitCredentialsParameter    string

	MinCapacity             int
	MaxCapacity             int
	ScaleOutCPUPercent      int
	ScaleInCPUPercent       int
	CooldownSeconds         int
	ScalingPolicy           ScalingPolicy
	TargetTrackingMetric    Metric
	TargetCPUPercent        int
	TargetRequestsPerMinute int

	KeepServer               KeepServer
	FleetTrafficPercent      int
	DNSTarget                DNSTarget
	TrafficStickinessSeconds int
	RedirectHTTP             bool
	DropInvalidHeaders       bool
	Sessions                 Sessions
	Uploads                  string

	DatabaseSecurityGroupID string
	DatabasePort            int

	DomainName     string
	HostedZoneName string
	HostedZoneID   string
	CertificateArn string
	DNSTTLSeconds  int

	AlarmEmail               string
	HighCPUAlarmName         string
	LowHealthyHostsAlarmName string
	LogRetentionDays         int
	TerminationProtection    bool
	Bootstrapped             bool
	Validate                 bool

	zonesGiven bool            // availabilityZones was set, not derived
	set        map[string]bool // keys that have another value than their default
}

// Key is one context key: its name, its default as one would write it with -c (empty for none), and what it decides.
type Key struct {
	Name    string
	Default string
	Doc     string
	kind    kind
}

// Values returns what the key takes where that is a list, and none where it is not.
func (k Key) Values() []string {
	if len(k.kind.words) > 0 {
		return k.kind.words
	}
	return k.kind.values
}

// Keys lists every context key, in the order of docs/context.md.
func Keys() []Key { return keys }

// The lengths of stay that CloudWatch Logs knows (PutRetentionPolicy, retentionInDays).
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// graceMax is PauseTime's limit, one hour (UpdatePolicy attribute, CloudFormation Template Reference; the deploy's own words
// are in aws-cdk #1113), less the 180 s that the group gives a node beyond its grace: that clock begins when EC2 launches it.
const graceMax = 3600 - 180

var keys = []Key{
	{"stage", "single", "the topology: one server, the same server larger, or a fleet behind a load balancer",
		stages(func(c *Config) *stage.Stage { return &c.Stage })},
	{"name", "kora-backend", "the backend's name: the stack, physical names and parameters derive from it; changing it " +
		"means a new stack",
		text(func(c *Config) *string { return &c.Name }, nameShape)},
	{"region", "ap-south-1", "the region everything is in",
		text(func(c *Config) *string { return &c.Region }, regionShape)},

	{"singleInstanceType", "t2.micro", "the server's type in `single`",
		text(func(c *Config) *string { return &c.SingleInstanceType }, instanceTypeShape)},
	{"verticalInstanceType", "t2.small", "the server's type in `vertical`",
		text(func(c *Config) *string { return &c.VerticalInstanceType }, instanceTypeShape)},
	{"fleetInstanceType", "t2.micro", "the type of the fleet's nodes",
		text(func(c *Config) *string { return &c.FleetInstanceType }, instanceTypeShape)},
	{"architecture", "x86_64", "the processor all three types and both images are for",
		choice(func(c *Config) *string { return &c.Architecture }, "x86_64", "arm64")},
	{"imageId", "", "the server's image; without it a dated Ubuntu 24.04; changing it replaces the server",
		text(func(c *Config) *string { return &c.ImageID }, resourceID("ami", "an image id"))},
	{"fleetImageId", "", "the fleet's image; without it `imageId`",
		text(func(c *Config) *string { return &c.FleetImageID }, resourceID("ami", "an image id"))},
	{"keyPairName", "", "an existing EC2 key pair for SSH; without it only Session Manager; changing it replaces the server",
		text(func(c *Config) *string { return &c.KeyPairName }, keyPairShape)},
	{"volumeSizeGib", "", "the root volumes' size in GiB; without it the image's own; changing it replaces the server",
		number(func(c *Config) *int { return &c.VolumeSizeGib }, 8, 16384)},
	{"cpuCredits", "unlimited", "how the fleet's T instances pay for CPU above their baseline; the server keeps AWS's " +
		"default for its type",
		choice(func(c *Config) *Credits { return &c.CPUCredits }, CreditsUnlimited, CreditsStandard)},
	{"snapshotRetentionDays", "7", "how many daily snapshots of the server are kept; 0 for no snapshots",
		number(func(c *Config) *int { return &c.SnapshotRetentionDays }, 0, 365)},

	{"availabilityZones", "", "the zones, the server's first; without them a and b, in ap-south-1 only; with `vpcId`, " +
		"those of `publicSubnetIds`",
		texts(func(c *Config) *[]string { return &c.AvailabilityZones }, zoneShape)},
	{"vpcId", "", "an existing VPC; without it a new one",
		text(func(c *Config) *string { return &c.VpcID }, resourceID("vpc", "a VPC id"))},
	{"publicSubnetIds", "", "public subnets of `vpcId` that assign public addresses at launch, the server's first; " +
		"changing the first replaces the server",
		texts(func(c *Config) *[]string { return &c.PublicSubnetIDs }, resourceID("subnet", "subnet ids"))},
	{"additionalSecurityGroupIds", "", "existing security groups that server and fleet carry besides their own",
		texts(func(c *Config) *[]string { return &c.AdditionalSecurityGroupIDs }, resourceID("sg", "security group ids"))},
	{"publicPorts", "80,443", "the ports on which the server is open to the internet; 22 is a matter of `sshCidr`",
		numbers(func(c *Config) *[]int { return &c.PublicPorts }, 1, 65535)},
	{"sshCidr", "", "the network from which the server takes SSH; without it port 22 is closed",
		text(func(c *Config) *string { return &c.SSHCidr }, cidrShape)},
	{"elasticIpAllocationId", "", "an existing Elastic IP to adopt; without it a new one",
		text(func(c *Config) *string { return &c.ElasticIPAllocationID }, resourceID("eipalloc", "an allocation id"))},
	{"elasticIpAddress", "", "the address of `elasticIpAllocationId`",
		text(func(c *Config) *string { return &c.ElasticIPAddress }, addressShape)},
	{"keepElasticIp", "true", "whether the address stays in the stack when no server holds it; false leaves it in the " +
		"account, billed, and does not release it",
		flag(func(c *Config) *bool { return &c.KeepElasticIP })},

	{"adoptedServer", "", "the server that ran before the stack and is imported into it, as `kora adopt --write` puts it here; " +
		"`imageId` and `volumeSizeGib` are then the fleet's alone; changing it may replace the server",
		server(func(c *Config) **adopted.Server { return &c.AdoptedServer })},

	// A new revision is tried on the next one.
	{"port", "3001", "the port on which the app listens",
		number(func(c *Config) *int { return &c.Port }, 1, 65534)},
	{"healthCheckPath", "/health", "the path that answers 200 while the app can serve",
		text(func(c *Config) *string { return &c.HealthCheckPath }, pathShape)},
	{"healthCheckIntervalSeconds", "30", "seconds between two health checks of the balancer",
		number(func(c *Config) *int { return &c.HealthCheckIntervalSeconds }, 6, 300)},
	{"healthCheckGraceSeconds", "300", "seconds a new node has to become healthy; at most an hour less 3 minutes, since " +
		"CloudFormation waits an hour for it",
		number(func(c *Config) *int { return &c.HealthCheckGraceSeconds }, 60, graceMax)},
	{"deregistrationDelaySeconds", "30", "seconds a node that leaves may finish its requests",
		number(func(c *Config) *int { return &c.DeregistrationDelaySeconds }, 0, 3600)},
	{"appDirectory", "/home/ubuntu/app", "where the app is on a machine",
		text(func(c *Config) *string { return &c.AppDirectory }, directoryShape)},
	{"repositoryDirectory", "", "where the app's repository is cloned, when the app is a folder of it; without it " +
		"`appDirectory`; where a repository is already, git says so itself",
		text(func(c *Config) *string { return &c.RepositoryDirectory }, directoryShape)},
	{"appUser", "ubuntu", "the user the app runs as",
		text(func(c *Config) *string { return &c.AppUser }, userShape)},
	{"gitRepository", "", "where the app is cloned from, without credentials in it; without it the image holds the app",
		text(func(c *Config) *string { return &c.GitRepository }, repositoryShape)},
	{"gitRef", "", "the revision that runs: a commit or tag, so that every node runs the same",
		text(func(c *Config) *string { return &c.GitRef }, refShape)},
	{"buildCommand", "", "what builds the app in its folder, with the development dependencies, which are removed afterwards; " +
		"without it nothing is built",
		text(func(c *Config) *string { return &c.BuildCommand }, commandShape)},
	{"gitCredentialsParameter", "", "a SecureString below /<name>/ that holds user:token for `gitRepository`",
		text(func(c *Config) *string { return &c.GitCredentialsParameter }, parameterShape)},

	{"minCapacity", "2", "the fewest nodes",
		number(func(c *Config) *int { return &c.MinCapacity }, 1, 100)},
	{"maxCapacity", "5", "the most nodes",
		number(func(c *Config) *int { return &c.MaxCapacity }, 1, 100)},
	{"scaleOutCpuPercent", "70", "average CPU above which a node is added",
		number(func(c *Config) *int { return &c.ScaleOutCPUPercent }, 0, 100)},
	{"scaleInCpuPercent", "30", "average CPU below which a node is removed",
		number(func(c *Config) *int { return &c.ScaleInCPUPercent }, 0, 100)},
	{"cooldownSeconds", "300", "seconds between two simple scaling activities",
		number(func(c *Config) *int { return &c.CooldownSeconds }, 0, 3600)},
	{"scalingPolicy", "simple", "how the fleet scales: one node at a time with a cooldown, by steps, or towards a target",
		choice(func(c *Config) *ScalingPolicy { return &c.ScalingPolicy }, ScaleSimple, ScaleStep, ScaleToTarget)},
	{"targetTrackingMetric", "cpu", "what targetTracking holds steady: CPU, or requests per node",
		choice(func(c *Config) *Metric { return &c.TargetTrackingMetric }, MetricCPU, MetricRequests)},
	{"targetCpuPercent", "50", "the average CPU that targetTracking aims at",
		number(func(c *Config) *int { return &c.TargetCPUPercent }, 1, 100)},
	{"targetRequestsPerMinute", "", "the requests per node and minute that targetTracking aims at; measure before you choose",
		number(func(c *Config) *int { return &c.TargetRequestsPerMinute }, 1, 10_000_000)},

	{"keepServer", "", "in `horizontal`: the server stays as that stage has it, or goes; must be said there",
		choice(func(c *Config) *KeepServer { return &c.KeepServer }, KeepSingle, KeepVertical, KeepNone)},
	{"fleetTrafficPercent", "100", "the share of the balancer's traffic that the fleet gets while a server is kept",
		number(func(c *Config) *int { return &c.FleetTrafficPercent }, 0, 100)},
	{"dnsTarget", "balancer", "in `horizontal`: where the record points",
		choice(func(c *Config) *DNSTarget { return &c.DNSTarget }, DNSBalancer, DNSServer)},
	{"trafficStickinessSeconds", "300", "seconds a client stays with server or fleet while both get traffic",
		number(func(c *Config) *int { return &c.TrafficStickinessSeconds }, 1, 604800)},
	{"redirectHttp", "true", "whether the balancer sends port 80 to 443; false serves both, for clients that POST to http://",
		flag(func(c *Config) *bool { return &c.RedirectHTTP })},
	{"dropInvalidHeaders", "true", "whether the balancer removes headers whose names hold anything but letters, digits " +
		"and hyphens, so every one with an underscore, without a word",
		flag(func(c *Config) *bool { return &c.DropInvalidHeaders })},
	{"sessions", "sticky", "how sessions survive a fleet: a cookie of the balancer, a Valkey cache, or the app keeps none",
		choice(func(c *Config) *Sessions { return &c.Sessions }, SessionsSticky, SessionsRedis, SessionsNone)},
	{"uploads", "none", "the bucket for uploads: none, a new one (create), or an existing one by name",
		text(func(c *Config) *string { return &c.Uploads }, uploadsShape)},

	{"databaseSecurityGroupId", "", "the existing database's security group, which is told to trust the backend",
		text(func(c *Config) *string { return &c.DatabaseSecurityGroupID }, resourceID("sg", "a security group id"))},
	{"databasePort", "5432", "the database's port",
		number(func(c *Config) *int { return &c.DatabasePort }, 1, 65535)},

	{"domainName", "", "the name users reach",
		text(func(c *Config) *string { return &c.DomainName }, domainShape)},
	{"hostedZoneName", "", "the Route 53 zone that holds the record",
		text(func(c *Config) *string { return &c.HostedZoneName }, domainShape)},
	{"hostedZoneId", "", "the zone's id: lets a new certificate validate itself; holds the record when `hostedZoneName` " +
		"is not set",
		text(func(c *Config) *string { return &c.HostedZoneID }, zoneIDShape)},
	{"certificateArn", "", "an issued ACM certificate; without it one is created for `domainName`",
		text(func(c *Config) *string { return &c.CertificateArn }, certificateShape)},
	{"dnsTtlSeconds", "60", "the record's TTL while it points at an address; a live record is taken over only when it is " +
		"identical, TTL included, if at all",
		number(func(c *Config) *int { return &c.DNSTTLSeconds }, 1, 86400)},

	{"alarmEmail", "", "who is told of alarms; must confirm AWS's e-mail once",
		text(func(c *Config) *string { return &c.AlarmEmail }, emailShape)},
	{"highCpuAlarmName", "", "the physical name of the CPU alarm; without it <name>-high-cpu",
		text(func(c *Config) *string { return &c.HighCPUAlarmName }, alarmShape)},
	{"lowHealthyHostsAlarmName", "", "the physical name of the healthy hosts alarm; without it <name>-low-healthy-hosts",
		text(func(c *Config) *string { return &c.LowHealthyHostsAlarmName }, alarmShape)},
	{"logRetentionDays", "30", "days that logs are kept",
		numberOf(func(c *Config) *int { return &c.LogRetentionDays }, retentions...)},
	{"terminationProtection", "false", "whether the stack refuses to be deleted; true once the first deploy has " +
		"succeeded, before which it would lock a failed one",
		flag(func(c *Config) *bool { return &c.TerminationProtection })},
	{"bootstrapped", "false", "whether the account is bootstrapped for the CDK, which lifts the template's limit of " +
		"51,200 characters",
		flag(func(c *Config) *bool { return &c.Bootstrapped })},
	{"validate", "false", "whether synthesis runs the CDK's own validation of the template, which takes seconds",
		flag(func(c *Config) *bool { return &c.Validate })},
}
