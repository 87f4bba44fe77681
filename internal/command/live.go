package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// CloudWatch keeps values of five minutes for 63 days, and those of hours for 455 (Amazon CloudWatch User Guide, "Metrics
// retention").
const (
	fineDays = 63
	mostDays = 455
)

// watched are the metrics that CloudWatch has of what is deployed, each with the dimensions of its resource: of two with one name the
// first whose resource there is. Memory is the agent's.
var watched = []struct {
	name       string
	metric     account.Metric
	dimensions func(deployed map[string]string) map[string]string
}{
	{"cpu", account.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Statistic: "Average"}, ofServer},
	{"cpu", account.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Statistic: "Average"}, ofFleet},
	{"credits", account.Metric{Namespace: "AWS/EC2", Name: "CPUCreditBalance", Statistic: "Minimum"}, ofServer},
	{"credits", account.Metric{Namespace: "AWS/EC2", Name: "CPUCreditBalance", Statistic: "Minimum"}, ofFleet},
	{"memory", account.Metric{Namespace: "CWAgent", Name: "mem_used_percent", Statistic: "Maximum"}, ofServer},
	{"memory", account.Metric{Namespace: "CWAgent", Name: "mem_used_percent", Statistic: "Maximum"}, ofFleet},
	{"network", account.Metric{Namespace: "AWS/EC2", Name: "NetworkOut", Statistic: "Sum"}, ofServer},
	{"network", account.Metric{Namespace: "AWS/EC2", Name: "NetworkOut", Statistic: "Sum"}, ofFleet},
	{"status", account.Metric{Namespace: "AWS/EC2", Name: "StatusCheckFailed", Statistic: "Maximum"}, ofServer},
	{"status", account.Metric{Namespace: "AWS/EC2", Name: "StatusCheckFailed", Statistic: "Maximum"}, ofFleet},
	{"response", account.Metric{Namespace: "AWS/ApplicationELB", Name: "TargetResponseTime", Statistic: "p95"}, ofBalancer},
	{"requests", account.Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Statistic: "Sum"}, ofBalancer},
	{"healthy", account.Metric{Namespace: "AWS/ApplicationELB", Name: "HealthyHostCount", Statistic: "Minimum"}, ofTargets},
	{"size", account.Metric{Namespace: "AWS/AutoScaling", Name: "GroupInServiceInstances", Statistic: "Average"}, ofFleet},
}

// The logical ids of the resources that have metrics.
const (
	serverID   = "Server"
	fleetID    = "Fleet"
	balancerID = "LoadBalancer"
	targetsID  = "LoadBalancerTargets"
)

func ofServer(deployed map[string]string) map[string]string {
	return dimension("InstanceId", deployed[serverID])
}

func ofFleet(deployed map[string]string) map[string]string {
	return dimension("AutoScalingGroupName", deployed[fleetID])
}

// ofBalancer are those of a load balancer: the end of its ARN (Elastic Load Balancing, "CloudWatch metrics for your Application
// Load Balancer", metric dimensions).
func ofBalancer(deployed map[string]string) map[string]string {
	_, name, _ := strings.Cut(deployed[balancerID], ":loadbalancer/")
	return dimension("LoadBalancer", name)
}

// ofTargets are those of the fleet's target group behind the balancer.
func ofTargets(deployed map[string]string) map[string]string {
	dimensions := ofBalancer(deployed)
	arn := deployed[targetsID]
	if dimensions == nil || arn == "" {
		return nil
	}
	dimensions["TargetGroup"] = arn[strings.LastIndex(arn, ":")+1:]
	return dimensions
}

// dimension is nil for a resource that there is not.
func dimension(name, value string) map[string]string {
	if value == "" {
		return nil
	}
	return map[string]string{name: value}
}

// deployment is what runs in an account, and how it is reached.
type deployment struct {
	account *account.Account
	place   account.Place
	config  *config.Config
	// resources are physical ids by logical ones. Of an instance that is in no stack yet it is the only one.
	resources map[string]string
}

// deployed finds what runs: the instance that is named, or the stack of cdk.json.
func deployed(cmd *cobra.Command, instance string, changes map[string]string) (deployment, error) {
	p, err := project.Here("")
	if err != nil {
		return deployment{}, err
	}
	c, err := p.Asked(changes)
	if err != nil {
		return deployment{}, err
	}
	ctx := cmd.Context()
	tell(ctx, "asking AWS in "+c.Region+": some seconds")
	a, err := account.Open(ctx, place(cmd, c))
	if err != nil {
		return deployment{}, err
	}
	if instance != "" {
		return deployment{a, place(cmd, c), c, map[string]string{serverID: instance}}, nil
	}
	resources, err := a.Resources(ctx, c.StackName())
	if err != nil {
		return deployment{}, fmt.Errorf("%s in %s: %w", c.StackName(), c.Region, err)
	}
	if resources[serverID] == "" && resources[fleetID] == "" {
		return deployment{}, fmt.Errorf("%s in %s has neither server nor fleet: --instance ID names another server", c.StackName(), c.Region)
	}
	return deployment{a, place(cmd, c), c, resources}, nil
}

// of leaves out what does not serve in a stage: of a fleet's the server that was kept.
func (d deployment) of(s stage.Stage) deployment {
	if s == stage.Horizontal && d.resources[fleetID] != "" {
		d.resources = maps.Clone(d.resources)
		delete(d.resources, serverID)
	}
	return d
}

// metrics reads metrics by name from CloudWatch, all of them without names. One that nobody publishes is not there.
func (d deployment) metrics(ctx context.Context, days int, now time.Time, names ...string) (map[string][]demand.Point, error) {
	if days > mostDays {
		return nil, misusef("--days %d is not allowed: CloudWatch keeps values for %d", days, mostDays)
	}
	found := map[string][]demand.Point{}
	read := map[string]bool{}
	for _, w := range watched {
		m := w.metric
		m.Dimensions = w.dimensions(d.resources)
		if m.Dimensions == nil || read[w.name] || len(names) > 0 && !slices.Contains(names, w.name) {
			continue
		}
		read[w.name] = true
		values, err := d.values(ctx, m, now, days)
		if err != nil {
			return nil, fmt.Errorf("%s of %v: %w", m.Name, slices.Sorted(maps.Values(m.Dimensions)), err)
		}
		for _, v := range values {
			found[w.name] = append(found[w.name], demand.Point{At: v.At, Value: v.Value})
		}
	}
	return found, nil
}

// values are a metric's each five minutes. Of the days before CloudWatch's fine ones each hour has twelve times its value, or
// a twelfth of it each time where values are sums.
func (d deployment) values(ctx context.Context, m account.Metric, now time.Time, days int) ([]account.Value, error) {
	m.Period = 5 * time.Minute
	fine := now.AddDate(0, 0, -min(days, fineDays))
	values, err := d.account.Values(ctx, m, fine, now)
	if err != nil || days <= fineDays {
		return values, err
	}
	m.Period = time.Hour
	hours, err := d.account.Values(ctx, m, now.AddDate(0, 0, -days), fine)
	if err != nil {
		return nil, err
	}
	var older []account.Value
	for _, v := range hours {
		if m.Statistic == "Sum" {
			v.Value /= 12
		}
		for range 12 {
			older = append(older, v)
			v.At = v.At.Add(5 * time.Minute)
		}
	}
	return append(older, values...), nil
}
