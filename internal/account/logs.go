package account

import (
	"context"
	"errors"
	"slices"
	"strings"

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

// LastLines returns the newest lines of a stream of a log group, the oldest of them first: at most 10,000, or as many as
// CloudWatch Logs puts into its megabyte. It returns nil where there is no such stream.
func (a *Account) LastLines(ctx context.Context, group, stream string) ([]string, error) {
	page, err := a.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(false)})
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	var lines []string
	for _, event := range page.Events {
		lines = append(lines, strings.Split(aws.ToString(event.Message), "\n")...)
	}
	return lines, nil
}
