package iam

// Policies are the policies that apply to a request.
type Policies struct {
	// Identity are the caller's identity policies: its own and its groups', or
	// its role's. For a federated user they are those of the IAM user who
	// created the session. Without any, nothing grants access on the caller's
	// side, except that a root user needs no policy in its own account.
	Identity []*Compiled

	// Resource is the resource's policy, such as a bucket policy, or nil.
	// Without the policy of a KMS key, nobody can use the key; [DefaultKeyPolicy]
	// is the one that AWS gives to keys.
	Resource *Compiled

	// Trust is the role's trust policy, for the calls that create a session of
	// a role (where the resource is the role), or nil for other calls. Without
	// it no role can be assumed.
	Trust *Compiled

	// Session are the policies passed when the caller's session was created:
	// one inline and up to ten managed policies, at least one of which must
	// allow the request. Without any, the session isn't limited, except that a
	// federated user can then only do what resource policies grant.
	Session []*Compiled

	// Boundary is the caller's permissions boundary, or nil.
	Boundary *Compiled

	// ServiceControl are the service control policies that apply to the caller's
	// account, by level: those of the organization's root, of each organizational
	// unit on the way, and of the account. On each level, one of them must allow
	// the request. Without any, the account is in no organization, or manages it.
	ServiceControl [][]*Compiled

	// ResourceControl are the resource control policies that apply to the
	// resource's account, of all levels. They can only deny: AWS attaches a
	// policy that allows everything to each level.
	ResourceControl []*Compiled

	// Endpoint is the policy of the VPC endpoint through which the request comes,
	// or nil.
	Endpoint *Compiled
}

// Evaluate decides a request by AWS's evaluation logic
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
// Requests that no policy allows are denied, and so is everything if policies
// is nil. Evaluate is pure, doesn't allocate, and is safe for concurrent use
// with the same arguments.
//
// Where AWS's documentation is ambiguous, an Allow doesn't apply and a Deny
// does.
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
	if e.policies.outer() {
		if v, denied := e.decideOuter(); denied {
			return v
		}
	}
	if e.noPermissionNeeded() {
		return decidedBy(NoPermissionNeeded, Identity, -1, -1)
	}
	if kind, policy, statement := e.explicitDeny(); statement >= 0 {
		return decidedBy(ExplicitlyDenied, kind, policy, statement)
	}
	if e.policies.outer() {
		if reason, kind := e.outerSilent(); reason != NoAllow {
			return noAllow(kind, reason)
		}
	}
	switch {
	case e.assumesRole():
		return e.decideTrust()
	case !e.request.Principal.hasIdentity():
		return e.decideWithoutIdentity()
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
	// Two unknown accounts aren't equal.
	account := request.Principal.Account
	e.sameAccount = account != "" && account == request.Owner()
}

// decideWithoutIdentity decides for callers without identity policies: anonymous ones
// and AWS services. Only the resource policy counts.
func (e *evaluation) decideWithoutIdentity() verdict {
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
			return e.cappingVerdict()
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
		return e.cappingVerdict()
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
		return e.cappingVerdict()
	}
	return decidedBy(ResourceAndIdentityGrant, Resource, 0, statement)
}
