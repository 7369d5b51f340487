// Package stsapi serves the STS query API over a directory. See
// https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html.
package stsapi

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
)

// Version is the API's version, which every request names.
const Version = "2011-06-15"

var protocol = query.XML{Namespace: "https://sts.amazonaws.com/doc/2011-06-15/", Failure: "InternalFailure"}

// Config configures the API. Every field is required.
type Config struct {
	query.Config
	Keys webidentity.Keys // of OpenID Connect providers
}

// API returns STS's calls. It is safe for concurrent use.
type API struct {
	query.XML
	config     Config
	operations map[string]operation
}

type operation func(a *API, ctx context.Context, c *call) (result any, _ error)

// New returns the API.
func New(config Config) *API {
	return &API{protocol, config, map[string]operation{
		"AssumeRole":                 (*API).assumeRole,
		"AssumeRoleWithWebIdentity":  (*API).assumeRoleWithWebIdentity,
		"DecodeAuthorizationMessage": (*API).decodeAuthorizationMessage,
		"GetAccessKeyInfo":           (*API).getAccessKeyInfo,
		"GetCallerIdentity":          (*API).getCallerIdentity,
		"GetFederationToken":         (*API).getFederationToken,
		"GetSessionToken":            (*API).getSessionToken,
	}}
}

// call is one request and its time.
type call struct {
	*query.Call
	now time.Time
}

// CheckRegion accepts every region, because STS is in all of them.
func (a *API) CheckRegion(string, string) error { return nil }

// Has reports whether STS has an action.
func (a *API) Has(action string) bool {
	_, known := a.operations[action]
	return known
}

// Serve decides a call and executes it.
func (a *API) Serve(ctx context.Context, in *query.Call) (result any, err error) {
	c, action := &call{Call: in}, in.Action
	run, known := a.operations[action]
	if !known {
		return nil, query.InvalidAction(action, c.Params.Get("Version"))
	}
	c.now = a.config.Now().UTC().Truncate(time.Second)
	if err := mayCall(c, action); err != nil {
		return nil, err
	}
	result, err = run(a, ctx, c)
	return result, err
}

// mayCall rejects actions that users' sessions can't call. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html.
func mayCall(c *call, action string) error {
	if c.Caller.Session == nil || action == "GetCallerIdentity" {
		return nil
	}
	kind := c.Caller.Session.Kind
	if kind == directory.FederatedSession || kind == directory.UserSession && action != "AssumeRole" {
		return awserror.New(http.StatusForbidden, "AccessDenied", "Cannot call %s with session credentials", action)
	}
	return nil
}

// AllowsUnsigned reports whether an action can be called without a signature.
func (a *API) AllowsUnsigned(action string) bool {
	return action == "AssumeRoleWithWebIdentity" || action == "AssumeRoleWithSAML"
}

type identityResult struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

func (a *API) getCallerIdentity(ctx context.Context, c *call) (any, error) {
	question := c.Authz("sts:GetCallerIdentity", "*", c.Caller.Account, nil)
	if d := a.config.Authorizer.Decide(ctx, question); !d.Allowed() {
		return nil, authz.Denied(question, d)
	}
	return identityResult{c.Caller.ARN, c.Caller.UserID, c.Caller.Account}, nil
}

func cut(s string) string { return clip.To(s, 200) }
