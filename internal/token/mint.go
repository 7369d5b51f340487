package token

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// How long tokens last.
const (
	PersonalLifetime = 90 * 24 * time.Hour      // of a personal token: the default and the longest
	SecretLifetime   = 365 * 24 * time.Hour     // of a secret token, by default
	LongestLifetime  = 5 * 365 * 24 * time.Hour // of a secret token, unless an owner chooses never
)

// Draft describes a token to be created.
type Draft struct {
	Kind Kind
	Name string
	// Secret without any: all that its maker's role allows, but audit and metrics; Dataset: an ID,
	// a name, or "*"
	Scopes    []access.Scope
	Member    string    // Personal: ID or e-mail address; only the acting member's own
	Maker     string    // if the service itself creates the token: the member for whom setup does
	ExpiresAt time.Time // zero: the default of the kind
	Never     bool      // Secret: never expires; only an owner chooses that
	// Publishable: the web pages that may use it. Nil: every origin, and no Referer is needed.
	AllowedOrigins, AllowedReferers []string
	CacheSeconds                    int // Publishable: 0 to MaxCacheSeconds
	Limits                          access.Limits
}

// Mint creates a token. It returns the token's text once; only a hash is
// stored.
func (s *Service) Mint(ctx context.Context, actor access.Actor, workspace string,
	draft Draft,
) (Token, secret.String, error) {
	none := secret.String{}
	maker, err := s.maker(ctx, actor, draft)
	if err != nil {
		return Token{}, none, err
	}
	byDefault := draft.ExpiresAt.IsZero() && !draft.Never
	draft.complete(actor, maker.Role, s.config.Now())
	scopes, err := s.resolve(ctx, actor, workspace, draft.Scopes)
	if err != nil {
		return Token{}, none, err
	}
	draft.Scopes = scopes
	tokenID := id.New("tok", s.config.Now()) // the audit names it
	resource := access.Resource{
		Workspace: workspace, Kind: kind, ID: tokenID, Maker: draft.makerOf(maker), Role: maker.Role,
		NewKind: access.Kind(draft.Kind), NewScopes: draft.Scopes,
	}
	if err := s.config.Checker.Check(ctx, actor, access.TokenCreate, resource); err != nil {
		return Token{}, none, err
	}
	if err := checkUnlimited(actor); err != nil {
		return Token{}, none, err
	}
	if err := draft.check(maker.Role, s.config.Now()); err != nil {
		return Token{}, none, err
	}
	if err := checkOperator(draft.Scopes, maker); err != nil {
		return Token{}, none, err
	}
	parent, err := s.parent(ctx, actor, &draft, byDefault)
	if err != nil {
		return Token{}, none, err
	}
	if err := s.checkCount(ctx, workspace); err != nil {
		return Token{}, none, err
	}
	text := mint(draft.Kind)
	made := Token{
		ID: tokenID, Workspace: workspace, Kind: draft.Kind, Name: draft.Name, Tail: tail(text),
		Hash:   HashOf(text.Reveal()),
		Scopes: draft.Scopes, Maker: maker.Member, MakerName: maker.Name, Parent: parent, CreatedAt: s.config.Now(),
		ExpiresAt: draft.ExpiresAt, AllowedOrigins: draft.AllowedOrigins, AllowedReferers: draft.AllowedReferers,
		CacheSeconds: draft.CacheSeconds, Limits: draft.Limits,
	}
	return made, text, s.config.Store.InsertToken(ctx, made)
}

// checkUnlimited refuses a token with limits, because it could avoid them by creating
// others.
func checkUnlimited(actor access.Actor) error {
	if !actor.Kind.HasToken() || actor.Limits == (access.Limits{}) {
		return nil
	}
	return problem.New(problem.Forbidden, "A token with limits can't create tokens.").
		WithHint("Use a token without limits, or the console.")
}

