package authz

import (
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// explanation is one line about what settled a decision.
func explanation(_ *iam.Policies, _ *iam.Request, d iam.Decision) string {
	where := ""
	if d.Policy >= 0 && d.Statement >= 0 {
		where = fmt.Sprintf(" (%s policy %d, statement %d)", d.Kind, d.Policy+1, d.Statement+1)
	}
	return reason(d) + where
}

func reason(d iam.Decision) string {
	switch d.Reason {
	case iam.ExplicitlyDenied:
		return "a Deny statement of the " + d.Kind.String() + " policy applies"
	case iam.TrustSilent:
		return "the role's trust policy does not let this caller in with what it sent"
	case iam.TrustDelegates:
		return "the trust policy names only the account, and the caller's own policies do not allow the call"
	case iam.ResourceSilent:
		return "cross-account: the resource's account does not allow it"
	case iam.IdentitySilent:
		return "cross-account: the caller's own policies do not allow it"
	case iam.BoundarySilent:
		return "the permissions boundary does not allow it"
	case iam.SessionSilent:
		return "a session policy does not allow it"
	case iam.NoAllow:
		return "no policy allows it"
	case iam.NoPermissionNeeded:
		return "the action needs no permission"
	case iam.TrustGrants:
		return "the trust policy names the caller"
	case iam.TrustAndIdentityGrant:
		return "the trust policy and the caller's own policies allow it"
	case iam.ResourceGrants:
		return "the resource policy names the caller"
	default:
		return "an identity policy allows it"
	}
}
