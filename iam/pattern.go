package iam

import (
	"strings"
	"unicode/utf8"
)

// shape tells the simple patterns, which are most, from the others.
type shape uint8

const (
	anyShape     shape = iota // matches everything
	exactShape                // matches pattern.text
	prefixShape               // matches what begins with pattern.text
	generalShape              // is matched segment by segment
)

// pattern is compiled text with wildcards and variables. It never changes.
type pattern struct {
	shape shape
	text  string
	parts *parts // generalShape
}

// parts are those of a pattern that is not simple.
type parts struct {
	segments  [][]token // what stands between the stars, in order
	starFirst bool      // a star stands before the first segment
	starLast  bool      // a star stands after the last segment
	variables []*variable
}

// compilePattern reads a policy's text.
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

// resolves reports whether every variable of the pattern stands for something.
// A pattern with a variable that does not matches nothing.
func (p *pattern) resolves(c *Context) bool { return p.parts == nil || p.parts.resolve(c) }

func (p *parts) resolve(c *Context) bool {
	for _, v := range p.variables {
		if _, ok := v.resolve(c); !ok {
			return false
		}
	}
	return true
}

// match reports whether the whole of s matches. It takes time in proportion to
// the product of the lengths at most, and no memory.
func (p *pattern) match(s string, c *Context) bool {
	if p.shape != generalShape {
		return p.matchPlain(s)
	}
	return p.parts.resolve(c) && p.parts.match(s, c)
}

// matchPlain matches a pattern that is not general. Texts of one kind begin
// alike, so the end is looked at first.
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
	// What remains lies between stars: the leftmost place is as good as any.
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

// findSegment looks for the leftmost place where the segment matches and
// returns what follows it.
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
