package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/template"
)

// assembly reads the one template in a cdk.out folder: of the stack that its manifest names, and with what its app warns of.
func (r Reader) assembly(folder string) (*template.Template, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.template.json"))
	switch {
	case err != nil:
		return nil, err
	case len(files) == 0:
		return nil, fmt.Errorf("%s: a folder without a *.template.json", folder)
	case len(files) > 1:
		return nil, fmt.Errorf("%s: a folder with several templates: name one of %s", folder, strings.Join(files, ", "))
	}
	a, err := artifactOf(folder, filepath.Base(files[0]))
	if err != nil {
		return nil, err
	}
	given := r.Given
	if a != nil {
		given.Stack = cmp.Or(a.Properties.StackName, a.name)
		// aws://account/region, where the region may be unknown (cloud assembly schema, "ArtifactManifest")
		if region := a.Environment[strings.LastIndex(a.Environment, "/")+1:]; region != "" && region != "unknown-region" {
			given.Region = region
		}
	}
	t, err := given.Read(files[0])
	if err != nil || a == nil {
		return t, err
	}
	t.Told, t.Warned = true, warned(t, a.Metadata)
	return t, nil
}

// artifact is a stack of a cloud assembly.
type artifact struct {
	name        string
	Environment string
	Properties  struct{ TemplateFile, StackName string }
	// Metadata is by the construct's path; it may stand in another file.
	Metadata               map[string][]entry
	AdditionalMetadataFile string
}

// entry is what an app notes of a construct (cloud assembly schema, "MetadataEntry").
type entry struct {
	Type string
	Data any
}

// artifactOf is the stack that a template's file belongs to, nil in a folder without a manifest.
func artifactOf(folder, file string) (*artifact, error) {
	var manifest struct{ Artifacts map[string]artifact }
	if err := decode(filepath.Join(folder, "manifest.json"), &manifest); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	for name, a := range manifest.Artifacts {
		if a.Properties.TemplateFile != file {
			continue
		}
		a.name = name
		if a.AdditionalMetadataFile != "" {
			if err := decode(filepath.Join(folder, filepath.Base(a.AdditionalMetadataFile)), &a.Metadata); err != nil {
				return nil, err
			}
		}
		return &a, nil
	}
	return nil, nil
}

func decode(file string, to any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
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
