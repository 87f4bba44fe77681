package account

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Snapshot is a copy of a disk.
type Snapshot struct {
	ID, Disk string
	// GiB is the disk's size; billed is what differs from the snapshot before (EBS, "How incremental snapshots work").
	GiB int
	// Policy is the id of the lifecycle policy that made it, "" for a person.
	Policy string
}

// Snapshots are the account's own of the region.
func (a *Account) Snapshots(ctx context.Context) ([]Snapshot, error) {
	pages := ec2.NewDescribeSnapshotsPaginator(a.machines, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	return all(ctx, pages, func(p *ec2.DescribeSnapshotsOutput) []Snapshot {
		return each(p.Snapshots, func(s types.Snapshot) Snapshot {
			policy := tagged(s.Tags, "aws:dlm:lifecycle-policy-id")
			return Snapshot{aws.ToString(s.SnapshotId), aws.ToString(s.VolumeId), whole(s.VolumeSize), policy}
		})
	})
}

// Buckets are the names of the account's that begin with prefix.
func (a *Account) Buckets(ctx context.Context, prefix string) ([]string, error) {
	pages := s3.NewListBucketsPaginator(a.buckets, &s3.ListBucketsInput{Prefix: &prefix})
	names, err := all(ctx, pages, func(p *s3.ListBucketsOutput) []string {
		return each(p.Buckets, func(b s3types.Bucket) string { return aws.ToString(b.Name) })
	})
	var own []string
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			own = append(own, name)
		}
	}
	return own, err
}
