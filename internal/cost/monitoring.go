package cost

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// alarm counts the metrics of an alarm: one; each of those that metric math uses; three with an anomaly detector, whose band
// has two of its own (Amazon CloudWatch pricing, "Alarms").
func (c *counter) alarm(r *template.Resource) {
	metrics, band := 0, false
	for _, m := range template.List(r.Get("Metrics")) {
		if template.Get(m, "MetricStat") != nil {
			metrics++
		}
		expression, _ := c.text(template.Get(m, "Expression"))
		band = band || strings.Contains(expression, "ANOMALY_DETECTION_BAND")
		if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(expression)), "SELECT") {
			c.unpriced(r, "a query counts each metric that it finds")
			return
		}
	}
	item := "alarms"
	switch period, _ := c.number(r.Get("Period"), 60); {
	case period < 60:
		c.unpriced(r, "an alarm that looks more often than each minute has a price of its own")
		return
	case band:
		metrics, item = 3*max(1, metrics), "alarms with anomaly detection"
	case metrics > 1:
		item = "alarms with metric math"
	}
	c.add(r, Monitoring, "cloudwatch/alarm", item, same(float64(max(1, metrics))))
}

// scalingPolicy counts the alarms that target tracking makes by itself: one to grow and one to shrink (Amazon EC2 Auto
// Scaling User Guide, "Target tracking scaling policies").
func (c *counter) scalingPolicy(r *template.Resource) {
	if r.Get("PolicyType") != "TargetTrackingScaling" {
		return
	}
	alarms := 2.0
	if template.True(r.Get("TargetTrackingConfiguration", "DisableScaleIn")) {
		alarms = 1
	}
	c.add(r, Monitoring, "cloudwatch/alarm", "alarms of target tracking", same(alarms))
}

// dashboard counts a dashboard of any size.
func (c *counter) dashboard(r *template.Resource) {
	c.add(r, Monitoring, "cloudwatch/dashboard", "dashboards", same(1))
}

// logs counts a month's log lines and what is kept of them, uncompressed. A group that keeps all is counted after a year.
func (c *counter) logs(r *template.Resource) {
	days, ok := c.number(r.Get("RetentionInDays"), 365)
	if !ok {
		c.unpriced(r, "how long it keeps lines is known only when it is deployed")
		return
	}
	if r.Get("RetentionInDays") == nil {
		c.note("%s keeps its lines without end: they are counted as they are after a year", r.ID)
	}
	c.add(r, Monitoring, "logs/ingest", "log lines written", same(c.usage.LogsGiB))
	c.add(r, Monitoring, "logs/store", "log lines kept", same(c.usage.LogsGiB*days*24/price.HoursPerMonth))
}

// agent counts the metrics that the CloudWatch agent publishes from the machines that an association configures.
func (c *counter) agent(r *template.Resource) {
	document := c.target(r.Get("Name"))
	if document == nil {
		if name, _ := c.text(r.Get("Name")); strings.HasPrefix(name, "AmazonCloudWatch") {
			c.unpriced(r, "what the agent publishes is not in the template")
		}
		return
	}
	config, found := c.agentConfig(document)
	if !found {
		return
	}
	for _, t := range template.List(r.Get("Targets")) {
		for _, value := range template.List(template.Get(t, "Values")) {
			c.agentOn(r, config, c.target(value))
		}
	}
}

func (c *counter) agentOn(association *template.Resource, config agentConfig, on *template.Resource) {
	count, grouped := same(1), false
	switch {
	case on == nil || on.Type != "AWS::EC2::Instance" && on.Type != "AWS::AutoScaling::AutoScalingGroup":
		c.unpriced(association, "on which machines the agent runs is not in the template")
		return
	case on.Type == "AWS::AutoScaling::AutoScalingGroup":
		grouped = true
		count, _ = c.size(on)
	}
	each, together, unknown := config.metrics(grouped)
	for _, plugin := range unknown {
		c.unpriced(association, "how many metrics the agent's %q has is not known", plugin)
	}
	metrics := count.Times(float64(each))
	if count.High > 0 {
		metrics = metrics.Plus(same(float64(together)))
	}
	c.add(association, Monitoring, "cloudwatch/metric", "the agent's metrics", metrics)
}

// agentConfig is what counts in the agent's configuration (CloudWatch User Guide, "Manually create or edit the CloudWatch
// agent configuration file").
type agentConfig struct {
	Metrics *struct {
		Append    map[string]string          `json:"append_dimensions"`
		Aggregate [][]string                 `json:"aggregation_dimensions"`
		Collected map[string]json.RawMessage `json:"metrics_collected"`
	} `json:"metrics"`
}

type agentPlugin struct {
	Measurement []json.RawMessage `json:"measurement"`
	Resources   []string          `json:"resources"`
	DropDevice  bool              `json:"drop_device"`
}

