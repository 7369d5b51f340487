package stsapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

const (
	defaultUserDuration = 43200
	maxUserDuration     = 129600
)

// longTerm rejects temporary credentials.
func longTerm(c *call, action string) error {
	if c.Caller.Session != nil {
		return awserror.New(http.StatusForbidden, "AccessDenied", "Cannot call %s with session credentials", action)
	}
	return nil
}

// noDevice rejects a one-time code, because there are no MFA devices.
func noDevice(c *call) error {
	if c.Params.Has("TokenCode") || c.Params.Has("SerialNumber") {
		return awserror.New(
			http.StatusForbidden,
			"AccessDenied",
			"MultiFactorAuthentication failed with invalid MFA one time pass code.",
		)
	}
	return nil
}

// userDuration returns the duration of a user's session. The root user's last
// at most an hour.
func userDuration(c *call) (time.Duration, error) {
	duration, err := readDuration(c.Params, defaultUserDuration, maxUserDuration)
	if c.Caller.Type == iam.Root {
		duration = min(duration, time.Hour)
	}
	return duration, err
}

type sessionTokenResult struct{ Credentials credentialsXML }

func (a *API) getSessionToken(ctx context.Context, c *call) (any, error) {
	if err := longTerm(c, "GetSessionToken"); err != nil {
		return nil, err
	}
	duration, err := userDuration(c)
	if err != nil {
		return nil, err
	}
	if err := noDevice(c); err != nil {
		return nil, err
	}
	call := c.Authz("sts:GetSessionToken", "*", c.Caller.Account, nil)
	if d := a.config.Authorizer.Decide(ctx, call); !d.Allowed() {
		return nil, authz.Denied(call, d)
	}
	session, err := a.newSession(c, passed{}, duration, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	session.Kind, session.User = directory.UserSession, c.Caller.UserName
	if err := a.keep(session); err != nil {
		return nil, err
	}
	return sessionTokenResult{show(session)}, nil
}

type federatedXML struct {
	FederatedUserID string `xml:"FederatedUserId"`
	Arn             string
}

type federationResult struct {
	Credentials      credentialsXML
	FederatedUser    federatedXML
	PackedPolicySize int `xml:",omitempty"`
}

func (a *API) getFederationToken(ctx context.Context, c *call) (any, error) {
	if err := longTerm(c, "GetFederationToken"); err != nil {
		return nil, err
	}
	name := c.Params.Get("Name")
	if err := checkText(name, "name", 2, 32, namePattern, `[\w+=,.@-]*`); err != nil {
		return nil, err
	}
	duration, err := userDuration(c)
	if err != nil {
		return nil, err
	}
	given, err := readPassed(c.Params)
	if err != nil {
		return nil, err
	}
	arn := "arn:aws:sts::" + c.Caller.Account + ":federated-user/" + name
	actions := []string{"sts:GetFederationToken"}
	if len(given.tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	for _, action := range actions {
		call := c.Authz(action, arn, c.Caller.Account, given.keys())
		if d := a.config.Authorizer.Decide(ctx, call); !d.Allowed() {
			return nil, authz.Denied(call, d)
		}
	}
	session, err := a.newSession(c, given, duration, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	session.Kind, session.User, session.Name = directory.FederatedSession, c.Caller.UserName, name
	if err := a.keep(session); err != nil {
		return nil, err
	}
	return federationResult{show(session), federatedXML{c.Caller.Account + ":" + name, arn}, given.packed}, nil
}

type accessKeyInfoResult struct{ Account string }

func (a *API) getAccessKeyInfo(ctx context.Context, c *call) (any, error) {
	id := c.Params.Get("AccessKeyId")
	if len(id) < 16 || len(id) > 128 {
		return nil, constraint(id, "accessKeyId", "have length between 16 and 128")
	}
	call := c.Authz("sts:GetAccessKeyInfo", "*", c.Caller.Account, nil)
	if d := a.config.Authorizer.Decide(ctx, call); !d.Allowed() {
		return nil, authz.Denied(call, d)
	}
	var account string
	_ = a.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		if key := tx.Keys.Get("", id); key != nil {
			account = key.Account
		} else if session := tx.Sessions.Get("", id); session != nil {
			account = session.Account
		}
		return nil
	})
	if account == "" {
		return nil, invalid("Invalid Access Key ID: %s", cut(strings.ToValidUTF8(id, "?")))
	}
	return accessKeyInfoResult{account}, nil
}

func (a *API) decodeAuthorizationMessage(ctx context.Context, c *call) (any, error) {
	call := c.Authz("sts:DecodeAuthorizationMessage", "*", c.Caller.Account, nil)
	if d := a.config.Authorizer.Decide(ctx, call); !d.Allowed() {
		return nil, authz.Denied(call, d)
	}
	text, err := a.config.Authorizer.DecodeMessage(c.Params.Get("EncodedMessage"))
	if err != nil {
		return nil, awserror.New(
			http.StatusBadRequest,
			"InvalidAuthorizationMessageException",
			"Message is not a valid encoded authorization message",
		)
	}
	return struct{ DecodedMessage string }{text}, nil
}
