package iam

// capped holds an Allow against what limits the caller: the permissions
// boundary, and one of the session policies, must allow as well.
func (e *evaluation) capped() (Decision, bool) {
	if e.boundarySilent() {
		return silent(Boundary, BoundarySilent), true
	}
	if i, isSilent := e.sessionSilent(); isSilent {
		return Decision{Effect: ImplicitDeny, Reason: SessionSilent, Kind: Session, Policy: i, Statement: -1}, true
	}
	return Decision{}, false
}

// boundarySilent says whether there is a boundary that does not allow.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) boundarySilent() bool {
	return e.policies.Boundary != nil && e.firstAllow(e.policies.Boundary) < 0
}
