package workspace

import (
	"context"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
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

// SetIdentity says which identity signs a member in; the zero value is none. An
// identity that signs another member of the workspace in is a problem of code
// conflict.
func (s *Service) SetIdentity(ctx context.Context, actor access.Actor, workspace, idOrEmail string, identity Identity) error {
	found, err := s.reach(ctx, actor, access.MemberUpdate, workspace, idOrEmail)
	if err != nil {
		return err
	}
	if identity != (Identity{}) {
		if err := identity.check(); err != nil {
			return err
		}
	}
	err = s.config.Store.SetMemberIdentity(ctx, workspace, found.ID, identity, s.config.Now())
	if problem.Is(err, problem.Conflict) {
		return problem.New(problem.Conflict, "This identity signs another member of the workspace in.").WithHint("Take it from that member first.")
	}
	return err
}

// SignInByIdentity gives the member that a proven identity signs in. workspace
// is a name or an ID; empty when the person named none, which is enough while
// they are a member of one workspace.
func (s *Service) SignInByIdentity(ctx context.Context, workspace string, identity Identity, origin Origin) (Member, error) {
	if !s.limits.take("address "+origin.Address, attemptsPerAddress, s.config.Now()) {
		return Member{}, tooMany()
	}
	workspaceID := ""
	if workspace != "" {
		var err error
		if workspaceID, err = s.Resolve(ctx, workspace); err != nil && !problem.Is(err, problem.NotFound) {
			return Member{}, err
		}
		if err != nil {
			return Member{}, s.stranger(ctx, origin)
		}
	}
	found, err := s.config.Store.MembersIdentified(ctx, workspaceID, identity)
	switch {
	case err != nil:
		return Member{}, err
	case len(found) == 0:
		return Member{}, s.stranger(ctx, origin)
	case len(found) > 1:
		return Member{}, problem.New(problem.Unauthenticated, "You are a member of several workspaces.").WithHint("Name the workspace and sign in again.")
	}
	return s.welcome(ctx, found[0], origin)
}

func (s *Service) stranger(ctx context.Context, origin Origin) error {
	return problem.From(s.refuse(ctx, origin, "", "This identity signs no member in.")).
		WithHint("Sign in by link once, then connect the identity under Your account; or ask an admin, who can do it with windlass member identity.")
}
