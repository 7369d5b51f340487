package iam

import "fmt"

// Effect is the answer to a request. The zero value denies.
type Effect uint8

// The returns.
const (
	ImplicitDeny Effect = iota // nothing allows it
	ExplicitDeny               // a Deny statement applies, and nothing outweighs it
	Allow                      // every policy that has a say allows it
)

// String returns the answer as tools read it: "implicitDeny", "explicitDeny" or
// "allow".
func (e Effect) String() string {
	switch e {
	case ImplicitDeny:
		return "implicitDeny"
	case ExplicitDeny:
		return "explicitDeny"
	case Allow:
		return "allow"
	default:
		return fmt.Sprintf("Effect(%d)", uint8(e))
	}
}

// MarshalText returns what [Effect.String] gives.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Reason says which rule of the evaluation settled a decision.
type Reason uint8

// The reasons, in the order of the evaluation.
const (
	NoAllow                  Reason = iota // no policy that could grant has a statement that applies
	ExplicitlyDenied                       // a Deny statement applies
	NoPermissionNeeded                     // the action needs none (sts:GetCallerIdentity)
	TrustSilent                            // the role's trust policy does not name this caller for this call
	TrustDelegates                         // the trust policy names only the account; the caller's own policies do not allow it
	TrustGrants                            // the trust policy names the caller
	TrustAndIdentityGrant                  // the trust policy names the account or the caller of another, whose own policies allow
	ResourceGrants                         // the resource policy names the caller
	IdentityGrants                         // an identity policy allows
	ResourceAndIdentityGrant               // cross-account: both sides allow; the statement is the resource policy's
	ResourceSilent                         // cross-account: the resource's account does not allow it
	IdentitySilent                         // cross-account: the caller's account does not allow it
	BoundarySilent                         // the permissions boundary does not allow what would be granted
	SessionSilent                          // no session policy allows what would be granted
)

// Decision is the answer to a request and what settled it. It is a value:
// making one allocates nothing.
type Decision struct {
	Effect    Effect
	Reason    Reason
	Kind      Kind // of the policy that settled it; for an implicit deny: of the policy that is silent
	Policy    int  // the policy's index among those of its kind; -1 when no single policy settled it
	Statement int  // the statement's index in the policy; -1 when no single statement settled it
}

// effect is the answer that a reason stands for.
func (r Reason) effect() Effect {
	switch r {
	case ExplicitlyDenied:
		return ExplicitDeny
	case NoPermissionNeeded, TrustGrants, TrustAndIdentityGrant, ResourceGrants, IdentityGrants, ResourceAndIdentityGrant:
		return Allow
	case NoAllow, TrustSilent, TrustDelegates, ResourceSilent, IdentitySilent, BoundarySilent, SessionSilent:
	}
	return ImplicitDeny
}

// verdict is a [Decision] on its way. It has no more fields than the compiler
// keeps in registers.
type verdict struct {
	reason            Reason
	kind              Kind
	policy, statement int
}

// silent is for what is denied because no statement of a kind of policy allows.
func silent(kind Kind, reason Reason) verdict { return verdict{reason, kind, -1, -1} }

// settled names the statement that settled it.
func settled(reason Reason, kind Kind, policy, statement int) verdict {
	return verdict{reason, kind, policy, statement}
}

// Allowed reports whether the request may go ahead.
func (d Decision) Allowed() bool { return d.Effect == Allow }
