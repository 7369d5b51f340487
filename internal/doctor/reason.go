package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// reasonTrust tells from the pasted trust policy why the role was refused, by
// asking it what it would take to be let in; false when it cannot be read.
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
		c.blame(CauseRoleMissing, fmt.Sprintf("The pasted trust policy would let Windlass in, so it is not what the role has: there is no role %s in the account %s, or it has another trust policy, or the edit is still spreading.",
			r.i.RoleARN.Name(), r.i.RoleARN.Account()),
			&Fix{Text: "Compare the role ARN with the role's page in IAM, and give the role's own.", Where: OurSetting})
	case decision.Effect == iam.ExplicitDeny:
		c.blame(CauseTrustDeny, "A Deny statement of the pasted trust policy denies Windlass.",
			r.trustFix("Take the Deny statement away, or exempt Windlass's principal from it."))
	case id != "" && principal == "":
		c.blame(CauseTrustExternalID, fmt.Sprintf("The trust policy demands the External ID %q, and this integration's is %q.", id, ours),
			r.trustFix("Put this integration's External ID into the trust policy."))
	case principal != "" && id == "":
		c.blame(CauseTrustPrincipal, fmt.Sprintf("The trust policy names the principal %s, and Windlass is %s.", principal, r.i.PrincipalARN),
			r.trustFix("Put Windlass's principal into the trust policy."))
	case principal != "":
		c.blame(CauseTrustPlaceholder, fmt.Sprintf("The trust policy still has what the role was made with: the principal %s and the External ID %q.", principal, id),
			r.trustFix("Replace both by Windlass's principal and this integration's External ID."))
	case !t.Has("sts:AssumeRole"):
		c.blame(CauseTrustAction, "No statement of the trust policy is about sts:AssumeRole.", r.trustFix("Make the statement's action sts:AssumeRole."))
	default:
		c.blame(CauseTrustCondition, fmt.Sprintf("The trust policy has a condition that Windlass does not meet%s.", otherKeys(t)),
			r.trustFix("Leave the External ID as the only condition."))
	}
	return true
}

// otherKeys names the condition keys that are not the External ID's.
func otherKeys(t *pasted.Trust) string {
	keys := t.OtherKeys()
	if len(keys) == 0 {
		return ""
	}
	return ", on " + strings.Join(keys, ", ")
}
