// Package nearest finds what a person most likely meant.
package nearest

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// To is the choice that takes the fewest edits to reach from text, the first of several; letter case, dashes and
// underscores do not count. Without choices it is "".
func To(text string, choices []string) string {
	if len(choices) == 0 {
		return ""
	}
	plain := strings.NewReplacer("-", "", "_", "")
	distance := func(choice string) int {
		from := plain.Replace(strings.ToLower(text))
		return levenshtein.ComputeDistance(from, plain.Replace(strings.ToLower(choice)))
	}
	return slices.MinFunc(choices, func(a, b string) int { return distance(a) - distance(b) })
}
