// Package search finds the cheapest configuration that keeps a promise under some demand: it makes the templates that the
// context keys would make, and simulates each.
package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/credits"
)

// Config is one configuration.
type Config struct {
	Stage    string
	Type     string
	Credits  string // unlimited or standard; "" where the template says nothing
	Min, Max int    // 0 for a server
	Policy   Policy
}

// Policy is how a fleet scales, with the keys that say so.
type Policy struct {
	Keys                  string // as they are written with -c, but for those that the type decides
	Kind                  string // simple, step or targetTracking
	Out, In, CPU, Percent float64
}

// policies are those that are tried. Percent is of the requests that a node can serve.
var policies = []Policy{
	{Keys: "scalingPolicy=simple", Kind: "simple", Out: 70, In: 30},
	{Keys: "scalingPolicy=simple scaleOutCpuPercent=50 scaleInCpuPercent=20", Kind: "simple", Out: 50, In: 20},
	{Keys: "scalingPolicy=step", Kind: "step", Out: 70, In: 30},
	{Keys: "scalingPolicy=step scaleOutCpuPercent=50 scaleInCpuPercent=20", Kind: "step", Out: 50, In: 20},
	{Keys: "scalingPolicy=targetTracking targetCpuPercent=50", Kind: "targetTracking", CPU: 50},
	{Keys: "scalingPolicy=targetTracking targetCpuPercent=35", Kind: "targetTracking", CPU: 35},
	{Keys: "scalingPolicy=targetTracking targetTrackingMetric=requests", Kind: "targetTracking", Percent: 50},
}

// types are those that are tried: x86_64, with a GiB of memory at least, as the app has it today.
var types = strings.Fields("t2.micro t2.small t2.medium t2.large t3.micro t3.small t3.medium t3.large t3a.micro t3a.small t3a.medium t3a.large m5.large c5.large")

// sizes are the fewest and the most nodes that are tried.
var sizes = [][2]int{{1, 3}, {1, 5}, {2, 3}, {2, 5}, {2, 8}, {3, 5}, {3, 8}}

// Configs lists all that are tried: a server of each type, and fleets.
func Configs() []Config {
	var all []Config
	for _, name := range types {
		stage := "vertical"
		if name == "t2.micro" {
			stage = "single"
		}
		all = append(all, Config{Stage: stage, Type: name})
	}
	for _, name := range types {
		modes := []string{""}
		if kind, _ := credits.Of(name); kind.PerHour > 0 {
			modes = []string{"unlimited", "standard"}
		}
		for _, mode := range modes {
			for _, size := range sizes {
				for _, p := range policies {
					all = append(all, Config{Stage: "horizontal", Type: name, Credits: mode, Min: size[0], Max: size[1], Policy: p})
				}
			}
		}
	}
	return all
}

// Keys are the context keys to paste, each as -c takes it. Service is the CPU that a request needs, in seconds of a vCPU.
func (c Config) Keys(service float64) []string {
	if c.Stage != "horizontal" {
		return []string{"stage=" + c.Stage, c.Stage + "InstanceType=" + c.Type}
	}
	keys := []string{"stage=horizontal", "keepServer=none", "fleetInstanceType=" + c.Type}
	if c.Credits != "" {
		keys = append(keys, "cpuCredits="+c.Credits)
	}
	keys = append(keys, fmt.Sprintf("minCapacity=%d", c.Min), fmt.Sprintf("maxCapacity=%d", c.Max))
	keys = append(keys, strings.Fields(c.Policy.Keys)...)
	if c.Policy.Percent > 0 {
		keys = append(keys, fmt.Sprintf("targetRequestsPerMinute=%d", c.requests(service)))
	}
	return keys
}

// requests is the target of requests a node and minute.
func (c Config) requests(service float64) int {
	kind, _ := credits.Of(c.Type)
	return max(1, int(60*kind.VCPUs/service*c.Policy.Percent/100))
}

// Name is the configuration in a few words.
func (c Config) Name() string {
	if c.Stage != "horizontal" {
		return c.Stage + " " + c.Type
	}
	words := []string{fmt.Sprintf("%d-%d %s", c.Min, c.Max, c.Type), c.Credits, c.Policy.Kind}
	switch {
	case c.Policy.CPU > 0:
		words = append(words, fmt.Sprintf("CPU %v %%", c.Policy.CPU))
	case c.Policy.Percent > 0:
		words = append(words, "requests")
	default:
		words = append(words, fmt.Sprintf("%v/%v", c.Policy.Out, c.Policy.In))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
