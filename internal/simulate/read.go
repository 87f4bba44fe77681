package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/alarm"
	"github.com/korakagazindia/provisioner/internal/credits"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Read takes from a template what matters to users. It fails on one without a machine, with several groups or servers, and on
// what it cannot be told before it is deployed.
func Read(t *template.Template) (*Setup, error) {
	s := &Setup{Patience: 60}
	servers, groups := t.OfType("AWS::EC2::Instance"), t.OfType("AWS::AutoScaling::AutoScalingGroup")
	if len(servers) > 1 || len(groups) > 1 || len(servers)+len(groups) == 0 {
		return nil, fmt.Errorf("%d servers and %d Auto Scaling groups: one of each at most can be simulated", len(servers), len(groups))
	}
	for _, r := range servers {
		m, err := machine(r, r.Properties, r.Get("Monitoring"))
		if err != nil {
			return nil, err
		}
		s.Server, s.ServerShare = m, 1
	}
	for _, r := range groups {
		f, err := fleet(t, r)
		if err != nil {
			return nil, err
		}
		s.Fleet, s.ServerShare = f, 0
	}
	if s.Server != nil && s.Fleet != nil {
		s.ServerShare = serverShare(t, groups[0])
	}
	for _, b := range t.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		s.Patience = number(attribute(b, "LoadBalancerAttributes", "idle_timeout.timeout_seconds"), 60)
	}
	return s, nil
}

// machine is what r launches from its data.
func machine(r *template.Resource, data map[string]any, detailed any) (*Machine, error) {
	name, _ := data["InstanceType"].(string)
	kind, ok := credits.Of(name)
	if !ok {
		return nil, fmt.Errorf("%s: of instance type %q it is not known how many processors it has",
			r.ID, template.Text(data["InstanceType"]))
	}
	m := &Machine{Type: kind, Detailed: template.True(detailed)}
	if kind.PerHour == 0 {
		return m, nil
	}
	m.Unlimited = kind.Unlimited
	for _, spelling := range []string{"CpuCredits", "CPUCredits"} { // of a launch template, of an instance
		if mode, said := template.Get(data, "CreditSpecification", spelling).(string); said {
			m.Unlimited = strings.EqualFold(mode, "unlimited")
		}
	}
	return m, nil
}

// fleet is what r, a group, says, with the target group that it registers its nodes with and its policies.
func fleet(t *template.Template, r *template.Resource) (*Fleet, error) {
	data, detailed := launchData(t, r)
	m, err := machine(r, data, detailed)
	if err != nil {
		return nil, err
	}
	least, ok := r.Number("MinSize")
	most, okToo := r.Number("MaxSize")
	if !ok || !okToo || least < 0 || most < max(1, least) || most > 1000 {
		return nil, fmt.Errorf("%s: MinSize %q and MaxSize %q: numbers up to 1000 are simulated", r.ID, r.Text("MinSize"), r.Text("MaxSize"))
	}
	f := &Fleet{Name: r.ID, Machine: *m, Min: int(least), Max: int(most), Cooldown: number(r.Get("Cooldown"), 300),
		Grace: number(r.Get("HealthCheckGracePeriod"), 0), ByBalancer: strings.Contains(r.Text("HealthCheckType"), "ELB"),
		Check: Check{30, 5, 5, 2}, Zones: max(1, len(template.List(r.Get("VPCZoneIdentifier"))))}
	f.Start = min(max(int(number(r.Get("DesiredCapacity"), least)), f.Min), f.Max)
	// Without a warm-up of its own the policies take the cooldown (EC2 Auto Scaling User Guide, "Default instance warmup").
	f.Warmup = number(r.Get("DefaultInstanceWarmup"), f.Cooldown)
	f.InService = int(number(template.Get(r.Raw["UpdatePolicy"], "AutoScalingRollingUpdate", "MinInstancesInService"), 0))
	f.targets(t, r)
	return f, f.policies(t, r)
}

