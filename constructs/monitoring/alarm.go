package monitoring

import (
	"sort"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/internal/untyped"
)

// alarm is one row: when it goes off, and what it tells the operator. docs/alarms.md says the rest.
type alarm struct {
	id string
	// name is the physical name; "" lets CloudFormation choose.
	name string
	// says has at most 60 characters: what it means, and what to look at.
	says       string
	of         metric
	is         comparison
	threshold  float64
	periods    int // that must breach, in a row
	missing    missing
	critical   bool               // tells when it is over, too
	also       []string           // ARNs of actions besides the notification
	metrics    []any              // in place of one metric: an expression
	thresholds string             // the id of the metric that is the threshold, of an anomaly band
	silent     bool               // no notification
	stops      bool               // tells when its data stop, too
	after      awscdk.CfnResource // what it watches but does not refer to; nil for nothing
}

// metric is one metric over one period.
type metric struct {
	namespace, name string
	statistic       string // Average, Minimum, Maximum, Sum or a percentile such as p95
	seconds         int
	dimensions      map[string]string
}

type comparison string

const (
	above     comparison = "GreaterThanThreshold"
	atLeast   comparison = "GreaterThanOrEqualToThreshold"
	below     comparison = "LessThanThreshold"
	aboveBand comparison = "GreaterThanUpperThreshold"
)

type missing string

const (
	// unknown shows the alarm as INSUFFICIENT_DATA: whoever should report is silent. It is CloudWatch's default.
	unknown missing = "missing"
	// fine is for metrics that exist only while something happens.
	fine missing = "notBreaching"
	// bad is for metrics that are always there.
	bad missing = "breaching"
)

// add makes an alarm of each row; all tell the topic.
func add(scope constructs.Construct, topicArn string, rows []alarm) (alarms []awscdk.CfnResource) {
	for _, row := range rows {
		props := &awscloudwatch.CfnAlarmProps{
			AlarmDescription:   jsii.String(row.says),
			ComparisonOperator: jsii.String(string(row.is)),
			EvaluationPeriods:  jsii.Number(row.periods),
		}
		if row.missing != unknown {
			props.TreatMissingData = jsii.String(string(row.missing))
		}
		if row.name != "" {
			props.AlarmName = jsii.String(row.name)
		}
		actions := row.also
		if !row.silent {
			actions = append([]string{topicArn}, row.also...)
		}
		props.AlarmActions = untyped.Strings(actions...)
		if row.critical {
			props.OkActions = untyped.Strings(topicArn)
		}
		if row.stops {
			props.InsufficientDataActions = untyped.Strings(topicArn)
		}
		if row.thresholds != "" {
			props.ThresholdMetricId = jsii.String(row.thresholds)
		} else {
			props.Threshold = jsii.Number(row.threshold)
		}
		if row.metrics != nil {
			props.Metrics = row.metrics
		} else {
			single(props, row.of)
		}
		resource := awscloudwatch.NewCfnAlarm(scope, jsii.String(row.id), props)
		if row.after != nil {
			resource.AddResourceDependency(row.after, nil)
		}
		alarms = append(alarms, resource)
	}
	return alarms
}

// single makes an alarm on one metric.
func single(props *awscloudwatch.CfnAlarmProps, of metric) {
	props.Namespace, props.MetricName = jsii.String(of.namespace), jsii.String(of.name)
	props.Period, props.Dimensions = jsii.Number(of.seconds), dimensions(of.dimensions)
	if of.statistic[0] != 'p' {
		props.Statistic = jsii.String(of.statistic)
		return
	}
	props.ExtendedStatistic = jsii.String(of.statistic)
	// A percentile of a handful of requests says nothing.
	props.EvaluateLowSampleCountPercentile = jsii.String("ignore")
}

func dimensions(values map[string]string) []any {
	var list []any
	for name, value := range values {
		list = append(list, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(value)})
	}
	sort.Slice(list, func(i, j int) bool {
		return *list[i].(*awscloudwatch.CfnAlarm_DimensionProperty).Name < *list[j].(*awscloudwatch.CfnAlarm_DimensionProperty).Name
	})
	return list
}

// query is one line of an expression over a metric.
func query(id string, of metric) any {
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String(id), ReturnData: false,
		MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{
				Namespace: jsii.String(of.namespace), MetricName: jsii.String(of.name), Dimensions: dimensions(of.dimensions),
			},
			Period: jsii.Number(of.seconds), Stat: jsii.String(of.statistic),
		},
	}
}

// expression is the line of a query that the alarm looks at.
func expression(id, text string) any {
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: jsii.String(id), Expression: jsii.String(text)}
}

// observed is the line of a query that is held against another one.
func observed(id string, of metric) any {
	line := query(id, of).(*awscloudwatch.CfnAlarm_MetricDataQueryProperty)
	line.ReturnData = true
	return line
}
