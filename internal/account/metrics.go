package account

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	pages := cloudwatch.NewGetMetricDataPaginator(a.alarms, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(from.Truncate(m.Period)), EndTime: aws.Time(to.Truncate(m.Period)), ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: []types.MetricDataQuery{m.query("m")},
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

// query asks for a metric.
func (m Metric) query(id string) types.MetricDataQuery {
	var dimensions []types.Dimension
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		dimensions = append(dimensions, types.Dimension{Name: &name, Value: aws.String(m.Dimensions[name])})
	}
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: dimensions},
		Period: aws.Int32(int32(m.Period.Seconds())), Stat: &m.Statistic,
	}}
}

// Newest are the newest points of metrics between two times, nil for a metric that has none there. At most 500 are asked for at once,
// and each is billed (GetMetricData).
func (a *Account) Newest(ctx context.Context, metrics []Metric, from, to time.Time) ([]*Value, error) {
	var queries []types.MetricDataQuery
	for i, m := range metrics {
		queries = append(queries, m.query("m"+strconv.Itoa(i)))
	}
	pages := cloudwatch.NewGetMetricDataPaginator(a.alarms, &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampDescending, MetricDataQueries: queries,
	})
	found, err := all(ctx, pages, func(p *cloudwatch.GetMetricDataOutput) []types.MetricDataResult { return p.MetricDataResults })
	values := make([]*Value, len(metrics))
	for _, r := range found {
		at, errID := strconv.Atoi(strings.TrimPrefix(aws.ToString(r.Id), "m"))
		if errID == nil && at < len(values) && values[at] == nil && len(r.Timestamps) > 0 && len(r.Values) > 0 {
			values[at] = &Value{r.Timestamps[0], r.Values[0]}
		}
	}
	return values, err
}
