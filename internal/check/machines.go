package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
)

// keyPair looks for the key pair where a machine will be launched with it.
func keyPair(ctx context.Context, l *looking) ([]Result, error) {
	name := l.Config.KeyPairName
	if name == "" {
		return []Result{is(Pass, "", "none is asked for")}, nil
	}
	there, err := l.Account.KeyPair(ctx, name)
	if err != nil {
		return nil, err
	}
	said := map[bool]string{true: "it exists", false: "there is none of that name in the region"}
	return []Result{judged(there, Fail, name, "%s", said[there])}, nil
}

// offers looks whether each zone has the type.
func offers(ctx context.Context, l *looking) ([]Result, error) {
	kinds := l.kinds()
	offered, err := l.Account.Offered(ctx, kinds)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, kind := range kinds {
		for _, zone := range l.Config.AvailabilityZones {
			if !slices.Contains(offered[kind], zone) {
				results = append(results, is(Fail, kind, "%s does not offer it; these do: %s", zone, strings.Join(offered[kind], ", ")))
			}
		}
	}
	if len(results) == 0 {
		results = append(results, is(Pass, strings.Join(kinds, ", "), "offered in %s", strings.Join(l.Config.AvailabilityZones, ", ")))
	}
	return results, nil
}

func (l *looking) kinds() []string {
	var kinds []string
	for _, one := range l.launches() {
		kinds = append(kinds, one.kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// agent looks whether Systems Manager reaches the server that is there.
func agent(ctx context.Context, l *looking) ([]Result, error) {
	id, err := l.physical("Server")
	if err != nil || id == "" {
		return []Result{is(Pass, "", "there is no server yet")}, err
	}
	found, err := l.Account.Agent(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return []Result{is(Warn, id, "Systems Manager does not know it")}, nil
	}
	return []Result{judged(found.Ping == "Online", Warn, id, "%s, agent %s", found.Ping, found.Version)}, nil
}

// The levels of the alarms of disk and memory (docs/alarms.md).
const (
	fullDisk   = 80
	fullMemory = 80
)

// room looks at what the agent last reported of the server.
func room(ctx context.Context, l *looking) ([]Result, error) {
	id, err := l.physical("Server")
	if err != nil || id == "" {
		return []Result{is(Pass, "", "there is no server yet")}, err
	}
	var results []Result
	for _, m := range []struct {
		name, metric string
		most         float64
	}{{"disk", "disk_used_percent", fullDisk}, {"memory", "mem_used_percent", fullMemory}} {
		values, err := l.Account.Values(ctx, account.Metric{Namespace: "CWAgent", Name: m.metric, Statistic: "Maximum",
			Dimensions: map[string]string{"InstanceId": id}, Period: 5 * time.Minute}, l.Now.Add(-time.Hour), l.Now)
		switch {
		case err != nil:
			return results, err
		case len(values) == 0:
			results = append(results, is(Unknown, m.name, "the agent has reported nothing of it in the last hour"))
		default:
			last := values[len(values)-1].Value
			results = append(results, judged(last <= m.most, Warn, m.name, "%.0f %% are used", last))
		}
	}
	return results, nil
}

// backup looks for a way back to the server as it is.
func backup(ctx context.Context, l *looking) ([]Result, error) {
	id, err := l.physical("Server")
	if err != nil || id == "" {
		return []Result{is(Pass, "", "there is no server yet")}, err
	}
	server, err := l.Account.Server(ctx, id)
	if err != nil {
		return nil, err
	}
	var volumes []string
	for _, v := range server.Volumes {
		volumes = append(volumes, v.VolumeID)
	}
	if len(volumes) == 0 {
		return []Result{is(Warn, id, "it has no disk of which a snapshot could be made")}, nil
	}
	last, err := l.Account.Backups(ctx, volumes)
	if err != nil {
		return nil, err
	}
	return l.judgeBackups(id, volumes, last), nil
}

// judgeBackups wants a new snapshot of each disk: one of another disk is no way back.
func (l *looking) judgeBackups(id string, volumes []string, last map[string]time.Time) []Result {
	var results []Result
	for _, volume := range volumes {
		if last[volume].IsZero() {
			results = append(results, is(Warn, id, "there is no snapshot of its disk %s", volume))
			continue
		}
		age := l.Now.Sub(last[volume])
		results = append(results, judged(age < 24*time.Hour, Warn, id, "the last snapshot of its disk %s is %s old", volume, ago(age)))
	}
	return results
}

func ago(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// scalingRole is the role that Auto Scaling acts by (Amazon EC2 Auto Scaling User Guide, "Service-linked roles"). The first group of an
// account makes it, and may fail for its not being there yet.
const scalingRole = "AWSServiceRoleForAutoScaling"

func serviceRole(ctx context.Context, l *looking) ([]Result, error) {
	if _, fleet := l.serves(); fleet == nil {
		return []Result{is(Pass, "", "no group is made")}, nil
	}
	there, err := l.Account.Role(ctx, scalingRole)
	if err != nil {
		return nil, err
	}
	said := map[bool]string{true: "it is there", false: "the account has none: the first group may fail for it"}
	return []Result{judged(there, Warn, scalingRole, "%s", said[there])}, nil
}
