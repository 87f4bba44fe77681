// Package test holds the tests that need the jsii kernel: one kernel, started once, and each configuration synthesized
// once.
package test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/kernel"
	templates "github.com/korakagazindia/provisioner/internal/template"
	"github.com/korakagazindia/provisioner/stacks"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := kernel.Quiet(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	kernel.Close()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// A context is what cdk.json and -c say.
type context map[string]any

// and is the context with changes; a nil value takes a key out.
func (c context) and(changes context) context {
	all := maps.Clone(c)
	for key, value := range changes {
		if value == nil {
			delete(all, key)
			continue
		}
		all[key] = value
	}
	return all
}

// template is what was synthesized: parsed, and as written.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
	text      []byte
	whole     map[string]any
	read      *templates.Template // as internal/template reads it
	directory string              // of the cloud assembly that it is in
}

type resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           any
	DeletionPolicy      string
	UpdateReplacePolicy string
	CreationPolicy      map[string]any
	UpdatePolicy        map[string]any
}

// properties returns the properties of one resource that must be there.
func (t *template) properties(tb testing.TB, id string) map[string]any {
	tb.Helper()
	r, ok := t.Resources[id]
	if !ok {
		tb.Fatalf("no resource %s", id)
	}
	return r.Properties
}

var (
	scratch = filepath.Join(os.TempDir(), fmt.Sprintf("provisioner-test-%d", os.Getpid()))
	known   = map[string]*template{}
)

var errContext = errors.New("refused")

// synthesize returns the template of a context; an error that is errContext when the context was refused.
func synthesize(c context) (*template, error) {
	key, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if t, ok := known[string(key)]; ok {
		return t, nil
	}
	checked, err := config.FromContext(c)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errContext, err)
	}
	file, err := stacks.Synthesize(checked, filepath.Join(scratch, fmt.Sprint(len(known))))
	if err != nil {
		return nil, err
	}
	t := &template{directory: filepath.Dir(file)}
	if t.text, err = os.ReadFile(file); err != nil {
		return nil, err
	}
	if err := errors.Join(json.Unmarshal(t.text, t), json.Unmarshal(t.text, &t.whole)); err != nil {
		return nil, err
	}
	if t.read, err = templates.Parse(t.text); err != nil {
		return nil, err
	}
	known[string(key)] = t
	return t, nil
}

// must is synthesize where a template has to come out.
func must(tb testing.TB, c context) *template {
	tb.Helper()
	t, err := synthesize(c)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// root is the repository.
func root(parts ...string) string { return filepath.Join(append([]string{".."}, parts...)...) }

func read(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
