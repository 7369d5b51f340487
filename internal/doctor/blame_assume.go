package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// blameAssume sets the cause of a failed AssumeRole. Across accounts AWS
// doesn't say whether the role is missing or denies access; the pasted trust
// policy may.
func (r *run) blameAssume(c *Check, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied()
	switch {
	case strings.Contains(f.Message, "role chaining"):
		c.blame(CauseRoleChaining,
			"Windlass itself uses a role, and a session that one role opens for another lasts at most an hour.",
			r.hourFix())
	case strings.Contains(f.Message, "MaxSessionDuration"):
		c.blame(CauseSessionTooLong,
			fmt.Sprintf("The integration requests sessions of %s, longer than the role's maximum.", r.i.SessionLength),
			r.hourFix())
	case f.Code == "AnotherRole":
		c.blame(CauseUnexpected, "STS returned a session of another role than the requested one.", r.endpointFix(f))
	case !f.Denied():
		r.blameAny(c, f)
	default:
		r.blameTrust(c, f)
	}
}

func (r *run) hourFix() *Fix {
	return r.ourFix("Set the integration's session length to an hour, which every role allows. Windlass renews sessions.",
		"session_seconds", 3600, "--session 1h")
}

// blameTrust sets the cause when AWS denies AssumeRole.
func (r *run) blameTrust(c *Check, f *object.Failure) {
	why := readRefusal(f)
	role := r.i.RoleARN
	switch {
	case why.policy == identityPolicy:
		c.blame(CauseOwnPolicy, fmt.Sprintf("Windlass's own AWS policy doesn't allow sts:AssumeRole on %s.", role),
			&Fix{Text: "The operator of this Windlass must allow its principal " + r.i.PrincipalARN +
				" to call sts:AssumeRole on roles of customers."})
	case why.explicit:
		c.blame(CauseTrustDeny, "A Deny statement of the role's trust policy denies access to Windlass.",
			r.trustFix("Remove the Deny statement, or exempt Windlass's principal from it."))
	case len(r.pasted.Trust) > 0 && r.reasonTrust(c):
	case r.principal.Account != "" && role.Account() == r.principal.Account:
		c.blame(CauseRoleOtherAccount,
			fmt.Sprintf("The role ARN has the account %s, which is Windlass's own, not the customer's. "+
				"There is no such role there, or it doesn't trust Windlass.", role.Account()),
			&Fix{
				Text:  "Set the ARN of the role in the bucket's account. Copy it from the role's page in IAM.",
				Where: OurSetting,
			})
	default:
		c.blame(CauseTrustRefuses,
			fmt.Sprintf("Either there is no role %s in account %s, or its trust policy doesn't allow %s with the External ID %s. "+
				"AWS doesn't tell another account which.", role.Name(), role.Account(), r.i.PrincipalARN,
				r.i.ExternalID),
			r.trustFix("Compare the role ARN with the role's page in IAM, and set the printed trust policy. If every integration "+
				"fails like this, Windlass's own policy doesn't allow sts:AssumeRole; see the page Identity."))
	}
}
