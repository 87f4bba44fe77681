package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
)

// watch is an alarm in one line: of what, when, what silence means, and what it does.
type watch struct {
	id, name string
	of       string // namespace, metric, dimensions
	stat     string
	when     string // periods that must breach, their length, and the threshold
	missing  string
	does     string // when it goes off; "/ ok" when it tells of its end, "/ unknown" of the end of its data, too
}

const (
	onServer      = " InstanceId=<Server>"
	onFleet       = " AutoScalingGroupName=<Fleet>"
	onBalancer    = " LoadBalancer=<LoadBalancer.LoadBalancerFullName>"
	onTargets     = onBalancer + " TargetGroup=<LoadBalancerTargets.TargetGroupFullName>"
	notifies      = "<AlertsTopic>"
	notifiesTwice = "<AlertsTopic> / ok <AlertsTopic>"
	notifiesLoss  = "<AlertsTopic> / unknown <AlertsTopic>"
	automates     = "arn:<AWS::Partition>:automate:<AWS::Region>:ec2:"
)

// theServers are the alarms of a server; beside a fleet the first is another one.
func theServers(id, name string) []watch {
	return []watch{
		{id, name, "AWS/EC2 CPUUtilization" + onServer, "Average", "2 x 300 s > 80", "missing", notifies},
		{"ServerCpuCriticalAlarm", "", "AWS/EC2 CPUUtilization" + onServer, "Average", "2 x 300 s > 90", "missing", notifiesTwice},
		{"ServerMemoryWarningAlarm", "", "CWAgent mem_used_percent" + onServer, "Average", "2 x 300 s > 80", "missing", notifiesLoss},
		{"ServerMemoryCriticalAlarm", "", "CWAgent mem_used_percent" + onServer, "Average", "3 x 60 s > 95", "missing", notifiesTwice},
		{"ServerCreditsAlarm", "", "AWS/EC2 CPUCreditBalance" + onServer, "Minimum", "1 x 300 s < 15", "notBreaching", notifies},
		{"ServerDiskAlarm", "", "CWAgent disk_used_percent" + onServer, "Average", "1 x 300 s > 85", "missing", notifies},
		// Recovery is for a failed system, a reboot for a failed instance, after unequal times.
		{"ServerSystemAlarm", "", "AWS/EC2 StatusCheckFailed_System" + onServer, "Maximum", "2 x 60 s >= 1", "missing",
			"<AlertsTopic> " + automates + "recover / ok <AlertsTopic>"},
		{"ServerInstanceAlarm", "", "AWS/EC2 StatusCheckFailed_Instance" + onServer, "Maximum", "3 x 60 s >= 1", "missing",
			"<AlertsTopic> " + automates + "reboot / ok <AlertsTopic>"},
	}
}

// theFleets are the alarms of a fleet.
func theFleets(highCPU, lowHosts string, maximum int) []watch {
	return []watch{
		{"HighCpuAlarm", highCPU, "AWS/EC2 CPUUtilization" + onFleet, "Average", "2 x 300 s > 80", "missing", notifies},
		{"FleetCpuCriticalAlarm", "", "AWS/EC2 CPUUtilization" + onFleet, "Average", "3 x 60 s > 90", "missing", notifiesTwice},
		{"FleetMemoryWarningAlarm", "", "CWAgent mem_used_percent" + onFleet, "Maximum", "2 x 300 s > 80", "missing", notifiesLoss},
		{"FleetMemoryCriticalAlarm", "", "CWAgent mem_used_percent" + onFleet, "Maximum", "3 x 60 s > 95", "missing", notifiesTwice},
		// Hosts are counted at all times: silence is bad.
		{"LowHealthyHostsAlarm", lowHosts, "AWS/ApplicationELB HealthyHostCount" + onTargets, "Minimum", "1 x 60 s < 2", "breaching", notifiesTwice},
		{"UnhealthyHostsAlarm", "", "AWS/ApplicationELB UnHealthyHostCount" + onTargets, "Maximum", "5 x 60 s >= 1", "notBreaching", notifies},
		// What exists only while requests flow: silence is fine.
		{"SlowResponsesAlarm", "", "AWS/ApplicationELB TargetResponseTime" + onBalancer, "p95, few ignored", "5 x 60 s > 1", "notBreaching", notifies},
		{"VerySlowResponsesAlarm", "", "AWS/ApplicationELB TargetResponseTime" + onBalancer, "p95, few ignored", "3 x 60 s > 3", "notBreaching", notifiesTwice},
		{"ServerErrorsAlarm", "", "rate = IF(FILL(requests,0)+FILL(elb,0)>=20,100*(FILL(app,0)+FILL(elb,0))/(FILL(requests,0)+FILL(elb,0)),0)" +
			"; (requests = AWS/ApplicationELB RequestCount" + onBalancer + ", Sum of 300 s)" +
			"; (app = AWS/ApplicationELB HTTPCode_Target_5XX_Count" + onBalancer + ", Sum of 300 s)" +
			"; (elb = AWS/ApplicationELB HTTPCode_ELB_5XX_Count" + onBalancer + ", Sum of 300 s)", "", "1 x > 5", "notBreaching", notifiesTwice},
		{"RequestSpikeAlarm", "", "requests = AWS/ApplicationELB RequestCount" + onBalancer + ", Sum of 300 s" +
			"; band = ANOMALY_DETECTION_BAND(requests, 3)", "", "2 x > the band", "notBreaching", notifies},
		{"FleetAtMaximumAlarm", "", "AWS/AutoScaling GroupInServiceInstances" + onFleet, "Minimum", fmt.Sprintf("3 x 300 s >= %d", maximum), "notBreaching", notifies},
		{"SurplusCreditsAlarm", "", "AWS/EC2 CPUSurplusCreditsCharged" + onFleet, "Maximum", "1 x 300 s > 0", "notBreaching", notifies},
	}
}

