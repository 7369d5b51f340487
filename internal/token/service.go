package token

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/page"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Config is what a [Service] needs. Every field is required.
type Config struct {
	Checker Checker
	Store   Store
	// Dataset gives the ID of a workspace's dataset by its name or ID.
	Dataset func(ctx context.Context, workspace, nameOrID string) (id string, err error)
	Members Members
	Now     func() time.Time
}

// Members knows the people of workspaces; *workspace.Service fulfils it.
type Members interface {
	// Holder gives the member as who acts; one who is gone is a problem of code
	// unauthenticated.
	Holder(ctx context.Context, memberID string) (access.Actor, error)
	// Behalf gives the ID of a member in whose name the actor may have others
	// act: the actor's own, or one whom the actor could sign in.
	Behalf(ctx context.Context, actor access.Actor, workspace, idOrEmail string) (memberID string, err error)
}

// Checker decides and records; see package access.
type Checker interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, resource access.Resource) error
}

// Store keeps tokens. A missing one is a problem of code not_found.
type Store interface {
	InsertToken(ctx context.Context, made Token) error
	TokenByHash(ctx context.Context, hash Hash) (Token, error)
	// Token returns one token of a workspace, revoked or not.
	Token(ctx context.Context, workspace, id string) (Token, error)
	// ListTokens gives a workspace's tokens that are not revoked, oldest
	// first.
	ListTokens(ctx context.Context, workspace string, request page.Request) (page.Of[Token], error)
	CountTokens(ctx context.Context, workspace string) (int, error)
	// RevokeToken sets the time of revocation and gives the token; a second
	// call changes nothing.
	RevokeToken(ctx context.Context, workspace, id string, now time.Time) (Token, error)
	TouchToken(ctx context.Context, id string, now time.Time) error
}

// Service is the tokens of all workspaces. It may be used from many goroutines
// at once.
type Service struct {
	config Config
	cache  *cache
}

// New makes the service.
func New(config Config) *Service { return &Service{config: config, cache: newCache()} }

// Draft is what a caller says of a new token.
type Draft struct {
	Kind      Kind
	Name      string
	Scopes    []access.Scope // Publishable: at least one; Dataset is an ID, a name, or "*"
	Member    string         // Personal: ID or e-mail address; default: the acting member
	ExpiresAt time.Time      // zero: never; Personal: 90 days, the longest
}

// PersonalLifetime is the longest life of a personal token.
const PersonalLifetime = 90 * 24 * time.Hour

// Mint makes a token. Its text is given here and never again.
func (s *Service) Mint(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Token, secret.String, error) {
	now := s.config.Now()
	tokenID := id.New("tok", now) // the audit names it
	if err := s.check(ctx, actor, access.TokenCreate, workspace, tokenID); err != nil {
		return Token{}, secret.String{}, err
	}
	if err := draft.check(now); err != nil {
		return Token{}, secret.String{}, err
	}
	scopes, err := s.resolve(ctx, workspace, draft.Scopes)
	if err != nil {
		return Token{}, secret.String{}, err
	}
	member := ""
	if draft.Kind == Personal {
		if member, err = s.config.Members.Behalf(ctx, actor, workspace, cmp.Or(draft.Member, actor.ID)); err != nil {
			return Token{}, secret.String{}, err
		}
		if draft.ExpiresAt.IsZero() {
			draft.ExpiresAt = now.Add(PersonalLifetime)
		}
	}
	if n, err := s.config.Store.CountTokens(ctx, workspace); err != nil || n >= MaxPerWorkspace {
		if err == nil {
			err = problem.New(problem.TooLarge, "The workspace has %d tokens, which is all it may have.", n).WithHint("Revoke those that nobody uses.")
		}
		return Token{}, secret.String{}, err
	}
	text := mint(draft.Kind)
	made := Token{
		ID: tokenID, Workspace: workspace, Kind: draft.Kind, Name: draft.Name, Tail: tail(text),
		Hash: HashOf(text.Reveal()), Scopes: scopes, Member: member, CreatedAt: now, ExpiresAt: draft.ExpiresAt,
	}
	return made, text, s.config.Store.InsertToken(ctx, made)
}

func tail(text secret.String) string {
	t := text.Reveal()
	return t[len(t)-4:]
}

// List gives a page of a workspace's tokens, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, request page.Request) (page.Of[Token], error) {
	if err := s.check(ctx, actor, access.TokenList, workspace, ""); err != nil {
		return page.Of[Token]{}, err
	}
	return s.config.Store.ListTokens(ctx, workspace, request)
}

// Revoke ends a token: on this node at once, on others within ten seconds. It
// needs a confirmation, see [Service.Impact].
func (s *Service) Revoke(ctx context.Context, actor access.Actor, workspace, tokenID string, given impact.Confirmation) error {
	if err := s.check(ctx, actor, access.TokenRevoke, workspace, tokenID); err != nil {
		return err
	}
	if err := s.confirm(ctx, workspace, tokenID, given); err != nil {
		return err
	}
	revoked, err := s.config.Store.RevokeToken(ctx, workspace, tokenID, s.config.Now())
	if err != nil {
		return err
	}
	s.cache.drop(revoked.Hash)
	return nil
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, tokenID string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "token", ID: tokenID})
}

func (d Draft) check(now time.Time) error {
	var findings []problem.Finding
	add := func(path, message string) {
		findings = append(findings, problem.Finding{Path: path, Message: message})
	}
	if prefixes[d.Kind] == "" {
		add("kind", "is neither secret, publishable nor personal")
	}
	if d.Name == "" || len(d.Name) > MaxName || d.Name != strings.TrimSpace(d.Name) || strings.ContainsFunc(d.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		add("name", "is empty, longer than 100 bytes, or has characters that do not print")
	}
	if d.Kind != Publishable && len(d.Scopes) > 0 {
		add("scopes", "are for publishable tokens; a secret one may do everything, a personal one what its member may")
	}
	if d.Kind != Personal && d.Member != "" {
		add("member", "is for personal tokens")
	}
	if d.Kind == Personal && d.ExpiresAt.After(now.Add(PersonalLifetime)) {
		add("expires_at", "is more than 90 days away, which is the longest for a personal token")
	}
	if d.Kind == Publishable && (len(d.Scopes) == 0 || len(d.Scopes) > MaxScopes) {
		add("scopes", "of a publishable token are between 1 and 200")
	}
	for _, scope := range d.Scopes {
		if scope.Action != access.DataRead {
			add("scopes", "have an action other than data.read")
		}
	}
	if !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(now) {
		add("expires_at", "is not in the future")
	}
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The token is not valid: %s %s.", findings[0].Path, findings[0].Message).WithFindings(findings...)
	}
	return nil
}

// resolve turns the names of datasets into IDs, which a renaming leaves alone.
func (s *Service) resolve(ctx context.Context, workspace string, scopes []access.Scope) ([]access.Scope, error) {
	resolved := make([]access.Scope, len(scopes))
	for i, scope := range scopes {
		resolved[i] = scope
		if scope.Dataset == "*" {
			continue
		}
		datasetID, err := s.config.Dataset(ctx, workspace, scope.Dataset)
		if err != nil {
			return nil, err
		}
		resolved[i].Dataset = datasetID
	}
	return resolved, nil
}
