package iam

// identityGrant looks for an Allow among the caller's identity policies. A
// root user needs none.
func (e *evaluation) identityGrant() grant {
	for i, c := range e.policies.Identity {
		if s := e.allowedBy(c); s >= 0 {
			return grant{found: true, kind: Identity, policy: i, statement: s}
		}
	}
	if e.request.Principal.Type == Root {
		return grant{found: true, kind: Identity, policy: -1, statement: -1}
	}
	return grant{}
}

// allowedBy gives the index of the first Allow statement that applies, or -1.
func (e *evaluation) allowedBy(c *Compiled) int {
	if c == nil {
		return -1
	}
	for i := range c.statements {
		s := &c.statements[i]
		if s.deny {
			continue
		}
		if m, _ := s.match(e); m.Applies {
			return i
		}
	}
	return -1
}
