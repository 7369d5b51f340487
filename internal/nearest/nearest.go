// Package nearest suggests names for misspelled ones.
package nearest

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Rule decides which names are near a misspelled one.
type Rule struct {
	Letters int // that may differ at least; of a long name a third may
	Bytes   int // of the longest name that is compared: the work grows with its square
}

// Distance returns how many letters differ between two names, in any letter case,
// and whether so few that one can be a misspelling of the other.
func (r Rule) Distance(misspelled, name string) (letters int, near bool) {
	if len(misspelled) > r.Bytes || len(name) > r.Bytes {
		return 0, false
	}
	letters = levenshtein.Distance(strings.ToLower(misspelled), strings.ToLower(name), nil)
	return letters, letters <= max(r.Letters, len(misspelled)/3)
}

// Name returns the name that is nearest to a misspelled one. It returns "" if no
// name is near.
func (r Rule) Name(misspelled string, names []string) string {
	var best string
	var fewest int
	for _, name := range names {
		if letters, near := r.Distance(misspelled, name); near && (best == "" || letters < fewest) {
			best, fewest = name, letters
		}
	}
	return best
}
