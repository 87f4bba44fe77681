package config

import (
	"slices"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// Warnings lists what is worth a second look in a checked configuration: what the CDK command line says at a synthesis, and
// kora diff of a move that ends here. A warning about the fleet appears in horizontal only.
func (c *Config) Warnings() []finding.Finding {
	var all []finding.Finding
	for _, w := range warnings {
		all = append(all, w.of(c)...)
	}
	return all
}

// WarningsKnowing lists the warnings of a configuration of which only these keys are known, and the codes of those that need
// another one.
func (c *Config) WarningsKnowing(known []string) (found []finding.Finding, open []string) {
	for _, w := range warnings {
		if slices.ContainsFunc(w.keys, func(key string) bool { return !slices.Contains(known, key) }) {
			open = append(open, w.code)
			continue
		}
		found = append(found, w.of(c)...)
	}
	return found, open
}

// WarningKinds lists the kinds of warnings, in the order of the table.
func WarningKinds() []finding.Kind {
	var all []finding.Kind
	for _, w := range warnings {
		all = append(all, finding.Kind{Code: w.code, Severity: w.severity, Means: w.means, Remedy: w.remedy})
	}
	return all
}

// warning is a row of the one table of what is allowed and probably a mistake.
type warning struct {
	code string
	// severity is stop for what must make a deploy fail, note for what is only good to know.
	severity finding.Severity
	// keys are what the row reads: who knows them can judge. To know the stage is to know whether there is a server.
	keys  []string
	means string
	// remedy follows the reason in one line, behind ": ", which it does not hold itself.
	remedy string
	when   func(c *Config) bool
	// on names the resources that it is about; nil is the whole stack.
	on     func(c *Config) []string
	reason func(c *Config) string
	// exact is the remedy with this configuration's values, where the words above are too general.
	exact func(c *Config) string
}

// of is what the row finds in a configuration.
func (w warning) of(c *Config) []finding.Finding {
	if !w.when(c) {
		return nil
	}
	subjects, remedy := []string{""}, w.remedy
	if w.on != nil {
		subjects = w.on(c)
	}
	if w.exact != nil {
		remedy = w.exact(c)
	}
	var all []finding.Finding
	for _, subject := range subjects {
		all = append(all, finding.Finding{Code: w.code, Severity: w.severity, Subject: subject, Reason: w.reason(c), Remedy: remedy})
	}
	return all
}
