package vending

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// exchange is one request for credentials: from a job with a token, or from a
// member.
type exchange struct {
	request   Request
	text      string        // the token as presented; empty for a member
	member    *access.Actor // nil for a token
	workspace string        // ID, when the caller knows it
	requestID string
	address   string
	now       time.Time
}

// evaluation contains the results of the steps that change nothing. A step
// that refuses ends the evaluation; the results of later steps are zero.
type evaluation struct {
	token    *idtoken.Token      // of read; nil for a member
	trusted  trusted             // of trust
	verified []provider.Provider // of verify: the providers for which the token is valid
	choice   choice              // of grant
	order    order               // of scope
}

// evaluate runs the steps for a token.
func (s *Service) evaluate(ctx context.Context, x exchange) (e evaluation, err error) {
	if e.token, err = parse(x.text); err != nil {
		return e, err
	}
	if e.trusted, err = s.trust(ctx, x, e.token); err != nil {
		return e, err
	}
	if e.verified, err = s.verify(ctx, e.token, e.trusted.providers, x.now); err != nil {
		return e, err
	}
	if e.choice, err = s.chooseForToken(ctx, x, e.token, e.verified); err != nil {
		return e, err
	}
	e.order, err = s.scope(ctx, x, e.trusted.workspace, e.choice, e.token)
	return e, err
}

// evaluateMember runs the steps for a member.
func (s *Service) evaluateMember(ctx context.Context, x exchange) (e evaluation, err error) {
	e.trusted.workspace = x.workspace
	if e.choice, err = s.chooseForMember(ctx, x); err != nil {
		return e, err
	}
	e.order, err = s.scope(ctx, x, x.workspace, e.choice, nil)
	return e, err
}

// provider returns the provider of the grant, or the first one that verified
// the token. It has no ID until a provider has verified the token.
func (e *evaluation) provider() provider.Provider {
	switch {
	case e.choice.provider.ID != "":
		return e.choice.provider
	case len(e.verified) > 0:
		return e.verified[0]
	}
	return provider.Provider{}
}

// actor returns who asks for credentials, for the audit. Until the signature
// is verified, it uses nothing from the token.
func (e *evaluation) actor(x exchange) access.Actor {
	if x.member != nil {
		return *x.member
	}
	actor := access.Actor{
		Kind: access.Workload, ID: "unverified", Workspace: e.trusted.workspace, RequestID: x.requestID,
		Address: x.address,
	}
	if p := e.provider(); p.ID != "" {
		actor.ID, actor.Name = e.token.Subject, p.Name+": "+e.token.Subject
		if actor.ID == "" {
			actor.ID = p.ID
		}
	}
	return actor
}

// resource returns the grant, for the audit. It has no ID when no grant is
// chosen.
func (e *evaluation) resource() access.Resource {
	return access.Resource{Workspace: e.trusted.workspace, Kind: "grant", ID: e.choice.grant.ID}
}
