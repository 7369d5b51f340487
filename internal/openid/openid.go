// Package openid signs people in at an OIDC issuer: the authorization code flow
// with PKCE, a state and a nonce.
//
//	Begin   returns the address to redirect to, and the state to store
//	Finish  validates the response, and returns the identity
//
// An identity is the issuer and its permanent subject. The e-mail address in the
// token is ignored. See
// https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth and
// https://www.rfc-editor.org/rfc/rfc9700.html.
package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Config configures a [SignIn]. All fields are required.
type Config struct {
	Name         string // of the issuer, for people
	Issuer       string
	ClientID     string
	ClientSecret secret.String // empty for a public client
	RedirectURL  string        // of the callback
	HTTP         *http.Client  // for requests to the issuer; should have a timeout
	Now          func() time.Time
}

// FlowLifetime limits the time between Begin and Finish.
const FlowLifetime = 10 * time.Minute

// maxCode is the longest code from the issuer, in bytes.
const maxCode = 4096

// SignIn signs people in at one issuer. It is safe for concurrent use.
type SignIn struct {
	config Config

	mu       sync.Mutex
	provider *oidc.Provider // nil until the metadata is fetched
}

// New returns a SignIn. It fetches the metadata at the first sign-in.
func New(config Config) *SignIn { return &SignIn{config: config} }

// host is the form of a host in a content security policy.
var host = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)

// Origin returns the origin that people are sent to, as in
// "https://id.example.com": of the authorization endpoint if it is known, else of
// the issuer. It is empty if a content security policy can't name it.
func (s *SignIn) Origin() string {
	address := s.config.Issuer
	if s.mu.TryLock() { // otherwise the metadata is being fetched
		if s.provider != nil {
			address = s.provider.Endpoint().AuthURL
		}
		s.mu.Unlock()
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !host.MatchString(u.Host) {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Name returns the issuer's name for people.
func (s *SignIn) Name() string { return s.config.Name }

// Flow is the state between Begin and Finish. Store it in secret, and use it
// once.
type Flow struct {
	State    string
	Nonce    string
	Verifier string // of PKCE
	Begun    time.Time
}

// Begin returns the address to redirect to. With again, the issuer asks the
// person to sign in even if they are already signed in there.
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

// Finish validates the query of the callback and returns the identity. If it is
// invalid, the error is a problem with code unauthenticated.
func (s *SignIn) Finish(ctx context.Context, flow Flow, query url.Values) (workspace.Identity, error) {
	now := s.config.Now()
	if flow.State == "" || subtle.ConstantTimeCompare([]byte(flow.State), []byte(query.Get("state"))) != 1 ||
		!now.Before(flow.Begun.Add(FlowLifetime)) {
		return workspace.Identity{}, refused(nil, "This sign-in wasn't started in this browser, or took too long.")
	}
	if iss := query.Get("iss"); iss != "" && iss != s.config.Issuer { // RFC 9207
		return workspace.Identity{}, refused(nil, "The response is from another issuer.")
	}
	config, provider, err := s.client(ctx)
	if err != nil {
		return workspace.Identity{}, err
	}
	if query.Get("iss") == "" && namesItself(provider) {
		return workspace.Identity{}, refused(nil, "The response doesn't name its issuer.")
	}
	code := query.Get("code")
	if query.Get("error") != "" || code == "" || len(code) > maxCode {
		return workspace.Identity{}, refused(nil, "%s didn't sign you in.", s.config.Name)
	}
	ctx = oidc.ClientContext(ctx, s.config.HTTP)
	tokens, err := config.Exchange(ctx, code, oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		return workspace.Identity{}, refused(err, "%s rejected its own code.", s.config.Name)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.config.ClientID, Now: s.config.Now}).
		Verify(ctx, raw)
	if err != nil {
		return workspace.Identity{}, refused(err, "The token of %s is invalid.", s.config.Name)
	}
	if token.Subject == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(flow.Nonce)) != 1 ||
		!s.isForUs(token) {
		return workspace.Identity{}, refused(nil, "The token of %s belongs to another sign-in.", s.config.Name)
	}
	return workspace.Identity{Issuer: token.Issuer, Subject: token.Subject}, nil
}

// namesItself reports whether the issuer puts its name into every response. A
// response without a name is then from someone else (RFC 9207, section 2.4).
func namesItself(provider *oidc.Provider) bool {
	var metadata struct {
		Supported bool `json:"authorization_response_iss_parameter_supported"`
	}
	return provider.Claims(&metadata) == nil && metadata.Supported
}

// isForUs reports whether a token was issued to this client (OpenID Connect
// Core, section 3.1.3.7, 4 and 5).
func (s *SignIn) isForUs(token *oidc.IDToken) bool {
	var claims struct {
		Party string `json:"azp"`
	}
	if token.Claims(&claims) != nil {
		return false
	}
	return claims.Party == s.config.ClientID || claims.Party == "" && len(token.Audience) == 1
}

// client returns the client's configuration. It fetches the issuer's metadata
// once.
func (s *SignIn) client(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider == nil {
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), s.config.HTTP), s.config.Issuer)
		if err != nil {
			return nil, nil, problem.Wrap(err, problem.Unavailable, "%s is unavailable.", s.config.Name).
				WithHint("Sign in another way, or try again in a moment.")
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
