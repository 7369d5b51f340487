package iam

import "strings"

// action is a request's action, with what comparing it quickly needs.
type action struct {
	name string
	hash uint64 // of the name, whatever its case
	word uint64 // of its first eight bytes, whatever their case
}

func newAction(name string) action {
	return action{name: name, hash: hashKey(name), word: firstWord(name)}
}

// isSTS says whether the action is one of STS.
func (a *action) isSTS() bool {
	const start, mask = 's' | 't'<<8 | 's'<<16 | (':'|0x20)<<24, 0xffffffff
	return a.word&mask == start && foldPrefix(a.name, "sts:")
}

// firstWord gives the first eight bytes, zero beyond the end, with the bit set
// that tells a small ASCII letter from a capital.
func firstWord(text string) uint64 {
	if len(text) >= 8 {
		return word(text) | foldBits
	}
	var w uint64
	for i := range len(text) {
		w |= uint64(text[i]) << (8 * i)
	}
	return w | foldBits
}

// actionSet is a compiled Action or NotAction element.
type actionSet struct {
	negated bool
	any     bool
	exact   []namedAction
	bits    uint64 // one bit for each of exact; where an action's is not set, it is none of them
	affixes []affix
	globs   []string // all others
}

type namedAction struct {
	hash uint64
	name string
}

// affix is a pattern with one star and no question mark.
type affix struct {
	word, mask     uint64 // the first bytes of prefix; what differs in them cannot match
	prefix, suffix string
}

func newAffix(prefix, suffix string) affix {
	mask := ^uint64(0)
	if len(prefix) < 8 {
		mask = 1<<(8*len(prefix)) - 1
	}
	return affix{word: firstWord(prefix) & mask, mask: mask, prefix: prefix, suffix: suffix}
}

func compileActions(list *List, negated bool) (actionSet, *fault, Position) {
	set := actionSet{negated: negated}
	if n := len(list.Values); n > 1 {
		set.exact = make([]namedAction, 0, n)
	}
	for _, v := range list.Values {
		if f := set.add(v.Value); f != nil {
			return set, f, v.Position
		}
	}
	return set, nil, Position{}
}

func (s *actionSet) add(text string) *fault {
	if strings.Contains(text, "${") {
		return faultf(CodeVariableUnsupported, "the action %q has a variable; variables work in Resource and Condition alone", clip(text))
	}
	if strings.Trim(text, "*") == "" && text != "" {
		s.any = true
		return nil
	}
	service, name, ok := strings.Cut(text, ":")
	if !ok || service == "" || name == "" {
		return faultf(CodeInvalidAction, "the action %q is not of the form service:Action", clip(text))
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

// match says whether an action is meant. Case does not matter.
func (s *actionSet) match(a *action) bool { return s.lists(a) != s.negated }

func (s *actionSet) lists(a *action) bool {
	if s.any {
		return true
	}
	if s.bits&(1<<(a.hash&63)) != 0 && s.names(a) {
		return true
	}
	for i := range s.affixes {
		if f := &s.affixes[i]; a.word&f.mask == f.word && f.match(a.name) {
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
