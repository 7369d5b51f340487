package vending

import (
	"context"
	"errors"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// Exchange returns credentials for an ID token. Every refusal is the same
// problem, [Refused]. The error has the code unavailable when the audit or the
// state is unavailable, and rate_limited when an address sent too many tokens
// that no provider verifies.
func (s *Service) Exchange(ctx context.Context, presented Presented, request Request) (_ Vended, err error) {
	ctx, span := traces.Begin(ctx, "vend")
	defer func() { span.End(err) }()
	x := exchange{
		request: request, text: presented.Token.Reveal(), requestID: presented.RequestID, address: presented.Address,
		now: s.config.Now(),
	}
	e, err := s.evaluate(ctx, x)
	if err == nil {
		err = s.spend(ctx, x, e)
	}
	if err != nil {
		s.observe(x, e, err)
		return Vended{}, s.deny(ctx, x, e, err)
	}
	vended, err := s.vend(ctx, x, e)
	s.observe(x, e, err)
	return vended, err
}

// VendFor returns credentials for a member, from a grant for members. The
// member must be signed in.
func (s *Service) VendFor(ctx context.Context, actor access.Actor, workspace string, request Request) (Vended, error) {
	if actor.Kind != access.Member && actor.Kind != access.Personal {
		return Vended{}, problem.New(problem.Forbidden, "Only members can get credentials of their own.").
			WithHint("Sign in, or exchange an ID token at /v1/ci/credentials.")
	}
	x := exchange{
		request: request, member: &actor, workspace: workspace, requestID: actor.RequestID, address: actor.Address,
		now: s.config.Now(),
	}
	e, err := s.evaluateMember(ctx, x)
	if err != nil {
		s.observe(x, e, err)
		return Vended{}, s.denyMember(ctx, x, e, err)
	}
	vended, err := s.vend(ctx, x, e)
	s.observe(x, e, err)
	return vended, err
}

// observe counts how a request for credentials ended.
func (s *Service) observe(x exchange, e evaluation, err error) {
	if s.config.Observe == nil {
		return
	}
	kind := "unknown"
	switch {
	case x.member != nil:
		kind = "member"
	case e.provider().Kind != "":
		kind = string(e.provider().Kind)
	}
	outcome := "granted"
	var r *refusal
	switch {
	case errors.As(err, &r):
		outcome = r.step
	case problem.Is(err, problem.Forbidden):
		outcome = "assume"
	case err != nil:
		outcome = "error"
	}
	s.config.Observe(kind, outcome, s.config.Now().Sub(x.now))
}

// vend checks access, assumes the role and records the result. It returns no
// credentials that it can't record.
func (s *Service) vend(ctx context.Context, x exchange, e evaluation) (Vended, error) {
	if err := s.config.Checker.Check(ctx, e.actor(x), access.GrantUse, e.resource()); err != nil {
		return Vended{}, err
	}
	session, err := s.config.Roles.Assume(ctx, e.order.assume)
	if err != nil {
		if noteErr := s.note(ctx, x, e, "AWS denied the session: "+reasonOf(err), object.Keys{}, ""); noteErr != nil {
			return Vended{}, noteErr
		}
		return Vended{}, Refused()
	}
	if err := s.checkUnchanged(ctx, e); err != nil {
		return Vended{}, s.deny(ctx, x, e, err)
	}
	if err := s.note(ctx, x, e, "Credentials were vended.", session.Keys, session.RequestID); err != nil {
		return Vended{}, err
	}
	return s.vended(e, session.Keys), nil
}

// checkUnchanged refuses when the grant was revoked, or it or the integration was
// changed, since it was evaluated.
func (s *Service) checkUnchanged(ctx context.Context, e evaluation) error {
	current, err := s.config.Store.Grant(ctx, e.trusted.workspace, e.choice.grant.ID)
	if err == nil && current.Version != e.choice.grant.Version {
		return refuse("assume", "", "The grant was revoked or changed while the role was assumed.")
	}
	if err != nil {
		return asRefusal("assume", err)
	}
	was := &e.order.integration
	now, err := s.config.Integrations.Find(ctx, was.Workspace, was.ID)
	if err == nil && (now.Revision != was.Revision || now.CheckVends() != nil) {
		return refuse("assume", "", "The integration was changed while the role was assumed.")
	}
	return asRefusal("assume", err)
}

func (s *Service) vended(e evaluation, keys object.Keys) Vended {
	v := Vended{
		Keys: keys, Workspace: e.trusted.workspace, Grant: e.choice.grant, Bucket: e.choice.grant.Bucket,
		Actions: e.order.actions, Region: e.order.integration.Region, Endpoint: e.order.integration.Endpoint,
		SessionName: e.order.assume.SessionName, SourceIdentity: e.order.assume.SourceIdentity,
	}
	if v.Endpoint == "" {
		v.Endpoint = s.config.Endpoint
	}
	for _, l := range e.order.locations {
		v.Prefixes = append(v.Prefixes, l.Prefix)
	}
	return v
}
