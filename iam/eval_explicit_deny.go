package iam

// explicitDeny looks for a Deny statement that applies, in every policy: one
// is enough.
func (e *evaluation) explicitDeny() (Decision, bool) {
	p := e.policies
	if d, denied := e.deniedBy(Boundary, 0, p.Boundary); denied {
		return d, true
	}
	for i, c := range p.Session {
		if d, denied := e.deniedBy(Session, i, c); denied {
			return d, true
		}
	}
	if d, denied := e.deniedBy(Resource, 0, p.Resource); denied {
		return d, true
	}
	if d, denied := e.deniedBy(Trust, 0, p.Trust); denied {
		return d, true
	}
	for i, c := range p.Identity {
		if d, denied := e.deniedBy(Identity, i, c); denied {
			return d, true
		}
	}
	return Decision{}, false
}

func (e *evaluation) deniedBy(kind Kind, index int, c *Compiled) (Decision, bool) {
	if c == nil {
		return Decision{}, false
	}
	for i := range c.statements {
		s := &c.statements[i]
		if !s.deny {
			continue
		}
		if m, _ := s.match(e); m.Applies {
			return Decision{Effect: ExplicitDeny, Reason: ExplicitlyDenied, Kind: kind, Policy: index, Statement: i}, true
		}
	}
	return Decision{}, false
}
