package iam

// decideTrust decides calls that create a session of a role. The trust policy
// must name the caller, even in the same account.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-denyallow
func (e *evaluation) decideTrust() verdict {
	p := &e.request.Principal
	named, statement := e.namingAllow(e.policies.Trust)
	switch {
	case named == nobody || p.Type == Anonymous || p.Type == Root:
		// A root user can't assume a role:
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
		return noAllow(Trust, TrustSilent)
	case !p.hasIdentity() || e.sameAccount && named == callerNamed:
		return decidedBy(TrustGrants, Trust, 0, statement)
	case e.sameAccount && named == roleNamed:
		if e.capped() {
			return e.cappingVerdict()
		}
		return decidedBy(TrustGrants, Trust, 0, statement)
	}
	// The caller's identity policies must allow the call if the trust policy
	// names only the account, or if the caller is in another account.
	if _, _, found := e.identityGrant(); !found {
		return noAllow(Identity, TrustDelegates)
	}
	if e.capped() {
		return e.cappingVerdict()
	}
	return decidedBy(TrustAndIdentityGrant, Trust, 0, statement)
}
