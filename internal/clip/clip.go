// Package clip shortens text without cutting a character in two.
package clip

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// To returns the beginning of s: valid UTF-8 of at most n bytes. It drops
// invalid bytes.
func To(s string, n int) string {
	return strings.ToValidUTF8(cut(s, n), "")
}

// Quote returns s as a Go string literal. Text of more than n bytes is cut,
// and followed by "…".
func Quote(s string, n int) string {
	if len(s) <= n {
		return strconv.Quote(s)
	}
	return strconv.Quote(cut(s, n)) + "…"
}

// cut returns at most n bytes of s, up to the start of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for end := n; end > n-utf8.UTFMax && end >= 0; end-- {
		if utf8.RuneStart(s[end]) {
			return s[:end]
		}
	}
	return s[:n] // not UTF-8
}
