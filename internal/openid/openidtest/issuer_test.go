package openidtest_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/windlass-io/windlass/internal/openid/openidtest"
)

// signIn requests a code from the issuer like a browser, and returns the
// redirect's parameters.
func signIn(t *testing.T, address string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatalf("the address %s: %v", address, err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("opening %s: %v", address, err)
	}
	defer response.Body.Close()
	location, err := response.Location()
	if err != nil {
		t.Fatalf("%s returned %s without a redirect: %v", address, response.Status, err)
	}
	return location.Query()
}

// config returns the settings of a registered client.
func config(provider *oidc.Provider, issuer *openidtest.Issuer) *oauth2.Config {
	return &oauth2.Config{
		ClientID: issuer.ClientID, ClientSecret: issuer.ClientSecret, Endpoint: provider.Endpoint(),
		RedirectURL: "https://app.example.com/back", Scopes: []string{oidc.ScopeOpenID},
	}
}

func provider(ctx context.Context, t *testing.T, issuer *openidtest.Issuer) *oidc.Provider {
	t.Helper()
	found, err := oidc.NewProvider(ctx, issuer.URL)
	if err != nil {
		t.Fatalf("reading the issuer's metadata: %v", err)
	}
	return found
}

// The issuer signs a person in for a client that only follows the standard,
// and refuses what the standard refuses.
func TestIssuerSignsIn(t *testing.T) {
	issuer := openidtest.Start(t)
	issuer.SignIn("ada")
	issuer.NamesItself.Store(true)
	found := provider(t.Context(), t, issuer)
	client := config(found, issuer)
	verifier := oauth2.GenerateVerifier()

	back := signIn(t, client.AuthCodeURL("state-1", oidc.Nonce("nonce-1"), oauth2.S256ChallengeOption(verifier)))
	if back.Get("state") != "state-1" || back.Get("iss") != issuer.URL || back.Get("code") == "" {
		t.Fatalf("the redirect has %v, want the state, the issuer and a code", back)
	}
	tokens, err := client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatalf("exchanging the code: %v", err)
	}
	text, _ := tokens.Extra("id_token").(string)
	token, err := found.Verifier(&oidc.Config{ClientID: issuer.ClientID}).Verify(t.Context(), text)
	if err != nil {
		t.Fatalf("verifying the ID token: %v", err)
	}
	if token.Subject != "ada" || token.Nonce != "nonce-1" {
		t.Errorf("the token is of %q with the nonce %q, want ada and nonce-1", token.Subject, token.Nonce)
	}
	if _, err := client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier)); err == nil {
		t.Error("the code was accepted a second time")
	}
}

func TestIssuerRefuses(t *testing.T) {
	issuer := openidtest.Start(t)
	client := config(provider(t.Context(), t, issuer), issuer)
	verifier := oauth2.GenerateVerifier()
	code := func(options ...oauth2.AuthCodeOption) url.Values {
		return signIn(t, client.AuthCodeURL("state", options...))
	}

	if got := code().Get("error"); got != "invalid_request" {
		t.Errorf("without PKCE the error is %q, want invalid_request", got)
	}
	if got := code(oauth2.SetAuthURLParam("scope", "email"), oauth2.S256ChallengeOption(verifier)).Get("error"); got !=
		"invalid_scope" {
		t.Errorf("without the scope openid the error is %q, want invalid_scope", got)
	}
	if got := code(oauth2.SetAuthURLParam("response_type", "token"), oauth2.S256ChallengeOption(verifier)).
		Get("error"); got != "unsupported_response_type" {
		t.Errorf("for a token the error is %q, want unsupported_response_type", got)
	}
	issued := code(oauth2.S256ChallengeOption(verifier)).Get("code")
	if _, err := client.Exchange(t.Context(), issued, oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
		t.Error("a code was accepted with another verifier")
	}
	stranger := *client
	stranger.ClientSecret = "wrong"
	issued = code(oauth2.S256ChallengeOption(verifier)).Get("code")
	if _, err := stranger.Exchange(t.Context(), issued, oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code was accepted with a wrong client secret")
	}
}

func TestIssuerRotatesItsKey(t *testing.T) {
	issuer := openidtest.Start(t)
	before := issuer.Sign(t, map[string]any{"iss": issuer.URL, "sub": "ada", "aud": "x", "exp": 32503680000})
	verify := func(token string) error {
		_, err := provider(t.Context(), t, issuer).Verifier(&oidc.Config{ClientID: "x"}).Verify(t.Context(), token)
		return err
	}
	if err := verify(before); err != nil {
		t.Errorf("a token of the current key: %v", err)
	}
	issuer.Rotate(t)
	if err := verify(before); err == nil {
		t.Error("a token of the last key is still valid after the rotation")
	}
	issuer.Down.Store(true)
	if _, err := oidc.NewProvider(t.Context(), issuer.URL); err == nil {
		t.Error("an issuer that is down returned its metadata")
	}
}
