package plan

import (
	"fmt"
	"strings"

	"github.com/korakagazindia/provisioner/internal/diff"
	"github.com/korakagazindia/provisioner/internal/template"
)

// thing is a kind of resource that a person calls by a name of its own.
type thing struct {
	kind string
	one  func(r *template.Resource) string // "" for one that is counted only
	many string                            // what those are called that are counted, of one
}

// things are those that are named where a deploy makes them.
var things = []thing{
	{"AWS::EC2::Instance", func(r *template.Resource) string { return "server: " + r.Text("InstanceType") }, ""},
	{"AWS::EC2::LaunchTemplate", func(r *template.Resource) string {
		return fmt.Sprintf("launch template %s: %s, key pair %s, start-up script", r.Text("LaunchTemplateName"),
			r.Text("LaunchTemplateData", "InstanceType"), orNone(r.Text("LaunchTemplateData", "KeyName")))
	}, ""},
	{"AWS::ElasticLoadBalancingV2::TargetGroup", func(r *template.Resource) string {
		return fmt.Sprintf("target group %s: port %s, health check %s every %s s", named(r, "Name"), r.Text("Port"), r.Text("HealthCheckPath"),
			r.Text("HealthCheckIntervalSeconds"))
	}, ""},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", func(r *template.Resource) string {
		return fmt.Sprintf("load balancer %s in %d zones", named(r, "Name"), len(template.List(r.Get("Subnets"))))
	}, ""},
	{"AWS::ElasticLoadBalancingV2::Listener", func(r *template.Resource) string {
		return "listener " + r.Text("Protocol") + " " + r.Text("Port")
	}, ""},
	{"AWS::CertificateManager::Certificate", func(r *template.Resource) string { return "certificate for " + r.Text("DomainName") }, ""},
	{"AWS::AutoScaling::AutoScalingGroup", func(r *template.Resource) string {
		return fmt.Sprintf("Auto Scaling group %s: %s to %s nodes, health checks of %s", named(r, "AutoScalingGroupName"), r.Text("MinSize"), r.Text("MaxSize"),
			r.Text("HealthCheckType"))
	}, ""},
	{"AWS::AutoScaling::ScalingPolicy", nil, "scaling policy"},
	{"AWS::CloudWatch::Alarm", nil, "alarm"},
	{"AWS::ElastiCache::ReplicationGroup", func(*template.Resource) string { return "cache for sessions" }, ""},
	{"AWS::Route53::RecordSet", func(r *template.Resource) string { return "record of " + r.Text("Name") }, ""},
}

// verbs are what a deploy does to a thing, where it is named.
var verbs = map[diff.Action]string{diff.Create: "makes", diff.Update: "changes", diff.Interrupt: "stops and starts", diff.Delete: "removes",
	diff.Replace: "replaces", diff.Retain: "leaves in the account"}

// made is what a deploy does to things that have a name.
func (m *making) made() []string {
	all := []string{}
	for _, of := range things {
		counts := map[diff.Action]int{}
		for _, c := range m.diff.Changes {
			verb, told := verbs[c.Action]
			if c.Type != of.kind || !told || !c.Touched() {
				continue
			}
			if of.one == nil {
				counts[c.Action]++
				continue
			}
			r := c.After
			if r == nil {
				r = c.Before
			}
			said := verb + " " + of.one(r)
			switch {
			case c.Action == diff.Interrupt && m.manner == joins:
				said = "changes the server's groups while it runs: CloudFormation's page speaks of some interruption, EC2's of none"
			case c.Action == diff.Interrupt && c.Before != nil && c.Before.Text("InstanceType") != r.Text("InstanceType"):
				said = "stops the server, changes " + c.Before.Text("InstanceType") + " to " + r.Text("InstanceType") + ", starts it: same address, same disk"
			}
			all = append(all, said)
		}
		for _, action := range []diff.Action{diff.Create, diff.Update, diff.Delete} {
			if counts[action] > 0 {
				all = append(all, verbs[action]+" "+counted(counts[action], of.many))
			}
		}
	}
	return all
}

func counted(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(what, "y"))
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func named(r *template.Resource, property string) string {
	if name := r.Text(property); name != "" {
		return name
	}
	return r.ID
}

func orNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}
