package monitoring

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
)

// DashboardProps are what is on the dashboard: the server, the fleet, or both.
type DashboardProps struct {
	Region string
	// InstanceID is the server's, "" for none.
	InstanceID string
	// GroupName, BalancerName and TargetsName are the fleet's, "" for none.
	GroupName, BalancerName, TargetsName string
}

// chart is one widget: a title, metrics as CloudWatch writes them, and lines at the guide's thresholds.
type chart struct {
	title   string
	stat    string
	metrics [][]string
	lines   []line
	seconds int // per point; 0 for CloudWatch's 300
}

type line struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

func limits(warning, critical float64) []line {
	return []line{{"warning", warning}, {"critical", critical}}
}

// NewDashboard shows every metric of the guide with its warning and critical thresholds, and gives the dashboard, whose
// Ref is its name. Before there is a balancer, nobody counts requests, response times and hosts.
func NewDashboard(scope constructs.Construct, id string, props *DashboardProps) awscdk.CfnResource {
	var targets [][2]string
	if props.InstanceID != "" {
		targets = append(targets, [2]string{"InstanceId", props.InstanceID})
	}
	if props.GroupName != "" {
		targets = append(targets, [2]string{"AutoScalingGroupName", props.GroupName})
	}
	each := func(namespace, name string) (metrics [][]string) {
		for _, target := range targets {
			metrics = append(metrics, []string{namespace, name, target[0], target[1]})
		}
		return metrics
	}
	charts := []chart{
		{title: "CPU %", stat: "Average", metrics: each("AWS/EC2", "CPUUtilization"), lines: limits(70, 90)},
		{title: "Memory %", stat: "Maximum", metrics: each("CWAgent", "mem_used_percent"), lines: limits(80, 95)},
		{title: "Disk and swap %", stat: "Maximum", metrics: append(each("CWAgent", "disk_used_percent"), each("CWAgent", "swap_used_percent")...), lines: []line{{"warning", 85}}},
		{title: "CPU credits", stat: "Minimum", metrics: append(each("AWS/EC2", "CPUCreditBalance"), each("AWS/EC2", "CPUSurplusCreditBalance")...)},
	}
	if props.BalancerName != "" {
		balancer := func(name string, more ...string) []string {
			return append([]string{"AWS/ApplicationELB", name, "LoadBalancer", props.BalancerName}, more...)
		}
		charts = append(charts,
			chart{title: "Response time p95, s", stat: "p95", metrics: [][]string{balancer("TargetResponseTime")}, lines: limits(1, 3)},
			chart{title: "Healthy hosts", stat: "Minimum", metrics: [][]string{balancer("HealthyHostCount", "TargetGroup", props.TargetsName)}, lines: []line{{"critical below", 2}}},
			chart{title: "Requests and errors per minute", stat: "Sum", seconds: 60, metrics: [][]string{
				balancer("RequestCount"), balancer("HTTPCode_Target_5XX_Count"), balancer("HTTPCode_ELB_5XX_Count"),
			}},
			chart{title: "Nodes", stat: "Average", metrics: [][]string{{"AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", props.GroupName}}},
		)
	}
	return awscloudwatch.NewCfnDashboard(scope, jsii.String(id), &awscloudwatch.CfnDashboardProps{
		DashboardBody: jsii.String(text.Sub(scope, body(props.Region, charts))),
	})
}

// body is the dashboard as CloudWatch takes it ("Dashboard body structure and syntax"), sized and
// placed by it.
func body(region string, charts []chart) string {
	var widgets []any
	for _, c := range charts {
		properties := map[string]any{"title": c.title, "region": region, "metrics": abbreviate(c.metrics)}
		if c.stat != "Average" { // the default
			properties["stat"] = c.stat
		}
		if c.seconds > 0 {
			properties["period"] = c.seconds
		}
		if c.lines != nil {
			properties["annotations"] = map[string]any{"horizontal": c.lines}
		}
		widgets = append(widgets, map[string]any{"type": "metric", "properties": properties})
	}
	written, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return string(written)
}

// abbreviate writes "." for what a metric has in common with the one before it, as CloudWatch does itself.
func abbreviate(metrics [][]string) [][]string {
	short := make([][]string, len(metrics))
	for i, metric := range metrics {
		short[i] = slices.Clone(metric)
		for j := range metric {
			if i > 0 && j < len(metrics[i-1]) && metrics[i-1][j] == metric[j] {
				short[i][j] = "."
			}
		}
	}
	return short
}
