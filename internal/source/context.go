package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/korakagazindia/provisioner/internal/project"
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

// merged is the context as the CDK command line hands it to the app: what -c says wins over cdk.json, that over
// cdk.context.json, and that over the user's ~/.cdk.json (CDK Developer Guide, "Context values and the AWS CDK").
func merged(p *project.Project, changes map[string]string) (map[string]any, error) {
	all := map[string]any{}
	home, _ := os.UserHomeDir() // without one there is no ~/.cdk.json
	user := struct{ Context map[string]any }{}
	project := map[string]any{}
	if err := errors.Join(
		decode(filepath.Join(home, ".cdk.json"), &user), decode(filepath.Join(p.Root, "cdk.context.json"), &project)); err != nil {
		return nil, err
	}
	for _, context := range []map[string]any{user.Context, project, p.Context} {
		maps.Copy(all, context)
	}
	for key, value := range changes {
		all[key] = value
	}
	return all, nil
}

// decode reads a JSON file that need not be there.
func decode(file string, to any) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
