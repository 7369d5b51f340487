package iam

// Policies are the policies that apply to a request.
type Policies struct {
	// Identity are the caller's identity policies: its own and its groups', or
	// its role's; for a federated user those of the IAM user behind it. None
	// means that nothing grants on the caller's side, except for a root user, who
	// needs none in its own account.
	Identity []*Compiled

	// Resource is the resource's policy, such as a bucket's; nil when it has
	// none. A KMS key without one has AWS's default, which leaves all to the
	// account's identity policies.
	Resource *Compiled

	// Trust is the role's trust policy, for the calls that make a session of a
	// role (the role is the resource); nil for every other call. Without it no
	// role is assumed.
	Trust *Compiled

	// Session are the policies passed when the caller's session began: one
	// inline and up to ten managed ones, of which one must allow. None means
	// that the session is not narrowed, except for a federated user, who without
	// one can do only what resources grant it.
	Session []*Compiled

	// Boundary is the caller's permissions boundary; nil when it has none.
	Boundary *Compiled
}

// Evaluate decides a request by AWS's evaluation logic
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
// It denies what no policy allows; nil policies deny everything. It is pure,
// doesn't allocate, and is safe for concurrent use with the same arguments.
//
// Where AWS's documentation is ambiguous, an Allow doesn't apply and a Deny does.
func Evaluate(policies *Policies, request *Request) Decision {
	if policies == nil {
		policies = &Policies{}
	}
	var e evaluation
	e.begin(policies, request)
	v := e.decide()
	return Decision{Effect: v.reason.effect(), Reason: v.reason, Kind: v.kind, Policy: v.policy, Statement: v.statement}
}

func (e *evaluation) decide() verdict {
	if e.noPermissionNeeded() {
		return decidedBy(NoPermissionNeeded, Identity, -1, -1)
	}
	if kind, policy, statement := e.explicitDeny(); statement >= 0 {
		return decidedBy(ExplicitlyDenied, kind, policy, statement)
	}
	switch {
	case e.assumesRole():
		return e.decideTrust()
	case !e.request.Principal.hasIdentity():
		return e.decideOutsider()
	case e.sameAccount:
		return e.decideSameAccount()
	default:
		return e.decideCrossAccount()
	}
}

// evaluation is one request being decided.
type evaluation struct {
	policies    *Policies
	request     *Request
	action      action
	sameAccount bool // the caller's account owns the resource
}

// begin initializes e in place, because copying it takes as long as matching a
// statement.
func (e *evaluation) begin(policies *Policies, request *Request) {
	e.policies, e.request = policies, request
	e.action.set(request.Action)
	// An unknown account equals no other.
	account := request.Principal.Account
	e.sameAccount = account != "" && account == e.resourceAccount()
}

// decideOutsider decides for callers without identity policies: anonymous ones
// and AWS services. Only the resource policy counts.
func (e *evaluation) decideOutsider() verdict {
	named, statement := e.resourceGrant()
	if named == nobody {
		return noAllow(Resource, NoAllow)
	}
	return decidedBy(ResourceGrants, Resource, 0, statement)
}

// decideSameAccount decides for a caller and a resource in the same account: an
// Allow of either side is sufficient.
func (e *evaluation) decideSameAccount() verdict {
	named, statement := e.resourceGrant()
	switch {
	case named == callerNamed:
		return decidedBy(ResourceGrants, Resource, 0, statement)
	case named == roleNamed:
		if e.capped() {
			return e.cappedBy()
		}
		return decidedBy(ResourceGrants, Resource, 0, statement)
	case named == nobody && e.resourceMustAgree():
		return noAllow(Resource, ResourceSilent)
	}
	policy, statement, found := e.identityGrant()
	if !found {
		return noAllow(Identity, NoAllow)
	}
	if e.capped() {
		return e.cappedBy()
	}
	return decidedBy(IdentityGrants, Identity, policy, statement)
}

// decideCrossAccount decides for a caller and a resource in different accounts:
// both sides must allow.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) decideCrossAccount() verdict {
	named, statement := e.resourceGrant()
	if named == nobody {
		return noAllow(Resource, ResourceSilent)
	}
	if _, _, found := e.identityGrant(); !found {
		return noAllow(Identity, IdentitySilent)
	}
	if e.capped() {
		return e.cappedBy()
	}
	return decidedBy(ResourceAndIdentityGrant, Resource, 0, statement)
}

// resourceAccount returns the request's resource account, or the account in the
// resource's ARN. For calls on no resource it is the caller's account.
func (e *evaluation) resourceAccount() string {
	switch {
	case e.request.ResourceAccount != "":
		return e.request.ResourceAccount
	case e.request.Resource == "*":
		return e.request.Principal.Account
	default:
		return arnField(e.request.Resource, 4)
	}
}
