package account

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Baker makes images and snapshots of servers, with tags, takes old ones away, and tries an image. It is apart from Account, which only reads; a server
// itself it can reboot, where it is asked to, and do nothing else to.
type Baker struct {
	*Account
	making making
	pause  time.Duration // between two looks at what takes a while
}

type making interface {
	CreateImage(context.Context, *ec2.CreateImageInput, ...func(*ec2.Options)) (*ec2.CreateImageOutput, error)
	CreateSnapshots(context.Context, *ec2.CreateSnapshotsInput, ...func(*ec2.Options)) (*ec2.CreateSnapshotsOutput, error)
	DeregisterImage(context.Context, *ec2.DeregisterImageInput, ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error)
	DeleteSnapshot(context.Context, *ec2.DeleteSnapshotInput, ...func(*ec2.Options)) (*ec2.DeleteSnapshotOutput, error)
	CreateSecurityGroup(context.Context, *ec2.CreateSecurityGroupInput, ...func(*ec2.Options)) (*ec2.CreateSecurityGroupOutput, error)
	RevokeSecurityGroupEgress(context.Context, *ec2.RevokeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error)
	AuthorizeSecurityGroupEgress(context.Context, *ec2.AuthorizeSecurityGroupEgressInput, ...func(*ec2.Options)) (
		*ec2.AuthorizeSecurityGroupEgressOutput, error)
	DeleteSecurityGroup(context.Context, *ec2.DeleteSecurityGroupInput, ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error)
	RunInstances(context.Context, *ec2.RunInstancesInput, ...func(*ec2.Options)) (*ec2.RunInstancesOutput, error)
	TerminateInstances(context.Context, *ec2.TerminateInstancesInput, ...func(*ec2.Options)) (*ec2.TerminateInstancesOutput, error)
}

// OpenBaker reaches an account as Open does.
func OpenBaker(ctx context.Context, at Place) (*Baker, error) {
	c, err := Configuration(ctx, at)
	if err != nil {
		return nil, err
	}
	return newBaker(c, 10*time.Second), nil
}

// BakerAt reaches the emulator at url, as At does.
func BakerAt(url, region string) *Baker {
	return newBaker(ConfigurationAt(url, region), 20*time.Millisecond)
}

func newBaker(c aws.Config, pause time.Duration) *Baker {
	return &Baker{newAccount(c), ec2.NewFromConfig(c), pause}
}

// Image is one of the account's own.
type Image struct {
	ID, Name string
	// State is available, pending, failed or another of EC2's, and Reason why, where EC2 says.
	State, Reason string
	Created       time.Time
	Snapshots     []string // ids of the copies of its disks
	Devices       []string // under which its machines have them
	Tags          map[string]string
}

// Images are the account's own of the region that have all of these tags.
func (a *Account) Images(ctx context.Context, tags map[string]string) ([]Image, error) {
	pages := ec2.NewDescribeImagesPaginator(a.machines, &ec2.DescribeImagesInput{Owners: []string{"self"}, Filters: tagFilters(tags)})
	return all(ctx, pages, func(p *ec2.DescribeImagesOutput) []Image { return each(p.Images, newImage) })
}

func newImage(i types.Image) Image {
	made := Image{ID: aws.ToString(i.ImageId), Name: aws.ToString(i.Name), State: string(i.State), Tags: tags(i.Tags)}
	made.Created, _ = time.Parse(time.RFC3339, aws.ToString(i.CreationDate)) // zero where EC2 says nothing
	if i.StateReason != nil {
		made.Reason = aws.ToString(i.StateReason.Message)
	}
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && m.Ebs.SnapshotId != nil {
			made.Snapshots = append(made.Snapshots, *m.Ebs.SnapshotId)
			made.Devices = append(made.Devices, aws.ToString(m.DeviceName))
		}
	}
	return made
}

// MakeImage begins an image of a server and of all its volumes; the copies of them get the same tags. The server is rebooted
// first, or not touched: EC2 reboots unless it is told not to (API Reference, CreateImage, NoReboot).
func (b *Baker) MakeImage(ctx context.Context, server, name string, reboot bool, tags map[string]string) (id string, err error) {
	made, err := b.making.CreateImage(ctx, &ec2.CreateImageInput{
		InstanceId: &server, Name: &name, NoReboot: aws.Bool(!reboot),
		TagSpecifications: specifications(tags, types.ResourceTypeImage, types.ResourceTypeSnapshot),
	})
	if err != nil {
		return "", Plain(err)
	}
	return aws.ToString(made.ImageId), nil
}

// MakeSnapshots begins a copy of every volume of a server, all of the same moment. EC2 knows no way to ask for them twice and get
// them once, so that the library does not try again.
func (b *Baker) MakeSnapshots(ctx context.Context, server string, tags map[string]string) error {
	_, err := b.making.CreateSnapshots(ctx, &ec2.CreateSnapshotsInput{
		InstanceSpecification: &types.InstanceSpecification{InstanceId: &server}, TagSpecifications: specifications(tags, types.ResourceTypeSnapshot),
	}, once)
	return Plain(err)
}

// once keeps the library from making a call again.
func once(o *ec2.Options) { o.Retryer = aws.NopRetryer{} }

func specifications(tags map[string]string, of ...types.ResourceType) []types.TagSpecification {
	var wanted []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		wanted = append(wanted, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return each(of, func(kind types.ResourceType) types.TagSpecification {
		return types.TagSpecification{ResourceType: kind, Tags: wanted}
	})
}

// Wait waits until it is worth to look again.
func (b *Baker) Wait(ctx context.Context) error {
	return sleep(ctx, b.pause)
}
