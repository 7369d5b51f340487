package iam

// decideTrust is for the calls that make a session of a role. The trust policy
// must name the caller, in its own account as well.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-denyallow
func (e *evaluation) decideTrust() verdict {
	p := &e.request.Principal
	named, statement := e.namingAllow(e.policies.Trust)
	switch {
	case named == nobody || p.Type == Anonymous || p.Type == Root:
		// A root user cannot assume a role:
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
		return noAllow(Trust, TrustSilent)
	case !p.hasIdentity() || e.sameAccount && named == callerNamed:
		return decidedBy(TrustGrants, Trust, 0, statement)
	case e.sameAccount && named == roleNamed:
		if e.capped() {
			return e.cappedBy()
		}
		return decidedBy(TrustGrants, Trust, 0, statement)
	}
	// The trust policy hands the question to the caller's account: because it
	// names that account alone, or because the account is another.
	if _, _, found := e.identityGrant(); !found {
		return noAllow(Identity, TrustDelegates)
	}
	if e.capped() {
		return e.cappedBy()
	}
	return decidedBy(TrustAndIdentityGrant, Trust, 0, statement)
}
