package iam

// explicitDeny returns the first Deny statement that applies in any policy.
// The statement is -1 if no Deny applies.
func (e *evaluation) explicitDeny() (kind Kind, policy, statement int) {
	p := e.policies
	if s := e.firstDeny(p.Boundary); s >= 0 {
		return Boundary, 0, s
	}
	for i, c := range p.Session {
		if s := e.firstDeny(c); s >= 0 {
			return Session, i, s
		}
	}
	if s := e.firstDeny(p.Resource); s >= 0 {
		return Resource, 0, s
	}
	if s := e.firstDeny(p.Trust); s >= 0 {
		return Trust, 0, s
	}
	for i, c := range p.Identity {
		if s := e.firstDeny(c); s >= 0 {
			return Identity, i, s
		}
	}
	return 0, -1, -1
}

// firstDeny returns the index of the first Deny statement that applies, or -1.
func (e *evaluation) firstDeny(c *Compiled) int {
	if c == nil || len(c.denies) == 0 {
		return -1
	}
	return e.firstThatApplies(c.denies)
}

// firstThatApplies returns the index in its policy of the first statement that
// applies, or -1.
func (e *evaluation) firstThatApplies(statements []candidate) int {
	for i := range statements {
		s := &statements[i]
		if s.bits&e.action.bit == 0 || !s.action.match(&e.action) {
			continue
		}
		if applies, _ := s.matchRest(e, nil); applies {
			return s.index
		}
	}
	return -1
}
