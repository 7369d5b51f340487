package doctor

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/object"
)

// checkVend asks for a session as a grant does: in somebody's name. Where the
// calls allow, it also asks for one in a name that is not Windlass's to give,
// which must be refused.
func (r *run) checkVend(ctx context.Context, c *Check) {
	failure := r.onBehalf(ctx, c, generate.VendedIdentity+"verify", generate.VendedTag+"check")
	if failure != nil {
		c.worsen(Fail, "The role was not assumed in somebody's name: "+told(failure))
		r.blameVend(c, failure)
		return
	}
	c.Detail = "The role lets a session bear the name of whom it is for."
	if !r.afford(1 + len(r.i.Locations) + r.reserved()) {
		return
	}
	failure = r.onBehalf(ctx, c, "somebody-"+r.random(), "somebody")
	switch {
	case failure == nil:
		c.worsen(Warn, "The role also lets a session bear any other name.")
		c.blame(CauseTrustAnyName, "The trust policy allows sts:SetSourceIdentity or sts:TagSession without the conditions that keep it to Windlass's own names.",
			r.trustFix("Give the role the printed trust policy, which pins both."))
	case failure.Denied():
		c.Detail += " It refuses any other name."
	}
}

// onBehalf asks for a session in a name.
func (r *run) onBehalf(ctx context.Context, c *Check, identity, tag string) *object.Failure {
	return r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		request := r.request()
		request.SourceIdentity, request.Tags = identity, map[string]string{tag: "verify"}
		session, err := r.config.Roles.Assume(ctx, request)
		return session.RequestID, err
	})
}

// blameVend tells why a role that lets us in does not in somebody's name.
func (r *run) blameVend(c *Check, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied()
	why := readRefusal(f)
	action := why.action
	if action == "" {
		action = "sts:SetSourceIdentity or sts:TagSession"
	}
	switch {
	case !f.Denied():
		r.blameAny(c, f)
	case why.policy == identityPolicy:
		c.blame(CauseOwnPolicy, fmt.Sprintf("Windlass's own AWS policy does not allow it %s.", action),
			&Fix{Text: "Whoever runs this Windlass must let its principal " + r.i.PrincipalARN + " do sts:SetSourceIdentity and sts:TagSession besides sts:AssumeRole."})
	default:
		c.blame(CauseTrustVending, fmt.Sprintf("The role's trust policy does not allow %s, without which nobody can tell for whom a vended session is.", action),
			r.trustFix("Give the role the printed trust policy; or switch vending off for this integration."))
	}
}
