package doctor

import (
	"cmp"
	"context"
	"fmt"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/object"
)

// checkVend assumes the role with a source identity and a tag, as grants do.
// Within the limit on calls, it also tries names that Windlass doesn't use,
// which AWS must deny.
func (r *run) checkVend(ctx context.Context, c *Check) {
	failure := r.assumeAs(ctx, c, generate.VendedIdentity+"verify", generate.VendedTag+"check")
	if failure != nil {
		c.worsen(Fail, "Windlass can't assume the role with a source identity and tags: "+describe(failure))
		r.blameVend(c, failure)
		return
	}
	c.Detail = "The role accepts sessions with a source identity and tags."
	if !r.canCall(1 + len(r.i.Locations) + r.reserved()) {
		return
	}
	failure = r.assumeAs(ctx, c, "somebody-"+r.random(), "somebody")
	switch {
	case failure == nil:
		c.worsen(Warn, "The role accepts any source identity and any tag.")
		c.blame(CauseTrustAnyName,
			"The trust policy allows sts:SetSourceIdentity or sts:TagSession without the conditions that restrict them to "+
				"Windlass's names.",
			r.trustFix("Set the printed trust policy, which restricts both."))
	case failure.Denied():
		c.Detail += " It rejects other names."
	}
}

// assumeAs assumes the role with a source identity and a tag.
func (r *run) assumeAs(ctx context.Context, c *Check, identity, tag string) *object.Failure {
	return r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		request := r.request()
		request.SourceIdentity, request.Tags = identity, map[string]string{tag: "verify"}
		session, err := r.config.Roles.Assume(ctx, request)
		return session.RequestID, err
	})
}

// blameVend sets the cause when the role can be assumed only without a source
// identity and tags.
func (r *run) blameVend(c *Check, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied()
	why := readRefusal(f)
	action := cmp.Or(why.action, "sts:SetSourceIdentity or sts:TagSession")
	switch {
	case !f.Denied():
		r.blameAny(c, f)
	case why.policy == identityPolicy:
		c.blame(CauseOwnPolicy, fmt.Sprintf("Windlass's own AWS policy doesn't allow %s.", action),
			&Fix{Text: "The operator of this Windlass must allow its principal " + r.i.PrincipalARN +
				" to call sts:SetSourceIdentity and sts:TagSession in addition to sts:AssumeRole."})
	default:
		c.blame(CauseTrustVending,
			fmt.Sprintf("The role's trust policy doesn't allow %s, which identifies the user of a vended session.",
				action),
			r.trustFix("Set the printed trust policy, or turn off vending for this integration."))
	}
}
