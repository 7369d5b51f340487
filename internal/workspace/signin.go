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
)

// LinkLifetime is how long a sign-in link may be used.
const LinkLifetime = 15 * time.Minute

// linkPrefix lets a scanner find a link's token that got lost.
const linkPrefix = "sil_"

// Link is a sign-in link as it is kept: a hash that leads to a member.
type Link struct {
	Hash      string // SHA-256 of the token, hexadecimal
	Member    string // member ID
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Attempt is what a person brings to sign in.
type Attempt struct {
	Workspace string // name or ID
	Email     string
	Password  secret.String
	Origin    Origin
}

// Origin is where a request comes from, for the audit and the limits.
type Origin struct {
	Address   string // the client's IP address
	RequestID string
}

// SignIn gives the member whose address and password these are. Whatever is
// wrong, the answer and its time are the same; after too many attempts it is a
// problem of code rate_limited.
func (s *Service) SignIn(ctx context.Context, attempt Attempt) (Member, error) {
	email := strings.ToLower(strings.TrimSpace(attempt.Email))
	now := s.config.Now()
	if !s.limits.take("address "+attempt.Origin.Address, attemptsPerAddress, now) ||
		!s.limits.take("email "+cut(strings.ToLower(attempt.Workspace))+" "+cut(email), attemptsPerEmail, now) {
		return Member{}, tooMany()
	}
	found, err := s.findMember(ctx, attempt.Workspace, email)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return Member{}, err
	}
	ok, err := s.hashes.matches(ctx, attempt.Password, found.PasswordHash)
	if err != nil {
		return Member{}, err
	}
	if !ok {
		return Member{}, s.refuse(ctx, attempt.Origin, email, "The e-mail address or the password is wrong.")
	}
	return s.welcome(ctx, found, attempt.Origin)
}

func (s *Service) findMember(ctx context.Context, workspace, email string) (Member, error) {
	id, err := s.Resolve(ctx, workspace)
	if err != nil {
		return Member{}, err
	}
	return s.config.Store.MemberNamed(ctx, id, email)
}

// CreateLink makes a token that signs a member in, once, within [LinkLifetime].
// It is shown to whoever asked, and kept as a hash.
func (s *Service) CreateLink(ctx context.Context, actor access.Actor, workspace, idOrEmail string) (secret.String, error) {
	found, err := s.reach(ctx, actor, access.SignInCreate, workspace, idOrEmail)
	if err != nil {
		return secret.String{}, err
	}
	token := secret.New(linkPrefix + rand.Text())
	now := s.config.Now()
	link := Link{Hash: hashLink(token), Member: found.ID, CreatedAt: now, ExpiresAt: now.Add(LinkLifetime)}
	return token, s.config.Store.InsertLink(ctx, link)
}

// SignInByLink gives the member that a link's token leads to. The link is used
// up, whatever the answer.
func (s *Service) SignInByLink(ctx context.Context, token secret.String, origin Origin) (Member, error) {
	now := s.config.Now()
	if !s.limits.take("address "+origin.Address, attemptsPerAddress, now) {
		return Member{}, tooMany()
	}
	const wrong = "This sign-in link was used already, has ended, or never was one."
	if !strings.HasPrefix(token.Reveal(), linkPrefix) || len(token.Reveal()) > 64 {
		return Member{}, s.refuse(ctx, origin, "", wrong)
	}
	link, err := s.config.Store.TakeLink(ctx, hashLink(token))
	if problem.Is(err, problem.NotFound) || err == nil && !now.Before(link.ExpiresAt) {
		return Member{}, s.refuse(ctx, origin, link.Member, wrong)
	}
	if err != nil {
		return Member{}, err
	}
	found, err := s.config.Store.Member(ctx, link.Member)
	if err != nil {
		return Member{}, err
	}
	return s.welcome(ctx, found, origin)
}

// SignedIn gives the member of a session; one who is gone is a problem of code
// unauthenticated.
func (s *Service) SignedIn(ctx context.Context, memberID string) (Member, error) {
	found, err := s.config.Store.Member(ctx, memberID)
	if problem.Is(err, problem.NotFound) {
		return Member{}, problem.New(problem.Unauthenticated, "You are not signed in any more.").WithHint("Sign in again.")
	}
	if err != nil {
		return Member{}, err
	}
	found.Operator, err = s.isOperator(ctx, found)
	return found, err
}

// isOperator reports whether a member is an owner of the home workspace.
func (s *Service) isOperator(ctx context.Context, m Member) (bool, error) {
	if m.Role != access.Owner || s.config.Home == "" {
		return false, nil
	}
	home, err := s.Resolve(ctx, s.config.Home)
	if problem.Is(err, problem.NotFound) {
		return false, nil
	}
	return home == m.Workspace, err
}

// welcome records the sign-in and gives the member.
func (s *Service) welcome(ctx context.Context, found Member, origin Origin) (Member, error) {
	actor := found.Actor()
	actor.Address, actor.RequestID = origin.Address, origin.RequestID
	if err := s.check(ctx, actor, access.SignInUse, found.Workspace, "member", found.ID); err != nil {
		return Member{}, err
	}
	found.SignedInAt = s.config.Now()
	return found, s.config.Store.SetMemberSignedIn(ctx, found.Workspace, found.ID, found.SignedInAt)
}

// refuse records that nobody was let in, and says so.
func (s *Service) refuse(ctx context.Context, origin Origin, who, message string) error {
	actor := access.Actor{Kind: access.Anonymous, Address: origin.Address, RequestID: origin.RequestID}
	if err := s.check(ctx, actor, access.SignInUse, "", "member", who); problem.Is(err, problem.Unavailable) {
		return err
	}
	return problem.New(problem.Unauthenticated, "%s", message).
		WithHint("An owner or an admin of the workspace can make you a sign-in link; windlass serve prints one when it starts.")
}

func tooMany() error {
	return problem.New(problem.RateLimited, "There were too many attempts to sign in.").WithHint("Try again in a few minutes.")
}

func hashLink(token secret.String) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}

// cut bounds what a caller makes the limiter remember.
func cut(s string) string { return s[:min(len(s), maxEmail)] }
