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
	if c == nil || len(c.denies) == 0 {
		return Decision{}, false
	}
	if s := e.firstThatApplies(c.denies); s >= 0 {
		return Decision{Effect: ExplicitDeny, Reason: ExplicitlyDenied, Kind: kind, Policy: index, Statement: s}, true
	}
	return Decision{}, false
}

// firstThatApplies gives the index in its policy of the first statement that
// applies, or -1.
func (e *evaluation) firstThatApplies(statements []*statement) int {
	for _, s := range statements {
		if applies, _ := s.match(e, nil); applies {
			return s.index
		}
	}
	return -1
}
