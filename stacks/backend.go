// Package stacks composes the constructs into the one stack of the backend, which evolves in place from stage to stage.
package stacks

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/address"
	"github.com/korakagazindia/provisioner/constructs/agent"
	"github.com/korakagazindia/provisioner/constructs/boot"
	"github.com/korakagazindia/provisioner/constructs/dns"
	"github.com/korakagazindia/provisioner/constructs/identity"
	"github.com/korakagazindia/provisioner/constructs/monitoring"
	"github.com/korakagazindia/provisioner/constructs/network"
	"github.com/korakagazindia/provisioner/constructs/securitygroup"
	"github.com/korakagazindia/provisioner/constructs/text"
	"github.com/korakagazindia/provisioner/constructs/uploads"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// NewBackend adds the backend's stack to an app. This is the one place where the stage is decided.
func NewBackend(app constructs.Construct, c *config.Config) awscdk.Stack {
	stack := newStack(app, c)
	shared := newFoundation(stack, c)
	switch c.Stage {
	case stage.Single:
		serverTopology(shared, c.SingleInstanceType)
	case stage.Vertical:
		serverTopology(shared, c.VerticalInstanceType)
	case stage.Horizontal:
		fleetTopology(shared, map[config.KeepServer]string{
			config.KeepSingle: c.SingleInstanceType, config.KeepVertical: c.VerticalInstanceType, config.KeepNone: "",
		}[c.KeepServer])
	}
	warn(stack, c)
	return stack
}

// warn has the CDK command line say what is worth a second look, at the resource that it is about. kora diff finds it in the
// cloud assembly under the same id.
func warn(stack awscdk.Stack, c *config.Config) {
	for _, w := range c.Warnings() {
		var on constructs.IConstruct = stack
		if w.Subject != "" {
			on = stack.Node().FindChild(jsii.String(w.Subject))
		}
		id, text := jsii.String("kora:"+w.Code), jsii.String(w.Reason+": "+w.Remedy)
		if w.Severity == finding.Note {
			awscdk.Annotations_Of(on).AddInfoV2(id, text)
		} else {
			awscdk.Annotations_Of(on).AddWarningV2(id, text)
		}
	}
}

func newStack(app constructs.Construct, c *config.Config) awscdk.Stack {
	props := &awscdk.StackProps{
		Description: jsii.String(c.Name + ": one backend, from a single server to a fleet"),
		Env:         &awscdk.Environment{Region: jsii.String(c.Region)},
		// On the stack, which hands them down to everything it holds: written out on each resource they would fill a tenth
		// of the template.
		Tags:                  &map[string]*string{"App": jsii.String(c.Name), "ManagedBy": jsii.String("aws-cdk")},
		TerminationProtection: jsii.Bool(c.TerminationProtection),
	}
	if !c.Bootstrapped {
		// It deploys with the caller's own rights. NewBootstraplessSynthesizer names the bootstrap's roles after all, and
		// CloudFormation refuses one that is not there (aws-cdk #20648).
		props.Synthesizer = awscdk.NewLegacyStackSynthesizer()
	}
	return awscdk.NewStack(app, jsii.String(c.StackName()), props)
}

// foundation is what lives on in every stage, under the same logical ids.
type foundation struct {
	stack    awscdk.Stack
	config   *config.Config
	network  *network.Network
	backend  *securitygroup.Backend
	public   *securitygroup.Public
	profile  *identity.Profile
	address  *address.Address
	uploads  *uploads.Bucket
	logs     *agent.LogGroup
	boot     *boot.Boot
	agent    *agent.Agent
	topic    *monitoring.Topic
	provable []awscdk.CfnResource // see prove
}

func newFoundation(stack awscdk.Stack, c *config.Config) *foundation {
	f := &foundation{stack: stack, config: c}
	f.network = network.New(stack, "Network", &network.Props{VpcID: c.VpcID, SubnetIDs: c.PublicSubnetIDs, Zones: c.AvailabilityZones})
	f.backend = securitygroup.NewBackend(stack, "BackendSecurityGroup", &securitygroup.BackendProps{
		VpcID: f.network.VpcID, DatabaseSecurityGroupID: c.DatabaseSecurityGroupID, DatabasePort: c.DatabasePort,
	})
	f.public = securitygroup.NewPublic(stack, "PublicSecurityGroup", &securitygroup.PublicProps{
		VpcID: f.network.VpcID, Ports: c.PublicPorts, SSHCidr: c.SSHCidr,
	})
	switch c.Uploads {
	case config.UploadsNone:
		f.uploads = &uploads.Bucket{}
	case config.UploadsCreate:
		f.uploads = uploads.New(stack, "UploadsBucket")
	default:
		f.uploads = uploads.Existing(c.Uploads)
	}
	f.logs = agent.NewLogGroup(stack, "LogGroup", &agent.LogGroupProps{RetentionDays: c.LogRetentionDays})
	f.profile = identity.New(stack, "Role", &identity.Props{Name: c.Name, LogGroupArn: f.logs.Arn, UploadsBucketArn: f.uploads.Arn})
	if c.KeepElasticIP {
		f.address = address.New(stack, "Address", &address.Props{AllocationID: c.ElasticIPAllocationID, IP: c.ElasticIPAddress})
		if !f.address.Adopted {
			f.waitForInternet(f.address.Resource)
		}
	}
	f.boot = boot.New(stack, "Program", &boot.Props{Name: c.Name})
	f.agent = agent.New(stack, "Agent", &agent.Props{Name: c.Name, AppUser: c.AppUser, LogGroupName: f.logs.Name})
	f.topic = monitoring.NewTopic(stack, "AlertsTopic", &monitoring.TopicProps{Email: c.AlarmEmail})
	f.prove(f.backend.DatabaseRule, f.uploads.Policy, f.agent.Document)
	f.prove(f.topic.Resources...)
	return f
}

