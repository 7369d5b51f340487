package workspace

import (
	"context"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
)

// Attempt contains what a person enters to sign in.
type Attempt struct {
	Workspace string // name or ID
	Email     string
	Password  secret.String
	Device    string // the text that makes the browser known; see Device
	Origin    Origin
}

// Origin is the origin of a request, for the audit log and the limits.
type Origin struct {
	Address   string // the client's IP address
	RequestID string
	Agent     string // the browser's User-Agent
}

// SignIn returns the member with this address and password. The error and its
// time don't reveal what is wrong. Failures are counted by account and
// device, and by address; over a limit the error has the code rate_limited.
func (s *Service) SignIn(ctx context.Context, attempt Attempt) (Member, error) {
	email := strings.ToLower(strings.TrimSpace(attempt.Email))
	found, err := s.findMember(ctx, attempt.Workspace, email)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return Member{}, err
	}
	device, err := s.device(ctx, &found, attempt.Device)
	if err != nil {
		return Member{}, err
	}
	event := eventOf(attempt.Origin, &found, "password")
	account := byAccount(attempt.Workspace, email, device)
	if found.ID != "" { // whether the workspace was named by name or ID
		account = byAccount(found.Workspace, email, device)
	}
	address := byAddress(attempt.Origin.Address)
	if err := s.take(ctx, event, account, address); err != nil {
		return Member{}, err
	}
	ok, err := s.hashes.matches(ctx, attempt.Password, found.PasswordHash)
	if err == nil && !ok {
		return Member{}, s.refuse(ctx, event, "The workspace, e-mail address or password is wrong.")
	}
	if returnErr := s.counts.Return(ctx, account, address); err == nil {
		err = returnErr
	}
	if err != nil {
		return Member{}, err
	}
	return s.welcome(ctx, found, attempt.Origin, "password")
}

func (s *Service) findMember(ctx context.Context, workspace, email string) (Member, error) {
	id, err := s.Resolve(ctx, workspace)
	if err != nil {
		return Member{}, err
	}
	return s.config.Store.MemberNamed(ctx, id, email)
}

// SignedIn returns the member of a session. If the member was removed, the error
// has the code unauthenticated.
func (s *Service) SignedIn(ctx context.Context, memberID string) (Member, error) {
	found, err := s.config.Store.Member(ctx, memberID)
	if problem.Is(err, problem.NotFound) {
		return Member{}, problem.New(problem.Unauthenticated, "You're no longer signed in.").WithHint("Sign in again.")
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

// welcome records the sign-in and returns the member.
func (s *Service) welcome(ctx context.Context, found Member, origin Origin, method string) (Member, error) {
	actor := found.Actor()
	actor.Address, actor.RequestID = origin.Address, origin.RequestID
	if err := s.check(ctx, actor, access.SignInUse, found.Workspace, "member", found.ID); err != nil {
		return Member{}, err
	}
	event := eventOf(origin, &found, method)
	event.Kind, event.Actor, event.Reason = security.SignInSucceeded, found.ID, "The member signed in."
	s.record(ctx, event)
	found.SignedInAt = s.config.Now()
	return found, s.config.Store.SetMemberSignedIn(ctx, found.Workspace, found.ID, found.SignedInAt)
}

// refuse records a failed sign-in, and returns the error.
func (s *Service) refuse(ctx context.Context, event security.Event, message string) error {
	event.Kind, event.Reason = security.SignInFailed, "The password is wrong."
	switch {
	case event.Method == "oidc":
		event.Reason = "The identity isn't linked to a member."
	case event.Subject == "":
		event.Reason = "There is no such member."
	}
	s.record(ctx, event)
	return problem.New(problem.Unauthenticated, "%s", message).
		WithHint("Try again, or ask an owner or an admin for a sign-in link.")
}
