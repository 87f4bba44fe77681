package check

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
)

// drift looks at what hands changed of what the deploy touches: the deploy takes it back unseen, or fails over it.
func drift(_ context.Context, l *looking) ([]Result, error) {
	switch {
	case l.Touches == nil:
		return nil, errors.New("the deployed template could not be compared")
	case len(l.Touches) == 0:
		return []Result{is(Pass, "", "the deploy touches nothing that stands")}, nil
	}
	found, err := l.drifts()
	if found == nil {
		return nil, err
	}
	var results []Result
	inSync := 0
	var unseen []string
	for _, id := range slices.Sorted(maps.Keys(l.Touches)) {
		switch one := found[id]; one.Status {
		case "IN_SYNC":
			inSync++
		case "MODIFIED":
			results = append(results, is(Warn, id, "the template says otherwise: %s", strings.Join(one.Differences, "; ")))
		case "DELETED":
			verdict := Fail // there is nothing to change, or to make another in place of
			if l.Touches[id].Gone {
				verdict = Warn
			}
			results = append(results, is(verdict, id, "it is gone already"))
		default:
			unseen = append(unseen, id)
		}
	}
	if inSync > 0 {
		results = append(results, is(Pass, "", "%d are as the template says", inSync))
	}
	if len(unseen) > 0 {
		results = append(results, is(Unknown, "", "CloudFormation does not compare %s", strings.Join(unseen, ", ")))
	}
	return results, err
}
