package iam

import "strings"

// actionSet is a compiled Action or NotAction element.
type actionSet struct {
	negated bool
	any     bool
	exact   []namedAction
	prefix  []string // what stands before the star at the end
	around  []affix
	glob    []string // all others
}

// affix is a pattern with one star and no question mark.
type affix struct{ prefix, suffix string }

type namedAction struct {
	hash uint64
	name string
}

func compileActions(list *List, negated bool) (actionSet, *fault, Position) {
	set := actionSet{negated: negated}
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
		s.exact = append(s.exact, namedAction{hashKey(text), text})
	case i == len(text)-1 && text[i] == '*':
		s.prefix = append(s.prefix, text[:i])
	case text[i] == '*' && !strings.ContainsAny(text[i+1:], "*?"):
		s.around = append(s.around, affix{text[:i], text[i+1:]})
	default:
		s.glob = append(s.glob, text)
	}
	return nil
}

// match says whether an action is meant. Case does not matter.
func (s *actionSet) match(hash uint64, action string) bool {
	return s.lists(hash, action) != s.negated
}

func (s *actionSet) lists(hash uint64, action string) bool {
	if s.any {
		return true
	}
	for i := range s.exact {
		if s.exact[i].hash == hash && equalFold(s.exact[i].name, action) {
			return true
		}
	}
	for _, prefix := range s.prefix {
		if foldPrefix(action, prefix) {
			return true
		}
	}
	for i := range s.around {
		a := &s.around[i]
		if len(action) >= len(a.prefix)+len(a.suffix) && foldPrefix(action, a.prefix) && foldSuffix(action, a.suffix) {
			return true
		}
	}
	for _, pattern := range s.glob {
		if foldGlob(pattern, action) {
			return true
		}
	}
	return false
}
