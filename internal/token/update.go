package token

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// Change is a change to a token; fields that are nil stay as they are.
type Change struct {
	Name      *string
	Scopes    *[]access.Scope
	ExpiresAt *time.Time // zero: never
}

// Update changes a token. Only people do that: a token never widens itself.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, tokenID string, change Change) (Token, error) {
	found, role, err := s.reach(ctx, actor, access.TokenUpdate, workspace, tokenID)
	if err != nil {
		return Token{}, err
	}
	draft := Draft{Kind: found.Kind, Name: found.Name, Scopes: found.Scopes, ExpiresAt: found.ExpiresAt}
	if change.Name != nil {
		draft.Name = *change.Name
	}
	if change.Scopes != nil {
		if draft.Scopes, err = s.resolve(ctx, actor, workspace, *change.Scopes); err != nil {
			return Token{}, err
		}
	}
	if change.ExpiresAt != nil {
		draft.ExpiresAt = *change.ExpiresAt
	}
	draft.Never = draft.ExpiresAt.IsZero() && change.ExpiresAt != nil
	if err := draft.check(lesser(role, actor.Role), s.config.Now()); err != nil {
		return Token{}, err
	}
	if found.Parent != "" && change.ExpiresAt != nil {
		return Token{}, problem.New(problem.Invalid, "Token %s was created by token %s, which sets its expiry.", found.ID, found.Parent).
			WithHint("Create a token of your own instead.")
	}
	found.Name, found.Scopes, found.ExpiresAt = draft.Name, draft.Scopes, draft.ExpiresAt
	err = s.config.Store.UpdateToken(ctx, found)
	s.cache.clear()
	return found, err
}

// lesser returns the lower of two roles: nobody gives a token a scope that they
// don't have, or that its maker doesn't have.
func lesser(a, b access.Role) access.Role {
	if a.Includes(b) {
		return b
	}
	return a
}
