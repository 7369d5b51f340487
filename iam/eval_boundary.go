package iam

// capped holds an Allow against what limits the caller: the permissions
// boundary, and one of the session policies, must allow as well.
func (e *evaluation) capped() bool { return e.boundarySilent() || e.sessionSilent() }

// cappedBy is the answer where an Allow is capped.
func (e *evaluation) cappedBy() verdict {
	if e.boundarySilent() {
		return noAllow(Boundary, BoundarySilent)
	}
	v := noAllow(Session, SessionSilent)
	if len(e.policies.Session) == 1 {
		v.policy = 0
	}
	return v
}

// boundarySilent reports whether there is a boundary that does not allow.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) boundarySilent() bool {
	return e.policies.Boundary != nil && e.firstAllow(e.policies.Boundary) < 0
}
