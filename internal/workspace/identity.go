package workspace

import (
	"context"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
)

// Identity is who a person is to an OIDC issuer, by what never changes. The
// e-mail address in a token is not part of it: it may be taken over by somebody
// else, and some issuers do not check it. See
// https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability.
type Identity struct {
	Issuer  string // as in the token's "iss"; empty: no identity
	Subject string // as in the token's "sub"
}

// The bounds of an identity, in bytes. A subject has at most 255 (OpenID Connect
// Core, section 2).
const (
	maxIssuer  = 512
	maxSubject = 255
)

func (i Identity) check() error {
	u, err := url.Parse(i.Issuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || len(i.Issuer) > maxIssuer {
		return wrong("issuer", "An issuer is an address such as https://accounts.example.com.")
	}
	if i.Subject == "" || len(i.Subject) > maxSubject || strings.ContainsFunc(i.Subject, func(r rune) bool { return r < ' ' || r > '~' }) {
		return wrong("subject", "A subject has 1 to 255 ASCII characters that print.")
	}
	return nil
}

// LinkIdentity lets a proven identity sign the acting member in, and ends their
// other sessions. Only the member themself can link one. An identity that is
// linked already is an error of code conflict.
func (s *Service) LinkIdentity(ctx context.Context, actor access.Actor, identity Identity) error {
	found, err := s.reach(ctx, actor, access.MemberLink, actor.Workspace, actor.ID)
	if err != nil {
		return err
	}
	if err := identity.check(); err != nil {
		return err
	}
	if found.Identity == identity {
		return linked()
	}
	err = s.config.Store.SetMemberIdentity(ctx, found.Workspace, found.ID, identity, s.config.Now())
	if problem.Is(err, problem.Conflict) {
		return linked()
	}
	if err == nil {
		s.recordIdentity(ctx, actor, &found, security.IdentityLinked, "An identity was linked.")
	}
	return err
}

func linked() error {
	return problem.New(problem.Conflict, "This identity is linked to a member of the workspace already.").
		WithHint("Disconnect it there first.")
}

// RemoveIdentity removes the identity that signs a member in, and ends the
// member's sessions.
func (s *Service) RemoveIdentity(ctx context.Context, actor access.Actor, workspace, idOrEmail string) error {
	found, err := s.reach(ctx, actor, access.MemberUpdate, workspace, idOrEmail)
	if err != nil {
		return err
	}
	err = s.config.Store.SetMemberIdentity(ctx, workspace, found.ID, Identity{}, s.config.Now())
	if err == nil && found.Identity != (Identity{}) {
		s.recordIdentity(ctx, actor, &found, security.IdentityUnlinked, "An identity was removed.")
	}
	return err
}

func (s *Service) recordIdentity(ctx context.Context, actor access.Actor, member *Member, kind security.Kind, reason string) {
	event := eventOf(Origin{Address: actor.Address, RequestID: actor.RequestID}, member, "oidc")
	event.Kind, event.Actor, event.Reason = kind, actor.ID, reason
	s.record(ctx, event)
}

// SignInByIdentity returns the member that a proven identity signs in. workspace
// is a name or an ID; empty when the person named none, which is enough while
// they are a member of one workspace.
func (s *Service) SignInByIdentity(ctx context.Context, workspace string, identity Identity, origin Origin) (Member, error) {
	workspaceID := ""
	if workspace != "" {
		var err error
		if workspaceID, err = s.Resolve(ctx, workspace); err != nil && !problem.Is(err, problem.NotFound) {
			return Member{}, err
		}
		if err != nil {
			return Member{}, s.stranger(ctx, origin, "")
		}
	}
	found, err := s.config.Store.MembersIdentified(ctx, workspaceID, identity)
	switch {
	case err != nil:
		return Member{}, err
	case len(found) == 0:
		return Member{}, s.stranger(ctx, origin, workspaceID)
	case len(found) > 1:
		return Member{}, problem.New(problem.Unauthenticated, "You are a member of several workspaces.").WithHint("Name the workspace and sign in again.")
	}
	return s.welcome(ctx, found[0], origin, "oidc")
}

// stranger counts and records an identity that signs no member in.
func (s *Service) stranger(ctx context.Context, origin Origin, workspaceID string) error {
	event := eventOf(origin, &Member{Workspace: workspaceID}, "oidc")
	if err := s.take(ctx, event, byAddress(origin.Address)); err != nil {
		return err
	}
	return problem.From(s.refuse(ctx, event, "This identity signs no member in.")).
		WithHint("Sign in another way once, then connect the identity under Your account.")
}
