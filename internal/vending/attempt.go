package vending

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// attempt is one exchange as far as it has come.
type attempt struct {
	ask       Ask
	text      string // the token as it was brought
	now       time.Time
	requestID string
	address   string

	workspace string              // ID, once it is known
	token     *idtoken.Token      // once it is read
	trusted   []provider.Provider // whose tokens it may be; verified ones after verify
	provider  provider.Provider
	verdicts  []grant.Verdict
	grant     grant.Grant
	user      string       // the user's unchanging ID, or the member's
	member    bool         // a member, not a token
	as        access.Actor // the member

	integration integration.Integration
	locations   []object.Location
	actions     []grant.Action
	request     assume.Request
}

// step is one of the questions that are put to a token.
type step struct {
	code string
	ask  func(context.Context, *attempt) error
}

// steps are all the questions before the token is spent, in order.
func (s *Service) steps() []step {
	return []step{{"read", s.read}, {"trust", s.trust}, {"verify", s.verify}, {"grant", s.choose}, {"scope", s.scope}}
}

// actor is who brought the token, as far as is known. Before the signature is
// verified nothing that the token says is taken for a name.
func (a *attempt) actor() access.Actor {
	if a.member {
		return a.as
	}
	actor := access.Actor{Kind: access.Workload, ID: "unverified", Workspace: a.workspace, RequestID: a.requestID, Address: a.address}
	if a.provider.ID != "" {
		actor.ID, actor.Name = a.token.Subject, a.provider.Name+": "+a.token.Subject
		if actor.ID == "" {
			actor.ID = a.provider.ID
		}
	}
	return actor
}

func (s *Service) read(_ context.Context, a *attempt) (err error) {
	if a.text == "" {
		return refuse("read", "Send it as \"Authorization: Bearer …\".", "No token was brought.")
	}
	a.token, err = idtoken.Parse(a.text)
	return refusing("read", err)
}

// trust finds the providers whose issuer and audience are exactly the token's,
// in one workspace. Nothing is asked of an issuer that is not among them.
func (s *Service) trust(ctx context.Context, a *attempt) error {
	wanted := a.workspace
	if a.ask.Workspace != "" && wanted == "" {
		resolved, err := s.config.Workspaces.Resolve(ctx, a.ask.Workspace)
		if problem.Is(err, problem.NotFound) {
			return refuse("trust", "", "There is no workspace of the name that is asked for.")
		}
		if err != nil {
			return err
		}
		wanted = resolved
	}
	known, err := s.config.Store.ProvidersOf(ctx, a.token.Issuer)
	if err != nil {
		return err
	}
	issuers := len(known)
	known = slices.DeleteFunc(known, func(p provider.Provider) bool { return wanted != "" && p.Workspace != wanted })
	a.trusted = slices.DeleteFunc(slices.Clone(known), func(p provider.Provider) bool { return !p.Takes(a.token.Audience) })
	switch {
	case issuers == 0 || len(known) == 0:
		return refuse("trust", "Add the issuer with windlass provider add, exactly as the token writes it.", "No provider has the issuer of the token.")
	case len(a.trusted) == 0:
		a.workspace = wanted
		return refuse("trust", "Ask the CI service for a token of the provider's audience, or change the provider's.", "The token is for another audience than the provider's.")
	case !slices.ContainsFunc(a.trusted, func(p provider.Provider) bool { return p.TakesAlone(a.token.Audience) }):
		a.workspace = a.trusted[0].Workspace
		return refuse("trust", "Ask the CI service for a token with this audience alone. If it can't, run windlass provider update with --multiple-audiences.",
			"The token has %d audiences, and the provider accepts one.", len(a.token.Audience))
	}
	a.trusted = slices.DeleteFunc(a.trusted, func(p provider.Provider) bool { return !p.TakesAlone(a.token.Audience) })
	switch {
	case slices.ContainsFunc(a.trusted, func(p provider.Provider) bool { return p.Workspace != a.trusted[0].Workspace }):
		return refuse("trust", "Name the workspace in the request.", "Providers of several workspaces take the token, and the request names none.")
	}
	a.workspace = a.trusted[0].Workspace
	return nil
}

