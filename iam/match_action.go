package iam

import "strings"

// action is a request's action, prepared for fast comparison.
type action struct {
	name string
	hash uint64 // of the name, ignoring case
	bit  uint64 // one of 64 bits, chosen by the hash
	word uint64 // the first eight bytes, in lower case
}

func (a *action) set(name string) {
	a.name, a.hash, a.word = name, hashKey(name), firstWord(name)
	a.bit = 1 << (a.hash & 63)
}

// isSTS reports whether the action is an STS action.
func (a *action) isSTS() bool {
	const start, mask = 's' | 't'<<8 | 's'<<16 | ':'<<24, 0xffffffff
	return a.word&mask == start
}

// firstWord returns the first eight bytes in lower case, padded with zeros.
func firstWord(text string) uint64 {
	if len(text) >= 8 {
		return lowerWord(word(text))
	}
	var w uint64
	for i := range len(text) {
		w |= uint64(text[i]) << (8 * i)
	}
	return lowerWord(w)
}

// actionSet is a compiled Action or NotAction element.
type actionSet struct {
	bits    uint64 // an action whose bit isn't set doesn't match
	negated bool
	any     bool
	exact   []namedAction
	affixes []affix
	globs   []string // all other patterns
}

type namedAction struct {
	hash uint64
	name string
}

// affix is a pattern with one star and no question mark.
type affix struct {
	word, mask     uint64 // the first bytes of prefix: an action that differs in them doesn't match
	short          bool   // word is the whole pattern: no suffix, and a prefix of at most eight bytes
	prefix, suffix string
}

func newAffix(prefix, suffix string) affix {
	mask := ^uint64(0)
	if len(prefix) < 8 {
		mask = 1<<(8*len(prefix)) - 1
	}
	short := len(prefix) <= 8 && suffix == "" && strings.IndexByte(prefix, 0) < 0
	return affix{word: firstWord(prefix), mask: mask, short: short, prefix: prefix, suffix: suffix}
}

// compile compiles the element. It returns the first problem and its position.
func (s *actionSet) compile(list *List) (*fault, Position) {
	for _, v := range list.Values {
		if f := s.add(v.Value); f != nil {
			return f, v.Position
		}
	}
	if s.negated || s.any || s.affixes != nil || s.globs != nil {
		s.bits = ^uint64(0)
	}
	return nil, Position{}
}

func (s *actionSet) add(text string) *fault {
	if strings.Contains(text, "${") {
		return faultf(CodeVariableUnsupported,
			"the action %q has a variable; variables only work in Resource and Condition", clip(text))
	}
	if strings.Trim(text, "*") == "" && text != "" {
		s.any = true
		return nil
	}
	service, name, ok := strings.Cut(text, ":")
	if !ok || service == "" || name == "" {
		return faultf(CodeInvalidAction, "malformed action %q; use the form service:Action", clip(text))
	}
	switch i := strings.IndexAny(text, "*?"); {
	case i < 0:
		hash := hashKey(text)
		s.exact = append(s.exact, namedAction{hash, text})
		s.bits |= 1 << (hash & 63)
	case text[i] == '*' && !strings.ContainsAny(text[i+1:], "*?"):
		s.affixes = append(s.affixes, newAffix(text[:i], text[i+1:]))
	default:
		s.globs = append(s.globs, text)
	}
	return nil
}

// match reports whether the element includes the action. Case doesn't matter.
func (s *actionSet) match(a *action) bool {
	return s.bits&a.bit != 0 && s.lists(a) != s.negated
}

func (s *actionSet) lists(a *action) bool {
	if s.any || s.names(a) {
		return true
	}
	for i := range s.affixes {
		if f := &s.affixes[i]; a.word&f.mask == f.word && (f.short || f.match(a.name)) {
			return true
		}
	}
	for _, pattern := range s.globs {
		if foldGlob(pattern, a.name) {
			return true
		}
	}
	return false
}

func (s *actionSet) names(a *action) bool {
	for i := range s.exact {
		if s.exact[i].hash == a.hash && equalFold(s.exact[i].name, a.name) {
			return true
		}
	}
	return false
}

func (f *affix) match(name string) bool {
	return len(name) >= len(f.prefix)+len(f.suffix) && foldPrefix(name, f.prefix) && foldSuffix(name, f.suffix)
}
