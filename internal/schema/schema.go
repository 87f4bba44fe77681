// Package schema knows what a change of a property does to its resource. It is the only reader of facts.json, which comes
// from AWS's published resource schemas, and of reference.json, which comes from AWS's pages; where those say more,
// exceptions.go says it, with the page.
package schema

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

//go:generate sh generate/run.sh

// Effect is what a change of a property does to the resource.
type Effect string

// From harmless to worst; Unknown is for types and properties that the facts do not hold, and never means safe.
const (
	Update     Effect = "update"     // in place, without a pause
	Interrupt  Effect = "interrupt"  // in place, with a pause
	MayReplace Effect = "mayReplace" // replaced, under conditions that a template does not show
	Replace    Effect = "replace"    // a new resource is made, the old one goes
	Refuse     Effect = "refuse"     // the update fails
	Unknown    Effect = "unknown"
)

//go:embed facts.json
var text []byte

//go:embed reference.json
var pages []byte

// Source is where the facts come from, with the version.
func Source() string { return facts().Source + " " + facts().Version }

// Types lists the types that the facts hold, in alphabetical order.
func Types() []string {
	var all []string
	for name := range facts().Types {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Of is what a change of a top-level property from one value to another (nil for none) does, and why: "" where the schema
// alone decides, or else the reason with AWS's page.
func Of(resourceType, property string, from, to any) (Effect, string) {
	for _, e := range exceptions {
		if e.Type == resourceType && e.Property == property && (e.when == nil || e.when(from, to)) {
			return e.Effect, e.Why + " (" + e.Page + ")"
		}
	}
	effect, page := Plain(resourceType, property), reference().Types[resourceType]
	switch {
	case effect == Replace || effect == Unknown:
	case slices.Contains(page.Refuse, property):
		return Refuse, "updates are not supported (" + resourceType + ", Template Reference)"
	case effect == Update && slices.Contains(page.Interrupt, property):
		return Interrupt, "some interruption (" + resourceType + ", Template Reference)"
	case effect == MayReplace && slices.Contains(page.Interrupt, property):
		return MayReplace, "the page says some interruption, the schema that it may be replaced (" + resourceType + ", Template Reference)"
	case effect == Update && slices.Contains(page.Silent, property):
		return Update, "whether it pauses is not known: AWS's page had no word on it"
	}
	return effect, ""
}

// Plain is what the schema alone says of a property.
func Plain(resourceType, property string) Effect {
	of := facts().Types[resourceType]
	switch {
	case slices.Contains(of.Update, property):
		return Update
	case slices.Contains(of.MayReplace, property):
		return MayReplace
	case slices.Contains(of.Replace, property):
		return Replace
	}
	return Unknown
}

// Known reports whether the facts hold a type.
func Known(resourceType string) bool {
	_, known := facts().Types[resourceType]
	return known
}

type file struct {
	Source, Version string
	Types           map[string]struct{ Update, MayReplace, Replace []string }
}

var facts = sync.OnceValue(func() file {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		panic(err) // the build brought a broken file along
	}
	return f
})

// said is what AWS's pages say beside the facts.
type said struct {
	Source string
	Types  map[string]struct {
		Interrupt []string // "Some interruptions"
		Refuse    []string // "Updates are not supported"
		Silent    []string // in place by the facts, and not on the page
	}
}

var reference = sync.OnceValue(func() said {
	var s said
	if err := json.Unmarshal(pages, &s); err != nil {
		panic(err) // the build brought a broken file along
	}
	return s
})

// Replacing lists the properties of a type whose change replaces it, or may, as the schema alone says.
func Replacing(resourceType string) []string {
	of := facts().Types[resourceType]
	return append(slices.Clone(of.Replace), of.MayReplace...)
}