// imageID is the image of a machine: the given one, or the dated Ubuntu release, resolved by CloudFormation.
func (f *foundation) imageID(given string) string {
	if given != "" {
		return given
	}
	return "{{resolve:ssm:" + f.config.UbuntuParameter() + "}}"
}

// settings are what every machine is told, and more as name, value, name, value: a later value of one name wins.
func (f *foundation) settings(more ...string) []machine.Setting {
	c := f.config
	values := []machine.Setting{
		{Name: "PORT", Value: strconv.Itoa(c.Port)}, {Name: "HEALTH_PATH", Value: c.HealthCheckPath},
		{Name: "GRACE", Value: strconv.Itoa(c.HealthCheckGraceSeconds)}, {Name: "APP_DIRECTORY", Value: c.AppDirectory}, {Name: "APP_USER", Value: c.AppUser},
		{Name: "GIT_REPOSITORY", Value: c.GitRepository}, {Name: "GIT_REF", Value: c.GitRef},
		{Name: "DOMAIN", Value: c.DomainName}, {Name: "UPLOADS_BUCKET", Value: f.uploads.Name}, {Name: "LOGS", Value: f.logs.Name},
	}
	for _, seldom := range []machine.Setting{{Name: "REPOSITORY_DIRECTORY", Value: c.RepositoryDirectory},
		{Name: "BUILD_COMMAND", Value: c.BuildCommand}, {Name: "GIT_CREDENTIALS", Value: c.GitCredentialsParameter}} {
		if seldom.Value != "" { // what is not set takes no room
			values = append(values, seldom)
		}
	}
	for i := 0; i < len(more); i += 2 {
		values = append(values, machine.Setting{Name: more[i], Value: more[i+1]})
	}
	return values
}

// record makes the DNS record when a zone is known, after what must stand before users come; nil without a zone.
func (f *foundation) record(props *dns.Props, after ...awscdk.CfnResource) awscdk.CfnResource {
	c := f.config
	if c.HostedZoneName == "" && c.HostedZoneID == "" {
		return nil
	}
	props.DomainName, props.HostedZoneName, props.HostedZoneID = c.DomainName, c.HostedZoneName, c.HostedZoneID
	props.Keep = c.ElasticIPAllocationID != ""
	record := dns.New(f.stack, "Record", props)
	wait(record, after...)
	return record
}

// url shows where users get in, what to point one's own DNS at when the stack does not keep the record, the address, and
// the next step.
func (f *foundation) url(tls bool, target string) {
	c := f.config
	host, scheme := target, "http://"
	if c.DomainName != "" {
		host = c.DomainName
	}
	if tls {
		scheme = "https://"
	}
	f.output("Url", scheme+host)
	if c.DomainName != "" && c.HostedZoneName == "" && c.HostedZoneID == "" {
		f.output("DnsTarget", target) // no zone was given: the owner points the domain here
	}
	if f.address != nil {
		f.output("IpAddress", f.address.IP)
	}
	f.output("NextStep", moves.Next(c))
}

// output shows a value after a deploy; its name says what it is.
func (f *foundation) output(id, value string) {
	awscdk.NewCfnOutput(f.stack, jsii.String(id), &awscdk.CfnOutputProps{Value: jsii.String(text.Sub(f.stack, value))})
}

// dashboard makes the dashboard and shows where it is.
func (f *foundation) dashboard(props *monitoring.DashboardProps) {
	props.Region = f.config.Region
	dashboard := monitoring.NewDashboard(f.stack, "Dashboard", props)
	f.prove(dashboard)
	f.output("DashboardUrl",
		"https://"+f.config.Region+".console.aws.amazon.com/cloudwatch/home?region="+f.config.Region+"#dashboards/dashboard/"+*dashboard.Ref())
}
