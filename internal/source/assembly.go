package source

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/jsonfile"
	"github.com/korakagazindia/provisioner/internal/template"
)

// assembly reads the one template in a cdk.out folder: of the stack that its manifest names, and with what its app warns of.
// What an earlier synthesis has left beside it is none of it.
func (r Reader) assembly(folder string) (*template.Template, error) {
	a, err := artifactOf(folder)
	if err != nil {
		return nil, err
	}
	if a == nil {
		file, err := only(folder)
		if err != nil {
			return nil, err
		}
		return r.Given.Read(file)
	}
	given := r.Given
	given.Stack = cmp.Or(a.Properties.StackName, a.name)
	// aws://account/region, where the region may be unknown (cloud assembly schema, "ArtifactManifest")
	if region := a.Environment[strings.LastIndex(a.Environment, "/")+1:]; region != "" && region != "unknown-region" {
		given.Region = region
	}
	t, err := given.Read(filepath.Join(folder, filepath.Base(a.Properties.TemplateFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: its manifest names %s, which is not there: synthesize "+
			"again", folder, a.Properties.TemplateFile)
	}
	if err != nil {
		return nil, err
	}
	t.Warned, t.Told, t.Protected = warned(t, a.Metadata), true, a.Properties.TerminationProtection
	return t, nil
}

// artifact is a stack of a cloud assembly.
type artifact struct {
	name        string
	Environment string
	Properties  struct {
		TemplateFile, StackName string
		TerminationProtection   bool
	}
	// Metadata is by the construct's path; it may stand in another file.
	Metadata               map[string][]entry
	AdditionalMetadataFile string
}

// entry is what an app notes of a construct (cloud assembly schema, "MetadataEntry").
type entry struct {
	Type string
	Data any
}

// artifactOf is the one stack of a cloud assembly, nil in a folder without a manifest.
func artifactOf(folder string) (*artifact, error) {
	var manifest struct {
		Artifacts map[string]artifact `json:"artifacts"`
	}
	if err := jsonfile.Read(filepath.Join(folder, "manifest.json"), &manifest); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var stacks []artifact
	var files []string
	for _, name := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		if a := manifest.Artifacts[name]; a.Properties.TemplateFile != "" {
			a.name = name
			stacks = append(stacks, a)
			files = append(files, filepath.Join(folder, filepath.Base(a.Properties.TemplateFile)))
		}
	}
	switch len(stacks) {
	case 0:
		return nil, fmt.Errorf("%s: its manifest names no stack", folder)
	case 1:
	default:
		return nil, fmt.Errorf("%s: a folder with several stacks: name the template of one, "+
			"%s", folder, strings.Join(files, ", "))
	}
	a := &stacks[0]
	if a.AdditionalMetadataFile != "" {
		if err := jsonfile.Read(filepath.Join(folder, filepath.Base(a.AdditionalMetadataFile)), &a.Metadata); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// only is the one template in a folder without a manifest.
func only(folder string) (string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.template.json"))
	switch {
	case err != nil:
		return "", err
	case len(files) == 0:
		return "", fmt.Errorf("%s: a folder without a *.template.json", folder)
	case len(files) > 1:
		return "", fmt.Errorf("%s: a folder with several templates: name one of %s", folder, strings.Join(files, ", "))
	}
	return files[0], nil
}

// severities is how much an annotation weighs that is not of this app. The command line deploys nothing that has an error.
var severities = map[string]finding.Severity{"aws:cdk:error": finding.Stop, "aws:cdk:warning": finding.Warn, "aws:cdk:info": finding.Note}

// warned makes findings of the annotations among the entries: this app's have the code of their row, which says how much each
// weighs.
func warned(t *template.Template, entries map[string][]entry) []finding.Finding {
	var all []finding.Finding
	kinds := config.WarningKinds()
	for _, where := range slices.Sorted(maps.Keys(entries)) {
		for _, e := range entries[where] {
			severity, isAnnotation := severities[e.Type]
			text, isText := e.Data.(string)
			if !isAnnotation || !isText {
				continue
			}
			said, id := acknowledged(text)
			found := finding.Finding{Code: finding.Other, Severity: severity, Subject: subject(t, where), Reason: said, Remedy: "what it says"}
			if i := slices.IndexFunc(kinds, func(k finding.Kind) bool { return "kora:"+k.Code == id }); i >= 0 {
				cut := strings.LastIndex(said, ": ")
				found.Code, found.Severity, found.Reason, found.Remedy = kinds[i].Code, kinds[i].Severity, said[:max(cut, 0)], said[cut+len(": "):]
			}
			all = append(all, found)
		}
	}
	return all
}

// acknowledged is a text and the id by which the CDK lets a person acknowledge it, which it puts behind: "text [ack: id]".
func acknowledged(text string) (said, id string) {
	said, rest, found := strings.Cut(text, " [ack: ")
	if !found {
		return text, ""
	}
	return said, strings.TrimSuffix(rest, "]")
}

// subject is the logical id of the construct at a path, where it is a resource under its own name; else the path, or "" for
// the stack itself.
func subject(t *template.Template, where string) string {
	id := path.Base(where)
	switch {
	case t.Resource(id) != nil:
		return id
	case strings.Count(where, "/") > 1:
		return strings.TrimPrefix(where, "/")
	}
	return ""
}
