package account

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Metric is one of CloudWatch's metrics and how it is read.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
	Statistic       string // such as Average, Maximum or p95
	Period          time.Duration
}

// Value is one point of a metric, which stands for the period that begins with it.
type Value struct {
	At    time.Time
	Value float64
}

// Values are a metric's points from one time to another, the oldest first; none for a metric that nobody publishes. Both
// times are rounded to the period, as CloudWatch does faster (GetMetricData, "StartTime").
func (a *Account) Values(ctx context.Context, m Metric, from, to time.Time) ([]Value, error) {
	var dimensions []types.Dimension
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		dimensions = append(dimensions, types.Dimension{Name: &name, Value: aws.String(m.Dimensions[name])})
	}
	pages := cloudwatch.NewGetMetricDataPaginator(a.alarms, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(from.Truncate(m.Period)), EndTime: aws.Time(to.Truncate(m.Period)), ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("m"), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: dimensions},
			Period: aws.Int32(int32(m.Period.Seconds())), Stat: &m.Statistic,
		}}},
	})
	return all(ctx, pages, func(p *cloudwatch.GetMetricDataOutput) []Value {
		var values []Value
		for _, r := range p.MetricDataResults {
			for i := range min(len(r.Timestamps), len(r.Values)) {
				values = append(values, Value{r.Timestamps[i], r.Values[i]})
			}
		}
		return values
	})
}
