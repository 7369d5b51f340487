package iam

import "fmt"

// Effect is the outcome of a request. The zero value denies.
type Effect uint8

// The effects.
const (
	ImplicitDeny Effect = iota // no statement allows it
	ExplicitDeny               // a Deny statement applies, which overrides every Allow
	Allow                      // every required policy allows it
)

// String returns the effect's name: "implicitDeny", "explicitDeny" or
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

// MarshalText returns the same text as [Effect.String].
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Reason is the evaluation rule that decided.
type Reason uint8

// The reasons, in the order of the evaluation.
const (
	NoAllow            Reason = iota // no policy that could grant has a statement that applies
	ExplicitlyDenied                 // a Deny statement applies
	NoPermissionNeeded               // the action needs no permission (sts:GetCallerIdentity)
	TrustSilent                      // the role's trust policy doesn't name this caller for this call
	// the trust policy names only the account, and the caller's own policies
	// don't allow the call
	TrustDelegates
	TrustGrants // the trust policy names the caller
	// the trust policy names the account, or a caller in another account, and
	// the caller's own policies allow the call
	TrustAndIdentityGrant
	ResourceGrants           // the resource policy names the caller
	IdentityGrants           // an identity policy allows
	ResourceAndIdentityGrant // cross-account: both sides allow; the statement is the resource policy's
	ResourceSilent           // cross-account: the resource's account doesn't allow the request
	IdentitySilent           // cross-account: the caller's account doesn't allow the request
	BoundarySilent           // the permissions boundary doesn't allow what other policies grant
	SessionSilent            // no session policy allows what other policies grant
	ServiceControlSilent     // the service control policies of one level of the organization don't allow it
	EndpointSilent           // the policy of the VPC endpoint doesn't allow it
)

// Decision is the outcome of a request and the policy that decided it.
type Decision struct {
	Effect    Effect
	Reason    Reason
	Kind      Kind // of the policy that decided; for an implicit deny, of the policy without an Allow
	Policy    int  // the policy's index among those of its kind; -1 when no single policy decided
	Statement int  // the statement's index in the policy; -1 when no single statement decided
}

// effect returns the effect of a reason.
func (r Reason) effect() Effect {
	switch r {
	case ExplicitlyDenied:
		return ExplicitDeny
	case NoPermissionNeeded,
		TrustGrants,
		TrustAndIdentityGrant,
		ResourceGrants,
		IdentityGrants,
		ResourceAndIdentityGrant:
		return Allow
	case NoAllow, TrustSilent, TrustDelegates, ResourceSilent, IdentitySilent, BoundarySilent, SessionSilent,
		ServiceControlSilent, EndpointSilent:
	}
	return ImplicitDeny
}

// verdict is a [Decision] during evaluation. It fits in registers.
type verdict struct {
	reason            Reason
	kind              Kind
	policy, statement int
}

// noAllow denies because no policy of a kind has a matching Allow.
func noAllow(kind Kind, reason Reason) verdict { return verdict{reason, kind, -1, -1} }

// decidedBy returns the verdict of a statement.
func decidedBy(reason Reason, kind Kind, policy, statement int) verdict {
	return verdict{reason, kind, policy, statement}
}

// Allowed reports whether the request is allowed.
func (d Decision) Allowed() bool { return d.Effect == Allow }
