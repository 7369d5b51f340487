package server

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// The limits of refused tokens per address: this many, then five per second.
const (
	unknownTokens = 300 // API tokens
	refusedTokens = 500 // CI tokens
	tokenEvery    = time.Second / 5
)

// openSecurity builds the services that record and count attacks.
func (s *Server) openSecurity() {
	s.log = newLog(&s.config, s.store, s.observe)
	s.attempts = attempt.New(s.store, s.config.Now)
	s.security = security.New(security.Config{
		Checker: s.checker, Reader: s.store, Log: s.log,
		Home: func(ctx context.Context) (string, error) {
			return s.workspaces.Resolve(ctx, s.config.Settings.Workspace)
		},
	})
}

func newLog(cfg *Config, state *store.Store, observe func(*security.Event)) *security.Log {
	return security.NewLog(security.LogConfig{
		Store: state, Keep: time.Duration(cfg.Settings.SecurityDays) * 24 * time.Hour, Observe: observe,
		Logger: cfg.Logger, Now: cfg.Now,
	})
}

// observe counts security events before they are folded.
func (s *Server) observe(e *security.Event) {
	s.metrics.SecurityEvent(string(e.Kind))
	switch e.Kind {
	case security.SignInSucceeded:
		s.metrics.SignIn(e.Method, "ok")
	case security.SignInFailed, security.LinkInvalid:
		s.metrics.SignIn(e.Method, "failed")
	case security.SignInLimited:
		s.metrics.SignIn(e.Method, "limited")
	default:
	}
}

// refusedToken counts and records an API token that was refused. Over the limit
// of its address the answer is rate_limited; valid tokens are never counted.
func (s *Server) refusedToken(ctx context.Context, text string, refusal error) error {
	from := door.From(ctx)
	event := security.Event{
		Kind: security.TokenUnknown, Address: from.Address, RequestID: from.ID,
		Reason: "The token is unknown.",
	}
	if token.WellFormed(text) {
		found, err := s.store.TokenByHash(ctx, token.HashOf(text))
		if err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
		if err == nil {
			event.Kind, event.Subject, event.Workspace = security.TokenEnded, found.ID, found.Workspace
			event.Reason = "The token expired, was revoked, or its maker left."
		}
	}
	s.log.Record(ctx, event)
	bucket := attempt.Bucket{
		Name: attempt.Name("token", security.Network(from.Address)), Size: unknownTokens,
		Every: tokenEvery,
	}
	if err := s.attempts.Take(ctx, bucket); err != nil {
		return err
	}
	return refusal
}

// shedToken counts a CI token that no provider vouches for.
func (s *Server) shedToken(ctx context.Context, address string) error {
	return s.attempts.Take(ctx, attempt.Bucket{
		Name: attempt.Name("ci", security.Network(address)), Size: refusedTokens,
		Every: tokenEvery,
	})
}

// deniedPage records a request of a web page that its token doesn't allow.
func (s *Server) deniedPage(ctx context.Context, actor *access.Actor, from string) {
	entered := door.From(ctx)
	s.log.Record(ctx, security.Event{
		Kind: security.TokenOrigin, Address: entered.Address, RequestID: entered.ID, Subject: actor.Token,
		Workspace: actor.Workspace, Reason: "A web page that isn't allowed used the token: " + clip.To(from, 200),
	})
}

// SignInLink works on the state directly, while the service may run: it returns an
// address that signs a member of the home workspace in, once, within 15 minutes.
// Without a member it is the owner who joined first.
func SignInLink(ctx context.Context, cfg Config, idOrEmail string) (link secret.String, err error) {
	state, err := openState(ctx, &cfg.Settings)
	if err != nil {
		return secret.String{}, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	events := newLog(&cfg, state, nil)
	people := workspace.New(workspace.Config{
		Store: state, Checker: access.NewChecker(audit.NewRecorder(state), cfg.Now), Now: cfg.Now, Log: events,
	})
	home, err := people.Resolve(ctx, cfg.Settings.Workspace)
	if err != nil {
		return secret.String{}, err
	}
	link, err = signInLink(ctx, people, &cfg.Settings, home, idOrEmail)
	return link, errors.Join(err, events.Stop(ctx))
}

func signInLink(ctx context.Context, people *workspace.Service, settings *config.Config, home,
	idOrEmail string,
) (secret.String, error) {
	if idOrEmail == "" {
		owner, err := firstOwner(ctx, people, home)
		if err != nil {
			return secret.String{}, err
		}
		idOrEmail = owner.ID
	}
	link, err := people.CreateLink(ctx, setup, home, idOrEmail)
	if err != nil {
		return secret.String{}, err
	}
	return secret.New(settings.PublicURL + "/sign-in/link/" + link.Reveal()), nil
}

// firstOwner returns the owner of a workspace who joined first.
func firstOwner(ctx context.Context, people *workspace.Service, workspaceID string) (workspace.Member, error) {
	for request := (paging.Request{}); ; {
		members, err := people.Members(ctx, setup, workspaceID, request)
		if err != nil {
			return workspace.Member{}, err
		}
		for _, member := range members.Items {
			if member.Role == access.Owner {
				return member, nil
			}
		}
		if request.Cursor = members.Next; members.Next == "" {
			return workspace.Member{}, problem.New(problem.NotFound, "The workspace has no owner.").
				WithHint("Start the service once, or specify a member: --member EMAIL")
		}
	}
}
