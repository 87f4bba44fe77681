package command

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/template"
)

// parameterFlag gives a command the flag --parameter.
func parameterFlag(f *pflag.FlagSet, pairs *[]string) {
	f.StringArrayVar(pairs, "parameter", nil, "a template's parameter, `NAME=VALUE`, in place of its default")
}

// parameters reads NAME=VALUE pairs. All faults are reported, joined.
func parameters(pairs []string, region string) (template.Given, error) {
	given := template.Given{Parameters: map[string]string{}, Region: region}
	var faults []error
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			faults = append(faults, misusef("--parameter %q is not allowed: it takes NAME=VALUE", pair))
			continue
		}
		given.Parameters[name] = value
	}
	return given, errors.Join(faults...)
}

// known refuses a parameter that none of the templates has.
func known(given template.Given, templates ...*template.Template) error {
	var names []string
	for _, t := range templates {
		names = append(names, t.Names()...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(given.Parameters)) {
		switch {
		case slices.Contains(names, name), strings.HasPrefix(name, "AWS::"):
		case len(names) == 0:
			faults = append(faults, misusef("--parameter %q is not allowed: the template has no parameters", name))
		default:
			faults = append(faults, misusef("--parameter %q is not allowed: there is no such parameter; it takes %s%s",
				name, strings.Join(names, ", "), nearest.Hint(name, names)))
		}
	}
	return errors.Join(faults...)
}
