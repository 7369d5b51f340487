package iam

import (
	"bytes"
	"fmt"
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
	s := scanner{text: document, line: 1}
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
	text      []byte
	at        int // offset of the next byte
	line      int
	lineStart int // offset
	depth     int
	findings  []Finding
}

func (s *scanner) document() (*Node, bool) {
	if len(s.text) > MaxDocumentBytes {
		return nil, s.fail(CodeTooLarge, "the document has %d bytes; at most %d are read", len(s.text), MaxDocumentBytes)
	}
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
	brace := bytes.IndexByte(s.text[s.at:], '{')
	if brace < 0 || bytes.IndexByte(s.text[s.at:s.at+brace], '"') >= 0 {
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
	case c == '{':
		ok = s.nested(n, ObjectNode, s.object)
	case c == '[':
		ok = s.nested(n, ArrayNode, s.array)
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

func (s *scanner) nested(n *Node, kind NodeKind, read func(*Node) bool) bool {
	n.Kind = kind
	if s.depth++; s.depth > MaxDepth {
		return s.fail(CodeTooDeep, "values lie more than %d deep inside each other", MaxDepth)
	}
	s.at++
	ok := read(n)
	s.depth--
	return ok
}

func (s *scanner) object(n *Node) bool {
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
		n.Members = append(n.Members, m)
		if done, ok := s.next('}'); done || !ok {
			return ok
		}
	}
}

func (s *scanner) array(n *Node) bool {
	for {
		s.space()
		if s.take(']') {
			return true
		}
		n.Elements = append(n.Elements, Node{})
		if !s.value(&n.Elements[len(n.Elements)-1]) {
			return false
		}
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
		if bytes.HasPrefix(s.text[s.at:], []byte(w.text)) {
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
	return string(s.text[start:s.at]), true
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
		switch c := s.text[s.at]; {
		case c == '"':
			text := string(s.text[start:s.at])
			s.at++
			return text, true
		case c == '\\':
			return s.escapedStr(opening, start)
		case c < ' ':
			return "", s.fail(CodeSyntax, "the control character %#02x stands in a string; write \\u%04x", c, c)
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, size := utf8.DecodeRune(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(CodeSyntax, "the byte %#02x is not UTF-8", c)
			}
			s.at += size
		}
	}
	s.reportAt(opening, CodeSyntax, "this string has no closing quote")
	return "", false
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
			r, size := utf8.DecodeRune(s.text[s.at:])
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
	simple := [...]byte{'"', '"', '\\', '\\', '/', '/', 'b', '\b', 'f', '\f', 'n', '\n', 'r', '\r', 't', '\t'}
	for i := 0; i < len(simple); i += 2 {
		if s.text[s.at+1] == simple[i] {
			s.at += 2
			return rune(simple[i+1]), true
		}
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
	for _, c := range s.text[at+2 : at+6] {
		switch {
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

// space steps over white space, and over comments with a finding.
func (s *scanner) space() {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
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
	if i := bytes.Index(s.text[s.at+2:], []byte(end)); i >= 0 {
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
	if i := bytes.IndexAny(rest, " \t\r\n"); i > 0 {
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
