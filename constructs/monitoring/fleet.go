package monitoring

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// FleetProps are whom the fleet's alarms watch and tell.
type FleetProps struct {
	GroupName string
	// Group is what the count of healthy hosts must wait for, or it goes off before there are any.
	Group                     awscdk.CfnResource
	BalancerName, TargetsName string // the CloudWatch dimensions LoadBalancer and TargetGroup
	MinCapacity, MaxCapacity  int
	// CPUCredits is how the nodes pay for CPU over their baseline: unlimited, standard, or "" for types without credits.
	CPUCredits                                 string
	TopicArn                                   string
	HighCPUAlarmName, LowHealthyHostsAlarmName string
}

// NewFleetAlarms watches the fleet and what users see of it. Detailed monitoring and the agent report every minute; a
// balancer's metrics exist only while requests flow, except the counts of hosts.
func NewFleetAlarms(scope constructs.Construct, props *FleetProps) []awscdk.CfnResource {
	group := map[string]string{"AutoScalingGroupName": props.GroupName}
	balancer := map[string]string{"LoadBalancer": props.BalancerName}
	targets := map[string]string{"LoadBalancer": props.BalancerName, "TargetGroup": props.TargetsName}
	cpu := func(seconds int) metric { return metric{"AWS/EC2", "CPUUtilization", "Average", seconds, group} }
	// The fullest node, not the average: a leak shows in one first.
	memory := func(seconds int) metric { return metric{"CWAgent", "mem_used_percent", "Maximum", seconds, group} }
	responseTime := metric{"AWS/ApplicationELB", "TargetResponseTime", "p95", 60, balancer}
	count := func(name string) metric { return metric{"AWS/ApplicationELB", name, "Sum", 300, balancer} }

	rows := []alarm{
		{id: "HighCpuAlarm", name: props.HighCPUAlarmName,
			says: "Fleet CPU over 80 % for 10 minutes. Is it at its maximum?",
			of:   cpu(300), is: above, threshold: 80, periods: 2, missing: unknown},
		{id: "FleetCpuCriticalAlarm",
			says: "Fleet CPU over 90 % for 3 minutes: scaling is behind.",
			of:   cpu(60), is: above, threshold: 90, periods: 3, missing: unknown, critical: true},
		{id: "FleetMemoryWarningAlarm",
			says: "A node's memory is over 80 % for 10 minutes. Look for leaks.",
			of:   memory(300), is: above, threshold: 80, periods: 2, missing: unknown, stops: true},
		{id: "FleetMemoryCriticalAlarm",
			says: "A node's memory is over 95 % for 3 minutes. Terminate it.",
			of:   memory(60), is: above, threshold: 95, periods: 3, missing: unknown, critical: true},
		{id: "LowHealthyHostsAlarm", name: props.LowHealthyHostsAlarmName,
			says: "Fewer than 2 healthy nodes: one failure from an outage.",
			of:   metric{"AWS/ApplicationELB", "HealthyHostCount", "Minimum", 60, targets}, is: below, threshold: 2, periods: 1, missing: bad, critical: true,
			after: props.Group},
		{id: "UnhealthyHostsAlarm",
			says: "A node fails its health check for 5 minutes. See boot.log.",
			of:   metric{"AWS/ApplicationELB", "UnHealthyHostCount", "Maximum", 60, targets}, is: atLeast, threshold: 1, periods: 5, missing: fine},
		{id: "SlowResponsesAlarm",
			says: "1 in 20 answers takes over 1 s. Look: CPU, database.",
			of:   responseTime, is: above, threshold: 1, periods: 5, missing: fine},
		{id: "VerySlowResponsesAlarm",
			says: "1 in 20 answers takes over 3 s: users leave. See database.",
			of:   responseTime, is: above, threshold: 3, periods: 3, missing: fine, critical: true},
		// Below 20 requests in five minutes one error would be a catastrophe. RequestCount leaves out what the balancer
		// answers itself because no target is there ("CloudWatch metrics for your Application Load Balancer").
		{id: "ServerErrorsAlarm",
			says: "Over 5 % of requests fail with 5xx. Look: pm2 error log.",
			is:   above, threshold: 5, periods: 1, missing: fine, critical: true,
			metrics: []any{
				expression("rate", "IF(FILL(requests,0)+FILL(elb,0)>=20,100*(FILL(app,0)+FILL(elb,0))/(FILL(requests,0)+FILL(elb,0)),0)"),
				query("requests", count("RequestCount")),
				query("app", count("HTTPCode_Target_5XX_Count")),
				query("elb", count("HTTPCode_ELB_5XX_Count")),
			}},
		// Three standard deviations over what CloudWatch has learnt of this hour and weekday ("Using CloudWatch anomaly
		// detection"); it learns for two weeks.
		{id: "RequestSpikeAlarm",
			says: "Far more requests than usual: a campaign, or an attack.",
			is:   aboveBand, periods: 2, missing: fine, thresholds: "band",
			metrics: []any{
				observed("requests", count("RequestCount")),
				expression("band", "ANOMALY_DETECTION_BAND(requests, 3)"),
			}},
	}
	// A fleet of one size is always at its maximum.
	if props.MinCapacity < props.MaxCapacity {
		rows = append(rows, alarm{id: "FleetAtMaximumAlarm",
			says: "At its maximum for 15 minutes: raise maxCapacity or type.",
			of:   metric{"AWS/AutoScaling", "GroupInServiceInstances", "Minimum", 300, group}, is: atLeast, threshold: float64(props.MaxCapacity), periods: 3, missing: fine})
	}
	switch props.CPUCredits {
	case "unlimited":
		rows = append(rows, alarm{id: "SurplusCreditsAlarm",
			says: "CPU over the baseline is billed. Another type may cost less.",
			of:   metric{"AWS/EC2", "CPUSurplusCreditsCharged", "Maximum", 300, group}, is: above, threshold: 0, periods: 1, missing: fine})
	case "standard":
		// Without credits CPU falls to the baseline, and a starving fleet looks idle.
		rows = append(rows, alarm{id: "FleetCreditsAlarm",
			says: "A node has CPU credits for 15 minutes: cpuCredits=unlimited.",
			of:   metric{"AWS/EC2", "CPUCreditBalance", "Minimum", 300, group}, is: below, threshold: 15, periods: 1, missing: fine})
	}
	return add(scope, props.TopicArn, rows)
}

