package source

import "unicode/utf8"

// scratch is the memory of one match.
type scratch struct {
	now, next set
	stack     []int
}

// set is a set of states that can be cleared in constant time. members has
// the states in the order they were added, and place[i] is the index of state
// i in members.
type set struct {
	members []int
	place   []int
}

func newSet(states int) set {
	return set{members: make([]int, 0, states), place: make([]int, states)}
}

func (s *set) has(i int) bool {
	at := s.place[i]
	return at < len(s.members) && s.members[at] == i
}

func (s *set) add(i int) {
	s.place[i] = len(s.members)
	s.members = append(s.members, i)
}

func (g *glob) newScratch() *scratch {
	n := len(g.states)
	return &scratch{now: newSet(n), next: newSet(n), stack: make([]int, 0, n)}
}

// match reports whether the whole key matches.
func (g *glob) match(key string) bool {
	s := g.scratch.Get().(*scratch) //nolint:forcetypeassert // the pool holds nothing else
	defer g.scratch.Put(s)
	s.now.members = s.now.members[:0]
	g.enter(s, &s.now, 0)
	for len(key) > 0 && len(s.now.members) > 0 {
		r, size := utf8.DecodeRuneInString(key)
		if r == utf8.RuneError && size == 1 {
			r = invalid
		}
		key = key[size:]
		s.next.members = s.next.members[:0]
		for _, i := range s.now.members {
			if to, ok := g.step(i, r); ok {
				g.enter(s, &s.next, to)
			}
		}
		s.now, s.next = s.next, s.now
	}
	return len(key) == 0 && s.now.has(len(g.states)-1)
}

// step returns the state that follows when state i takes r.
func (g *glob) step(i int, r rune) (to int, ok bool) {
	switch state := &g.states[i]; state.op {
	case opChar:
		return i + 1, r == state.char
	case opAny:
		return i + 1, r != '/'
	case opClass:
		return i + 1, state.class.contains(r)
	case opStar:
		return i, r != '/'
	case opSegments:
		if r == '/' {
			return i, true
		}
		return i + 1, true
	case opInside:
		if r == '/' {
			return i - 1, true
		}
		return i, true
	case opRest:
		return i, true
	case opFork, opJump, opEnd: // take no character
	}
	return 0, false
}

// enter adds a state, and the states that follow it without a character.
func (g *glob) enter(s *scratch, into *set, i int) {
	s.stack = append(s.stack[:0], i)
	for len(s.stack) > 0 {
		i := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if into.has(i) {
			continue
		}
		into.add(i)
		switch state := &g.states[i]; state.op {
		case opStar, opRest:
			s.stack = append(s.stack, i+1)
		case opSegments:
			s.stack = append(s.stack, i+2)
		case opFork, opJump:
			s.stack = append(s.stack, state.to...)
		case opChar, opAny, opClass, opInside, opEnd: // need a character, or end
		}
	}
}
