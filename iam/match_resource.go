package iam

import "strings"

// resourceSet is a compiled Resource or NotResource element.
type resourceSet struct {
	negated   bool
	variables bool // some pattern has one
	patterns  []arnPattern
}

// compile reads the element. Where it cannot, it says why and where.
func (s *resourceSet) compile(list *List, with syntax) (*fault, Position) {
	for _, v := range list.Values {
		if v.Value != "*" && !strings.HasPrefix(v.Value, "arn:") {
			return faultf(CodeInvalidARN, "malformed resource %q; use an ARN or \"*\"", clip(v.Value)), v.Position
		}
		p, f := newARNPattern(v.Value, with, true)
		if f != nil {
			return f, v.Position
		}
		s.patterns = append(s.patterns, p)
		s.variables = s.variables || p.hasVariables()
	}
	return nil, Position{}
}

// isAny reports whether it is every resource.
func (s *resourceSet) isAny() bool {
	for i := range s.patterns {
		if s.patterns[i].any {
			return !s.negated
		}
	}
	return false
}

// match reports whether a resource is meant. A resource with a variable that has
// no value matches nothing; whether that makes a NotResource match everything
// is open.
func (s *resourceSet) match(resource string, c *Context) truth {
	if !s.variables {
		for i := range s.patterns {
			if s.patterns[i].match(resource, c) {
				return truthOf(!s.negated)
			}
		}
		return truthOf(s.negated)
	}
	return s.matchVariables(resource, c)
}

func (s *resourceSet) matchVariables(resource string, c *Context) truth {
	unresolved := false
	for i := range s.patterns {
		p := &s.patterns[i]
		matches := p.match(resource, c)
		if matches && p.variableInHead() {
			unresolved = true // AWS takes no variable there
			continue
		}
		if matches {
			return truthOf(!s.negated)
		}
		unresolved = unresolved || s.negated && !p.resolves(c)
	}
	if unresolved {
		return doubt
	}
	return truthOf(s.negated)
}
