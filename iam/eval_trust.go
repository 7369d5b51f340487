package iam

// decideTrust is for the calls that make a session of a role. The trust policy
// must name the caller, in its own account as well.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-denyallow
func (e *evaluation) decideTrust() Decision {
	p := &e.request.Principal
	trust := e.namingGrant(Trust, e.policies.Trust)
	switch {
	case trust.named == nobody || p.Type == Anonymous || p.Type == Root:
		// A root user cannot assume a role:
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
		return silent(Trust, TrustSilent)
	case !p.hasIdentity():
		return trust.allow(TrustGrants)
	case e.sameAccount() && trust.named == callerNamed:
		return trust.allow(TrustGrants)
	case e.sameAccount() && trust.named == roleNamed:
		return e.cap(trust.allow(TrustGrants))
	}
	// The trust policy hands the question to the caller's account: because it
	// names that account alone, or because the account is another.
	if !e.identityGrant().found {
		return silent(Identity, TrustDelegates)
	}
	return e.cap(trust.allow(TrustAndIdentityGrant))
}
