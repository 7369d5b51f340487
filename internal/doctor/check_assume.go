package doctor

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

// request asks for a session with all that the role has.
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
		c.worsen(Fail, "The role was not assumed: "+told(failure))
		r.blameAssume(c, failure)
		return
	}
	c.Detail = fmt.Sprintf("AWS let Windlass in as %s.", r.session.ARN)
	if r.i.NextExternalID != "" {
		r.tryNext(ctx, c)
	}
}

// tryNext says whether the role takes the External ID that is to come.
func (r *run) tryNext(ctx context.Context, c *Check) {
	failure := r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		request := r.request()
		request.ExternalID = r.i.NextExternalID
		session, err := r.config.Roles.Assume(ctx, request)
		return session.RequestID, err
	})
	if failure == nil {
		c.Detail += " It takes the new External ID too: the rotation can be completed."
		return
	}
	c.worsen(Warn, "The role does not take the new External ID yet: "+told(failure))
	c.blame(CauseTrustNextID, "The External ID is being changed, and the role's trust policy names the old one alone.",
		r.trustFix("Give the role the printed trust policy, which names both, and complete the rotation then."))
}

// checkWithoutID must be refused.
func (r *run) checkWithoutID(ctx context.Context, c *Check) {
	open := r.lure(c, r.probe(ctx, assume.NoExternalID), "without an External ID")
	if !open {
		return
	}
	if wrong := r.probe(ctx, assume.WrongExternalID); wrong.failure != nil && wrong.failure.Denied() {
		c.blame(CauseTrustOptionalID,
			"The condition on sts:ExternalId in the role's trust policy also holds when no External ID is sent, such as StringEqualsIfExists.",
			r.trustFix("Make the condition StringEquals, without IfExists. Until then nothing is loaded through this role."))
		return
	}
	c.blame(CauseTrustMissingID, "A statement of the role's trust policy that names Windlass has no condition on sts:ExternalId.",
		r.trustFix("Make every statement that names Windlass demand the External ID with StringEquals. Until then nothing is loaded through this role."))
}

// checkWrongID must be refused.
func (r *run) checkWrongID(ctx context.Context, c *Check) {
	open := r.lure(c, r.probe(ctx, assume.WrongExternalID), "with another External ID")
	if !open {
		return
	}
	if r.done[CodeAssumeWithoutID].Status == Pass {
		c.blame(CauseTrustAnyID,
			"The condition on sts:ExternalId in the role's trust policy holds for other External IDs too, such as StringLike with \"*\".",
			r.trustFix("Make the condition StringEquals with this integration's External ID and no other. Until then nothing is loaded through this role."))
		return
	}
	c.blame(CauseTrustMissingID, "A statement of the role's trust policy that names Windlass does not look at the External ID.",
		r.trustFix("Make every statement that names Windlass demand the External ID with StringEquals. Until then nothing is loaded through this role."))
}

// probed is what came of trying to get in as nobody should.
type probed struct {
	evidence Check
	failure  *object.Failure // nil: the role let us in
}

// probe tries once to get in as nobody should.
func (r *run) probe(ctx context.Context, lure assume.Replacement) probed {
	if p, ok := r.probes[lure]; ok {
		return p
	}
	var p probed
	p.failure = r.call(&p.evidence, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		return r.config.Roles.Probe(ctx, r.request(), lure)
	})
	r.probes[lure] = p
	return p
}

// lure judges a probe, and says whether the role let it in. Only a plain
// refusal passes.
func (r *run) lure(c *Check, p probed, how string) (open bool) {
	c.Calls = p.evidence.Calls
	switch {
	case p.failure == nil:
		c.worsen(Fail, fmt.Sprintf("The role let Windlass in %s.", how))
		return true
	case p.failure.Denied() && p.failure.Code == "AccessDenied":
		c.Detail = fmt.Sprintf("AWS refused the role %s.", how)
		return false
	}
	c.unsure = true
	c.worsen(Fail, fmt.Sprintf("Whether the role is refused %s was not learned: %s", how, told(p.failure)))
	r.blameAny(c, p.failure)
	return false
}
