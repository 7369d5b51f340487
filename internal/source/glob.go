package source

import "sync"

// glob is a compiled pattern: a nondeterministic automaton with at most one
// state for each byte of the pattern, and one for its end. Matching follows all
// states at once, so no pattern makes it try the same part of a key twice.
type glob struct {
	states  []state
	scratch sync.Pool // of *scratch
}

// state is one step of a pattern.
type state struct {
	op    op
	char  rune   // of opChar
	class *class // of opClass
	to    []int  // of opFork and opJump
}

// op is the kind of a state.
type op uint8

// The kinds of states. All but opFork and opJump continue with the next state.
const (
	opChar     op = iota // takes this character
	opAny                // "?": takes a character of the segment
	opClass              // "[…]": takes a character of the set
	opStar               // "*": continues, or takes a character of the segment and stays
	opSegments           // "**/": continues after opInside, or enters a segment
	opInside             // takes a segment of "**/" to its "/"
	opRest               // "**" at the end: continues, or takes any character and stays
	opFork               // "{": continues with each alternative
	opJump               // "," and "}": continues after the alternatives
	opEnd                // the key matches when it ends here
)

// class is the set of characters in "[…]". Unlike "*" and "?", it can hold "/".
type class struct {
	ranges  [][2]rune
	negated bool
}

// invalid replaces a byte of a key that isn't UTF-8; no literal matches it.
const invalid rune = -1

func (c *class) contains(r rune) bool {
	for _, bounds := range c.ranges {
		if bounds[0] <= r && r <= bounds[1] {
			return !c.negated
		}
	}
	return c.negated
}
