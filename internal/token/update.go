package token

import (
	"context"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// Change is a change to a token; nil fields stay as they are.
type Change struct {
	Name      *string
	Scopes    *[]access.Scope
	ExpiresAt *time.Time // zero: never
	// Publishable: the web pages that may use it.
	AllowedOrigins, AllowedReferers *[]string
	CacheSeconds                    *int
	Limits                          *access.Limits
}

// Update changes a token. Only members can do that, so that a token can't extend
// its own permissions. Letting the token manage or read the audit log, or do so
// for longer, needs a fresh session.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, tokenID string,
	change Change,
) (Token, error) {
	found, role, err := s.reachAs(ctx, actor, workspace, tokenID, func(resource access.Resource, found *Token) error {
		resource.NewKind, resource.NewScopes = change.gives(found)
		return s.config.Checker.Check(ctx, actor, access.TokenUpdate, resource)
	})
	if err != nil {
		return Token{}, err
	}
	draft := Draft{
		Kind: found.Kind, Name: found.Name, Scopes: found.Scopes, ExpiresAt: found.ExpiresAt,
		AllowedOrigins: found.AllowedOrigins, AllowedReferers: found.AllowedReferers,
		CacheSeconds: found.CacheSeconds, Limits: found.Limits,
	}
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
	if change.AllowedOrigins != nil {
		draft.AllowedOrigins = *change.AllowedOrigins
	}
	if change.AllowedReferers != nil {
		draft.AllowedReferers = *change.AllowedReferers
	}
	if change.CacheSeconds != nil {
		draft.CacheSeconds = *change.CacheSeconds
	}
	if change.Limits != nil {
		draft.Limits = *change.Limits
	}
	draft.Never = draft.ExpiresAt.IsZero() && change.ExpiresAt != nil
	if err := draft.check(lesser(role, actor.Role), s.config.Now()); err != nil {
		return Token{}, err
	}
	if change.Scopes != nil {
		if err := checkOperator(draft.Scopes, actor); err != nil {
			return Token{}, err
		}
	}
	if found.Parent != "" && change.ExpiresAt != nil {
		return Token{}, problem.New(problem.Invalid, "Token %s was created by token %s, which sets its expiry.",
			found.ID, found.Parent).
			WithHint("Create a token of your own instead.")
	}
	found.Name, found.Scopes, found.ExpiresAt = draft.Name, draft.Scopes, draft.ExpiresAt
	found.AllowedOrigins, found.AllowedReferers = draft.AllowedOrigins, draft.AllowedReferers
	found.CacheSeconds, found.Limits = draft.CacheSeconds, draft.Limits
	err = s.config.Store.UpdateToken(ctx, found)
	s.cache.clear()
	return found, err
}

// gives returns the scopes that the change adds to the token or extends in time.
// It returns a kind only for a personal token whose scopes the change removes.
func (c Change) gives(found *Token) (access.Kind, []access.Scope) {
	scopes := found.Scopes
	if c.Scopes != nil {
		scopes = *c.Scopes
	}
	free := found.Kind == Personal && len(scopes) == 0
	longer := c.ExpiresAt != nil && !found.ExpiresAt.IsZero() &&
		(c.ExpiresAt.IsZero() || c.ExpiresAt.After(found.ExpiresAt))
	switch {
	case free && (longer || len(found.Scopes) > 0):
		return access.Personal, nil
	case longer:
		return "", scopes
	case found.Kind == Personal && len(found.Scopes) == 0:
		return "", nil // it could do everything before
	}
	var given []access.Scope
	for _, s := range scopes {
		if !slices.ContainsFunc(found.Scopes, func(had access.Scope) bool { return had.Covers(s) }) {
			given = append(given, s)
		}
	}
	return "", given
}

// lesser returns the lower of two roles. The scopes that a member can grant to
// a token are limited by their own role and by its maker's.
func lesser(a, b access.Role) access.Role {
	if a.Includes(b) {
		return b
	}
	return a
}
