package vending

import (
	"context"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// choice is the result of the step "grant".
type choice struct {
	provider provider.Provider // of the grant; zero for a grant for members
	grant    grant.Grant       // for a refusal, the only candidate
	user     string            // the user's permanent ID, or the member's; may be empty
	verdicts []grant.Verdict   // of every grant of the providers
}

// chooseForToken returns the one grant that accepts the token.
func (s *Service) chooseForToken(
	ctx context.Context, x exchange, token *idtoken.Token, providers []provider.Provider,
) (choice, error) {
	var verdicts []grant.Verdict
	for i := range providers {
		p := &providers[i]
		grants, err := s.config.Store.GrantsOf(ctx, p.Workspace, p.ID)
		if err != nil {
			return choice{}, err
		}
		for _, g := range grants {
			verdicts = append(verdicts, g.Match(p, token, x.now))
		}
	}
	c, err := choose(verdicts, x.request.Grant)
	if err != nil {
		return c, err
	}
	for _, p := range providers {
		if p.ID == c.grant.Provider {
			c.provider = p
		}
	}
	return c, s.checkUser(ctx, c)
}

// chooseForMember returns the one grant that accepts the member.
func (s *Service) chooseForMember(ctx context.Context, x exchange) (choice, error) {
	grants, err := s.config.Store.GrantsOf(ctx, x.workspace, provider.Members)
	if err != nil {
		return choice{}, err
	}
	var verdicts []grant.Verdict
	for _, g := range grants {
		verdicts = append(verdicts, g.MatchMember(x.member.ID, x.now))
	}
	c, err := choose(verdicts, x.request.Grant)
	if err != nil {
		return c, err
	}
	return c, s.checkUser(ctx, c)
}

// choose returns the accepting grant, among those with this ID or name unless
// it is empty. It refuses if several grants accept, because it can't know
// which one is meant.
func choose(verdicts []grant.Verdict, idOrName string) (choice, error) {
	c := choice{verdicts: verdicts}
	var candidates, accepting []*grant.Verdict
	for i := range verdicts {
		v := &verdicts[i]
		if idOrName != "" && !isNamed(&v.Grant, idOrName) {
			continue
		}
		candidates = append(candidates, v)
		if v.Accepted {
			accepting = append(accepting, v)
		}
	}
	switch {
	case len(accepting) == 1:
		c.grant, c.user = accepting[0].Grant, accepting[0].User
		return c, nil
	case len(accepting) > 1:
		return c, refuse("grant", "Name the grant in the request.",
			"%d grants apply, and the request doesn't name one of them: %s, %s.",
			len(accepting), accepting[0].Grant.Name, accepting[1].Grant.Name)
	case len(candidates) == 1:
		c.grant = candidates[0].Grant
		return c, refuse("grant", "", "%s", candidates[0].Reason)
	case len(candidates) == 0 && idOrName != "":
		return c, refuse("grant", "", "There is no grant with the name or ID in the request.")
	case len(candidates) == 0:
		return c, refuse("grant", "Create one with windlass grant create.", "There are no grants.")
	}
	return c, refuse("grant", "", "None of %d grants applies.", len(candidates))
}

// checkUser refuses a user whose access is revoked.
func (s *Service) checkUser(ctx context.Context, c choice) error {
	if c.user == "" {
		return nil
	}
	return s.refuseRevoked(ctx, "grant", c.grant.Workspace, OfUser, c.user, c.grant.Provider)
}

func isNamed(g *grant.Grant, idOrName string) bool {
	if id.Has(idOrName, "grt") {
		return g.ID == idOrName
	}
	return g.Name == idOrName
}
