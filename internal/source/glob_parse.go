package source

import (
	"strings"
	"unicode/utf8"
)

// The limits of the braces of a pattern.
const (
	maxAlternatives = 128 // in all braces together
	maxBraceDepth   = 4
)

// The reasons why braces, brackets and backslashes are refused.
const (
	notClosed           = `has an unclosed bracket, brace or "\"`
	tooManyAlternatives = "has more than 128 alternatives in its braces"
	nestedTooDeep       = "has braces nested more than 4 deep"
)

// globParser compiles a pattern from left to right.
type globParser struct {
	rest         string
	states       []state
	braces       []brace // that are open
	alternatives int
	fault        string
}

// brace is an open "{".
type brace struct {
	fork  int
	jumps []int // ends of alternatives, which continue after "}"
}

// compileGlob compiles a pattern that is otherwise valid: "**" only occurs as
// a whole segment.
func compileGlob(pattern string) (compiled *glob, fault string) {
	p := &globParser{rest: pattern}
	for p.rest != "" && p.fault == "" {
		p.next()
	}
	if p.fault == "" && len(p.braces) > 0 {
		p.fault = notClosed
	}
	if p.fault != "" {
		return nil, p.fault
	}
	p.add(state{op: opEnd})
	g := &glob{states: p.states}
	g.scratch.New = func() any { return g.newScratch() }
	return g, ""
}

func (p *globParser) add(s state) { p.states = append(p.states, s) }

// take removes the next character and returns it.
func (p *globParser) take() rune {
	r, size := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[size:]
	return r
}

// taken removes text if it comes next, and reports whether it did.
func (p *globParser) taken(text string) (ok bool) {
	p.rest, ok = strings.CutPrefix(p.rest, text)
	return ok
}

// next compiles one element.
func (p *globParser) next() {
	switch {
	case p.taken("**/"):
		p.add(state{op: opSegments})
		p.add(state{op: opInside})
	case p.taken("**"):
		p.add(state{op: opRest})
	case p.taken("*"):
		p.add(state{op: opStar})
	case p.taken("?"):
		p.add(state{op: opAny})
	case p.taken("["):
		p.class()
	case p.taken("{"):
		p.open()
	case len(p.braces) > 0 && p.taken(","):
		p.alternative()
	case p.taken("}"):
		p.close()
	default:
		p.add(state{op: opChar, char: p.char()})
	}
}

// char takes a character that may be quoted.
func (p *globParser) char() rune {
	if p.taken(`\`) && p.rest == "" {
		p.fault = notClosed
		return 0
	}
	return p.take()
}

// class compiles what follows a "[".
func (p *globParser) class() {
	c := &class{negated: p.taken("!") || p.taken("^")}
	for p.rest != "" && p.rest[0] != ']' && p.fault == "" {
		first := p.char()
		c.ranges = append(c.ranges, [2]rune{first, first})
		if len(p.rest) > 1 && p.rest[0] == '-' && p.rest[1] != ']' {
			p.rest = p.rest[1:]
			c.ranges = append(c.ranges, [2]rune{first, p.char()})
		}
	}
	if len(c.ranges) == 0 || !p.taken("]") {
		p.fault = notClosed
		return
	}
	p.add(state{op: opClass, class: c})
}

// open compiles a "{", which begins the first alternative.
func (p *globParser) open() {
	if len(p.braces) == maxBraceDepth {
		p.fault = nestedTooDeep
		return
	}
	p.braces = append(p.braces, brace{fork: len(p.states)})
	p.add(state{op: opFork})
	p.begin()
}

// alternative compiles a ",", which ends an alternative and begins the next.
func (p *globParser) alternative() {
	p.end()
	p.begin()
}

// close compiles a "}", which ends the last alternative.
func (p *globParser) close() {
	if len(p.braces) == 0 {
		p.fault = notClosed
		return
	}
	p.end()
	last := len(p.braces) - 1
	for _, jump := range p.braces[last].jumps {
		p.states[jump].to = []int{len(p.states)}
	}
	p.braces = p.braces[:last]
}

// begin connects the fork of the innermost brace to the next state.
func (p *globParser) begin() {
	if p.alternatives++; p.alternatives > maxAlternatives {
		p.fault = tooManyAlternatives
		return
	}
	fork := &p.states[p.braces[len(p.braces)-1].fork]
	fork.to = append(fork.to, len(p.states))
}

// end connects the end of the alternative to the state after the innermost brace.
func (p *globParser) end() {
	inner := &p.braces[len(p.braces)-1]
	inner.jumps = append(inner.jumps, len(p.states))
	p.add(state{op: opJump})
}