// launchData is what a group launches, and whether with detailed monitoring.
func launchData(t *template.Template, r *template.Resource) (data map[string]any, detailed any) {
	for _, name := range []string{"LaunchTemplateId", "LaunchTemplateName"} {
		if ref, ok := template.Refers(r.Get("LaunchTemplate", name)); ok && t.Resource(ref.ID) != nil {
			data, _ = t.Resource(ref.ID).Get("LaunchTemplateData").(map[string]any)
		}
	}
	return data, template.Get(data, "Monitoring", "Enabled")
}

// targets reads the health check and how the balancer treats nodes. Defaults: AWS::ElasticLoadBalancingV2::TargetGroup.
func (f *Fleet) targets(t *template.Template, r *template.Resource) {
	f.Drain = 300
	ref, ok := template.Refers(template.Get(template.List(r.Get("TargetGroupARNs")), 0))
	if !ok || t.Resource(ref.ID) == nil {
		return
	}
	g := t.Resource(ref.ID)
	f.Check = Check{
		Interval: max(1, number(g.Get("HealthCheckIntervalSeconds"), 30)), Timeout: number(g.Get("HealthCheckTimeoutSeconds"), 5),
		Healthy: int(number(g.Get("HealthyThresholdCount"), 5)), Unhealthy: int(number(g.Get("UnhealthyThresholdCount"), 2)),
	}
	f.Drain = number(attribute(g, "TargetGroupAttributes", "deregistration_delay.timeout_seconds"), 300)
	f.SlowStart = number(attribute(g, "TargetGroupAttributes", "slow_start.duration_seconds"), 0)
	f.Sticky = template.True(attribute(g, "TargetGroupAttributes", "stickiness.enabled"))
	f.LeastOutstanding = attribute(g, "TargetGroupAttributes", "load_balancing.algorithm.type") == "least_outstanding_requests"
}

// policies reads what scales the group. What of it is not simulated is told.
func (f *Fleet) policies(t *template.Template, group *template.Resource) error {
	for _, r := range t.OfType("AWS::AutoScaling::ScheduledAction") {
		f.Unmodelled = append(f.Unmodelled, r.ID+" is not simulated: it acts by the calendar")
	}
	for _, r := range t.OfType("AWS::AutoScaling::ScalingPolicy") {
		if of, ok := template.Refers(r.Get("AutoScalingGroupName")); ok && of.ID != group.ID {
			continue
		}
		p := Policy{Name: r.ID, Cooldown: number(r.Get("Cooldown"), f.Cooldown)}
		p.Adjustment = map[string]Adjustment{"PercentChangeInCapacity": Percent, "ExactCapacity": Exact}[r.Text("AdjustmentType")]
		switch kind := r.Text("PolicyType"); kind {
		case "", "SimpleScaling":
			by, _ := r.Number("ScalingAdjustment")
			p.Steps = []Step{{math.Inf(-1), math.Inf(1), by}}
		case "StepScaling":
			p.Kind, p.Steps = Stepped, steps(r)
		case "TargetTrackingScaling":
			if err := p.track(r); err != nil {
				return err
			}
		default:
			f.Unmodelled = append(f.Unmodelled, fmt.Sprintf("%s is not simulated: its type is %s", r.ID, kind))
			continue
		}
		if p.Kind != Tracking {
			p.Alarms = f.alarms(t, r.ID)
		}
		f.Policies = append(f.Policies, p)
	}
	return nil
}

func steps(r *template.Resource) []Step {
	var all []Step
	for _, s := range template.List(r.Get("StepAdjustments")) {
		all = append(all, Step{number(template.Get(s, "MetricIntervalLowerBound"), math.Inf(-1)),
			number(template.Get(s, "MetricIntervalUpperBound"), math.Inf(1)), number(template.Get(s, "ScalingAdjustment"), 0)})
	}
	return all
}

