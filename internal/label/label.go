// Package label validates the names that people choose for things: sources,
// credentials, schedules, tokens.
package label

import (
	"strings"
	"unicode"
)

// MaxBytes is the length of the longest name.
const MaxBytes = 255

// Valid reports whether a name has at most MaxBytes bytes, no space at its ends,
// and only printable characters. An empty name is valid.
func Valid(name string) bool {
	return len(name) <= MaxBytes && name == strings.TrimSpace(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}
