package token

import (
	"cmp"
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

// Config configures a [Service]. Every field is required.
type Config struct {
	Checker access.Checker
	Store   Store
	// Dataset returns the ID of a workspace's dataset by its name or ID.
	Dataset func(ctx context.Context, workspace, nameOrID string) (id string, err error)
	Members Members
	Now     func() time.Time
	Most    int // tokens of a workspace; optional: MaxPerWorkspace
}

// Members finds the people of workspaces; *workspace.Service implements it.
type Members interface {
	// Holder returns the member as an actor, with their current role. If the
	// member left, the error has the code unauthenticated.
	Holder(ctx context.Context, memberID string) (access.Actor, error)
	// SessionHolder is Holder for a session that began at a time; the error
	// also has that code if the member's sessions have ended since.
	SessionHolder(ctx context.Context, memberID string, began time.Time) (access.Actor, error)
}

// Store stores tokens. If a token is missing, the error has the code not_found.
type Store interface {
	InsertToken(ctx context.Context, made Token) error
	Token(ctx context.Context, workspace, id string) (Token, error)
	TokenByHash(ctx context.Context, hash Hash) (Token, error)
	// ListTokens returns a page of the workspace's tokens that aren't revoked,
	// oldest first.
	ListTokens(ctx context.Context, workspace string, visible Visible,
		request paging.Request) (paging.List[Token], error)
	CountTokens(ctx context.Context, workspace string) (int, error)
	// RevokeToken revokes a token and those that it created, and returns it. A
	// second call changes nothing.
	RevokeToken(ctx context.Context, workspace, id string, now time.Time) (Token, error)
	// UpdateToken stores the token's name, scopes, maker and expiry, and
	// that it was reviewed.
	UpdateToken(ctx context.Context, changed Token) error
	// TokenFamily returns the token and those that it created, without those
	// that are revoked or expired.
	TokenFamily(ctx context.Context, workspace, id string, now time.Time) ([]impact.Stop, error)
	TouchToken(ctx context.Context, id string, now time.Time) error
}

// Visible selects the tokens of a list: those of one maker, and those whose
// maker has one of the roles; with Of, only those of this member.
type Visible struct {
	Maker string
	Roles []access.Role
	Of    string
}

// Service manages the tokens of all workspaces. It is safe for concurrent use.
type Service struct {
	config Config
	cache  *cache
}

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config: config, cache: newCache()}
}

// Forget clears the cache of tokens and their makers. The service that
// changes a member calls it.
func (s *Service) Forget() { s.cache.clear() }

// CacheRequests counts what the cache of tokens had.
func (s *Service) CacheRequests() *hits.Counter { return &s.cache.requests }

// List returns a page of the tokens that the actor may see, oldest first: their
// own; for an admin also those of members with a lower role; for an owner all.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string,
	request paging.Request,
) (paging.List[Token], error) {
	return s.ListOf(ctx, actor, workspace, "", request)
}

// ListOf is List with only the tokens that one member made; an empty ID means
// any member.
func (s *Service) ListOf(ctx context.Context, actor access.Actor, workspace, memberID string,
	request paging.Request,
) (paging.List[Token], error) {
	resource := access.Resource{Workspace: workspace, Kind: kind, Maker: actor.Member, Role: actor.Role}
	if err := s.config.Checker.Check(ctx, actor, access.TokenList, resource); err != nil {
		return paging.List[Token]{}, err
	}
	visible := Visible{Maker: actor.Member, Of: memberID}
	for _, role := range access.Roles() {
		others := access.Resource{Workspace: workspace, Kind: kind, Maker: "another", Role: role}
		if access.Allowed(actor, access.TokenList, others) {
			visible.Roles = append(visible.Roles, role)
		}
	}
	return s.config.Store.ListTokens(ctx, workspace, visible, request)
}

// Get returns a token.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, tokenID string) (Token, error) {
	found, _, err := s.reach(ctx, actor, access.TokenRead, workspace, tokenID)
	return found, err
}

