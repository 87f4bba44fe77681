package test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	pinned "github.com/korakagazindia/provisioner/internal/cdk"
)

// commandLine is how people and comments name a version of the CDK command line.
var commandLine = regexp.MustCompile(`(?:aws-cdk[@ ]|command line )v?(\d+\.\d+\.\d+)`)

// Wherever the command line's version is written, it is the one that is installed.
func TestTheCommandLineHasOneVersion(t *testing.T) {
	found := 0
	err := filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && slices.Contains([]string{".git", "build", "cdk.out", "node_modules"}, entry.Name()) {
			return fs.SkipDir
		}
		script := filepath.Base(filepath.Dir(path)) == ".ci"
		if err != nil || !script && !slices.Contains([]string{".go", ".md", ".mjs", ".py", ".sh", ".yml"}, filepath.Ext(path)) {
			return err
		}
		for _, match := range commandLine.FindAllStringSubmatch(strings.Join(strings.Fields(read(t, path)), " "), -1) {
			found++
			if match[1] != pinned.Version {
				t.Errorf("%s has %q, the command line is %s (internal/cdk)", path, match[0], pinned.Version)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 10 {
		t.Errorf("%d places found: the pattern finds too few", found)
	}
}
