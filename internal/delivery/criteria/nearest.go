package criteria

import "strings"

// maxCompared bounds the names that are compared.
const maxCompared = 100

// Nearest returns the name of a list that looks most like one that isn't in it;
// empty when none does.
func Nearest(name string, names []string) string {
	best, least := "", 0
	for _, candidate := range names {
		if len(name) > maxCompared || len(candidate) > maxCompared {
			continue
		}
		far := distance(strings.ToLower(name), strings.ToLower(candidate))
		if far <= max(1, len(name)/3) && (best == "" || far < least) {
			best, least = candidate, far
		}
	}
	return best
}

// distance returns the Levenshtein distance of two texts.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
