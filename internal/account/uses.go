package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// MadeOf are the ids of the machines that were made of an image and have not ended.
func (a *Account) MadeOf(ctx context.Context, imageID string) ([]string, error) {
	pages := ec2.NewDescribeInstancesPaginator(a.machines, &ec2.DescribeInstancesInput{
		Filters: []types.Filter{{Name: aws.String("image-id"), Values: []string{imageID}}},
	})
	return all(ctx, pages, func(p *ec2.DescribeInstancesOutput) []string {
		var ids []string
		for _, reservation := range p.Reservations {
			for _, i := range reservation.Instances {
				if i.State.Name != types.InstanceStateNameTerminated {
					ids = append(ids, aws.ToString(i.InstanceId))
				}
			}
		}
		return ids
	})
}

// TemplateImage is what a version of a launch template is made of.
type TemplateImage struct {
	// Template is such as "kora-backend-template, version 3".
	Template string
	// Image is an image's id, or resolve:ssm: and the parameter that has it; "" for none.
	Image string
}

// TemplateImages are those of every version of every launch template of the region.
func (a *Account) TemplateImages(ctx context.Context) ([]TemplateImage, error) {
	pages := ec2.NewDescribeLaunchTemplatesPaginator(a.machines, &ec2.DescribeLaunchTemplatesInput{})
	ids, err := all(ctx, pages, func(p *ec2.DescribeLaunchTemplatesOutput) []string {
		return each(p.LaunchTemplates, func(t types.LaunchTemplate) string { return aws.ToString(t.LaunchTemplateId) })
	})
	if err != nil {
		return nil, err
	}
	var found []TemplateImage
	for _, id := range ids {
		versions := ec2.NewDescribeLaunchTemplateVersionsPaginator(a.machines, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id})
		more, err := all(ctx, versions, func(p *ec2.DescribeLaunchTemplateVersionsOutput) []TemplateImage {
			return each(p.LaunchTemplateVersions, newTemplateImage)
		})
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

func newTemplateImage(v types.LaunchTemplateVersion) TemplateImage {
	t := TemplateImage{Template: fmt.Sprintf("%s, version %d", aws.ToString(v.LaunchTemplateName), aws.ToInt64(v.VersionNumber))}
	if v.LaunchTemplateData != nil {
		t.Image = aws.ToString(v.LaunchTemplateData.ImageId)
	}
	return t
}

// ImageSharedWith is who else may launch an image: accounts, organizations, or all. One that is gone is shared with nobody.
func (a *Account) ImageSharedWith(ctx context.Context, imageID string) ([]string, error) {
	found, err := a.machines.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{
		ImageId: &imageID, Attribute: types.ImageAttributeNameLaunchPermission,
	})
	if noImage(err) {
		return nil, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	return each(found.LaunchPermissions, func(p types.LaunchPermission) string {
		return first(aws.ToString(p.UserId), aws.ToString(p.OrganizationArn), aws.ToString(p.OrganizationalUnitArn), string(p.Group), "somebody")
	}), nil
}

// SnapshotSharedWith is who else may make a disk of a snapshot: accounts, or all. One that is gone is shared with nobody.
func (a *Account) SnapshotSharedWith(ctx context.Context, snapshotID string) ([]string, error) {
	found, err := a.machines.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: &snapshotID, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	if code(err) == "InvalidSnapshot.NotFound" {
		return nil, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	return each(found.CreateVolumePermissions, func(p types.CreateVolumePermission) string {
		return first(aws.ToString(p.UserId), string(p.Group), "somebody")
	}), nil
}

// Deregister takes an image away, with those of its copies of disks that no other image has. One that is gone is no error.
func (b *Baker) Deregister(ctx context.Context, imageID string) error {
	_, err := b.making.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &imageID, DeleteAssociatedSnapshots: aws.Bool(true)})
	if noImage(err) {
		return nil
	}
	return Plain(err)
}

func noImage(err error) bool {
	return code(err) == "InvalidAMIID.NotFound" || code(err) == "InvalidAMIID.Unavailable"
}

// DropSnapshot removes a copy of a disk, and reports whether it is gone: while an image has it, EC2 refuses.
func (b *Baker) DropSnapshot(ctx context.Context, snapshotID string) (bool, error) {
	_, err := b.making.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: &snapshotID})
	switch code(err) {
	case "InvalidSnapshot.NotFound":
		return true, nil
	case "InvalidSnapshot.InUse":
		return false, nil
	}
	return err == nil, Plain(err)
}
