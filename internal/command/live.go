package command

import (
	"context"
	"fmt"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/demand"
	"github.com/korakagazindia/provisioner/internal/project"
)

// serverID is the logical id of the one server in every stage that has it.
const serverID = "Server"

// mostDays is for how long CloudWatch keeps values of five minutes (Amazon CloudWatch FAQs, "metrics retention").
const mostDays = 63

// watched are the metrics of a server that CloudWatch has: the last one by the agent.
var watched = map[string]account.Metric{
	"cpu":     {Namespace: "AWS/EC2", Name: "CPUUtilization", Statistic: "Average"},
	"credits": {Namespace: "AWS/EC2", Name: "CPUCreditBalance", Statistic: "Minimum"},
	"memory":  {Namespace: "CWAgent", Name: "mem_used_percent", Statistic: "Maximum"},
}

// live reads metrics of a server, by name, from CloudWatch: of the instance that is named, or of the deployed stack's
// server. One that nobody publishes is not there.
func live(ctx context.Context, instance string, changes map[string]string, days int, now time.Time, names ...string) (map[string][]demand.Point, error) {
	if days > mostDays {
		return nil, misusef("--days %d is not allowed: CloudWatch keeps values of five minutes for %d", days, mostDays)
	}
	p, err := project.Find("")
	if err != nil {
		return nil, err
	}
	c, err := p.Config(changes)
	if err != nil {
		return nil, err
	}
	a, err := account.Open(ctx, c.Region)
	if err != nil {
		return nil, err
	}
	if instance == "" {
		resources, err := a.Resources(ctx, c.StackName())
		if err != nil {
			return nil, fmt.Errorf("%s in %s: %w", c.StackName(), c.Region, err)
		}
		if instance = resources[serverID]; instance == "" {
			return nil, fmt.Errorf("%s in %s has no server: --instance ID names another one", c.StackName(), c.Region)
		}
	}
	found := map[string][]demand.Point{}
	for _, name := range names {
		m := watched[name]
		m.Dimensions, m.Period = map[string]string{"InstanceId": instance}, 5*time.Minute
		values, err := a.Values(ctx, m, now.AddDate(0, 0, -days), now)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", m.Name, instance, err)
		}
		for _, v := range values {
			found[name] = append(found[name], demand.Point{At: v.At, Value: v.Value})
		}
	}
	return found, nil
}
