package iam

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of a document. AWS's own are lower: 20,480 bytes for a bucket policy,
// 10,240 for a managed policy's characters without white space.
const (
	MaxDocumentBytes = 1 << 20 // a longer document is refused unread
	MaxDepth         = 32      // arrays and objects inside each other; a policy needs 6
	maxFindings      = 1000    // what is reported of one document
)

// ParseDocument reads a document's syntax tree. The error is a [*ParseError].
// Where the document is JSON but for comments, trailing commas or text around
// it, the tree is given beside the error, so that the rest can be looked at as
// well; else it is nil.
func ParseDocument(document []byte) (*Node, error) {
	if len(document) > MaxDocumentBytes {
		s := scanner{line: 1}
		s.report(CodeTooLarge, "the document has %d bytes; at most %d are read", len(document), MaxDocumentBytes)
		return nil, &ParseError{Findings: s.findings}
	}
	s := scanner{text: string(document), line: 1}
	root, ok := s.document()
	if len(s.findings) == 0 {
		return root, nil
	}
	err := &ParseError{Findings: s.findings}
	if !ok {
		return nil, err
	}
	return root, err
}

type scanner struct {
	text      string
	at        int // offset of the next byte
	line      int
	lineStart int // offset
	depth     int
	findings  []Finding

	// Members and elements are gathered on a stack, and copied when their
	// number is known.
	members      []Member
	elements     []Node
	memberSpace  slab[Member]
	elementSpace slab[Node]
}

// slab hands out slices cut from larger ones.
type slab[T any] struct{ free []T }

func (s *slab[T]) copyOf(items []T) []T {
	const many = 32
	n := len(items)
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.free = make([]T, max(n, many))
	}
	copied := s.free[:n:n]
	s.free = s.free[n:]
	copy(copied, items)
	return copied
}

func (s *scanner) document() (*Node, bool) {
	s.skipPreamble()
	root := new(Node)
	if !s.value(root) {
		return nil, false
	}
	s.space()
	if s.at < len(s.text) {
		s.report(CodeSyntax, "the document goes on after its end, with %s", s.seen())
	}
	return root, true
}

// skipPreamble steps over words before the document, such as those of a
// configuration file that it was copied from.
func (s *scanner) skipPreamble() {
	s.space()
	if s.at == len(s.text) || s.text[s.at] == '{' || s.text[s.at] == '[' {
		return
	}
	brace := strings.IndexByte(s.text[s.at:], '{')
	if brace < 0 || strings.IndexByte(s.text[s.at:s.at+brace], '"') >= 0 {
		return
	}
	s.report(CodeSyntax, "the document begins with %s; a policy is a JSON object and begins with {", s.seen())
	for end := s.at + brace; s.at < end; s.at++ {
		s.newline(s.text[s.at])
	}
}

// value reads one value into n. Where it cannot go on it reports why.
func (s *scanner) value(n *Node) bool {
	s.space()
	n.Position = s.position()
	if s.at == len(s.text) {
		return s.fail(CodeSyntax, "the document ends where a value should stand")
	}
	var ok bool
	switch c := s.text[s.at]; {
	case c == '{' || c == '[':
		ok = s.nested(n, c)
	case c == '"':
		n.Kind = StringNode
		n.Text, ok = s.str()
	case c == '-' || '0' <= c && c <= '9':
		n.Kind = NumberNode
		n.Text, ok = s.number()
	default:
		ok = s.word(n)
	}
	n.End = s.at
	return ok
}

func (s *scanner) nested(n *Node, opening byte) bool {
	if s.depth++; s.depth > MaxDepth {
		return s.fail(CodeTooDeep, "values lie more than %d deep inside each other", MaxDepth)
	}
	s.at++
	var ok bool
	if opening == '{' {
		n.Kind = ObjectNode
		start := len(s.members)
		ok = s.object()
		n.Members = s.memberSpace.copyOf(s.members[start:])
		s.members = s.members[:start]
	} else {
		n.Kind = ArrayNode
		start := len(s.elements)
		ok = s.array()
		n.Elements = s.elementSpace.copyOf(s.elements[start:])
		s.elements = s.elements[:start]
	}
	s.depth--
	return ok
}

// object reads members onto the stack, up to the closing brace.
func (s *scanner) object() bool {
	for {
		s.space()
		if s.take('}') {
			return true
		}
		var m Member
		m.Position = s.position()
		if s.at == len(s.text) || s.text[s.at] != '"' {
			return s.fail(CodeSyntax, "%s stands where a member's name in double quotes, or }, should", s.seen())
		}
		var ok bool
		if m.Name, ok = s.str(); !ok {
			return false
		}
		s.space()
		if !s.take(':') {
			return s.fail(CodeSyntax, "%s stands where the colon after %q should", s.seen(), clip(m.Name))
		}
		if !s.value(&m.Value) {
			return false
		}
		s.members = append(s.members, m)
		if done, ok := s.next('}'); done || !ok {
			return ok
		}
	}
}

// array reads elements onto the stack, up to the closing bracket.
func (s *scanner) array() bool {
	for {
		s.space()
		if s.take(']') {
			return true
		}
		var n Node
		if !s.value(&n) {
			return false
		}
		s.elements = append(s.elements, n)
		if done, ok := s.next(']'); done || !ok {
			return ok
		}
	}
}

