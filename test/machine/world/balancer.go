//go:build linux

package world

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/korakagazindia/provisioner/test/policy"
)

// balancerAPI is Elastic Load Balancing, as far as a machine asks it.
var balancerAPI = api{
	service: "elasticloadbalancing",
	address: "10.77.0.13",
	version: "2015-12-01",
	actions: map[string]action{"DescribeTargetHealth": describeTargetHealth},
	call:    func(s State, _ string, _ input) policy.Call { return s.machine().TargetHealth() },
}

// checks are one target group's health checks of the machine: real requests from the balancer's address.
type checks struct {
	target Target
	stop   context.CancelFunc

	mutex         sync.Mutex
	state, reason string
	row           int // successes in a row, or failures if negative
}

// setChecks starts and stops checks, for what they check to be what the state says. The caller holds the world's mutex.
func (w *World) setChecks(targets map[string]Target) {
	all := map[string]*checks{}
	for arn, target := range targets {
		if old := w.checks[arn]; old != nil && old.target == target {
			all[arn] = old
			delete(w.checks, arn)
			continue
		}
		ctx, stop := context.WithCancel(context.Background())
		all[arn] = &checks{target: target, stop: stop, state: "initial", reason: "Elb.InitialHealthChecking"}
		go all[arn].run(ctx)
	}
	for _, old := range w.checks {
		old.stop()
	}
	w.checks = all
}

// run checks the machine over and over.
func (c *checks) run(ctx context.Context) {
	client := &http.Client{
		Timeout:       cmp.Or(c.target.Timeout, time.Second),
		Transport:     &http.Transport{DialContext: dialer(BalancerAddress).DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	url := "http://" + net.JoinHostPort(MachineAddress, strconv.Itoa(c.target.Port)) + c.target.Path
	for {
		c.count(check(ctx, client, url))
		if !pause(ctx, cmp.Or(c.target.Interval, time.Second)) {
			return
		}
	}
}

// check asks once, and gives the reason for a failure in the balancer's words.
func check(ctx context.Context, client *http.Client, url string) (reason string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "Target.FailedHealthChecks"
	}
	request.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	response, err := client.Do(request)
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return "Target.Timeout"
	}
	if err != nil {
		return "Target.FailedHealthChecks"
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "Target.ResponseCodeMismatch"
	}
	return ""
}

// count counts one result, and changes the state when there are enough in a row.
func (c *checks) count(reason string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch {
	case reason == "" && c.row < 0, reason != "" && c.row > 0:
		c.row = 0
	}
	if reason == "" {
		if c.row++; c.row >= cmp.Or(c.target.Healthy, 1) {
			c.state, c.reason = "healthy", ""
		}
		return
	}
	if c.row--; -c.row >= cmp.Or(c.target.Failed, 2) {
		c.state, c.reason = "unhealthy", reason
	}
}

// health is an answer's part for one target.
type health struct {
	Port        int    `xml:"HealthCheckPort"`
	State       string `xml:"TargetHealth>State"`
	Reason      string `xml:"TargetHealth>Reason,omitempty"`
	Description string `xml:"TargetHealth>Description,omitempty"`
	TargetPort  int    `xml:"Target>Port"`
	ID          string `xml:"Target>Id"`
}

type targetHealth struct {
	Members []health `xml:"TargetHealthDescriptions>member"`
}

// describeTargetHealth tells of the machine only: the targets asked for, or all.
func describeTargetHealth(w *World, in input) (any, *failure) {
	if failed := required(in.form, "TargetGroupArn"); failed != nil {
		return nil, failed
	}
	id := w.read().Metadata.InstanceID
	w.mutex.Lock()
	c := w.checks[in.form.Get("TargetGroupArn")]
	w.mutex.Unlock()
	if c == nil {
		return nil, &failure{400, "TargetGroupNotFound", "One or more target groups not found"}
	}
	answer := targetHealth{}
	for n := 1; ; n++ {
		asked := in.form.Get(fmt.Sprintf("Targets.member.%d.Id", n))
		switch {
		case asked == id, asked == "" && n == 1:
			answer.Members = append(answer.Members, c.health(id))
		case asked != "":
			answer.Members = append(answer.Members, health{Port: c.target.Port, TargetPort: c.target.Port, ID: asked,
				State: "unused", Reason: "Target.NotRegistered", Description: "Target is not registered to the target group"})
		}
		if asked == "" {
			return answer, nil
		}
	}
}

// health is the state now, or the one it is pinned to.
func (c *checks) health(id string) health {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	h := health{Port: c.target.Port, TargetPort: c.target.Port, ID: id, State: c.state, Reason: c.reason}
	switch c.target.Pinned {
	case "":
	case "initial":
		h.State, h.Reason = "initial", "Elb.InitialHealthChecking"
	default:
		h.State, h.Reason = c.target.Pinned, "Target.FailedHealthChecks"
	}
	h.Description = map[string]string{
		"Elb.InitialHealthChecking":   "Initial health checks in progress",
		"Target.FailedHealthChecks":   "Health checks failed",
		"Target.ResponseCodeMismatch": "Health checks failed with these codes: [5xx]",
		"Target.Timeout":              "Request timed out",
	}[h.Reason]
	return h
}
