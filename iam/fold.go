package iam

import (
	"unicode"
	"unicode/utf8"
)

// foldPrefix reports whether s begins with prefix, ignoring ASCII case.
func foldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && equalFold(s[:len(prefix)], prefix)
}

// foldSuffix reports whether s ends in suffix, ignoring ASCII case.
func foldSuffix(s, suffix string) bool {
	return len(s) >= len(suffix) && equalFold(s[len(s)-len(suffix):], suffix)
}

// foldGlob matches s against a pattern of * and ?, ignoring ASCII case. It is
// for action names, which are ASCII.
func foldGlob(pattern, s string) bool {
	p, i := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || lower(pattern[p]) == lower(s[i])):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// cutFoldPrefix returns s without prefix. It ignores case in every script.
func cutFoldPrefix(s, prefix string) (string, bool) {
	for len(prefix) > 0 {
		want, wantSize := utf8.DecodeRuneInString(prefix)
		got, gotSize := utf8.DecodeRuneInString(s)
		if gotSize == 0 || !equalRuneFold(want, got) {
			return s, false
		}
		prefix, s = prefix[wantSize:], s[gotSize:]
	}
	return s, true
}

func equalRuneFold(a, b rune) bool {
	if a == b {
		return true
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}

// matchFold is [pattern.match] ignoring case, for patterns without wildcards.
func (p *pattern) matchFold(s string, c *Context) bool {
	if p.shape == exactShape {
		rest, ok := cutFoldPrefix(s, p.text)
		return ok && rest == ""
	}
	for _, segment := range p.parts.segments {
		for i := range segment {
			text := segment[i].text
			if v := segment[i].variable; v != nil {
				var ok bool
				if text, ok = v.resolve(c); !ok {
					return false
				}
			}
			rest, ok := cutFoldPrefix(s, text)
			if !ok {
				return false
			}
			s = rest
		}
	}
	return s == ""
}