// verify leaves the providers under whose rules the token is good: algorithm,
// key, signature and times.
func (s *Service) verify(ctx context.Context, a *attempt) error {
	var first error
	var good []provider.Provider
	for i := range a.trusted {
		err := s.verifyFor(ctx, a, &a.trusted[i])
		if err == nil {
			good = append(good, a.trusted[i])
		} else if first == nil {
			first = err
		}
	}
	a.trusted = good
	if len(good) == 0 {
		return refusing("verify", first)
	}
	a.provider = good[0]
	return nil
}

func (s *Service) verifyFor(ctx context.Context, a *attempt, p *provider.Provider) error {
	if !slices.Contains(p.Algorithms, a.token.Algorithm) {
		return refuse("verify", "", "The token's algorithm %s is not one that the provider allows.", a.token.Algorithm)
	}
	if err := a.token.Check(a.now, p.MaxAge); err != nil { // before the key: a token that is over costs no fetch
		return err
	}
	key, err := s.config.Keys.Key(ctx, p.JWKSURL, a.token.KeyID)
	if err != nil {
		var fault *idtoken.FaultError
		if errors.As(err, &fault) {
			return err
		}
		return refuse("verify", "Look whether the provider's address of keys answers.", "The issuer's keys could not be had: %v.", err)
	}
	return a.token.Verify(key)
}

// choose finds the one grant that lets the token in. Two would leave open
// which of them is meant.
func (s *Service) choose(ctx context.Context, a *attempt) error {
	for i := range a.trusted {
		p := &a.trusted[i]
		grants, err := s.config.Store.GrantsOf(ctx, p.Workspace, p.ID)
		if err != nil {
			return err
		}
		for _, g := range grants {
			a.verdicts = append(a.verdicts, g.Match(p, a.token, a.now))
		}
	}
	return s.one(ctx, a)
}

// one takes the one verdict that says yes among those that are asked for.
func (s *Service) one(ctx context.Context, a *attempt) error {
	var asked, accepted []*grant.Verdict
	for i := range a.verdicts {
		v := &a.verdicts[i]
		if a.ask.Grant != "" && !names(&v.Grant, a.ask.Grant) {
			continue
		}
		asked = append(asked, v)
		if v.Accepted {
			accepted = append(accepted, v)
		}
	}
	switch {
	case len(asked) == 0 && a.ask.Grant != "":
		return refuse("grant", "", "The provider has no grant of the name that is asked for.")
	case len(asked) == 1 && len(accepted) == 0:
		a.grant = asked[0].Grant
		return refuse("grant", "", "%s", asked[0].Reason)
	case len(accepted) == 0:
		return refuse("grant", "", "None of %d grants lets the token in.", len(asked))
	case len(accepted) > 1:
		return refuse("grant", "Name the grant in the request.", "%d grants let the token in, and the request does not say which is meant: %s, %s.", len(accepted), accepted[0].Grant.Name, accepted[1].Grant.Name)
	}
	a.grant, a.user = accepted[0].Grant, accepted[0].User
	if a.member {
		return s.userStays(ctx, a)
	}
	for _, p := range a.trusted {
		if p.ID == a.grant.Provider {
			a.provider = p
		}
	}
	return s.userStays(ctx, a)
}

// userStays refuses a user whose access was revoked.
func (s *Service) userStays(ctx context.Context, a *attempt) error {
	if a.user == "" {
		return nil
	}
	return s.refuseRevoked(ctx, "grant", a.workspace, OfUser, a.user, a.grant.Provider)
}

func names(g *grant.Grant, idOrName string) bool {
	if id.Has(idOrName, "grt") {
		return g.ID == idOrName
	}
	return g.Name == idOrName
}