// ScalingProps are what starts the fleet's two policies.
type ScalingProps struct {
	GroupName                   string
	OutCPUPercent, InCPUPercent int
	OutPolicyArn, InPolicyArn   string
	TopicArn                    string
}

// NewScalingAlarms adds a node after three minutes over one threshold and removes one after fifteen below the other.
// Missing data never breaches: a fleet that reports nothing must not shrink. The second alarm is on whenever the fleet
// rests at its minimum, so it tells nobody.
func NewScalingAlarms(scope constructs.Construct, props *ScalingProps) []awscdk.CfnResource {
	cpu := metric{"AWS/EC2", "CPUUtilization", "Average", 60, map[string]string{"AutoScalingGroupName": props.GroupName}}
	return add(scope, props.TopicArn, []alarm{
		{id: "ScaleOutAlarm",
			says: "CPU is high for 3 minutes: a node is added. Nothing to do.",
			of:   cpu, is: above, threshold: float64(props.OutCPUPercent), periods: 3, missing: fine, also: []string{props.OutPolicyArn}},
		{id: "ScaleInAlarm",
			says: "CPU is low for 15 minutes: a node goes, down to the minimum.",
			of:   cpu, is: below, threshold: float64(props.InCPUPercent), periods: 15, missing: fine, also: []string{props.InPolicyArn}, silent: true},
	})
}
