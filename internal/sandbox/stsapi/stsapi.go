// Package stsapi answers the STS query API over a directory. See
// https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html.
package stsapi

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
)

// Version is the API's version, which every request names.
const Version = "2011-06-15"

// Wire is the API's XML.
func Wire() query.API {
	return query.API{Namespace: "https://sts.amazonaws.com/doc/2011-06-15/", Failure: "InternalFailure"}
}

// Config is what the API needs; every field is required.
type Config struct {
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Keys       webidentity.Keys // of OpenID Connect providers
	Now        func() time.Time
}

// API answers STS's calls. It is safe for concurrent use.
type API struct {
	config     Config
	operations map[string]operation
}

type operation func(a *API, ctx context.Context, c *Call) (result any, _ error)

// New makes the API.
func New(config Config) *API {
	return &API{config, map[string]operation{
		"AssumeRole":                 (*API).assumeRole,
		"AssumeRoleWithWebIdentity":  (*API).assumeRoleWithWebIdentity,
		"DecodeAuthorizationMessage": (*API).decodeAuthorizationMessage,
		"GetAccessKeyInfo":           (*API).getAccessKeyInfo,
		"GetCallerIdentity":          (*API).getCallerIdentity,
		"GetFederationToken":         (*API).getFederationToken,
		"GetSessionToken":            (*API).getSessionToken,
	}}
}

// Call is one request. Its signature has been verified, unless its caller is
// anonymous.
type Call struct {
	Caller    *directory.Caller
	Params    query.Params
	Request   *http.Request
	RequestID string
	Region    string
	now       time.Time
}

// Known says whether there is such an action.
func (a *API) Known(action string) bool {
	_, known := a.operations[action]
	return known
}

// Answer decides a call and carries it out.
func (a *API) Answer(ctx context.Context, c *Call) (result any, err error) {
	action := c.Params.Get("Action")
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

// mayCall refuses what sessions of users cannot call. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html.
func mayCall(c *Call, action string) error {
	if c.Caller.Session == nil || action == "GetCallerIdentity" {
		return nil
	}
	kind := c.Caller.Session.Kind
	if kind == directory.FederatedSession || kind == directory.UserSession && action != "AssumeRole" {
		return awserror.New(http.StatusForbidden, "AccessDenied", "Cannot call %s with session credentials", action)
	}
	return nil
}

// Unsigned says whether an action is called without a signature.
func Unsigned(action string) bool {
	return action == "AssumeRoleWithWebIdentity" || action == "AssumeRoleWithSAML"
}

type identityResult struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

func (a *API) getCallerIdentity(ctx context.Context, c *Call) (any, error) {
	call := a.call(c, "sts:GetCallerIdentity", "*", c.Caller.Account, nil)
	if d := a.config.Authorizer.Decide(ctx, call); !d.Allowed() {
		return nil, authz.Denied(call, d)
	}
	return identityResult{c.Caller.ARN, c.Caller.UserID, c.Caller.Account}, nil
}

func (a *API) call(c *Call, action, resource, account string, keys []authz.Key) *authz.Call {
	return &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.Region,
		Action: action, Resource: resource, ResourceAccount: account, Keys: keys,
	}
}

func cut(s string) string {
	if len(s) > 200 {
		return s[:200]
	}
	return s
}
