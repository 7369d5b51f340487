package vending

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// parse is the step "read".
func parse(text string) (*idtoken.Token, error) {
	if text == "" {
		return nil, refuse("read", "Send it as \"Authorization: Bearer …\".", "The request has no token.")
	}
	token, err := idtoken.Parse(text)
	return token, asRefusal("read", err)
}

// trusted is the result of the step "trust".
type trusted struct {
	workspace string // ID; may be set for a refusal too
	providers []provider.Provider
}

// trust returns the providers with exactly the token's issuer and one of its
// audiences, all in one workspace. No other issuer's keys are ever fetched.
func (s *Service) trust(ctx context.Context, x exchange, token *idtoken.Token) (trusted, error) {
	workspace, err := s.workspaceOf(ctx, x)
	if err != nil {
		return trusted{}, err
	}
	issuers, err := s.config.Store.ProvidersOf(ctx, token.Issuer)
	if err != nil {
		return trusted{workspace: workspace}, err
	}
	issuers = slices.DeleteFunc(issuers, func(p provider.Provider) bool {
		return workspace != "" && p.Workspace != workspace
	})
	if len(issuers) == 0 {
		return trusted{workspace: x.workspace}, refuse("trust",
			"Add the issuer with windlass provider add, exactly as it is in the token.",
			"No provider has the issuer of the token.")
	}
	found := slices.DeleteFunc(slices.Clone(issuers),
		func(p provider.Provider) bool { return !p.Takes(token.Audience) })
	if len(found) == 0 {
		return trusted{workspace: workspace}, refuse("trust",
			"Request a token for the provider's audience from the CI service, or change the provider's audience.",
			"The token has another audience than the provider.")
	}
	workspace = found[0].Workspace
	found = slices.DeleteFunc(found, func(p provider.Provider) bool { return !p.TakesAlone(token.Audience) })
	if len(found) == 0 {
		return trusted{workspace: workspace}, refuse("trust",
			"Request a token with only this audience from the CI service. If it can't issue one, run "+
				"windlass provider update with --multiple-audiences.",
			"The token has %d audiences, and the provider accepts one.", len(token.Audience))
	}
	workspace = found[0].Workspace
	if slices.ContainsFunc(found, func(p provider.Provider) bool { return p.Workspace != workspace }) {
		return trusted{workspace: x.workspace}, refuse("trust", "Name the workspace in the request.",
			"Providers of several workspaces accept the token, and the request doesn't name a workspace.")
	}
	return trusted{workspace: workspace, providers: found}, nil
}

// workspaceOf returns the ID of the workspace that the request names, or of
// the caller; empty when neither is known.
func (s *Service) workspaceOf(ctx context.Context, x exchange) (string, error) {
	if x.workspace != "" || x.request.Workspace == "" {
		return x.workspace, nil
	}
	id, err := s.config.Workspaces.Resolve(ctx, x.request.Workspace)
	if problem.Is(err, problem.NotFound) {
		return "", refuse("trust", "", "The workspace in the request doesn't exist.")
	}
	return id, err
}

// verify returns the providers for which the token is valid: algorithm, key,
// signature and times. When there are none, the error is that of the first.
func (s *Service) verify(
	ctx context.Context, token *idtoken.Token, providers []provider.Provider, now time.Time,
) ([]provider.Provider, error) {
	var first error
	var valid []provider.Provider
	for i := range providers {
		err := s.verifyFor(ctx, token, &providers[i], now)
		if err == nil {
			valid = append(valid, providers[i])
		} else if first == nil {
			first = err
		}
	}
	if len(valid) == 0 {
		return nil, asRefusal("verify", first)
	}
	return valid, nil
}

func (s *Service) verifyFor(ctx context.Context, token *idtoken.Token, p *provider.Provider, now time.Time) error {
	if !slices.Contains(p.Algorithms, token.Algorithm) {
		return refuse("verify", "", "The provider doesn't allow the token's algorithm %s.", token.Algorithm)
	}
	if err := token.Check(now, p.MaxAge); err != nil { // first, so that an expired token causes no fetch
		return err
	}
	key, err := s.config.Keys.Key(ctx, p.JWKSURL, token.KeyID)
	if err != nil {
		var fault *idtoken.FaultError
		if errors.As(err, &fault) {
			return err
		}
		return refuse("verify", "Check that the provider's JWKS URL is reachable.",
			"The issuer's keys can't be fetched: %v.", err)
	}
	return token.Verify(key)
}
