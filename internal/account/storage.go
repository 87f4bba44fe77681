package account

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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
	// State is pending, completed, error or another of EC2's; Percent is how much of it is made.
	State   string
	Percent int
	Begun   time.Time
	Tags    map[string]string
}

// Snapshots are the account's own of the region that have all of these tags, which may be none.
func (a *Account) Snapshots(ctx context.Context, tags map[string]string) ([]Snapshot, error) {
	pages := ec2.NewDescribeSnapshotsPaginator(a.machines, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, Filters: tagFilters(tags)})
	return all(ctx, pages, func(p *ec2.DescribeSnapshotsOutput) []Snapshot { return each(p.Snapshots, newSnapshot) })
}

func newSnapshot(s types.Snapshot) Snapshot {
	percent, _ := strconv.Atoi(strings.TrimSuffix(aws.ToString(s.Progress), "%")) // "" of one that has just begun
	return Snapshot{aws.ToString(s.SnapshotId), aws.ToString(s.VolumeId), whole(s.VolumeSize), tagged(s.Tags, "aws:dlm:lifecycle-policy-id"),
		string(s.State), percent, aws.ToTime(s.StartTime), tags(s.Tags)}
}

// tagFilters let through what has all of these tags.
func tagFilters(tags map[string]string) []types.Filter {
	var filters []types.Filter
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		filters = append(filters, types.Filter{Name: aws.String("tag:" + key), Values: []string{tags[key]}})
	}
	return filters
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
