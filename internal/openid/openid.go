// Package openid signs people in at an OIDC issuer: the authorization code flow
// with PKCE, a state and a nonce.
//
//	Begin   where the browser goes, and what to keep for its return
//	Finish  what the browser brings back, held to what was kept
//
// What comes of it is who the person is to the issuer, by what never changes. An
// e-mail address in the token is not read. See
// https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth and
// https://www.rfc-editor.org/rfc/rfc9700.html.
package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Config is what a [SignIn] needs. Every field is required.
type Config struct {
	Name         string // of the issuer, as people know it
	Issuer       string
	ClientID     string
	ClientSecret secret.String // empty for a public client
	RedirectURL  string        // where the issuer sends the browser back to
	HTTP         *http.Client  // asks the issuer; its timeout is the patience
	Now          func() time.Time
}

// FlowLifetime is how long a person may take at the issuer.
const FlowLifetime = 10 * time.Minute

// maxCode bounds what the issuer's redirect may bring, in bytes.
const maxCode = 4096

// SignIn signs people in at one issuer. It may be used from many goroutines at
// once.
type SignIn struct {
	config Config

	mu       sync.Mutex
	provider *oidc.Provider // nil until the issuer has answered once
}

// New makes a SignIn. The issuer is asked when the first person comes.
func New(config Config) *SignIn { return &SignIn{config: config} }

// Name is how people know the issuer.
func (s *SignIn) Name() string { return s.config.Name }

// Flow is what is kept, in secret, between Begin and Finish. It is good once.
type Flow struct {
	State    string
	Nonce    string
	Verifier string // of PKCE
	Begun    time.Time
}

// Begin returns the issuer's address to go to. With again, the issuer asks the
// person to sign in even if they are signed in there.
func (s *SignIn) Begin(ctx context.Context, again bool) (address string, flow Flow, err error) {
	config, _, err := s.client(ctx)
	if err != nil {
		return "", Flow{}, err
	}
	flow = Flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Begun: s.config.Now()}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(flow.Verifier), oidc.Nonce(flow.Nonce)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return config.AuthCodeURL(flow.State, options...), flow, nil
}

// Finish gives who came back with this query. Whatever does not fit is a problem
// of code unauthenticated.
func (s *SignIn) Finish(ctx context.Context, flow Flow, query url.Values) (workspace.Identity, error) {
	now := s.config.Now()
	if flow.State == "" || subtle.ConstantTimeCompare([]byte(flow.State), []byte(query.Get("state"))) != 1 || !now.Before(flow.Begun.Add(FlowLifetime)) {
		return workspace.Identity{}, refused(nil, "This sign-in was not begun here, or took too long.")
	}
	if iss := query.Get("iss"); iss != "" && iss != s.config.Issuer { // RFC 9207
		return workspace.Identity{}, refused(nil, "The answer is of another issuer.")
	}
	config, provider, err := s.client(ctx)
	if err != nil {
		return workspace.Identity{}, err
	}
	if query.Get("iss") == "" && namesItself(provider) {
		return workspace.Identity{}, refused(nil, "The answer doesn't name its issuer.")
	}
	code := query.Get("code")
	if query.Get("error") != "" || code == "" || len(code) > maxCode {
		return workspace.Identity{}, refused(nil, "%s did not sign you in.", s.config.Name)
	}
	ctx = oidc.ClientContext(ctx, s.config.HTTP)
	tokens, err := config.Exchange(ctx, code, oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		return workspace.Identity{}, refused(err, "%s did not take its own code back.", s.config.Name)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.config.ClientID, Now: s.config.Now}).Verify(ctx, raw)
	if err != nil {
		return workspace.Identity{}, refused(err, "The token of %s is not good.", s.config.Name)
	}
	if token.Subject == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(flow.Nonce)) != 1 || !s.forUs(token) {
		return workspace.Identity{}, refused(nil, "The token of %s is not of this sign-in.", s.config.Name)
	}
	return workspace.Identity{Issuer: token.Issuer, Subject: token.Subject}, nil
}

// namesItself reports whether the issuer puts its name into every answer, so that
// one without it isn't its own (RFC 9207, section 2.4).
func namesItself(provider *oidc.Provider) bool {
	var metadata struct {
		Supported bool `json:"authorization_response_iss_parameter_supported"`
	}
	return provider.Claims(&metadata) == nil && metadata.Supported
}

// forUs says whether a token for several was made for this client (OpenID
// Connect Core, section 3.1.3.7, 4 and 5).
func (s *SignIn) forUs(token *oidc.IDToken) bool {
	var claims struct {
		Party string `json:"azp"`
	}
	if token.Claims(&claims) != nil {
		return false
	}
	return claims.Party == s.config.ClientID || claims.Party == "" && len(token.Audience) == 1
}

// client asks the issuer how it is spoken to, once.
func (s *SignIn) client(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider == nil {
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), s.config.HTTP), s.config.Issuer)
		if err != nil {
			return nil, nil, problem.Wrap(err, problem.Unavailable, "%s does not answer.", s.config.Name).WithHint("Sign in another way, or try again in a moment.")
		}
		s.provider = found
	}
	return &oauth2.Config{
		ClientID: s.config.ClientID, ClientSecret: s.config.ClientSecret.Reveal(), Endpoint: s.provider.Endpoint(),
		RedirectURL: s.config.RedirectURL, Scopes: []string{oidc.ScopeOpenID},
	}, s.provider, nil
}

func refused(cause error, format string, args ...any) error {
	return problem.Wrap(cause, problem.Unauthenticated, format, args...).WithHint("Sign in again.")
}
