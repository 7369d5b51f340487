// Package iamapi answers the IAM query API over a directory. See
// https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html.
package iamapi

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// Wire is the API's XML.
func Wire() query.API { return query.API{Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"} }

// Config is what the API needs; every field is required.
type Config struct {
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Now        func() time.Time
}

// API answers IAM's calls. It is safe for concurrent use.
type API struct {
	config     Config
	operations map[string]operation
}

// New makes the API.
func New(config Config) *API { return &API{config, operations()} }

// Call is one request whose signature has been verified.
type Call struct {
	Caller    *directory.Caller
	Params    query.Params
	Request   *http.Request
	RequestID string
	now       time.Time
	decide    func(action, resource string, keys []authz.Key) error
}

// operation is one of IAM's actions.
type operation struct {
	write    bool                                                  // it changes the directory
	resource func(c *Call, tx *directory.Tx) string                // the ARN that is asked for; nil: "*"
	keys     func(c *Call, tx *directory.Tx) []authz.Key           // further condition keys; may be nil
	run      func(c *Call, tx *directory.Tx) (result any, _ error) // may be called only once allowed
}

// Answer decides a call and carries it out. The result is nil for the calls
// that have none.
func (a *API) Answer(ctx context.Context, c *Call) (action string, result any, err error) {
	action = c.Params.Get("Action")
	op, known := a.operations[action]
	if !known {
		return action, nil, awserror.New(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", cut(action), "2010-05-08")
	}
	if session := c.Caller.Session; session != nil && (session.Kind == directory.UserSession || session.Kind == directory.FederatedSession) {
		return action, nil, query.InvalidToken() // IAM takes no such session without MFA
	}
	c.now = a.config.Now().UTC().Truncate(time.Second)
	c.decide = func(action, resource string, keys []authz.Key) error {
		call := &authz.Call{
			Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: "us-east-1",
			Action: "iam:" + action, Resource: resource, ResourceAccount: c.Caller.Account, Keys: keys,
		}
		if d := a.config.Authorizer.Decide(ctx, call); !d.Allowed() {
			return authz.Denied(call, d)
		}
		return nil
	}
	if err := a.authorize(c, action, op); err != nil {
		return action, nil, err
	}
	do := a.config.Directory.View
	if op.write {
		do = a.config.Directory.Update
	}
	err = do(func(tx *directory.Tx) error {
		result, err = op.run(c, tx)
		return err
	})
	return action, result, err
}

func (a *API) authorize(c *Call, action string, op operation) error {
	resource, keys := "*", []authz.Key(nil)
	err := a.config.Directory.View(func(tx *directory.Tx) error {
		if op.resource != nil {
			resource = op.resource(c, tx)
		}
		if op.keys != nil {
			keys = op.keys(c, tx)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.decide(action, resource, keys)
}

func cut(s string) string {
	if len(s) > 200 {
		return s[:200]
	}
	return s
}
