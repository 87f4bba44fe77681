package search

import (
	"encoding/json"
	"fmt"

	"github.com/korakagazindia/provisioner/internal/template"
)

// Template is the template that the configuration's keys would make of a stage's own: with what matters to a simulation and a
// bill changed, and nothing else.
func (c Config) Template(of *template.Template, service float64) (*template.Template, error) {
	text, err := json.Marshal(of.Raw)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	all, _ := raw["Resources"].(map[string]any)
	e := edit{all: all, c: c}
	for _, resource := range all {
		e.resource(template.Get(resource, "Type"), template.Get(resource, "Properties"))
		if roll, ok := template.Get(resource, "UpdatePolicy", "AutoScalingRollingUpdate").(map[string]any); ok {
			roll["MinInstancesInService"] = float64(min(c.Min, c.Max-1))
		}
	}
	if c.Stage == "horizontal" {
		e.scaling(c.requests(service))
	}
	if text, err = json.Marshal(raw); err != nil {
		return nil, err
	}
	return template.Parse(text)
}

// edit changes the resources of one template.
type edit struct {
	all map[string]any
	c   Config
}

// resource sets what the keys say on one resource.
func (e *edit) resource(kind, properties any) {
	p, _ := properties.(map[string]any)
	switch kind {
	case "AWS::EC2::Instance":
		p["InstanceType"] = e.c.Type
	case "AWS::EC2::LaunchTemplate":
		data, _ := p["LaunchTemplateData"].(map[string]any)
		data["InstanceType"] = e.c.Type
		delete(data, "CreditSpecification")
		if e.c.Credits != "" {
			data["CreditSpecification"] = map[string]any{"CpuCredits": e.c.Credits}
		}
	case "AWS::AutoScaling::AutoScalingGroup":
		p["MinSize"], p["MaxSize"] = fmt.Sprint(e.c.Min), fmt.Sprint(e.c.Max)
	}
}

// scaling takes the policies away, with their alarms, and puts the configuration's there. A type without credits has no
// alarm for them.
func (e *edit) scaling(requests int) {
	group := any(nil)
	for id, resource := range e.all {
		switch template.Get(resource, "Type") {
		case "AWS::AutoScaling::ScalingPolicy":
			group = template.Get(resource, "Properties", "AutoScalingGroupName")
			e.withoutAlarms(id)
			delete(e.all, id)
		case "AWS::CloudWatch::Alarm":
			if metric := template.Get(resource, "Properties", "MetricName"); metric == "CPUSurplusCreditsCharged" && e.c.Credits == "" {
				delete(e.all, id)
			}
		}
	}
	p := e.c.Policy
	if p.Kind == "targetTracking" {
		metric, target := "ASGAverageCPUUtilization", p.CPU
		if p.Percent > 0 {
			metric, target = "ALBRequestCountPerTarget", float64(requests)
		}
		e.all["FleetTracking"] = resource("AWS::AutoScaling::ScalingPolicy", map[string]any{"AutoScalingGroupName": group,
			"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": map[string]any{"TargetValue": target,
				"PredefinedMetricSpecification": map[string]any{"PredefinedMetricType": metric}}})
		return
	}
	e.all["FleetScaleOut"], e.all["FleetScaleIn"] = p.step(group, 1), p.step(group, -1)
	e.all["ScaleOutAlarm"] = alarm(group, "FleetScaleOut", "GreaterThanThreshold", p.Out, 3)
	e.all["ScaleInAlarm"] = alarm(group, "FleetScaleIn", "LessThanThreshold", p.In, 15)
}

// withoutAlarms takes the alarms away that start a policy.
func (e *edit) withoutAlarms(policy string) {
	for id, resource := range e.all {
		if template.Get(resource, "Type") != "AWS::CloudWatch::Alarm" {
			continue
		}
		for _, action := range template.List(template.Get(resource, "Properties", "AlarmActions")) {
			if template.Get(action, "Ref") == policy {
				delete(e.all, id)
			}
		}
	}
}

// step is a simple or a step policy, as constructs/fleet makes them.
func (p Policy) step(group any, by float64) map[string]any {
	properties := map[string]any{"AutoScalingGroupName": group, "AdjustmentType": "ChangeInCapacity"}
	if p.Kind == "simple" {
		properties["PolicyType"], properties["ScalingAdjustment"], properties["Cooldown"] = "SimpleScaling", by, "300"
		return resource("AWS::AutoScaling::ScalingPolicy", properties)
	}
	first := map[string]any{"ScalingAdjustment": by, "MetricIntervalUpperBound": 0.0}
	steps := []any{first}
	if by > 0 {
		first["MetricIntervalLowerBound"], first["MetricIntervalUpperBound"] = 0.0, 20.0
		steps = append(steps, map[string]any{"ScalingAdjustment": 2 * by, "MetricIntervalLowerBound": 20.0})
	}
	properties["PolicyType"], properties["StepAdjustments"], properties["EstimatedInstanceWarmup"] = "StepScaling", steps, 300.0
	return resource("AWS::AutoScaling::ScalingPolicy", properties)
}

func alarm(group any, policy, compare string, threshold float64, periods int) map[string]any {
	return resource("AWS::CloudWatch::Alarm", map[string]any{
		"AlarmActions": []any{map[string]any{"Ref": policy}}, "ComparisonOperator": compare, "Threshold": threshold, "EvaluationPeriods": float64(periods),
		"Period": 60.0, "Statistic": "Average", "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "TreatMissingData": "notBreaching",
		"Dimensions": []any{map[string]any{"Name": "AutoScalingGroupName", "Value": group}}})
}

func resource(kind string, properties map[string]any) map[string]any {
	return map[string]any{"Type": kind, "Properties": properties}
}
