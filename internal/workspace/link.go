package workspace

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
)

// How long links may be used, and how many are open.
const (
	LinkLifetime       = 15 * time.Minute
	InvitationLifetime = 72 * time.Hour
	MaxLinks           = 5 // open links of a member; a new one replaces the oldest
)

// linkPrefix lets a scanner find a link's token that got lost.
const linkPrefix = "sil_"

// Link is a stored sign-in link: a hash and the member that it signs in.
type Link struct {
	Hash      string      // SHA-256 of the token, hexadecimal
	Member    string      // member ID
	Role      access.Role // only of an invitation, which ends when the member gets another role
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Invitation is a new member's first sign-in link.
type Invitation struct {
	Token     secret.String
	ExpiresAt time.Time
}

// Invite adds a member and returns a link for them that lasts
// [InvitationLifetime]. It ends when it is used, when the role changes, or when
// the member is removed.
func (s *Service) Invite(ctx context.Context, actor access.Actor, workspace string,
	said NewMember,
) (Member, Invitation, error) {
	made, err := s.AddMember(ctx, actor, workspace, said)
	if err != nil {
		return Member{}, Invitation{}, err
	}
	token, link, err := s.makeLink(ctx, actor, &made, InvitationLifetime)
	return made, Invitation{token, link.ExpiresAt}, err
}

// CreateLink returns a token that signs a member in once, within [LinkLifetime].
// It ends with the member's sessions: at another role or password, and at a
// sign-out everywhere. Only its hash is stored.
func (s *Service) CreateLink(ctx context.Context, actor access.Actor, workspace,
	idOrEmail string,
) (secret.String, error) {
	found, err := s.reach(ctx, actor, access.SignInCreate, workspace, idOrEmail)
	if err != nil {
		return secret.String{}, err
	}
	token, _, err := s.makeLink(ctx, actor, &found, LinkLifetime)
	return token, err
}

func (s *Service) makeLink(ctx context.Context, actor access.Actor, member *Member,
	lifetime time.Duration,
) (secret.String, Link, error) {
	token := secret.New(linkPrefix + rand.Text())
	now := s.config.Now()
	link := Link{Hash: hashLink(token), Member: member.ID, CreatedAt: now, ExpiresAt: now.Add(lifetime)}
	if lifetime == InvitationLifetime {
		link.Role = member.Role
	}
	if err := s.config.Store.InsertLink(ctx, link, MaxLinks); err != nil {
		return secret.String{}, Link{}, err
	}
	event := eventOf(Origin{Address: actor.Address, RequestID: actor.RequestID}, member, "")
	event.Kind, event.Actor, event.Reason = security.LinkCreated, actor.ID, "A sign-in link was created."
	s.record(ctx, event)
	return token, link, nil
}

// SignInByLink returns the member that a link's token leads to. The link is used
// up. A valid one works whatever was counted before; an invalid one is counted.
func (s *Service) SignInByLink(ctx context.Context, token secret.String, origin Origin) (Member, error) {
	var link Link
	err := error(problem.New(problem.NotFound, "The text isn't a link's token."))
	if strings.HasPrefix(token.Reveal(), linkPrefix) && len(token.Reveal()) <= 64 {
		link, err = s.config.Store.TakeLink(ctx, hashLink(token))
	}
	if err != nil && !problem.Is(err, problem.NotFound) {
		return Member{}, err
	}
	if err != nil || !s.config.Now().Before(link.ExpiresAt) {
		return Member{}, s.badLink(ctx, origin, link.Member)
	}
	found, err := s.config.Store.Member(ctx, link.Member)
	if err != nil {
		return Member{}, err
	}
	if link.Role != "" && link.Role != found.Role || link.CreatedAt.Before(found.SecuredAt) {
		return Member{}, s.badLink(ctx, origin, link.Member)
	}
	return s.welcome(ctx, found, origin, "link")
}

// badLink counts and records a link that was used, has expired or never was one.
func (s *Service) badLink(ctx context.Context, origin Origin, memberID string) error {
	found := Member{}
	if memberID != "" {
		var err error
		if found, err = s.config.Store.Member(ctx, memberID); err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	event := eventOf(origin, &found, "link")
	if err := s.take(ctx, event, byAddress(origin.Address)); err != nil {
		return err
	}
	event.Kind, event.Reason = security.LinkInvalid, "The sign-in link was used, has expired, or never existed."
	s.record(ctx, event)
	return problem.New(problem.Unauthenticated, "This sign-in link was used or has expired.").
		WithHint("Ask an owner or an admin for a new one, or create it where Windlass runs: windlass sign-in-link")
}

func hashLink(token secret.String) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}
