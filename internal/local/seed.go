package local

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/emulator"
)

// seeding makes, one after the other, what is there before the stack is, and notes the context keys that say so. After an
// error nothing more is made.
type seeding struct {
	ctx          context.Context
	machines     *ec2.Client
	zones        *route53.Client
	certificates *acm.Client
	parameters   *ssm.Client
	buckets      *s3.Client
	databases    *rds.Client
	alarms       *cloudwatch.Client
	profiles     *iam.Client
	balancers    *elb.Client
	stacks       *cloudformation.Client
	control      *emulator.Client
	config       *config.Config
	facts        map[string]string
	err          error
}

func newSeeding(ctx context.Context, url string, c *config.Config) *seeding {
	clients := account.ConfigurationAt(url, c.Region)
	return &seeding{
		ctx: ctx, machines: ec2.NewFromConfig(clients), zones: route53.NewFromConfig(clients), certificates: acm.NewFromConfig(clients),
		parameters: ssm.NewFromConfig(clients), buckets: s3.NewFromConfig(clients, func(o *s3.Options) { o.UsePathStyle = true }),
		databases: rds.NewFromConfig(clients), alarms: cloudwatch.NewFromConfig(clients), profiles: iam.NewFromConfig(clients),
		balancers: elb.NewFromConfig(clients), stacks: cloudformation.NewFromConfig(clients),
		control: &emulator.Client{URL: url}, config: c, facts: map[string]string{},
	}
}

// Seed fills the empty emulator at url with what the configuration names of an account, and with what the owners have outside
// the stack, named or not: a VPC with the database's security group, an image, the hosted zone. With handMade it is
// SeedHandMade of the owners' own server. The facts it returns are context keys that say so, "" for one that is left out. What
// cannot be made is an error.
func Seed(ctx context.Context, url string, c *config.Config, handMade bool) (map[string]string, error) {
	if handMade {
		return SeedHandMade(ctx, url, c, HandMade{})
	}
	s := newSeeding(ctx, url, c)
	s.network()
	s.do("the database's security group", func() error { return s.databaseGroup() })
	s.namedGroups()
	s.keyPair()
	s.images()
	s.zone(false)
	if c.CertificateArn != "" {
		s.certificate()
	}
	s.parameter()
	s.bucket()
	if c.ElasticIPAllocationID != "" {
		s.do("address", s.address)
	}
	return s.made()
}

// made is what has been made, or why not.
func (s *seeding) made() (map[string]string, error) {
	if s.err != nil {
		return nil, fmt.Errorf("seeding the emulator: %w", s.err)
	}
	return s.facts, nil
}

// do makes one thing, unless another could not be made.
func (s *seeding) do(what string, make func() error) {
	if s.err != nil {
		return
	}
	if err := make(); err != nil {
		s.err = fmt.Errorf("%s: %w", what, account.Plain(err))
	}
}

// named tags a resource with a name, as a person would in the console.
func named(kind ec2types.ResourceType, name string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String(name)}}}}
}

// databaseGroup is the security group of the database, which itself is nothing that the stack touches.
func (s *seeding) databaseGroup() error {
	id, err := s.group("database", "Database of the backend")
	s.facts["databaseSecurityGroupId"] = id
	return err
}

// namedGroups are as many as the configuration names.
func (s *seeding) namedGroups() {
	var ids []string
	for i := range s.config.AdditionalSecurityGroupIDs {
		s.do("security group", func() error {
			id, err := s.group(fmt.Sprintf("launch-wizard-%d", i+1), "created by hand")
			ids = append(ids, id)
			return err
		})
	}
	if len(ids) > 0 {
		s.facts["additionalSecurityGroupIds"] = strings.Join(ids, ",")
	}
}

func (s *seeding) group(name, description string) (string, error) {
	made, err := s.machines.CreateSecurityGroup(s.ctx, &ec2.CreateSecurityGroupInput{
		GroupName: aws.String(name), Description: aws.String(description), VpcId: aws.String(s.facts["vpcId"]),
	})
	return aws.ToString(idOf(made)), err
}

func idOf(made *ec2.CreateSecurityGroupOutput) *string {
	if made == nil {
		return nil
	}
	return made.GroupId
}

func (s *seeding) keyPair() {
	if s.config.KeyPairName == "" {
		return
	}
	s.do("key pair", func() error {
		_, err := s.machines.CreateKeyPair(s.ctx, &ec2.CreateKeyPairInput{KeyName: aws.String(s.config.KeyPairName)})
		return err
	})
}

// images are those of a server that has the app; a fleet's own only where the configuration names one.
func (s *seeding) images() {
	s.image("imageId")
	switch s.config.FleetImageID {
	case "":
	case s.config.ImageID:
		s.facts["fleetImageId"] = s.facts["imageId"]
	default:
		s.image("fleetImageId")
	}
}

func (s *seeding) image(key string) {
	s.do("image", func() error {
		made, err := s.machines.RegisterImage(s.ctx, &ec2.RegisterImageInput{
			Name: aws.String(s.config.Name + "-" + key), Architecture: ec2types.ArchitectureValues(s.config.Architecture),
			RootDeviceName: aws.String("/dev/sda1"),
		})
		if err == nil {
			s.facts[key] = *made.ImageId
		}
		return err
	})
}

// parameter holds what clones the repository.
func (s *seeding) parameter() {
	if s.config.GitCredentialsParameter == "" {
		return
	}
	s.do("parameter", func() error {
		_, err := s.parameters.PutParameter(s.ctx, &ssm.PutParameterInput{
			Name: aws.String(s.config.GitCredentialsParameter), Type: ssmtypes.ParameterTypeSecureString, Value: aws.String("user:token"),
		})
		return err
	})
}

// bucket is the one for uploads, if it is named.
func (s *seeding) bucket() {
	if slices.Contains([]string{"none", "create"}, s.config.Uploads) {
		return
	}
	s.do("bucket", func() error {
		input := &s3.CreateBucketInput{Bucket: aws.String(s.config.Uploads)}
		if region := s.config.Region; region != "us-east-1" { // which S3 takes for no constraint, and refuses as one
			input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
		}
		_, err := s.buckets.CreateBucket(s.ctx, input)
		return err
	})
}
