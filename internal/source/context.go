package source

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Changes reads KEY=VALUE pairs. All faults are reported, joined; the key stage is one, since a side names its stage.
func Changes(flag string, pairs []string) (map[string]string, error) {
	changes := map[string]string{}
	var faults []error
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok || key == "":
			faults = append(faults, fmt.Errorf("%s %q: it takes KEY=VALUE", flag, pair))
		case key == "stage":
			faults = append(faults, fmt.Errorf("%s %s: a stage is an argument", flag, pair))
		default:
			changes[key] = value
		}
	}
	return changes, errors.Join(faults...)
}

// With is changes and more, which win.
func With(changes, more map[string]string) map[string]string {
	all := maps.Clone(changes)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, more)
	return all
}
