package doctor

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

// request returns a request for a session with all permissions of the role.
func (r *run) request() assume.Request {
	return assume.Request{
		Integration: r.i.ID, RoleARN: r.i.RoleARN, ExternalID: r.i.ExternalID,
		Purpose: "verify", Duration: r.i.SessionLength, Fresh: true,
	}
}

// checkAssume assumes the role as the loader does.
func (r *run) checkAssume(ctx context.Context, c *Check) {
	failure := r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		session, err := r.config.Roles.Assume(ctx, r.request())
		if err == nil {
			r.session = session
		}
		return session.RequestID, err
	})
	if failure != nil {
		c.worsen(Fail, "Windlass can't assume the role: "+describe(failure))
		r.blameAssume(c, failure)
		return
	}
	c.Detail = fmt.Sprintf("Windlass assumed the role as %s.", r.session.ARN)
	if r.i.NextExternalID != "" {
		r.tryNextID(ctx, c)
	}
}

// tryNextID finds out whether the role accepts the next External ID of a
// rotation.
func (r *run) tryNextID(ctx context.Context, c *Check) {
	failure := r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		request := r.request()
		request.ExternalID = r.i.NextExternalID
		session, err := r.config.Roles.Assume(ctx, request)
		return session.RequestID, err
	})
	if failure == nil {
		c.Detail += " The role accepts the new External ID, too. You can complete the rotation."
		return
	}
	c.worsen(Warn, "The role doesn't accept the new External ID yet: "+describe(failure))
	c.blame(CauseTrustNextID, "The External ID is being rotated, and the role's trust policy has only the old one.",
		r.trustFix("Set the printed trust policy, which has both External IDs. Then complete the rotation."))
}

// checkOldID assumes the role with the External ID before the last rotation, which AWS
// must deny.
func (r *run) checkOldID(ctx context.Context, c *Check) {
	failure := r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		request := r.request()
		request.ExternalID = r.i.PreviousExternalID
		session, err := r.config.Roles.Assume(ctx, request)
		return session.RequestID, err
	})
	switch {
	case failure == nil:
		c.worsen(Warn, "The role still accepts the External ID before the rotation.")
		c.blame(CauseTrustOldID, "The role's trust policy still has the old External ID.",
			r.trustFix("Set the printed trust policy, which has only the new External ID."))
	case failure.Denied():
		c.Detail = "AWS denied access to the role with the External ID before the rotation."
	default:
		c.unsure = true
		c.worsen(Warn, "Windlass couldn't find out whether the role rejects the old External ID: "+describe(failure))
		r.blameAny(c, failure)
	}
}

// notUntil ends the fixes of an insecure role.
const notUntil = " Until then, Windlass doesn't use this role."

// checkWithoutID assumes the role without an External ID, which AWS must deny.
func (r *run) checkWithoutID(ctx context.Context, c *Check) {
	if r.isSecure(c, r.probe(ctx, assume.NoExternalID), "without an External ID") {
		return
	}
	if wrong := r.probe(ctx, assume.WrongExternalID); wrong.failure != nil && wrong.failure.Denied() {
		c.blame(CauseTrustOptionalID,
			"The condition on sts:ExternalId in the role's trust policy also matches requests without an External ID, "+
				"as StringEqualsIfExists does.",
			r.trustFix("Use StringEquals, without IfExists."+notUntil))
		return
	}
	c.blame(CauseTrustMissingID,
		"A statement of the role's trust policy that allows Windlass has no condition on sts:ExternalId.",
		r.trustFix("Require the External ID with StringEquals in every statement that allows Windlass."+notUntil))
}

// checkWrongID assumes the role with a wrong External ID, which AWS must deny.
func (r *run) checkWrongID(ctx context.Context, c *Check) {
	if r.isSecure(c, r.probe(ctx, assume.WrongExternalID), "with another External ID") {
		return
	}
	if r.done[CodeAssumeWithoutID].Status == Pass {
		c.blame(CauseTrustAnyID,
			"The condition on sts:ExternalId in the role's trust policy also matches other External IDs, "+
				"as StringLike with \"*\" does.",
			r.trustFix("Use StringEquals with only this integration's External ID."+notUntil))
		return
	}
	c.blame(CauseTrustMissingID,
		"A statement of the role's trust policy that allows Windlass has no condition on sts:ExternalId.",
		r.trustFix("Require the External ID with StringEquals in every statement that allows Windlass."+notUntil))
}

// probed is the result of a probe.
type probed struct {
	evidence Check
	failure  *object.Failure // nil if AWS returned a session
}

// probe assumes the role without the External ID or with a wrong one, once.
func (r *run) probe(ctx context.Context, replacement assume.Replacement) probed {
	if p, ok := r.probes[replacement]; ok {
		return p
	}
	var p probed
	p.failure = r.call(&p.evidence, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		return r.config.Roles.Probe(ctx, r.request(), replacement)
	})
	r.probes[replacement] = p
	return p
}

// isSecure sets the result of a probe. It returns false when AWS returned a
// session. Only AccessDenied passes; any other error proves nothing.
func (r *run) isSecure(c *Check, p probed, how string) bool {
	c.Calls = p.evidence.Calls
	switch {
	case p.failure == nil:
		c.worsen(Fail, fmt.Sprintf("The role let Windlass in %s.", how))
		return false
	case p.failure.Denied() && p.failure.Code == "AccessDenied":
		c.Detail = fmt.Sprintf("AWS denied access to the role %s.", how)
		return true
	}
	c.unsure = true
	c.worsen(Fail, fmt.Sprintf("Windlass couldn't find out whether the role is closed %s: %s", how,
		describe(p.failure)))
	r.blameAny(c, p.failure)
	return true
}