// scaling are the alarms that start the fleet's policies. A fleet that reports nothing must not shrink, and the second is
// on whenever the fleet rests at its minimum: it tells nobody.
var scaling = []watch{
	{"ScaleOutAlarm", "", "AWS/EC2 CPUUtilization" + onFleet, "Average", "3 x 60 s > 70", "notBreaching", notifies + " <FleetScaleOut>"},
	{"ScaleInAlarm", "", "AWS/EC2 CPUUtilization" + onFleet, "Average", "15 x 60 s < 30", "notBreaching", "<FleetScaleIn>"},
}

// Every alarm of every stage, number by number.
func TestAlarms(t *testing.T) {
	kept := theServers("ServerHighCpuAlarm", "")
	fleets := theFleets("high-cpu-kora", "low-healthy-hosts", 5)
	without := func(id string) []watch {
		return slices.DeleteFunc(slices.Clone(fleets), func(w watch) bool { return w.id == id })
	}
	// Out of standard credits a fleet falls to its baseline, where it looks idle.
	starving := watch{"FleetCreditsAlarm", "", "AWS/EC2 CPUCreditBalance" + onFleet, "Minimum", "1 x 300 s < 15", "notBreaching", notifies}
	for _, test := range []struct {
		name    string
		context context
		want    []watch
	}{
		{"single", kora, theServers("HighCpuAlarm", "high-cpu-kora")},
		{"vertical", kora.and(context{"stage": "vertical"}), theServers("HighCpuAlarm", "high-cpu-kora")},
		{"names by default", existing, theServers("HighCpuAlarm", "shop-api-high-cpu")},
		{"horizontal beside the server", fleet(nil), slices.Concat(kept, fleets, scaling)},
		{"horizontal beside the server, first row", kora.and(rows("single")[0].changes), slices.Concat(kept, fleets, scaling)},
		{"horizontal alone", fleet(context{"keepServer": "none"}), slices.Concat(fleets, scaling)},
		{"names by default, target tracking", existing.and(context{"stage": "horizontal"}),
			slices.Concat(kept, theFleets("shop-api-high-cpu", "shop-api-low-healthy-hosts", 5))},
		{"another maximum", fleet(context{"maxCapacity": 9.0, "scalingPolicy": "step"}),
			slices.Concat(kept, theFleets("high-cpu-kora", "low-healthy-hosts", 9), scaling)},
		{"no credits to run out of", fleet(context{"fleetInstanceType": "m5.large"}),
			slices.Concat(kept, without("SurplusCreditsAlarm"), scaling)},
		{"no credits, standard or not", fleet(context{"fleetInstanceType": "m5.large", "cpuCredits": "standard"}),
			slices.Concat(kept, without("SurplusCreditsAlarm"), scaling)},
		{"standard credits", fleet(context{"cpuCredits": "standard"}),
			slices.Concat(kept, without("SurplusCreditsAlarm"), []watch{starving}, scaling)},
		// A fleet of one size is always at its maximum.
		{"one size", fleet(context{"minCapacity": 5.0}), slices.Concat(kept, without("FleetAtMaximumAlarm"), scaling)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := watches(t, must(t, test.context))
			slices.SortFunc(test.want, func(a, b watch) int { return strings.Compare(a.id, b.id) })
			if diff := cmp.Diff(got, test.want, cmp.AllowUnexported(watch{})); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// watches reads all alarms of a template.
func watches(t *testing.T, tpl *template) []watch {
	t.Helper()
	var all []watch
	for id, r := range tpl.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			all = append(all, watching(t, id, tpl.at(id).(map[string]any)))
		}
	}
	slices.SortFunc(all, func(a, b watch) int { return strings.Compare(a.id, b.id) })
	return all
}

// watching reads one alarm, and takes what it reads out of it: nothing may be left over.
func watching(t *testing.T, id string, alarm map[string]any) watch {
	t.Helper()
	take := func(name string) any {
		value := alarm[name]
		delete(alarm, name)
		return value
	}
	text := func(name string) string {
		value, _ := take(name).(string)
		return value
	}
	list := func(name string) string {
		values, _ := take(name).([]any)
		return strings.Trim(fmt.Sprint(values), "[]")
	}
	w := watch{id: id, name: text("AlarmName"), missing: "missing", does: list("AlarmActions"), stat: text("Statistic")}
	if said, ok := alarm["TreatMissingData"]; ok { // or it is CloudWatch's default
		w.missing = fmt.Sprint(said)
		delete(alarm, "TreatMissingData")
	}
	if ok := list("OKActions"); ok != "" {
		w.does += " / ok " + ok
	}
	if unknown := list("InsufficientDataActions"); unknown != "" {
		w.does += " / unknown " + unknown
	}
	if percentile := text("ExtendedStatistic"); percentile != "" {
		w.stat = percentile
		if text("EvaluateLowSampleCountPercentile") == "ignore" {
			w.stat += ", few ignored"
		}
	}
	w.when = fmt.Sprintf("%v x ", take("EvaluationPeriods"))
	if metrics, ok := take("Metrics").([]any); ok {
		w.of = queries(metrics)
	} else {
		w.of = metricOf(alarm)
		delete(alarm, "Namespace")
		delete(alarm, "MetricName")
		delete(alarm, "Dimensions")
		w.when += fmt.Sprintf("%v s ", take("Period"))
	}
	signs := map[string]string{"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<", "GreaterThanUpperThreshold": ">"}
	w.when += signs[text("ComparisonOperator")]
	if limit := text("ThresholdMetricId"); limit != "" {
		w.when += " the " + limit
	} else {
		w.when += fmt.Sprintf(" %v", take("Threshold"))
	}
	delete(alarm, "AlarmDescription") // TestAlarmsSayWhatToDo
	if len(alarm) > 0 {
		t.Errorf("%s has more than is read here: %v", id, alarm)
	}
	return w
}

// metricOf names a metric: namespace, name and dimensions.
func metricOf(metric any) string {
	name := fmt.Sprintf("%v %v", at(metric, "Namespace"), at(metric, "MetricName"))
	dimensions, _ := at(metric, "Dimensions").([]any)
	for _, d := range dimensions {
		name += fmt.Sprintf(" %v=%v", at(d, "Name"), at(d, "Value"))
	}
	return name
}

// queries reads the lines of an expression; what the alarm does not look at stands in brackets.
func queries(lines []any) string {
	var all []string
	for _, line := range lines {
		of := at(line, "Expression")
		if of == nil {
			of = fmt.Sprintf("%s, %v of %v s", metricOf(at(line, "MetricStat/Metric")), at(line, "MetricStat/Stat"), at(line, "MetricStat/Period"))
		}
		text := fmt.Sprintf("%v = %v", at(line, "Id"), of)
		if at(line, "ReturnData") == false {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// An alarm tells the operator what it means and what to look at, in a line that fits on a telephone.
func TestAlarmsSayWhatToDo(t *testing.T) {
	everyState(t, func(t *testing.T, c *config.Config, tpl *template) {
		said := map[any]string{}
		for id, r := range tpl.Resources {
			if r.Type != "AWS::CloudWatch::Alarm" {
				continue
			}
			text, _ := r.Properties["AlarmDescription"].(string)
			if len([]rune(text)) > 60 || len(strings.Fields(text)) < 5 || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
				t.Errorf("%s says %q (%d characters)", id, text, len([]rune(text)))
			}
			if other := said[text]; other != "" {
				t.Errorf("%s says what %s says", id, other)
			}
			said[text] = id
		}
	})
}

// Healthy hosts are counted as missing, which is bad, until there is a fleet: the alarm waits for it.
func TestLowHealthyHostsAwaitsTheFleet(t *testing.T) {
	expect(t, "LowHealthyHostsAlarm", must(t, fleet(nil)).at("LowHealthyHostsAlarm/DependsOn"), `["Fleet"]`)
}

// The guide's two alarms bear their names under one logical id in every stage: CloudWatch overwrites an alarm of a name
// that exists, without an error.
func TestGuidesAlarmsKeepTheirNames(t *testing.T) {
	for name, c := range matrix() {
		for _, s := range states(c) {
			tpl := must(t, s.context)
			checked, err := config.FromContext(s.context)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]any{}
			for id, r := range tpl.Resources {
				if r.Type == "AWS::CloudWatch::Alarm" && r.Properties["AlarmName"] != nil {
					got[id] = r.Properties["AlarmName"]
				}
			}
			want := map[string]any{"HighCpuAlarm": checked.HighCPUAlarmName}
			if tpl.Resources["Fleet"].Type != "" {
				want["LowHealthyHostsAlarm"] = checked.LowHealthyHostsAlarmName
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("%s, %s (-got +want):\n%s", name, s.name, diff)
			}
		}
	}
}
