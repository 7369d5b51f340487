package iam

import "strings"

// resourceSet is a compiled Resource or NotResource element.
type resourceSet struct {
	negated   bool
	variables bool // whether a pattern has a variable
	patterns  []arnPattern
}

// compile compiles the element. It returns the first problem and its position.
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

// isAny reports whether the element includes every resource.
func (s *resourceSet) isAny() bool {
	for i := range s.patterns {
		if s.patterns[i].any {
			return !s.negated
		}
	}
	return false
}

// match reports whether the element includes a resource. A pattern whose
// variable has no value matches nothing. AWS's documentation is ambiguous on
// whether a NotResource with one matches everything.
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
			unresolved = true // AWS doesn't support variables there
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
