// Package project finds the CDK project that a person stands in, and reads what its cdk.json commits.
package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/config"
)

const file = "cdk.json"

// Project is a folder with a cdk.json.
type Project struct {
	// Root is the folder's absolute path, symbolic links resolved.
	Root string
	// Context is what cdk.json commits.
	Context map[string]any
}

// Find looks for cdk.json in dir, "" for the working directory, and in the folders above it. Not to find one, or not to be
// able to read it, is an error.
func Find(dir string) (*Project, error) {
	start, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	for root := start; ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err == nil {
			return read(root, text)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if root == filepath.Dir(root) {
			return nil, fmt.Errorf("no %s in %s or in a folder above it: go to the project's folder", file, start)
		}
	}
}

func resolve(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

func read(root string, text []byte) (*Project, error) {
	p := &Project{Root: root, Context: map[string]any{}}
	if err := json.Unmarshal(text, &struct{ Context *map[string]any }{&p.Context}); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(root, file), err)
	}
	return p, nil
}

// Config is the configuration that cdk.json commits with changes, which win, as -c does on the CDK command line. Its faults
// are those of config.FromContext.
func (p *Project) Config(changes map[string]string) (*config.Config, error) {
	context := maps.Clone(p.Context)
	if context == nil {
		context = map[string]any{}
	}
	for key, value := range changes {
		context[key] = value
	}
	return config.FromContext(context)
}
