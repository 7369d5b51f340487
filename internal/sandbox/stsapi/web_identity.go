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

func (a *API) assumeRoleWithWebIdentity(ctx context.Context, c *Call) (any, error) {
	ask, err := readAssumption(c)
	if err != nil {
		return nil, err
	}
	if len(c.Params.Get("WebIdentityToken")) < 4 {
		return nil, constraint("", "webIdentityToken", "have length greater than or equal to 4")
	}
	provider, claims, err := a.verifyToken(ctx, c, ask)
	if err != nil {
		return nil, err
	}
	if err := ask.takeTags(claims); err != nil {
		return nil, err
	}
	role, trust := a.findRole(ask.roleARN)
	if err := a.allowWebIdentity(ctx, c, ask, role, trust, provider, claims); err != nil {
		return nil, err
	}
	if ask.duration > role.MaxSession {
		return nil, invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	session, err := a.newSession(c, ask.passed, ask.duration, role.Account)
	if err != nil {
		return nil, err
	}
	session.Kind, session.Role, session.RoleID, session.Name = directory.WebIdentitySession, role.Name, role.ID, ask.sessionName
	session.Provider, session.Subject, session.Audience = provider.ARN(), claims.Subject, audience(claims)
	session.SourceIdentity = ask.sourceIdentity
	if err := a.keep(session); err != nil {
		return nil, err
	}
	return webIdentityResult{
		Credentials: show(session), SubjectFromWebIdentityToken: claims.Subject,
		AssumedRoleUser:  roleUserXML{role.ID + ":" + ask.sessionName, directory.RolePrincipal(role, ask.sessionName).ARN},
		PackedPolicySize: ask.passed.packed, Provider: provider.ARN(), Audience: session.Audience, SourceIdentity: ask.sourceIdentity,
	}, nil
}

// verifyToken finds the provider in the role's account and checks the token.
func (a *API) verifyToken(ctx context.Context, c *Call, ask *assumption) (*directory.Provider, *webidentity.Claims, error) {
	token, err := webidentity.Parse(c.Params.Get("WebIdentityToken"))
	if err != nil {
		return nil, nil, invalidToken("%s", err)
	}
	claims := &token.Claims
	provider := a.findProvider(ask.roleARN, claims.Issuer)
	if provider == nil {
		return nil, nil, invalidToken("No OpenIDConnect provider found in your account for %s", cut(claims.Issuer))
	}
	if err := token.Verify(ctx, a.config.Keys, c.now); err != nil {
		var expired *webidentity.ExpiredError
		switch {
		case errors.As(err, &expired):
			return nil, nil, awserror.New(http.StatusBadRequest, "ExpiredTokenException", "%s", err)
		case errors.Is(err, webidentity.ErrUnreachable):
			return nil, nil, awserror.New(http.StatusBadRequest, "IDPCommunicationError", "%s", err)
		default:
			return nil, nil, invalidToken("%s", err)
		}
	}
	if !slices.ContainsFunc(claims.Audience, func(aud string) bool { return slices.Contains(provider.ClientIDs, aud) }) &&
		!slices.Contains(provider.ClientIDs, claims.Party) {
		return nil, nil, invalidToken("Incorrect token audience")
	}
	return provider, claims, nil
}

// findProvider gives the provider of an issuer in a role's account, or nil.
func (a *API) findProvider(roleARN, issuer string) *directory.Provider {
	account, _, _ := directory.SplitARN(roleARN)
	scheme, address, ok := strings.Cut(issuer, "://")
	if !ok {
		return nil
	}
	var provider *directory.Provider
	_ = a.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		provider = tx.Providers.Get(account, strings.TrimSuffix(address, "/"))
		return nil
	})
	if provider == nil || provider.URL != strings.TrimSuffix(address, "/") || (scheme == "http") != provider.Insecure || scheme != "http" && scheme != "https" {
		return nil
	}
	return provider
}

// audience is what the key PROVIDER:aud says: azp where the token has one.
func audience(claims *webidentity.Claims) string {
	if claims.Party != "" && len(claims.Audience) > 1 {
		return claims.Party
	}
	return claims.Audience[0]
}

// takeTags takes session tags and the source identity from the token. See
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

func (a *API) allowWebIdentity(ctx context.Context, c *Call, ask *assumption, role *directory.Role, trust *iam.Compiled, provider *directory.Provider, claims *webidentity.Claims) error {
	caller := &directory.Caller{Principal: iam.Principal{Type: iam.WebIdentity, Provider: provider.ARN()}}
	keys := []authz.Key{
		authz.K(provider.URL+":aud", audience(claims)), authz.K(provider.URL+":sub", claims.Subject),
		authz.K("sts:RoleSessionName", ask.sessionName), authz.K("sts:DurationSeconds", itoa(int(ask.duration/time.Second))),
		authz.K("aws:FederatedProvider", provider.ARN()),
	}
	if len(claims.Methods) > 0 {
		keys = append(keys, authz.K(provider.URL+":amr", claims.Methods...))
	}
	if ask.sourceIdentity != "" {
		keys = append(keys, authz.K("sts:SourceIdentity", ask.sourceIdentity))
	}
	keys = append(keys, ask.passed.keys()...)
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
		if role == nil || trust == nil || !d.Allowed() {
			return awserror.New(http.StatusForbidden, "AccessDenied", "Not authorized to perform %s", action)
		}
	}
	return nil
}
