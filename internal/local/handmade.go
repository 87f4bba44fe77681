package local

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/korakagazindia/provisioner/internal/config"
)

// HandMade is how a server made by hand differs from the owners': a t2.micro of the default VPC with one group of the launch
// wizard, open to the world, no profile, no user data, tokens optional, an unencrypted gp2 of 8 GiB, an Elastic IP, a record of 300 seconds
// in a public zone, and the guide's two alarms.
type HandMade struct {
	Encrypted  bool   // its disk
	UserData   string // the script that it was launched with
	Profile    string // the name of an instance profile that it has
	Groups     int    // of the launch wizard; 0 for one
	InStack    string // the name of another stack that made it
	Stopped    bool
	NoAddress  bool // no Elastic IP, and so no record
	Private    bool // the zone is one that only the VPC sees
	Balancer   bool // the record leads to a balancer before it
	Database   bool // there is a second database, which lets the server in too
	OpenToPort int  // a port of the database's group that is open to the world
}

// SeedHandMade fills the empty emulator at url with today's server and all that its owners have around it: the account that
// kora adopt is for. The facts it returns are context keys by which a new server stands beside it, as docs/way-in.md has it:
// what serves users is left out, and alarms have names that are free.
func SeedHandMade(ctx context.Context, url string, c *config.Config, h HandMade) (map[string]string, error) {
	s := newSeeding(ctx, url, c)
	s.defaultNetwork()
	s.wizardGroups(max(h.Groups, 1))
	s.database(h)
	s.keyPair()
	s.images()
	s.zone(h.Private)
	if c.DomainName != "" {
		s.certificate()
	}
	s.parameter()
	s.bucket()
	s.server(h)
	s.handMadeAlarms()
	s.leaveOut()
	return s.made()
}

// server is today's, with its address and its record.
func (s *seeding) server(h HandMade) {
	var instance string
	s.do("server", func() (err error) {
		if h.InStack != "" {
			instance, err = s.launchInStack(h)
		} else {
			instance, err = s.launch(h)
		}
		return err
	})
	if !h.NoAddress {
		s.do("address", s.address)
		s.do("address of the server", func() error {
			_, err := s.machines.AssociateAddress(s.ctx, &ec2.AssociateAddressInput{
				AllocationId: aws.String(s.facts["elasticIpAllocationId"]), InstanceId: aws.String(instance),
			})
			return err
		})
	}
	switch {
	case s.facts["hostedZoneId"] == "":
	case h.Balancer:
		s.do("balancer", func() error { return s.before(instance) })
	case !h.NoAddress:
		s.do("record", func() error { return s.record(s.facts["elasticIpAddress"], nil) })
	}
	if h.Stopped {
		s.do("stop of the server", func() error {
			_, err := s.machines.StopInstances(s.ctx, &ec2.StopInstancesInput{InstanceIds: []string{instance}})
			return err
		})
	}
}

// leaveOut keeps from the stack what serves users today: it is adopted, or handed over in a deploy of its own (docs/way-in.md).
func (s *seeding) leaveOut() {
	for _, key := range []string{"elasticIpAllocationId", "elasticIpAddress", "hostedZoneName", "hostedZoneId"} {
		s.facts[key] = ""
	}
	s.facts["highCpuAlarmName"], s.facts["lowHealthyHostsAlarmName"] = s.config.Name+"-high-cpu", s.config.Name+"-low-healthy-hosts"
}

// canonical is where Canonical publishes the image that the server was once made from
// (https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/); its disks are gp2.
const canonical = "/aws/service/canonical/ubuntu/server/22.04/stable/20250115/%s/hvm/ebs-gp2/ami-id"

var processors = map[string]string{"x86_64": "amd64", "arm64": "arm64"}

func (s *seeding) publicImage() (string, error) {
	name := fmt.Sprintf(canonical, processors[s.config.Architecture])
	found, err := s.parameters.GetParameter(s.ctx, &ssm.GetParameterInput{Name: &name})
	if err != nil {
		return "", err
	}
	return aws.ToString(found.Parameter.Value), nil
}

