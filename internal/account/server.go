package account

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Server is one of EC2's machines, all that a template may say of it.
type Server struct {
	ID, Type, State, Architecture string
	Launched                      time.Time
	ImageID, KeyName              string
	Zone, SubnetID, VpcID         string
	PrivateIP                     string
	// GroupIDs are its security groups, in its own order.
	GroupIDs []string
	// ProfileARN is its instance profile's, "" for none.
	ProfileARN string
	// RootDevice is such as /dev/sda1, RootType ebs or instance-store.
	RootDevice, RootType string
	Volumes              []Attachment
	// Interfaces, PrivateIPs and IPv6 count those of all its network interfaces.
	Interfaces, PrivateIPs, IPv6 int
	Tags                         map[string]string
	Metadata                     Metadata
	Monitoring, EBSOptimized     bool
	SourceDestCheck              bool
	// Odd says in words what keeps it from being an ordinary server of its owner's: "is a spot instance".
	Odd []string
}

// Attachment is a volume of a server.
type Attachment struct {
	VolumeID, Device    string
	DeleteOnTermination bool
	Attached            time.Time
}

// Metadata is how a server asks for its own metadata, in EC2's words.
type Metadata struct {
	Tokens   string // optional or required
	Endpoint string // enabled or disabled
	HopLimit int
	IPv6     string
	Tags     string
}

// Server is the machine of that id. That there is none is an error.
func (a *Account) Server(ctx context.Context, id string) (*Server, error) {
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
	found, err := all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []Server {
		var servers []Server
		for _, reservation := range p.Reservations {
			servers = append(servers, each(reservation.Instances, newServer)...)
		}
		return servers
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the instance %s does not exist", id)
	}
	return &found[0], nil
}

func newServer(i types.Instance) Server {
	s := Server{
		ID: aws.ToString(i.InstanceId), Type: string(i.InstanceType), State: string(i.State.Name), Architecture: string(i.Architecture),
		Launched: aws.ToTime(i.LaunchTime), ImageID: aws.ToString(i.ImageId), KeyName: aws.ToString(i.KeyName),
		SubnetID: aws.ToString(i.SubnetId), VpcID: aws.ToString(i.VpcId), PrivateIP: aws.ToString(i.PrivateIpAddress),
		GroupIDs:   each(i.SecurityGroups, func(g types.GroupIdentifier) string { return aws.ToString(g.GroupId) }),
		RootDevice: aws.ToString(i.RootDeviceName), RootType: string(i.RootDeviceType),
		Interfaces: len(i.NetworkInterfaces), Tags: tags(i.Tags), Metadata: newMetadata(i.MetadataOptions),
		EBSOptimized: aws.ToBool(i.EbsOptimized), SourceDestCheck: i.SourceDestCheck == nil || *i.SourceDestCheck,
		Odd: odd(i),
	}
	if i.Placement != nil {
		s.Zone = aws.ToString(i.Placement.AvailabilityZone)
	}
	if i.IamInstanceProfile != nil {
		s.ProfileARN = aws.ToString(i.IamInstanceProfile.Arn)
	}
	if i.Monitoring != nil {
		s.Monitoring = i.Monitoring.State == types.MonitoringStateEnabled || i.Monitoring.State == types.MonitoringStatePending
	}
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil {
			s.Volumes = append(s.Volumes, Attachment{aws.ToString(m.Ebs.VolumeId), aws.ToString(m.DeviceName),
				aws.ToBool(m.Ebs.DeleteOnTermination), aws.ToTime(m.Ebs.AttachTime)})
		}
	}
	for _, n := range i.NetworkInterfaces {
		s.PrivateIPs += len(n.PrivateIpAddresses)
		s.IPv6 += len(n.Ipv6Addresses)
	}
	return s
}

func newMetadata(m *types.InstanceMetadataOptionsResponse) Metadata {
	if m == nil {
		return Metadata{}
	}
	return Metadata{string(m.HttpTokens), string(m.HttpEndpoint), whole(m.HttpPutResponseHopLimit), string(m.HttpProtocolIpv6),
		string(m.InstanceMetadataTags)}
}

func tags(of []types.Tag) map[string]string {
	found := map[string]string{}
	for _, tag := range of {
		found[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return found
}

// owned are the tags by which AWS's services say that a machine is theirs.
var owned = []struct{ key, says string }{
	{"aws:autoscaling:groupName", "belongs to the Auto Scaling group "},
	{"elasticbeanstalk:environment-name", "belongs to the Elastic Beanstalk environment "},
	{"opsworks:stack", "belongs to the OpsWorks stack "},
}

// odd is what of a machine is not of the ordinary kind.
func odd(i types.Instance) []string {
	var says []string
	add := func(is bool, what string) {
		if is {
			says = append(says, what)
		}
	}
	add(i.InstanceLifecycle != "", "is a "+string(i.InstanceLifecycle)+" instance")
	if p := i.Placement; p != nil {
		add(p.Tenancy != "" && p.Tenancy != types.TenancyDefault, "has the tenancy "+string(p.Tenancy))
		add(aws.ToString(p.GroupName) != "", "is in the placement group "+aws.ToString(p.GroupName))
	}
	add(i.HibernationOptions != nil && aws.ToBool(i.HibernationOptions.Configured), "may hibernate")
	add(i.EnclaveOptions != nil && aws.ToBool(i.EnclaveOptions.Enabled), "has an enclave")
	add(i.Operator != nil && aws.ToBool(i.Operator.Managed), "is managed by AWS")
	add(i.KernelId != nil || i.RamdiskId != nil, "has a kernel or a RAM disk of its own")
	own := tags(i.Tags)
	for _, one := range owned {
		add(own[one.key] != "", one.says+own[one.key])
	}
	return says
}

// StackName is the stack that CloudFormation says, by a tag, has the server, "" for none.
func (s *Server) StackName() string { return s.Tags["aws:cloudformation:stack-name"] }