// track reads target tracking, which makes its alarms itself.
func (p *Policy) track(r *template.Resource) error {
	c := r.Get("TargetTrackingConfiguration")
	p.Kind, p.Target, p.NoScaleIn = Tracking, number(template.Get(c, "TargetValue"), 0), template.True(template.Get(c, "DisableScaleIn"))
	metric, ok := map[any]Metric{"ASGAverageCPUUtilization": CPU, "ALBRequestCountPerTarget": Requests}[template.Get(c, "PredefinedMetricSpecification", "PredefinedMetricType")]
	if !ok || p.Target <= 0 {
		return fmt.Errorf("%s: only target tracking of ASGAverageCPUUtilization and ALBRequestCountPerTarget, with a target above 0, can be simulated", r.ID)
	}
	p.Alarms = []Alarm{{Metric: metric}}
	return nil
}

// alarms reads those that start a policy. One that watches anything else than the group's CPU is told and left out.
func (f *Fleet) alarms(t *template.Template, policy string) []Alarm {
	var all []Alarm
	for _, r := range t.OfType("AWS::CloudWatch::Alarm") {
		starts := slices.ContainsFunc(template.List(r.Get("AlarmActions")), func(action any) bool {
			ref, ok := template.Refers(action)
			return ok && ref.ID == policy
		})
		if !starts {
			continue
		}
		periods := int(number(r.Get("EvaluationPeriods"), 1))
		a := Alarm{Name: r.ID, Period: int(number(r.Get("Period"), 60)) / 60, Threshold: number(r.Get("Threshold"), 0),
			Compare: Comparison(r.Text("ComparisonOperator")), Rule: alarm.Rule{Periods: periods, Points: int(number(r.Get("DatapointsToAlarm"), float64(periods)))}}
		missing, known := alarm.MissingOf(r.Text("TreatMissingData"))
		_, threshold := r.Number("Threshold")
		a.Rule.Missing = missing
		switch {
		case r.Text("MetricName") != "CPUUtilization" || r.Text("Statistic") != "Average":
			f.Unmodelled = append(f.Unmodelled, r.ID+" is not simulated: only the average CPUUtilization of the group is")
		case !threshold:
			f.Unmodelled = append(f.Unmodelled, r.ID+" is not simulated: its threshold is known only when it is deployed")
		case !known || a.Period < 1 || a.Period > 60 || periods < 1 || periods > alarm.MostPeriods:
			f.Unmodelled = append(f.Unmodelled, fmt.Sprintf("%s is not simulated: periods of 1 to 60 minutes are, at most %d of them", r.ID, alarm.MostPeriods))
		default:
			all = append(all, a)
		}
	}
	return all
}

// serverShare is the share of users that reach the server beside a group: all of them where the record does not point at the
// balancer, and otherwise by the weights of the listener.
func serverShare(t *template.Template, group *template.Resource) float64 {
	for _, r := range t.OfType("AWS::Route53::RecordSet") {
		if r.Get("AliasTarget") == nil {
			return 1
		}
	}
	ref, _ := template.Refers(template.Get(template.List(group.Get("TargetGroupARNs")), 0))
	toGroup, all := 0.0, 0.0
	for _, l := range t.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		for _, action := range template.List(l.Get("DefaultActions")) {
			for _, g := range template.List(template.Get(action, "ForwardConfig", "TargetGroups")) {
				weight := number(template.Get(g, "Weight"), 1)
				if to, ok := template.Refers(template.Get(g, "TargetGroupArn")); ok && to.ID == ref.ID {
					toGroup += weight
				}
				all += weight
			}
		}
	}
	if all == 0 {
		return 0
	}
	return 1 - toGroup/all
}

// attribute is the value of one of a resource's attributes, which stand as a list of keys and values.
func attribute(r *template.Resource, list, key string) any {
	for _, a := range template.List(r.Get(list)) {
		if template.Get(a, "Key") == key {
			return template.Get(a, "Value")
		}
	}
	return nil
}

func number(value any, otherwise float64) float64 {
	if v, ok := template.Number(value); ok {
		return v
	}
	return otherwise
}
