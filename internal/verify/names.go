package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// names compares what resolvers answer with what the record has. A balancer answers with some of its addresses, and with
// others the next time, so that one in common is enough there.
func names(ctx context.Context, w Way, e Expected) []Promise {
	if e.Domain == "" || e.Against != "" {
		return nil
	}
	is := func(v Verdict, format string, args ...any) []Promise {
		return []Promise{promise(nameResolves, e.Domain, v, fmt.Sprintf(format, args...))}
	}
	found, err := w.resolve(ctx, e.Domain)
	if err != nil {
		return is(Broken, "it does not resolve: %s", plainly(err))
	}
	wanted, of := e.Resolves, "the record"
	if e.Alias != "" {
		if wanted, err = w.resolve(ctx, e.Alias); err != nil {
			return is(Unknown, "%s, which it stands for, does not resolve: %s", e.Alias, plainly(err))
		}
		of = e.Alias
	}
	answer := strings.Join(found, ", ")
	switch {
	case len(wanted) == 0:
		return is(Unknown, "it resolves to %s; no record of it could be read", answer)
	case e.Alias == "" && slices.Equal(found, sorted(wanted)), e.Alias != "" && common(found, wanted):
		return is(Kept, "it resolves to %s", answer)
	}
	return is(Broken, "it resolves to %s, and %s has %s", answer, of, strings.Join(wanted, ", "))
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool { return slices.Contains(b, one) })
}