// next reads what follows a value inside an array or object: a comma, or the
// closing bracket.
func (s *scanner) next(closing byte) (done, ok bool) {
	s.space()
	if s.take(closing) {
		return true, true
	}
	comma := s.position()
	if !s.take(',') {
		return false, s.fail(CodeSyntax, "%s stands where a comma or %c should", s.seen(), closing)
	}
	s.space()
	if s.at < len(s.text) && s.text[s.at] == closing {
		s.reportAt(comma, CodeSyntax, "a comma stands before the closing %c", closing)
	}
	return false, true
}

func (s *scanner) word(n *Node) bool {
	for _, w := range [...]struct {
		text string
		kind NodeKind
	}{{"true", BoolNode}, {"false", BoolNode}, {"null", NullNode}} {
		if strings.HasPrefix(s.text[s.at:], w.text) {
			n.Kind, n.Text = w.kind, w.text
			s.at += len(w.text)
			return true
		}
	}
	return s.fail(CodeSyntax, "%s stands where a value should", s.seen())
}

// number reads a number as JSON spells it.
func (s *scanner) number() (string, bool) {
	start := s.at
	s.take('-')
	if !s.take('0') && !s.digits() {
		return "", s.fail(CodeSyntax, "%s stands where a digit should", s.seen())
	}
	if s.take('.') && !s.digits() {
		return "", s.fail(CodeSyntax, "%s stands where a digit after the point should", s.seen())
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return "", s.fail(CodeSyntax, "%s stands where the digits of an exponent should", s.seen())
		}
	}
	return s.text[start:s.at], true
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}

// str reads a string in double quotes.
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
			return "", s.fail(CodeSyntax, "the control character %#02x stands in a string; write \\u%04x", c, c)
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(CodeSyntax, "the byte %#02x is not UTF-8", c)
			}
			s.at += size
		}
	}
	s.reportAt(opening, CodeSyntax, "this string has no closing quote")
	return "", false
}

// plainBytes counts how many of eight bytes, from the first, are ASCII and mean
// themselves in a string: no quote, backslash or control character.
func plainBytes(w uint64) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^('"'*ones), w^('\\'*ones)
	// The highest bit of a byte becomes set where it is one of them; what is
	// borrowed goes to later bytes, which are not looked at then.
	found := ((w - ' '*ones) | (quote - ones) | (backslash - ones) | w) & high
	return bits.TrailingZeros64(found) / 8
}

// escapedStr reads on from the first backslash of a string that began at
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
			return "", s.fail(CodeSyntax, "the control character %#02x stands in a string; write \\u%04x", c, c)
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(CodeSyntax, "the byte %#02x is not UTF-8", c)
			}
			text = append(text, s.text[s.at:s.at+size]...)
			s.at += size
		}
	}
	s.reportAt(opening, CodeSyntax, "this string has no closing quote")
	return "", false
}

// escape reads one backslash sequence.
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
		return 0, s.fail(CodeSyntax, "JSON has no such escape sequence in strings")
	}
	if !utf16.IsSurrogate(first) {
		s.at += 6
		return first, true
	}
	second, ok := s.hex(s.at + 6)
	r := utf16.DecodeRune(first, second)
	if !ok || r == utf8.RuneError {
		return 0, s.fail(CodeSyntax, "half a character (\\u%04x) stands alone", first)
	}
	s.at += 12
	return r, true
}

// hex reads \uXXXX at an offset.
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

// eightSpaces is an indentation as [word] reads it.
const eightSpaces = 0x2020202020202020

// space steps over white space, and over comments with a finding.
func (s *scanner) space() {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' && s.at+8 <= len(s.text):
			s.at += bits.TrailingZeros64(word(s.text[s.at:])^eightSpaces) / 8
		case c == ' ' || c == '\t' || c == '\r':
			s.at++
		case c == '\n':
			s.newline(c)
			s.at++
		case c == '/' && s.at+1 < len(s.text) && s.text[s.at+1] == '/':
			s.comment("\n", 0)
		case c == '/' && s.at+1 < len(s.text) && s.text[s.at+1] == '*':
			s.comment("*/", 2)
		default:
			return
		}
	}
}

func (s *scanner) comment(end string, keep int) {
	s.report(CodeSyntax, "JSON has no comments")
	stop := len(s.text)
	if i := strings.Index(s.text[s.at+2:], end); i >= 0 {
		stop = s.at + 2 + i + keep
	}
	for ; s.at < stop; s.at++ {
		s.newline(s.text[s.at])
	}
}

func (s *scanner) newline(c byte) {
	if c == '\n' {
		s.line++
		s.lineStart = s.at + 1
	}
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) position() Position {
	return Position{Offset: s.at, Line: s.line, Column: s.at - s.lineStart + 1}
}

// seen names what stands at the current place.
func (s *scanner) seen() string {
	if s.at == len(s.text) {
		return "the end of the document"
	}
	rest := s.text[s.at:min(len(s.text), s.at+24)]
	if i := strings.IndexAny(rest, " \t\r\n"); i > 0 {
		rest = rest[:i]
	}
	return fmt.Sprintf("%q", rest)
}

func (s *scanner) report(code, format string, args ...any) {
	s.reportAt(s.position(), code, format, args...)
}

func (s *scanner) reportAt(at Position, code, format string, args ...any) {
	if len(s.findings) < maxFindings {
		s.findings = append(s.findings, Finding{Code: code, Position: at, Message: fmt.Sprintf(format, args...)})
	}
}

// fail reports what the reading cannot go on from; it is always false.
func (s *scanner) fail(code, format string, args ...any) bool {
	s.report(code, format, args...)
	return false
}

// clip shortens what a message quotes.
func clip(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
