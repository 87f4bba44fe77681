// Package source finds the template that a person means: a stage's, a file's, a cloud assembly's, or the one that is
// deployed.
package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// Deployed is the name of the live stack's template.
const Deployed = "deployed"

// Reader reads templates. Its zero value works in the working directory and says nothing.
type Reader struct {
	Dir      string            // where the project is looked for, "" for the working directory
	Profile  string            // of AWS's config files, "" for the usual credentials
	Announce func(what string) // told what will take a while, nil for nobody
	Given    template.Given    // what templates are evaluated with; a stage and what is deployed have a region of their own
}

// Read returns the template of name: a stage (by name or number), deployed, a template's file, or a cdk.out folder. Changes
// are context keys that win over cdk.json; on what is not a stage they are an error, except those that say which stack is
// meant (name, region) on deployed. A name that means nothing is an UnknownError.
func (r Reader) Read(ctx context.Context, name string, changes map[string]string) (*template.Template, error) {
	if s, err := stage.Parse(name); err == nil {
		return r.stage(ctx, s, changes)
	}
	if name == Deployed {
		return r.deployed(ctx, changes)
	}
	if len(changes) > 0 {
		return nil, fmt.Errorf("%s: context keys change a stage, and this is none", name)
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, UnknownError{name}
	case err != nil:
		return nil, err
	case info.IsDir():
		return r.assembly(name)
	}
	return r.Given.Read(name)
}

// Takes reports whether context keys can change what name means: a stage, or which stack is deployed.
func Takes(name string) bool {
	_, err := stage.Parse(name)
	return err == nil || name == Deployed
}

// UnknownError is a name that means no template.
type UnknownError struct{ Name string }

// Error is one line, with what would be one and the nearest of those. What is near none of them, or looks like a file's name,
// is a file that is not there.
func (e UnknownError) Error() string {
	choices := append(stage.Names(), Deployed)
	takes := "it takes " + strings.Join(choices, ", ") + ", a template's file or a cdk.out folder"
	hint := nearest.Hint(e.Name, choices)
	switch {
	case strings.ContainsAny(e.Name, `./\~`):
		return e.Name + ": no such file"
	case hint == "":
		return e.Name + ": no such file, and not a stage: " + takes
	}
	return fmt.Sprintf("%q is not a template: %s%s", e.Name, takes, hint)
}

// of is what is given, for the stack of that configuration.
func (r Reader) of(c *config.Config) template.Given {
	return template.Given{Parameters: r.Given.Parameters, Region: c.Region, Stack: c.StackName()}
}

func (r Reader) announce(what string) {
	if r.Announce != nil {
		r.Announce(what)
	}
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