// handMadeTags are a person's.
var handMadeTags = map[string]string{"Name": "kora backend", "Owner": "ops"}

func (s *seeding) launch(h HandMade) (string, error) {
	image, err := s.publicImage()
	if err != nil {
		return "", err
	}
	subnet, _, _ := strings.Cut(s.facts["publicSubnetIds"], ",")
	input := &ec2.RunInstancesInput{
		ImageId: &image, InstanceType: ec2types.InstanceType(s.config.SingleInstanceType),
		MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: &subnet,
		SecurityGroupIds: strings.Split(s.facts["additionalSecurityGroupIds"], ","), TagSpecifications: handMadeTagsOf(),
	}
	if s.config.KeyPairName != "" {
		input.KeyName = aws.String(s.config.KeyPairName)
	}
	if h.UserData != "" {
		input.UserData = aws.String(base64.StdEncoding.EncodeToString([]byte(h.UserData)))
	}
	if h.Encrypted {
		input.BlockDeviceMappings = []ec2types.BlockDeviceMapping{{
			DeviceName: aws.String("/dev/sda1"), Ebs: &ec2types.EbsBlockDevice{Encrypted: aws.Bool(true), VolumeType: ec2types.VolumeTypeGp3},
		}}
	}
	if h.Profile != "" {
		if err := s.profile(h.Profile); err != nil {
			return "", err
		}
		input.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: &h.Profile}
	}
	made, err := s.machines.RunInstances(s.ctx, input)
	if err != nil {
		return "", err
	}
	return *made.Instances[0].InstanceId, nil
}

func handMadeTagsOf() []ec2types.TagSpecification {
	spec := ec2types.TagSpecification{ResourceType: ec2types.ResourceTypeInstance}
	for key, value := range handMadeTags {
		spec.Tags = append(spec.Tags, ec2types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return []ec2types.TagSpecification{spec}
}

// profile is one with a role of that name, which may read uploads.
func (s *seeding) profile(name string) error {
	trust := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
	uploads := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::uploads/*"}]}`
	if _, err := s.profiles.CreateRole(s.ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
		return err
	}
	if _, err := s.profiles.PutRolePolicy(s.ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("uploads"), PolicyDocument: &uploads}); err != nil {
		return err
	}
	if _, err := s.profiles.CreateInstanceProfile(s.ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &name}); err != nil {
		return err
	}
	_, err := s.profiles.AddRoleToInstanceProfile(s.ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &name})
	return err
}

// launchInStack has another stack make the server.
func (s *seeding) launchInStack(h HandMade) (string, error) {
	image, err := s.publicImage()
	if err != nil {
		return "", err
	}
	subnet, _, _ := strings.Cut(s.facts["publicSubnetIds"], ",")
	template, err := json.Marshal(map[string]any{"Resources": map[string]any{"Backend": map[string]any{
		"Type": "AWS::EC2::Instance", "Properties": map[string]any{
			"ImageId": image, "InstanceType": s.config.SingleInstanceType, "SubnetId": subnet,
			"SecurityGroupIds": strings.Split(s.facts["additionalSecurityGroupIds"], ","),
		}}}})
	if err != nil {
		return "", err
	}
	if _, err := s.stacks.CreateStack(s.ctx, &cloudformation.CreateStackInput{StackName: &h.InStack, TemplateBody: aws.String(string(template))}); err != nil {
		return "", err
	}
	about := &cloudformation.DescribeStacksInput{StackName: &h.InStack}
	if err := cloudformation.NewStackCreateCompleteWaiter(s.stacks, func(o *cloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay = 100 * time.Millisecond
	}).Wait(s.ctx, about, time.Minute); err != nil {
		return "", err
	}
	made, err := s.stacks.DescribeStackResource(s.ctx, &cloudformation.DescribeStackResourceInput{StackName: &h.InStack, LogicalResourceId: aws.String("Backend")})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.StackResourceDetail.PhysicalResourceId), nil
}
