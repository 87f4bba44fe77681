package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// LogGroups are the names of the groups that begin with prefix, the newest first.
func (a *Account) LogGroups(ctx context.Context, prefix string) ([]string, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(a.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
	groups, err := all(ctx, pages, func(p *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return p.LogGroups })
	slices.SortStableFunc(groups, func(a, b types.LogGroup) int {
		return int(aws.ToInt64(b.CreationTime) - aws.ToInt64(a.CreationTime))
	})
	return each(groups, func(g types.LogGroup) string { return aws.ToString(g.LogGroupName) }), err
}

// LogStreams are the names of a group's streams, that with the last event first.
func (a *Account) LogStreams(ctx context.Context, group string) ([]string, error) {
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(a.logs, &cloudwatchlogs.DescribeLogStreamsInput{
		LogGroupName: &group, OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true),
	})
	return all(ctx, pages, func(p *cloudwatchlogs.DescribeLogStreamsOutput) []string {
		return each(p.LogStreams, func(s types.LogStream) string { return aws.ToString(s.LogStreamName) })
	})
}
