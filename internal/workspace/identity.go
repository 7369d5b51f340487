package workspace

import (
	"context"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
)

// Identity is a person's permanent identity at an OIDC issuer. It doesn't
// include the e-mail address, which another person may take over and some
// issuers don't verify. See
// https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability.
type Identity struct {
	Issuer  string // as in the token's "iss"; empty: no identity
	Subject string // as in the token's "sub"
}

// Limits of an identity, in bytes. A subject has at most 255 (OpenID Connect
// Core, section 2).
const (
	maxIssuer  = 512
	maxSubject = 255
)

func (i Identity) check() error {
	u, err := url.Parse(i.Issuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") ||
		u.RawQuery != "" || u.Fragment != "" || len(i.Issuer) > maxIssuer {
		return wrong("issuer", "The issuer isn't a URL such as https://accounts.example.com.")
	}
	unprintable := func(r rune) bool { return r < ' ' || r > '~' }
	if i.Subject == "" || len(i.Subject) > maxSubject || strings.ContainsFunc(i.Subject, unprintable) {
		return wrong("subject", "The subject isn't 1 to 255 printable ASCII characters.")
	}
	return nil
}

// LinkIdentity lets a proven identity sign the acting member in, and ends their
// other sessions. Only the member themself can link one. If the identity is
// already linked, the error has the code conflict.
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
	return problem.New(problem.Conflict, "This identity is already linked to a member of the workspace.").
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

func (s *Service) recordIdentity(ctx context.Context, actor access.Actor, member *Member, kind security.Kind,
	reason string,
) {
	event := eventOf(Origin{Address: actor.Address, RequestID: actor.RequestID}, member, "oidc")
	event.Kind, event.Actor, event.Reason = kind, actor.ID, reason
	s.record(ctx, event)
}

// SignInByIdentity returns the member that a proven identity signs in. workspace
// is a name or an ID. It may be empty if the person is a member of only one
// workspace.
func (s *Service) SignInByIdentity(ctx context.Context, workspace string, identity Identity,
	origin Origin,
) (Member, error) {
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
		return Member{}, problem.New(problem.Unauthenticated, "You are a member of several workspaces.").
			WithHint("Name the workspace and sign in again.")
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