// maker returns the member for whom the token is created: the acting member, or
// the maker of the acting token. For the service itself, the draft names the
// member.
func (s *Service) maker(ctx context.Context, actor access.Actor, draft Draft) (access.Actor, error) {
	switch {
	case actor.Kind == access.System && draft.Maker != "":
		return s.config.Members.Holder(ctx, draft.Maker)
	case actor.Kind.HasToken():
		return s.config.Members.Holder(ctx, actor.Member)
	default:
		return actor, nil
	}
}

// makerOf returns the member that the token would act for, for the check,
// which refuses a personal token in another member's name.
func (d *Draft) makerOf(maker access.Actor) string {
	if d.Member != "" && d.Member != maker.Member && d.Member != maker.Name {
		return d.Member
	}
	return maker.Member
}

// complete fills in the defaults.
func (d *Draft) complete(actor access.Actor, role access.Role, now time.Time) {
	if d.Kind == Publishable && d.AllowedOrigins == nil {
		d.AllowedOrigins = []string{origin.Any}
	}
	if d.Kind == Secret && len(d.Scopes) == 0 {
		d.Scopes = defaultScopes(actor, role)
	}
	if !d.ExpiresAt.IsZero() || d.Never {
		return
	}
	switch d.Kind {
	case Personal:
		d.ExpiresAt = now.Add(PersonalLifetime)
	case Secret:
		d.ExpiresAt = now.Add(SecretLifetime)
	case Publishable, Session: // never; sessions have no draft
	}
}

// defaultScopes returns the scopes that a member's role allows, or, when a token
// creates the token, its own.
func defaultScopes(actor access.Actor, role access.Role) []access.Scope {
	var scopes []access.Scope
	for _, scope := range access.AllScopes() {
		if scope.Fits(role) {
			scopes = append(scopes, scope)
		}
	}
	if actor.Kind.HasToken() {
		scopes = actor.Scopes
	}
	return scopes
}

// parent returns the ID of the secret token that creates the token, or an empty
// string. The new token can't outlive it: a default expiry is shortened to the
// creator's, and a later requested expiry is refused.
func (s *Service) parent(ctx context.Context, actor access.Actor, draft *Draft, byDefault bool) (string, error) {
	if !actor.Kind.HasToken() {
		return "", nil
	}
	by, err := s.config.Store.Token(ctx, actor.Workspace, actor.Token)
	if err != nil {
		return "", err
	}
	outlives := !by.ExpiresAt.IsZero() && (draft.ExpiresAt.IsZero() || draft.ExpiresAt.After(by.ExpiresAt))
	if outlives && byDefault {
		draft.ExpiresAt = by.ExpiresAt
	} else if outlives {
		return "", invalid([]problem.Finding{{
			Path: "expires_at", Message: "is later than the expiry of the token that creates it, " + by.ExpiresAt.UTC().
				Format(time.RFC3339),
		}})
	}
	return by.ID, nil
}

func (s *Service) checkCount(ctx context.Context, workspace string) error {
	n, err := s.config.Store.CountTokens(ctx, workspace)
	if err != nil || n < s.config.Most {
		return err
	}
	return problem.Full("tokens", n).WithHint("Revoke tokens that you don't need.")
}

// resolve replaces the names of datasets with their IDs, which don't change
// if a dataset is renamed. Names of another workspace aren't looked up.
func (s *Service) resolve(ctx context.Context, actor access.Actor, workspace string,
	scopes []access.Scope,
) ([]access.Scope, error) {
	resolved := make([]access.Scope, len(scopes))
	for i, scope := range scopes {
		resolved[i] = scope
		if !scope.Named() || scope.Dataset == access.Every || scope.Dataset == "" || actor.Workspace != workspace {
			continue
		}
		datasetID, err := s.config.Dataset(ctx, workspace, scope.Dataset)
		if problem.Is(err, problem.NotFound) {
			return nil, invalid([]problem.Finding{{
				Path: "scopes", Message: "have " + scope.String() + ", and that dataset doesn't exist",
			}})
		}
		if err != nil {
			return nil, err
		}
		resolved[i].Dataset = datasetID
	}
	return resolved, nil
}

func tail(text secret.String) string {
	t := text.Reveal()
	return t[len(t)-4:]
}
