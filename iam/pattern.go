package iam

import (
	"strings"
	"unicode/utf8"
)

// shape distinguishes simple patterns, which are the most common, from others.
type shape uint8

const (
	anyShape     shape = iota // matches everything
	exactShape                // matches pattern.text
	prefixShape               // matches texts that begin with pattern.text
	generalShape              // matched segment by segment
)

// pattern is a compiled text with wildcards and variables. It is immutable.
type pattern struct {
	shape shape
	text  string
	parts *parts // for generalShape
}

// parts are the segments of a pattern that isn't simple.
type parts struct {
	segments  [][]token // the tokens between stars, in order
	starFirst bool      // a star comes before the first segment
	starLast  bool      // a star comes after the last segment
	variables []*variable
}

// compilePattern compiles a policy's text.
func compilePattern(text string, with syntax) (pattern, *fault) {
	special := with.special(text)
	switch {
	case special < 0:
		return pattern{shape: exactShape, text: text}, nil
	case special == len(text)-1 && text[special] == '*' && special > 0:
		return pattern{shape: prefixShape, text: text[:special]}, nil
	}
	tokens, f := tokenize(text, with)
	if f != nil {
		return pattern{}, f
	}
	return newPattern(tokens), nil
}

func newPattern(tokens []token) pattern {
	p := pattern{shape: generalShape}
	isStar := func(i int) bool { return tokens[i].kind == starToken }
	isText := func(i int) bool { return tokens[i].kind == literalToken }
	switch n := len(tokens); {
	case n == 0:
		p.shape = exactShape
	case n == 1 && isStar(0):
		p.shape = anyShape
	case n == 1 && isText(0):
		p.shape, p.text = exactShape, tokens[0].text
	case n == 2 && isText(0) && isStar(1):
		p.shape, p.text = prefixShape, tokens[0].text
	default:
		p.parts = split(tokens)
	}
	return p
}

func split(tokens []token) *parts {
	last := len(tokens) - 1
	p := &parts{starFirst: tokens[0].kind == starToken, starLast: tokens[last].kind == starToken}
	start := 0
	for i := range tokens {
		switch tokens[i].kind {
		case starToken:
			p.addSegment(tokens[start:i])
			start = i + 1
		case variableToken:
			p.variables = append(p.variables, tokens[i].variable)
		case literalToken, questionToken:
		}
	}
	p.addSegment(tokens[start:])
	return p
}

func (p *parts) addSegment(tokens []token) {
	if len(tokens) > 0 {
		p.segments = append(p.segments, tokens)
	}
}

func (p *pattern) hasVariables() bool { return p.parts != nil && len(p.parts.variables) > 0 }

// resolves reports whether every variable of the pattern has a value. A
// pattern whose variable has none matches nothing.
func (p *pattern) resolves(c *Context) bool { return p.parts == nil || p.parts.resolve(c) }

func (p *parts) resolve(c *Context) bool {
	for _, v := range p.variables {
		if _, ok := v.resolve(c); !ok {
			return false
		}
	}
	return true
}

// match reports whether the pattern matches all of s. It takes time at most
// proportional to the product of the lengths, and doesn't allocate.
func (p *pattern) match(s string, c *Context) bool {
	if p.shape != generalShape {
		return p.matchPlain(s)
	}
	return p.parts.resolve(c) && p.parts.match(s, c)
}

// matchPlain matches a simple pattern. It compares the end first, because
// texts of one kind often begin alike.
func (p *pattern) matchPlain(s string) bool {
	n := len(p.text)
	switch {
	case p.shape == anyShape:
		return true
	case len(s) < n || n > 0 && s[n-1] != p.text[n-1]:
		return false
	case p.shape == prefixShape:
		return s[:n] == p.text
	default:
		return s == p.text
	}
}

func (p *parts) match(s string, c *Context) bool {
	segments := p.segments
	if !p.starFirst {
		rest, ok := consumeSegment(segments[0], s, c)
		if !ok {
			return false
		}
		s, segments = rest, segments[1:]
		if len(segments) == 0 {
			return p.starLast || s == ""
		}
	}
	if !p.starLast {
		rest, ok := consumeSegmentEnd(segments[len(segments)-1], s, c)
		if !ok {
			return false
		}
		s, segments = rest, segments[:len(segments)-1]
	}
	// The other segments are between stars, so the leftmost match is always
	// right.
	for _, segment := range segments {
		rest, ok := findSegment(segment, s, c)
		if !ok {
			return false
		}
		s = rest
	}
	return true
}

func consumeSegment(segment []token, s string, c *Context) (string, bool) {
	for i := range segment {
		rest, ok := segment[i].consume(s, c)
		if !ok {
			return "", false
		}
		s = rest
	}
	return s, true
}

func consumeSegmentEnd(segment []token, s string, c *Context) (string, bool) {
	for i := len(segment) - 1; i >= 0; i-- {
		rest, ok := segment[i].consumeEnd(s, c)
		if !ok {
			return "", false
		}
		s = rest
	}
	return s, true
}

// findSegment finds the leftmost match of the segment and returns the text
// after it.
func findSegment(segment []token, s string, c *Context) (string, bool) {
	first := &segment[0]
	for {
		if first.kind == literalToken {
			i := strings.Index(s, first.text)
			if i < 0 {
				return "", false
			}
			s = s[i:]
		}
		if rest, ok := consumeSegment(segment, s, c); ok {
			return rest, true
		}
		if s == "" {
			return "", false
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
}
