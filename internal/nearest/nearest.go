// Package nearest finds what a misspelled name was meant to be.
package nearest

import (
	"strings"

	"github.com/agext/levenshtein"
)

// maxBytes bounds the names that are compared: the work grows with the square of their length.
const maxBytes = 255

// Distance returns how many letters differ between two names, in any letter case,
// and whether so few that one can be a misspelling of the other: at most two, or a
// third of the misspelled name.
func Distance(misspelled, name string) (letters int, near bool) {
	if len(misspelled) > maxBytes || len(name) > maxBytes {
		return 0, false
	}
	letters = levenshtein.Distance(strings.ToLower(misspelled), strings.ToLower(name), nil)
	return letters, letters <= max(2, len(misspelled)/3)
}

// Name returns the name that is nearest to a misspelled one. It is empty when no
// name is near.
func Name(misspelled string, names []string) string {
	var best string
	var fewest int
	for _, name := range names {
		if letters, near := Distance(misspelled, name); near && (best == "" || letters < fewest) {
			best, fewest = name, letters
		}
	}
	return best
}
