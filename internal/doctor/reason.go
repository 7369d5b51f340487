package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// reasonTrust sets the cause of a denied AssumeRole from the pasted trust
// policy. It returns false when the policy can't be parsed.
func (r *run) reasonTrust(c *Check) bool {
	ours := string(r.i.ExternalID)
	t, ok := pasted.ReadTrust(r.pasted.Trust, string(r.i.RoleARN), r.i.PrincipalARN, ours)
	if !ok {
		return false
	}
	decision := t.Admits(t.Us(), ours)
	principal, id := t.Instead()
	switch {
	case decision.Allowed():
		c.blame(CauseRoleMissing,
			fmt.Sprintf("The pasted trust policy allows Windlass, so it isn't the one that AWS used: there is no role %s in "+
				"account %s, or it has another trust policy, or the change is still propagating.",
				r.i.RoleARN.Name(), r.i.RoleARN.Account()),
			&Fix{
				Text:  "Compare the role ARN with the role's page in IAM, and set the ARN from there.",
				Where: OurSetting,
			})
	case decision.Effect == iam.ExplicitDeny:
		c.blame(CauseTrustDeny, "A Deny statement of the pasted trust policy denies access to Windlass.",
			r.trustFix("Remove the Deny statement, or exempt Windlass's principal from it."))
	case id != "" && principal == "":
		c.blame(CauseTrustExternalID,
			fmt.Sprintf("The trust policy requires the External ID %q, but this integration's External ID is %q.", id,
				ours),
			r.trustFix("Use this integration's External ID in the trust policy."))
	case principal != "" && id == "":
		c.blame(CauseTrustPrincipal,
			fmt.Sprintf("The trust policy has the principal %s, but Windlass's principal is %s.", principal,
				r.i.PrincipalARN),
			r.trustFix("Use Windlass's principal in the trust policy."))
	case principal != "":
		c.blame(CauseTrustPlaceholder,
			fmt.Sprintf("The trust policy still has the values that the role was created with: the principal %s and the "+
				"External ID %q.", principal, id),
			r.trustFix("Replace them by Windlass's principal and this integration's External ID."))
	case !t.Has("sts:AssumeRole"):
		c.blame(CauseTrustAction, "No statement of the trust policy has the action sts:AssumeRole.",
			r.trustFix("Change the statement's action to sts:AssumeRole."))
	default:
		c.blame(CauseTrustCondition, fmt.Sprintf("The trust policy has a condition that Windlass doesn't meet%s.",
			otherKeys(t)),
			r.trustFix("Keep the External ID as the only condition."))
	}
	return true
}

// otherKeys lists the condition keys other than sts:ExternalId.
func otherKeys(t *pasted.Trust) string {
	keys := t.OtherKeys()
	if len(keys) == 0 {
		return ""
	}
	return ", on " + strings.Join(keys, ", ")
}
