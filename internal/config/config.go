// Package config is what a person may decide about the backend: flat context keys, read once, checked all together.
//
// It is plain Go and runs before the jsii kernel starts, so that a mistake is answered in milliseconds.
package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Fault is one mistake in the context: which key, its value as given, and what would be right.
type Fault struct {
	Key     string
	Value   any
	Allowed string
}

// Error is one line.
func (f Fault) Error() string {
	if f.Value == nil {
		return fmt.Sprintf("context key %s is not set: %s", f.Key, f.Allowed)
	}
	return fmt.Sprintf("context key %s: %s is not allowed: %s", f.Key, spell(f.Value), f.Allowed)
}

// FromContext reads the CDK context (cdk.json and -c merged, as the command line hands it over in CDK_CONTEXT_JSON).
// Every value may be JSON or the string that -c makes of it; an empty string or null means not set. Keys that
// do not look like ours (they hold "@", ":" or "/") are left alone. All mistakes are reported at once, joined, each a Fault.
func FromContext(context map[string]any) (*Config, error) {
	c := &Config{set: map[string]bool{}}
	faults := append(unknown(context), c.read(context)...)
	c.derive()
	// The rules compare keys with each other: they read only what was read without a fault.
	for _, rule := range rules {
		if !slices.ContainsFunc(faults, func(f Fault) bool { return slices.Contains(rule.keys, f.Key) }) {
			faults = append(faults, rule.check(c)...)
		}
	}
	if len(faults) > 0 {
		return nil, joined(faults)
	}
	return c, nil
}

// Unruled is the configuration of a context that may lack what the rules ask of keys together: for who is about to look for
// that. Mistakes in a key of its own are reported as FromContext does.
func Unruled(context map[string]any) (*Config, error) {
	c := &Config{set: map[string]bool{}}
	faults := append(unknown(context), c.read(context)...)
	c.derive()
	if len(faults) > 0 {
		return nil, joined(faults)
	}
	return c, nil
}

// read sets each key that the context has, and the others to their defaults.
func (c *Config) read(context map[string]any) []Fault {
	var faults []Fault
	for _, key := range keys {
		value := context[key.Name]
		if value == nil || value == "" {
			value = key.Default
		}
		if value == "" {
			continue
		}
		if !key.kind.set(c, value) {
			faults = append(faults, Fault{key.Name, value, key.kind.instead(value)})
		}
		c.set[key.Name] = key.sets(value)
	}
	return faults
}

func joined(faults []Fault) error {
	var all []error
	for _, fault := range faults {
		all = append(all, fault)
	}
	return errors.Join(all...)
}

// derive fills in the defaults that follow from other keys.
func (c *Config) derive() {
	c.zonesGiven = len(c.AvailabilityZones) > 0
	if !c.zonesGiven {
		c.AvailabilityZones = []string{c.Region + "a", c.Region + "b"}
	}
	if c.FleetImageID == "" {
		c.FleetImageID = c.ImageID
	}
	if c.HighCPUAlarmName == "" {
		c.HighCPUAlarmName = c.Name + "-high-cpu"
	}
	if c.LowHealthyHostsAlarmName == "" {
		c.LowHealthyHostsAlarmName = c.Name + "-low-healthy-hosts"
	}
}

// HasServer reports whether the stack holds the one server: always, except in a fleet that no longer keeps it.
func (c *Config) HasServer() bool { return c.Stage != stage.Horizontal || c.KeepServer != KeepNone }

// ours is the shape of our keys: one word of letters and digits. Dashes and other cases are taken in so that a
// misspelling of ours is answered.
var ours = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// Two words that the CDK command line itself keeps in the context (cdk acknowledge, cdk cli-telemetry).
var foreign = []string{"acknowledged-issue-numbers", "cli-telemetry"}

// unknown reports the keys that look like ours and are not, in alphabetical order.
func unknown(context map[string]any) []Fault {
	var faults []Fault
	for name, value := range context {
		known := slices.ContainsFunc(keys, func(k Key) bool { return k.Name == name })
		if known || !ours.MatchString(name) || slices.Contains(foreign, name) {
			continue
		}
		faults = append(faults, Fault{name, value, "there is no such key" + nearestKey(name)})
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Key, b.Key) })
	return faults
}

func nearestKey(name string) string {
	var names []string
	for _, key := range keys {
		names = append(names, key.Name)
	}
	return nearest.Hint(name, names)
}
