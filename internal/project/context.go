package project

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/jsonfile"
)

// With is the project's context with changes, which win, as -c does on the CDK command line. The project's own stays as it
// is.
func (p *Project) With(changes map[string]string) map[string]any {
	context := map[string]any{}
	maps.Copy(context, p.Context)
	for key, value := range changes {
		context[key] = value
	}
	return context
}

// Config is the configuration of the project's context with changes, which win. Its faults are those of config.FromContext.
func (p *Project) Config(changes map[string]string) (*config.Config, error) {
	return config.FromContext(p.With(changes))
}

// Asked is Config for who only asks what stands: it may lack what a stage needs, such as the zones of another region.
func (p *Project) Asked(changes map[string]string) (*config.Config, error) {
	return config.Unruled(p.With(changes))
}

// readContext reads the context as the CDK command line does: cdk.json wins over cdk.context.json, and that over the user's
// ~/.cdk.json (CDK Developer Guide, "Context values and the AWS CDK"). Without a root there is only the last.
func readContext(root string) (map[string]any, error) {
	var user, committed struct {
		Context map[string]any `json:"context"`
	}
	var kept map[string]any
	var faults []error
	if root != "" {
		faults = append(faults, decode(filepath.Join(root, "cdk.context.json"), &kept), decode(filepath.Join(root, file), &committed))
	}
	if home, err := os.UserHomeDir(); err == nil { // without one there is no ~/.cdk.json
		faults = append(faults, decode(filepath.Join(home, ".cdk.json"), &user))
	}
	context := map[string]any{}
	for _, more := range []map[string]any{user.Context, kept, committed.Context} {
		maps.Copy(context, more)
	}
	return context, errors.Join(faults...)
}

// decode reads a JSON file that need not be there.
func decode(file string, to any) error {
	if err := jsonfile.Read(file, to); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
