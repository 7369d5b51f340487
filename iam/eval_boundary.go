package iam

// capped reports whether a limit on the caller revokes an Allow: the
// permissions boundary and one of the session policies must allow the request
// too.
func (e *evaluation) capped() bool { return e.boundarySilent() || e.sessionSilent() }

// cappingVerdict returns the verdict for a capped Allow.
func (e *evaluation) cappingVerdict() verdict {
	if e.boundarySilent() {
		return noAllow(Boundary, BoundarySilent)
	}
	v := noAllow(Session, SessionSilent)
	if len(e.policies.Session) == 1 {
		v.policy = 0
	}
	return v
}

// boundarySilent reports whether there is a boundary that doesn't allow the
// request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) boundarySilent() bool {
	return e.policies.Boundary != nil && e.firstAllow(e.policies.Boundary) < 0
}