// agentConfig finds the configuration in a document's scripts.
func (c *counter) agentConfig(document *template.Resource) (found agentConfig, ok bool) {
	template.Walk(document.Get("Content"), func(value any) bool {
		if ok {
			return false
		}
		_, _, isFunction := template.Function(value)
		if _, isText := value.(string); isText || isFunction {
			found, ok = configIn(template.Text(value))
		}
		return !isFunction
	})
	return found, ok
}

// documentLimit is how many bytes a document has at most (AWS Systems Manager endpoints and quotas, "Document size").
const documentLimit = 64 << 10

// configIn is the first agent configuration that begins at the beginning of a line.
func configIn(text string) (agentConfig, bool) {
	if len(text) > documentLimit {
		return agentConfig{}, false
	}
	for line := 0; line < 100; line++ {
		if strings.HasPrefix(text, "{") {
			var config agentConfig
			if json.NewDecoder(strings.NewReader(text)).Decode(&config) == nil && config.Metrics != nil {
				return config, true
			}
		}
		_, rest, more := strings.Cut(text, "\n")
		if !more {
			break
		}
		text = rest
	}
	return agentConfig{}, false
}

// pluginDimensions are what the agent adds by itself to a plugin's metrics (CloudWatch User Guide, "Metrics collected by the
// CloudWatch agent").
var pluginDimensions = map[string][]string{
	"mem": {}, "swap": {}, "netstat": {}, "processes": {},
	"cpu": {"cpu"}, "net": {"interface"}, "diskio": {"name"}, "disk": {"path", "fstype", "device"},
}

// metrics is how many metrics a machine has for itself, how many a group has together, and the plugins that are not known.
// Each is published with all its dimensions, and again for each set of aggregation_dimensions that is smaller than those and
// part of them (amazon-cloudwatch-agent, plugins/outputs/cloudwatch, ProcessRollup).
func (a agentConfig) metrics(grouped bool) (each, together int, unknown []string) {
	for _, name := range slices.Sorted(maps.Keys(a.Metrics.Collected)) {
		own, known := pluginDimensions[name]
		var plugin agentPlugin
		if json.Unmarshal(a.Metrics.Collected[name], &plugin) != nil || !known || len(plugin.Measurement) == 0 {
			unknown = append(unknown, name)
			continue
		}
		all := slices.Clone(own)
		if plugin.DropDevice {
			all = slices.DeleteFunc(all, func(d string) bool { return d == "device" })
		}
		all = append(all, a.appended(grouped)...)
		things := len(plugin.Measurement) * max(1, len(plugin.Resources))
		each += things
		for _, set := range a.Metrics.Aggregate {
			switch {
			case len(set) >= len(all) || !subset(set, all):
			case slices.Contains(set, "InstanceId") || slices.Contains(set, "host"):
				each += len(plugin.Measurement)
			default:
				together += len(plugin.Measurement)
			}
		}
	}
	return each, together, unknown
}

// appended is the dimensions that the configuration adds, as far as the machine has them; the host's name without any.
func (a agentConfig) appended(grouped bool) []string {
	all := slices.Sorted(maps.Keys(a.Metrics.Append))
	if len(all) == 0 {
		return []string{"host"}
	}
	return slices.DeleteFunc(all, func(d string) bool { return d == "AutoScalingGroupName" && !grouped })
}

func subset(part, all []string) bool {
	for _, p := range part {
		if !slices.Contains(all, p) {
			return false
		}
	}
	return true
}

// parameter: standard ones cost nothing (AWS Systems Manager pricing, "Parameter Store").
func (c *counter) parameter(r *template.Resource) {
	if tier, ok := c.text(first(r.Get("Tier"), "Standard")); !ok || tier != "Standard" {
		c.unpriced(r, "a parameter of tier %s costs by the month", template.Text(r.Get("Tier")))
	}
}

// topic counts the subscriptions that are written into it; publishing from alarms is not billed by e-mail.
func (c *counter) topic(r *template.Resource) {
	for _, s := range template.List(r.Get("Subscription")) {
		c.subscribed(r, template.Get(s, "Protocol"))
	}
}

// subscription counts what a topic delivers.
func (c *counter) subscription(r *template.Resource) { c.subscribed(r, r.Get("Protocol")) }

func (c *counter) subscribed(r *template.Resource, protocol any) {
	switch kind, _ := c.text(protocol); kind {
	case "email", "email-json":
		c.add(r, Notifications, "sns/email", "e-mails of alarms", same(c.usage.AlarmMails/1000))
	case "lambda", "sqs":
		// Delivered for nothing (Amazon SNS pricing, "Standard topics").
	default:
		c.unpriced(r, "deliveries by %s have prices of their own", template.Text(protocol))
	}
}