// Revoke ends a token and those that it created, immediately on this node and
// within two seconds on others. It needs a confirmation, see
// [Service.Impact].
func (s *Service) Revoke(ctx context.Context, actor access.Actor, workspace, tokenID string,
	given impact.Confirmation,
) error {
	found, _, err := s.reach(ctx, actor, access.TokenRevoke, workspace, tokenID)
	if err != nil {
		return err
	}
	measured, err := s.revocation(ctx, &found)
	if err != nil {
		return err
	}
	if err := measured.Check(given); err != nil {
		return err
	}
	_, err = s.config.Store.RevokeToken(ctx, workspace, tokenID, s.config.Now())
	s.cache.clear()
	return err
}

// Adopt makes the acting member the maker of another's token, so that it
// outlives its maker. The text and the scopes stay; the adopter's role must
// allow each scope.
func (s *Service) Adopt(ctx context.Context, actor access.Actor, workspace, tokenID string) (Token, error) {
	found, _, err := s.reachAs(ctx, actor, workspace, tokenID, func(resource access.Resource, found *Token) error {
		resource.NewScopes = found.Scopes
		return s.config.Checker.Check(ctx, actor, access.TokenAdopt, resource)
	})
	if err != nil {
		return Token{}, err
	}
	if found.Kind == Personal {
		return Token{}, problem.New(problem.Invalid, "Token %s is a personal token, which acts in its maker's name.",
			found.ID).
			WithHint("Create a token of your own.")
	}
	draft := Draft{Kind: found.Kind, Scopes: found.Scopes}
	if findings := draft.checkScopes(actor.Role); len(findings) > 0 {
		return Token{}, invalid(findings)
	}
	if err := checkOperator(draft.Scopes, actor); err != nil {
		return Token{}, err
	}
	found.Maker, found.MakerName, found.Parent = actor.Member, actor.Name, ""
	err = s.config.Store.UpdateToken(ctx, found)
	s.cache.clear()
	return found, err
}

// kind is the kind of resource that tokens are.
const kind = "token"

// reach returns a token and its maker's role if the actor may do the action to
// it. A maker who left counts as a viewer, so anyone who manages viewers'
// tokens may manage theirs.
func (s *Service) reach(ctx context.Context, actor access.Actor, action access.Action, workspace,
	tokenID string,
) (Token, access.Role, error) {
	return s.reachAs(ctx, actor, workspace, tokenID, func(resource access.Resource, _ *Token) error {
		return s.config.Checker.Check(ctx, actor, action, resource)
	})
}

// reachAs is reach with another check, which gets the zero token if the token
// doesn't exist.
func (s *Service) reachAs(
	ctx context.Context, actor access.Actor, workspace, tokenID string, check func(access.Resource, *Token) error,
) (Token, access.Role, error) {
	found, resource, missing := s.find(ctx, workspace, tokenID)
	if missing != nil && !problem.Is(missing, problem.NotFound) {
		return Token{}, "", missing
	}
	if err := check(resource, &found); err != nil {
		if missing != nil && actor.Workspace == workspace && problem.Is(err, problem.Forbidden) {
			return Token{}, "", missing
		}
		return Token{}, "", err
	}
	return found, resource.Role, missing
}

// Resource returns a token as the resource of an action: its maker and the
// maker's role. If the token is missing, the error has the code not_found. It
// doesn't check access.
func (s *Service) Resource(ctx context.Context, workspace, tokenID string) (access.Resource, error) {
	_, resource, err := s.find(ctx, workspace, tokenID)
	return resource, err
}

// find returns a token and its resource. The resource of a missing token has the
// lowest role.
func (s *Service) find(ctx context.Context, workspace, tokenID string) (Token, access.Resource, error) {
	resource := access.Resource{Workspace: workspace, Kind: kind, ID: tokenID, Role: access.Viewer}
	found, err := s.config.Store.Token(ctx, workspace, tokenID)
	if err != nil {
		return Token{}, resource, err
	}
	resource.Maker = found.Maker
	maker, err := s.config.Members.Holder(ctx, found.Maker)
	if err != nil && !problem.Is(err, problem.Unauthenticated) {
		return Token{}, resource, err
	}
	if err == nil {
		resource.Role = maker.Role
	}
	return found, resource, nil
}
