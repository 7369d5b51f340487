package iam

// identityGrant returns the first Allow in the caller's identity policies that
// applies. A root user needs none.
func (e *evaluation) identityGrant() (policy, statement int, found bool) {
	for i, c := range e.policies.Identity {
		if s := e.firstAllow(c); s >= 0 {
			return i, s, true
		}
	}
	return -1, -1, e.request.Principal.Type == Root
}

// firstAllow returns the index of the first Allow statement that applies, or -1.
func (e *evaluation) firstAllow(c *Compiled) int {
	if c == nil {
		return -1
	}
	return e.firstThatApplies(c.allows)
}
