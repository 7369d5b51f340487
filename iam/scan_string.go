package iam

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str parses a string in double quotes.
func (s *scanner) str() (string, bool) {
	opening := s.position()
	s.at++
	start := s.at
	for s.at < len(s.text) {
		if s.at+8 <= len(s.text) {
			n := plainBytes(word(s.text[s.at:]))
			if s.at += n; n == 8 {
				continue
			}
		}
		switch c := s.text[s.at]; {
		case c == '"':
			text := s.text[start:s.at]
			s.at++
			return text, true
		case c == '\\':
			return s.escapedStr(opening, start)
		case c < ' ':
			return "", s.fail(CodeSyntax, "unescaped control character %#02x in a string; use \\u%04x", c, c)
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(CodeSyntax, "invalid UTF-8: byte %#02x", c)
			}
			s.at += size
		}
	}
	s.reportAt(opening, CodeSyntax, "this string has no closing quote")
	return "", false
}

// plainBytes counts the leading bytes, out of eight, that are ASCII and neither
// a quote, a backslash nor a control character.
func plainBytes(w uint64) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^('"'*ones), w^('\\'*ones)
	// found has the high bit of each such byte set. A borrow only affects
	// later bytes, which are then not looked at.
	found := ((w - ' '*ones) | (quote - ones) | (backslash - ones) | w) & high
	return bits.TrailingZeros64(found) / 8
}

// escapedStr parses a string from its first backslash on. The string began at
// start.
func (s *scanner) escapedStr(opening Position, start int) (string, bool) {
	text := append(make([]byte, 0, s.at-start+32), s.text[start:s.at]...)
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return string(text), true
		case c == '\\':
			r, ok := s.escape()
			if !ok {
				return "", false
			}
			text = utf8.AppendRune(text, r)
		case c < ' ':
			return "", s.fail(CodeSyntax, "unescaped control character %#02x in a string; use \\u%04x", c, c)
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(CodeSyntax, "invalid UTF-8: byte %#02x", c)
			}
			text = append(text, s.text[s.at:s.at+size]...)
			s.at += size
		}
	}
	s.reportAt(opening, CodeSyntax, "this string has no closing quote")
	return "", false
}

// escape parses one backslash sequence.
func (s *scanner) escape() (rune, bool) {
	if s.at+1 >= len(s.text) {
		return 0, s.fail(CodeSyntax, "the document ends inside a string")
	}
	const letters, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(letters, s.text[s.at+1]); i >= 0 {
		s.at += 2
		return rune(meanings[i]), true
	}
	first, ok := s.hex(s.at)
	if !ok {
		return 0, s.fail(CodeSyntax, "unknown escape sequence in a string")
	}
	if !utf16.IsSurrogate(first) {
		s.at += 6
		return first, true
	}
	second, ok := s.hex(s.at + 6)
	r := utf16.DecodeRune(first, second)
	if !ok || r == utf8.RuneError {
		return 0, s.fail(CodeSyntax, "unpaired surrogate \\u%04x", first)
	}
	s.at += 12
	return r, true
}

// hex parses \uXXXX at an offset.
func (s *scanner) hex(at int) (rune, bool) {
	if at+6 > len(s.text) || s.text[at] != '\\' || s.text[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for i := at + 2; i < at+6; i++ {
		switch c := s.text[i]; {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= lower(c) && lower(c) <= 'f':
			r = r<<4 | rune(lower(c)-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
