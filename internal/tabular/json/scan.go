package json

import (
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth limits the nesting of values.
const maxDepth = 64

var (
	errEnd   = errors.New("it ends too early")
	errDepth = fmt.Errorf("it nests deeper than %d", maxDepth)
)

// scanner parses JSON in memory, strictly.
type scanner struct {
	b []byte
	i int
}

// unexpected returns an error about the character at i.
func (s *scanner) unexpected() error {
	if s.i >= len(s.b) {
		return errEnd
	}
	r, _ := utf8.DecodeRune(s.b[s.i:])
	return fmt.Errorf("unexpected %q at byte %d", r, s.i+1)
}

// peek skips blanks and returns the next byte.
func (s *scanner) peek() (byte, bool) {
	for s.i < len(s.b) {
		switch b := s.b[s.i]; b {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return b, true
		}
	}
	return 0, false
}

// member passes to the next member of an object, or element of an array; more
// is false at its end, which is passed. ok is false for what is neither.
func (s *scanner) member(first bool) (more, ok bool) {
	b, ok := s.peek()
	switch {
	case !ok:
		return false, false
	case b == '}' || b == ']':
		s.i++
		return false, true
	case first:
		return true, true
	case b == ',':
		s.i++
		b, ok = s.peek()
		return true, ok && b != '}' && b != ']'
	}
	return false, false
}

// name parses a member's name and the colon.
func (s *scanner) name() (string, bool) {
	if b, ok := s.peek(); !ok || b != '"' {
		return "", false
	}
	start := s.i
	escaped, err := s.text()
	if err != nil {
		return "", false
	}
	name := s.b[start+1 : s.i-1]
	if escaped {
		name = unescape(nil, name)
	}
	if b, ok := s.peek(); !ok || b != ':' {
		return "", false
	}
	s.i++
	return string(name), true
}

// text parses the string that begins at i and reports whether it has escapes.
func (s *scanner) text() (escaped bool, err error) {
	for i := s.i + 1; i < len(s.b); i++ {
		switch b := s.b[i]; {
		case b == '"':
			s.i = i + 1
			return escaped, nil
		case b < ' ':
			s.i = i
			return false, s.unexpected()
		case b == '\\':
			escaped = true
			n := escapeAt(s.b[i:])
			if n == 0 {
				s.i = i
				return false, s.unexpected()
			}
			i += n - 1
		}
	}
	s.i = len(s.b)
	return false, errEnd
}

// escapeAt returns the length of the escape that b begins with, 0 without one.
func escapeAt(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 + rune(c)
	}
	return r, true
}

// unescape appends the content of a string to dst. The string must be valid.
func unescape(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
					low, _ = hex4(b[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default: // " \ /
			dst = append(dst, b[i])
		}
	}
	return dst
}

// skip passes the value that follows.
func (s *scanner) skip(depth int) error {
	b, ok := s.peek()
	switch {
	case !ok:
		return errEnd
	case b == '"':
		_, err := s.text()
		return err
	case b == '{', b == '[':
		return s.skipNested(b, depth)
	case b == '-', b >= '0' && b <= '9':
		return s.number()
	case b == 't':
		return s.word("true")
	case b == 'f':
		return s.word("false")
	case b == 'n':
		return s.word("null")
	}
	return s.unexpected()
}

func (s *scanner) skipNested(open byte, depth int) error {
	if depth == maxDepth {
		return errDepth
	}
	closing := open + 2 // '{' → '}', '[' → ']'
	s.i++
	for first := true; ; first = false {
		b, ok := s.peek()
		switch {
		case !ok:
			return errEnd
		case b == closing:
			s.i++
			return nil
		case !first && b != ',':
			return s.unexpected()
		case !first:
			s.i++
			if b, _ = s.peek(); b == closing {
				return s.unexpected()
			}
		}
		if open == '{' {
			if err := s.skipName(); err != nil {
				return err
			}
		}
		if err := s.skip(depth + 1); err != nil {
			return err
		}
	}
}

func (s *scanner) skipName() error {
	if b, _ := s.peek(); b != '"' {
		return s.unexpected()
	}
	if _, err := s.text(); err != nil {
		return err
	}
	if b, _ := s.peek(); b != ':' {
		return s.unexpected()
	}
	s.i++
	return nil
}

func (s *scanner) word(w string) error {
	for j := range len(w) {
		if s.i >= len(s.b) || s.b[s.i] != w[j] {
			return s.unexpected()
		}
		s.i++
	}
	return nil
}

// number passes a number of RFC 8259: no leading zero, no plus, no bare point.
func (s *scanner) number() error {
	if s.b[s.i] == '-' {
		s.i++
	}
	if s.i < len(s.b) && s.b[s.i] == '0' {
		s.i++
	} else if !s.digits() {
		return s.unexpected()
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if !s.digits() {
			return s.unexpected()
		}
	}
	if s.i < len(s.b) && s.b[s.i]|0x20 == 'e' {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !s.digits() {
			return s.unexpected()
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	return s.i > start
}
