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
	// Root is the folder's absolute path, symbolic links resolved.
	Root string
	// Context is what the CDK command line hands to the app when it is told nothing by -c.
	Context map[string]any
}

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

func read(root string) (*Project, error) {
	context, err := readContext(root)
	if err != nil {
		return nil, err
	}
	return &Project{Root: root, Context: context}, nil
}
