package local

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/project"
)

// facts are the context keys that say what the project's emulator was seeded with. What the project has come to say of a key
// since then stays as it is said.
//
// After kora adopt --write has read the emulator's account, cdk.json says all of it.
func facts(p *project.Project, state *emulator.State) map[string]string {
	if p.Context["adoptedServer"] != nil {
		return map[string]string{}
	}
	own := maps.Clone(state.Facts)
	maps.DeleteFunc(own, func(key, _ string) bool { return !reflect.DeepEqual(p.Context[key], state.Context[key]) })
	return own
}

// Emulated are the context keys that say what the project's emulator was seeded with, where the environment (as os.Environ
// gives it) leads AWS's tools there: the stack that is deployed there was made with them. Elsewhere there are none.
func Emulated(environment []string) (map[string]string, error) {
	if !slices.ContainsFunc(environment, func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		return name == endpointVariable && value != ""
	}) {
		return nil, nil
	}
	p, err := project.Here("")
	if err != nil {
		return nil, err
	}
	state, err := emulator.Find(p.Root)
	if errors.Is(err, emulator.ErrNotRunning) || err == nil && sameEndpoint(environment, state.URL) != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return facts(p, state), nil
}

// replaced says, a line for each kind, how keys differ from what the context says: what has another id in the emulator, what
// is there and not named, and what is left out.
func replaced(context map[string]any, keys map[string]string) []string {
	var other, more, without []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		switch was, is := spelled(context[key]), keys[key]; {
		case was == is:
		case was == "":
			more = append(more, key+"="+is)
		case is == "":
			without = append(without, key)
		default:
			other = append(other, fmt.Sprintf("%s=%s instead of %s", key, is, was))
		}
	}
	var lines []string
	for _, kind := range []struct {
		what string
		keys []string
	}{
		{"cdk.json's own has another id in the emulator", other},
		{"seeded, and not in cdk.json", more},
		{"left out of cdk.json's, as beside a live server (docs/way-in.md)", without},
	} {
		if len(kind.keys) > 0 {
			lines = append(lines, kind.what+": "+strings.Join(kind.keys, ", "))
		}
	}
	return lines
}

// spelled is a context value as one writes it with -c.
func spelled(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case []any:
		var all []string
		for _, one := range value {
			all = append(all, spelled(one))
		}
		return strings.Join(all, ",")
	default:
		return fmt.Sprint(value)
	}
}
