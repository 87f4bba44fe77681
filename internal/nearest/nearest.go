// Package nearest finds what a person most likely meant.
package nearest

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// To lists the choices that take the fewest edits to reach from text, all that take equally few; letter case, dashes and
// underscores do not count. What takes edits of more than a third of the longer one's length is not near: then there are none.
func To(text string, choices []string) []string {
	var nearest []string
	least := 0
	for _, choice := range choices {
		from, to := plain(text), plain(choice)
		edits := distance(from, to)
		switch near := 3*edits <= max(len(from), len(to)) && to != ""; {
		case near && (nearest == nil || edits < least):
			nearest, least = []string{choice}, edits
		case near && edits == least:
			nearest = append(nearest, choice)
		}
	}
	return nearest
}

// Hint ends a sentence with what is nearest to text: "; the nearest is single", "; the nearest are a and b", or "" where
// nothing is near.
func Hint(text string, choices []string) string {
	switch nearest := To(text, choices); len(nearest) {
	case 0:
		return ""
	case 1:
		return "; the nearest is " + nearest[0]
	default:
		last := len(nearest) - 1
		return "; the nearest are " + strings.Join(nearest[:last], ", ") + " and " + nearest[last]
	}
}

// distance is the fewest edits from one text to the other, of which one may be two letters that change places.
func distance(from, to string) int {
	least := levenshtein.ComputeDistance(from, to)
	letters := []rune(from)
	for i := range len(letters) - 1 {
		letters[i], letters[i+1] = letters[i+1], letters[i]
		least = min(least, 1+levenshtein.ComputeDistance(string(letters), to))
		letters[i], letters[i+1] = letters[i+1], letters[i]
	}
	return least
}

func plain(text string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(text))
}
