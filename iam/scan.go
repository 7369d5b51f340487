package iam

import "strings"

// Limits of a document. AWS's own limits are lower: 20,480 bytes for a bucket
// policy, and 10,240 characters without white space for inline policies.
const (
	MaxDocumentBytes = 1 << 20 // longer documents are rejected unparsed
	MaxDepth         = 32      // of nested arrays and objects; a policy needs 6
	maxFindings      = 1000    // per document
)

// ParseDocument parses a document into a syntax tree. The error is a
// [*ParseError]. If the document is JSON apart from comments, trailing commas
// or surrounding text, ParseDocument returns the tree along with the error, so
// that the rest can be checked too.
func ParseDocument(document []byte) (*Node, error) {
	if len(document) > MaxDocumentBytes {
		s := scanner{line: 1}
		s.report(CodeTooLarge, "the document has %d bytes; the limit is %d", len(document), MaxDocumentBytes)
		return nil, &ParseError{Findings: s.findings}
	}
	s := scanner{text: string(document), line: 1, members: make([]Member, 0, 16), elements: make([]Node, 0, 16)}
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

	// Members and elements are collected on a stack and copied when their
	// number is known.
	members      []Member
	elements     []Node
	memberSpace  slab[Member]
	elementSpace slab[Node]
}

func (s *scanner) document() (*Node, bool) {
	s.skipPreamble()
	root := new(Node)
	if !s.value(root) {
		return nil, false
	}
	s.space()
	if s.at < len(s.text) {
		s.report(CodeSyntax, "unexpected text after the document: %s", s.describeCurrent())
	}
	return root, true
}

// value parses one value into n. If it can't, it reports a finding.
func (s *scanner) value(n *Node) bool {
	s.space()
	n.Position = s.position()
	if s.at == len(s.text) {
		return s.fail(CodeSyntax, "expected a value, found the end of the document")
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
		return s.fail(CodeTooDeep, "values are nested more than %d levels deep", MaxDepth)
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

// object parses members onto the stack, up to the closing brace.
func (s *scanner) object() bool {
	for {
		s.space()
		if s.take('}') {
			return true
		}
		var m Member
		m.Position = s.position()
		if s.at == len(s.text) || s.text[s.at] != '"' {
			return s.fail(CodeSyntax, "expected a member name in double quotes or }, found %s", s.describeCurrent())
		}
		var ok bool
		if m.Name, ok = s.str(); !ok {
			return false
		}
		s.space()
		if !s.take(':') {
			return s.fail(CodeSyntax, "expected a colon after %q, found %s", clip(m.Name), s.describeCurrent())
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

// array parses elements onto the stack, up to the closing bracket.
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

// next consumes a comma or the closing bracket after a value in an array or
// object.
func (s *scanner) next(closing byte) (done, ok bool) {
	s.space()
	if s.take(closing) {
		return true, true
	}
	comma := s.position()
	if !s.take(',') {
		return false, s.fail(CodeSyntax, "expected a comma or %c, found %s", closing, s.describeCurrent())
	}
	s.space()
	if s.at < len(s.text) && s.text[s.at] == closing {
		s.reportAt(comma, CodeSyntax, "trailing comma before the closing %c", closing)
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
	return s.fail(CodeSyntax, "expected a value, found %s", s.describeCurrent())
}

// number parses a JSON number.
func (s *scanner) number() (string, bool) {
	start := s.at
	s.take('-')
	if !s.take('0') && !s.digits() {
		return "", s.fail(CodeSyntax, "expected a digit, found %s", s.describeCurrent())
	}
	if s.take('.') && !s.digits() {
		return "", s.fail(CodeSyntax, "expected a digit after the decimal point, found %s", s.describeCurrent())
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return "", s.fail(CodeSyntax, "expected the digits of an exponent, found %s", s.describeCurrent())
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
