package iam

// explicitDeny looks for a Deny statement that applies, in every policy: one
// is enough.
func (e *evaluation) explicitDeny() (Decision, bool) {
	p := e.policies
	if s := e.firstDeny(p.Boundary); s >= 0 {
		return denied(Boundary, 0, s), true
	}
	for i, c := range p.Session {
		if s := e.firstDeny(c); s >= 0 {
			return denied(Session, i, s), true
		}
	}
	if s := e.firstDeny(p.Resource); s >= 0 {
		return denied(Resource, 0, s), true
	}
	if s := e.firstDeny(p.Trust); s >= 0 {
		return denied(Trust, 0, s), true
	}
	for i, c := range p.Identity {
		if s := e.firstDeny(c); s >= 0 {
			return denied(Identity, i, s), true
		}
	}
	return Decision{}, false
}

func denied(kind Kind, policy, statement int) Decision {
	return Decision{Effect: ExplicitDeny, Reason: ExplicitlyDenied, Kind: kind, Policy: policy, Statement: statement}
}

// firstDeny gives the index of the first Deny statement that applies, or -1.
func (e *evaluation) firstDeny(c *Compiled) int {
	if c == nil || len(c.denies) == 0 {
		return -1
	}
	return e.firstThatApplies(c.denies)
}

// firstThatApplies gives the index in its policy of the first statement that
// applies, or -1.
func (e *evaluation) firstThatApplies(statements []*statement) int {
	for _, s := range statements {
		if !s.action.match(&e.action) {
			continue
		}
		if applies, _ := s.matchRest(e, nil); applies {
			return s.index
		}
	}
	return -1
}
