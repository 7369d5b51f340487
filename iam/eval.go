package iam

// Policies are the policies that have a say in a request.
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
// What no policy allows is denied; nil policies deny. It looks at nothing but
// its arguments, changes nothing, allocates nothing, and may be called from
// many goroutines with the same arguments.
//
// Where AWS's documents leave the meaning of a policy open, an Allow does not
// apply and a Deny does.
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
		return settled(NoPermissionNeeded, Identity, -1, -1)
	}
	if kind, policy, statement := e.explicitDeny(); statement >= 0 {
		return settled(ExplicitlyDenied, kind, policy, statement)
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

// begin fills in place: to make the value elsewhere and copy it takes as long
// as looking at a statement.
func (e *evaluation) begin(policies *Policies, request *Request) {
	e.policies, e.request = policies, request
	e.action.set(request.Action)
	// An account that is not known is nobody's.
	account := request.Principal.Account
	e.sameAccount = account != "" && account == e.resourceAccount()
}

// decideOutsider is for callers without identity policies: anonymous ones and
// AWS services. The resource alone decides.
func (e *evaluation) decideOutsider() verdict {
	named, statement := e.resourceGrant()
	if named == nobody {
		return silent(Resource, NoAllow)
	}
	return settled(ResourceGrants, Resource, 0, statement)
}

// decideSameAccount is for a caller and a resource of one account: either
// side's Allow is enough.
func (e *evaluation) decideSameAccount() verdict {
	named, statement := e.resourceGrant()
	switch {
	case named == callerNamed:
		return settled(ResourceGrants, Resource, 0, statement)
	case named == roleNamed:
		if e.capped() {
			return e.cappedBy()
		}
		return settled(ResourceGrants, Resource, 0, statement)
	case named == nobody && e.resourceMustAgree():
		return silent(Resource, ResourceSilent)
	}
	policy, statement, found := e.identityGrant()
	if !found {
		return silent(Identity, NoAllow)
	}
	if e.capped() {
		return e.cappedBy()
	}
	return settled(IdentityGrants, Identity, policy, statement)
}

// decideCrossAccount is for a caller of one account and a resource of
// another: both sides must allow.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) decideCrossAccount() verdict {
	named, statement := e.resourceGrant()
	if named == nobody {
		return silent(Resource, ResourceSilent)
	}
	if _, _, found := e.identityGrant(); !found {
		return silent(Identity, IdentitySilent)
	}
	if e.capped() {
		return e.cappedBy()
	}
	return settled(ResourceAndIdentityGrant, Resource, 0, statement)
}

// resourceAccount is what the request says, or else the account that the
// resource's ARN names. Calls on no resource are the caller's own affair.
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
