package stsapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
)

type webIdentityResult struct {
	Credentials                 credentialsXML
	SubjectFromWebIdentityToken string
	AssumedRoleUser             roleUserXML
	PackedPolicySize            int `xml:",omitempty"`
	Provider                    string
	Audience                    string
	SourceIdentity              string `xml:",omitempty"`
}

func invalidToken(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "InvalidIdentityToken", format, args...)
}

// badClaims returns the error for a token that the trust policy or the
// provider doesn't accept.
func badClaims() error {
	return invalidToken(
		"The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation " +
			"for requirements.",
	)
}

func notAuthorized(action string) error {
	return awserror.New(http.StatusForbidden, "AccessDenied", "Not authorized to perform %s", action)
}

// assumeRoleWithWebIdentity checks the trust policy before it fetches the
// provider's keys, as STS does. The token's claims are trusted only after its
// signature is verified, at the end.
func (a *API) assumeRoleWithWebIdentity(ctx context.Context, c *call) (any, error) {
	ask, err := readAssumption(c)
	if err != nil {
		return nil, err
	}
	if c.Params.Get("ProviderId") != "" {
		// For OAuth 2.0 access tokens of two providers; ID tokens have an issuer.
		return nil, awserror.New(
			http.StatusBadRequest,
			"InvalidInput",
			"ProviderId is not supported by this implementation.",
		)
	}
	token, err := readToken(c.Params.Get("WebIdentityToken"))
	if err != nil {
		return nil, err
	}
	claims := &token.Claims
	if err := ask.takeTags(claims); err != nil {
		return nil, err
	}
	role, trust := a.findRole(ask.roleARN)
	if role == nil || trust == nil {
		return nil, notAuthorized("sts:AssumeRoleWithWebIdentity")
	}
	if ask.duration > role.MaxSession {
		return nil, invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	provider, err := a.trustedProvider(role, trust, claims)
	if err != nil {
		return nil, err
	}
	if err := a.allowWebIdentity(ctx, c, ask, trust, provider, claims); err != nil {
		return nil, err
	}
	if err := a.verifyToken(ctx, c, token, provider); err != nil {
		return nil, err
	}
	session, err := a.newSession(c, ask.passed, ask.duration, role.Account)
	if err != nil {
		return nil, err
	}
	session.Kind, session.Name = directory.WebIdentitySession, ask.sessionName
	session.Role, session.RoleID = role.Name, role.ID
	session.Provider, session.Subject, session.Audience = provider.ARN(), claims.Subject, audience(claims)
	session.SourceIdentity = ask.sourceIdentity
	if err := a.keep(session); err != nil {
		return nil, err
	}
	return webIdentityResult{
		Credentials:                 show(session),
		SubjectFromWebIdentityToken: claims.Subject,
		AssumedRoleUser: roleUserXML{
			role.ID + ":" + ask.sessionName,
			directory.RolePrincipal(role, ask.sessionName).ARN,
		},
		PackedPolicySize: ask.passed.packed,
		Provider:         provider.ARN(),
		Audience:         session.Audience,
		SourceIdentity:   ask.sourceIdentity,
	}, nil
}

func readToken(text string) (*webidentity.Token, error) {
	switch {
	case text == "":
		return nil, missing("webIdentityToken")
	case len(text) < 4:
		return nil, invalid(
			"1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must " +
				"have length greater than or equal to 4",
		)
	case len(text) > webidentity.MaxToken:
		return nil, invalid(
			"1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must "+
				"have length less than or equal to %d",
			webidentity.MaxToken,
		)
	}
	token, err := webidentity.Parse(text)
	if err != nil {
		return nil, invalidToken("%s", err)
	}
	return token, nil
}

// trustedProvider finds the provider of a token's issuer in the role's account.
// A trust policy that names no existing provider accepts no token.
func (a *API) trustedProvider(
	role *directory.Role,
	trust *iam.Compiled,
	claims *webidentity.Claims,
) (*directory.Provider, error) {
	if claims.Issuer == "" || !a.namesProvider(role.Account, trust.Policy()) {
		return nil, notAuthorized("sts:AssumeRoleWithWebIdentity")
	}
	switch {
	case len(claims.Audience) == 0:
		return nil, badClaims()
	case len(claims.Audience) > 1 && claims.Party == "":
		return nil, invalidToken("Token audience contains more than one audience while authorized party is not present")
	}
	provider := a.findProvider(role.Account, claims.Issuer)
	if provider == nil {
		return nil, badClaims()
	}
	return provider, nil
}

// namesProvider reports whether a trust policy names an existing provider.
func (a *API) namesProvider(account string, policy *iam.Policy) bool {
	named := false
	_ = a.config.Directory.Seen(func(tx *directory.Tx) error { // fn returns no error
		for _, statement := range policy.Statements {
			if statement.Principal == nil {
				continue
			}
			for _, entry := range statement.Principal.Entries {
				for _, value := range entry.Values.Values {
					_, url, _ := strings.Cut(value.Value, ":oidc-provider/")
					provider := tx.Providers.Get(account, url)
					named = named || entry.Type.Value == "Federated" && provider != nil && provider.ARN() == value.Value
				}
			}
		}
		return nil
	})
	return named
}

// verifyToken checks the token itself, and that it is meant for the provider.
func (a *API) verifyToken(ctx context.Context, c *call, token *webidentity.Token, provider *directory.Provider) error {
	if !slices.Contains(provider.ClientIDs, audience(&token.Claims)) {
		return badClaims()
	}
	err := token.Verify(ctx, a.config.Keys, c.now)
	var expired *webidentity.ExpiredError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &expired):
		return awserror.New(http.StatusBadRequest, "ExpiredTokenException", "%s", err)
	case errors.Is(err, webidentity.ErrUnreachable):
		return invalidToken(
			"Couldn't retrieve verification key from your identity provider,  please reference " +
				"AssumeRoleWithWebIdentity documentation for requirements",
		)
	default:
		return invalidToken("%s", err)
	}
}

