package command

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/source"
)

// contextFlag adds -c, which may be repeated. Its help ends with more.
func contextFlag(f *pflag.FlagSet, pairs *[]string, more string) {
	f.StringArrayVarP(pairs, "context", "c", nil, "a context key `KEY=VALUE` that wins over cdk.json"+more)
}

// contextKeys reads what a flag that takes context keys was given. All faults are reported, joined.
func contextKeys(flag string, pairs []string) (map[string]string, error) {
	keys := map[string]string{}
	var faults []error
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok || key == "":
			faults = append(faults, misusef("%s %q is not allowed: it takes KEY=VALUE", flag, pair))
		case key == "stage":
			faults = append(faults, misusef("%s %q is not allowed: the stage is an argument, or that of cdk.json", flag, pair))
		default:
			keys[key] = value
		}
	}
	return keys, errors.Join(faults...)
}

// takesKeys refuses context keys where no side is one that they can change.
func takesKeys(keys map[string]string, sides ...string) error {
	if len(keys) == 0 || slices.ContainsFunc(sides, source.Takes) {
		return nil
	}
	if _, region := keys[flagRegion]; region && len(keys) == 1 {
		return misusef("--region: it is that of a stage, or of what is deployed, and none is asked for")
	}
	return misusef("-c: context keys change a stage, and none is asked for")
}

// forms are the flags of which one, at most, says how the answer is printed.
type forms map[string]*bool

// add adds a form's flag.
func (f forms) add(flags *pflag.FlagSet, name, help string) { f[name] = flags.Bool(name, false, help) }

// asked is the form that was asked for, "" for none.
func (f forms) asked() (string, error) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if *f[name] {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0:
		return "", nil
	case 1:
		return names[0], nil
	}
	return "", misusef("%s: one form at a time", "--"+strings.Join(names, " and --"))
}

// The forms that several commands have.
const (
	formJSON     = "json"
	formMarkdown = "markdown"
	formCSV      = "csv"
	formQuiet    = "quiet"
)
