package arrival

import (
	"strings"
	"unicode/utf8"
)

// KeySpan has the prefix and the suffix that the keys of events have in common.
type KeySpan struct {
	Events int64  `json:"events"`
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
}

// Add adds the keys of more events.
func (s *KeySpan) Add(more KeySpan) {
	switch {
	case more.Events == 0:
	case s.Events == 0:
		*s = more
	default:
		s.Events += more.Events
		s.Prefix, s.Suffix = commonPrefix(s.Prefix, more.Prefix), commonSuffix(s.Suffix, more.Suffix)
	}
}

// folder returns the common prefix up to its last slash, as filters have it. It is empty
// if one event may have it by chance.
func (s *KeySpan) folder() string {
	if s.Events < 2 {
		return ""
	}
	return s.Prefix[:strings.LastIndex(s.Prefix, "/")+1]
}

// extension returns the common suffix from its last dot. It is empty if one event may
// have it by chance.
func (s *KeySpan) extension() string {
	i := strings.LastIndex(s.Suffix, ".")
	if s.Events < 2 || i < 0 {
		return ""
	}
	return s.Suffix[i:]
}

// commonPrefix returns the longest common prefix of two keys, in whole characters.
func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}

// commonSuffix returns the longest common suffix of two keys, in whole characters.
func commonSuffix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return a[len(a)-n:]
}