// findProvider returns the provider of an issuer in an account, or nil.
func (a *API) findProvider(account, issuer string) *directory.Provider {
	scheme, address, ok := strings.Cut(issuer, "://")
	if !ok {
		return nil
	}
	var provider *directory.Provider
	_ = a.config.Directory.Seen(func(tx *directory.Tx) error { // fn returns no error
		provider = tx.Providers.Get(account, address)
		return nil
	})
	if provider == nil || provider.URL != address || (scheme == "http") != provider.Insecure ||
		scheme != "http" && scheme != "https" {
		return nil
	}
	return provider
}

// audience returns the value of the key PROVIDER:aud: azp if the token has
// one.
func audience(claims *webidentity.Claims) string {
	if claims.Party != "" {
		return claims.Party
	}
	return claims.Audience[0]
}

// takeTags sets session tags and the source identity from the token. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp.
func (ask *assumption) takeTags(claims *webidentity.Claims) error {
	ask.sourceIdentity, _ = claims.All["https://aws.amazon.com/source_identity"].(string)
	tags, _ := claims.All["https://aws.amazon.com/tags"].(map[string]any)
	principal, _ := tags["principal_tags"].(map[string]any)
	ask.passed.tags, ask.passed.transitive = nil, nil
	for _, key := range directory.SortedNames(principal) {
		values, _ := principal[key].([]any)
		if len(values) != 1 {
			return invalidToken("The session tag %s must have one value.", cut(key))
		}
		value, _ := values[0].(string)
		ask.passed.tags = append(ask.passed.tags, directory.Tag{Key: key, Value: value})
	}
	transitive, _ := tags["transitive_tag_keys"].([]any)
	for _, key := range transitive {
		if name, ok := key.(string); ok {
			ask.passed.transitive = append(ask.passed.transitive, name)
		}
	}
	return checkTags(ask.passed.tags, ask.passed.transitive)
}

func (a *API) allowWebIdentity(
	ctx context.Context,
	c *call,
	ask *assumption,
	trust *iam.Compiled,
	provider *directory.Provider,
	claims *webidentity.Claims,
) error {
	caller := &directory.Caller{Principal: iam.Principal{Type: iam.WebIdentity, Provider: provider.ARN()}}
	keys := append(claimKeys(provider, claims), ask.passed.keys()...)
	keys = append(
		keys,
		authz.K("sts:RoleSessionName", ask.sessionName),
		authz.K("sts:DurationSeconds", itoa(int(ask.duration/time.Second))),
	)
	if ask.sourceIdentity != "" {
		keys = append(keys, authz.K("sts:SourceIdentity", ask.sourceIdentity))
	}
	actions := []string{"sts:AssumeRoleWithWebIdentity"}
	if len(ask.passed.tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if ask.sourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	for _, action := range actions {
		call := &authz.Call{
			Caller: caller, Request: c.Request, RequestID: c.RequestID, Region: c.Region,
			Action: action, Resource: ask.roleARN, ResourceAccount: provider.Account, Trust: trust, Keys: keys,
		}
		d := a.config.Authorizer.Decide(ctx, call)
		switch {
		case d.Allowed():
		case claims.Subject == "" || !slices.Contains(provider.ClientIDs, audience(claims)):
			return badClaims() // as verifyToken: the token itself is wrong
		default:
			return notAuthorized(action)
		}
	}
	return nil
}

// claimKeys returns the condition keys of a token. Every provider has aud, sub
// and amr; STS also knows some claims of GitHub and CircleCI. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif.
func claimKeys(provider *directory.Provider, claims *webidentity.Claims) []authz.Key {
	keys := []authz.Key{
		authz.K("aws:FederatedProvider", provider.ARN()),
		authz.K(provider.URL+":aud", audience(claims)),
	}
	if claims.Subject != "" {
		keys = append(keys, authz.K(provider.URL+":sub", claims.Subject))
	}
	if claims.Party != "" {
		keys = append(keys, authz.K(provider.URL+":oaud", claims.Audience...))
	}
	if len(claims.Methods) > 0 {
		keys = append(keys, authz.K(provider.URL+":amr", claims.Methods...))
	}
	var own []string
	switch {
	case provider.URL == "token.actions.githubusercontent.com":
		own = []string{
			"actor",
			"actor_id",
			"job_workflow_ref",
			"repository",
			"repository_id",
			"repository_owner_id",
			"workflow",
			"ref",
			"environment",
			"enterprise_id",
		}
	case strings.HasPrefix(provider.URL, "oidc.circleci.com/org/"):
		own = []string{"oidc.circleci.com/project-id"}
	}
	for _, name := range own {
		if value, ok := claims.All[name].(string); ok {
			keys = append(keys, authz.K(provider.URL+":"+name, value))
		}
	}
	return keys
}
