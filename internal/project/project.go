// Package project finds the CDK project that a person stands in, and reads its context.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const file = "cdk.json"

// Project is a folder with a cdk.json.
type Project struct {
	// Root is the folder's absolute path, symbolic links resolved; "" for none, which only Here returns.
	Root string
	// Context is what the CDK command line hands to the app when it is told nothing by -c.
	Context map[string]any
}

// ErrNone is why a project is not found.
var ErrNone = errors.New("no " + file)

// Find looks for cdk.json in dir, "" for the working directory, and in the folders above it. Not to find one, or not to be
// able to read it or another file that holds context, is an error.
func Find(dir string) (*Project, error) {
	start, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	for root := start; ; root = filepath.Dir(root) {
		_, err := os.Stat(filepath.Join(root, file))
		if err == nil {
			return read(root)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if root == filepath.Dir(root) {
			return nil, fmt.Errorf("%w in %s or in a folder above it: go to the project's folder", ErrNone, start)
		}
	}
}

// Here is Find for who only asks an account or the emulator, which takes no more than names: where there is no project, it is
// one without a folder, and its context that of the user's own file.
func Here(dir string) (*Project, error) {
	p, err := Find(dir)
	if !errors.Is(err, ErrNone) {
		return p, err
	}
	context, err := readContext("")
	if err != nil {
		return nil, err
	}
	return &Project{Context: context}, nil
}

// Code is Find for who makes a stage, which takes more than a cdk.json.
func Code(dir string) (*Project, error) {
	p, err := Find(dir)
	if err != nil {
		return nil, needsCode(err)
	}
	return p, nil
}

// HasCode returns nil where the project's code stands beside its cdk.json.
func (p *Project) HasCode() error {
	if _, err := os.Stat(filepath.Join(p.Root, "bin", "build.sh")); err != nil {
		return needsCode(fmt.Errorf("no bin/build.sh beside the %s in %s: go to the project's folder", file, p.Root))
	}
	return nil
}

func needsCode(err error) error {
	return fmt.Errorf("a stage is made by the project's code, with Go and Node: %w", err)
}

func resolve(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

func read(root string) (*Project, error) {
	context, err := readContext(root)
	if err != nil {
		return nil, err
	}
	return &Project{Root: root, Context: context}, nil
}
