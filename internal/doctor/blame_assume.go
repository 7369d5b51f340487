package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// blameAssume tells why the role was not assumed. Across accounts AWS does not
// say whether a role is missing or does not let in; what the customer pasted
// may.
func (r *run) blameAssume(c *Check, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied()
	switch {
	case strings.Contains(f.Message, "role chaining"):
		c.blame(CauseRoleChaining, "Windlass itself acts through a role, and a role assumed by a role lasts an hour at most.",
			r.ourFix("Set the integration's sessions to an hour: Windlass renews them by itself.", "session_seconds", 3600, "--session 1h"))
	case strings.Contains(f.Message, "MaxSessionDuration"):
		c.blame(CauseSessionTooLong, fmt.Sprintf("The integration asks for sessions of %s, longer than the role's maximum.", r.i.SessionLength),
			r.ourFix("Set the integration's sessions to an hour, which every role allows: Windlass renews them by itself.", "session_seconds", 3600, "--session 1h"))
	case f.Code == "AnotherRole":
		c.blame(CauseUnexpected, "What answers for STS gave a session of another role than the one that was asked for.", r.endpointFix(f))
	case !f.Denied():
		r.blameAny(c, f)
	default:
		r.blameTrust(c, f)
	}
}

// blameTrust tells why AWS refused the role.
func (r *run) blameTrust(c *Check, f *object.Failure) {
	why := readRefusal(f)
	role := r.i.RoleARN
	switch {
	case why.policy == identityPolicy:
		c.blame(CauseOwnPolicy, fmt.Sprintf("Windlass's own AWS policy does not allow it sts:AssumeRole on %s.", role),
			&Fix{Text: "Whoever runs this Windlass must let its principal " + r.i.PrincipalARN + " do sts:AssumeRole on roles of customers."})
	case why.explicit:
		c.blame(CauseTrustDeny, "A Deny statement of the role's trust policy denies Windlass.",
			r.trustFix("Take the Deny statement away, or exempt Windlass's principal from it."))
	case len(r.pasted.Trust) > 0 && r.reasonTrust(c):
	case r.principal.Account != "" && role.Account() == r.principal.Account:
		c.blame(CauseRoleOtherAccount, fmt.Sprintf("The role ARN names the account %s, which is Windlass's own and not the customer's: there is no such role there, or it does not trust Windlass.", role.Account()),
			&Fix{Text: "Give the ARN of the role in the bucket's account, as IAM shows it on the role's page.", Where: OurSetting})
	default:
		c.blame(CauseTrustRefuses, fmt.Sprintf("Either there is no role %s in the account %s, or its trust policy does not name %s together with the External ID %s; AWS does not tell another account which.",
			role.Name(), role.Account(), r.i.PrincipalARN, r.i.ExternalID),
			r.trustFix("Compare the role ARN with the role's page in IAM, and give the role the printed trust policy. Should every integration of this Windlass fail like that, its own policy does not allow sts:AssumeRole: look at the page Identity."))
	}
}
