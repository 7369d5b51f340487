// Package iamapi serves the IAM query API over a directory. See
// https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html.
package iamapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// Version is the API's version, which every request names.
const Version = "2010-05-08"

var protocol = query.XML{Namespace: "https://iam.amazonaws.com/doc/2010-05-08/", Failure: "ServiceFailure"}

// region is the one region of IAM.
const region = "us-east-1"

// API returns IAM's calls. It is safe for concurrent use.
type API struct {
	query.XML
	config     query.Config
	operations map[string]operation
	required   map[string]string
	rules      []rule
}

// New returns the API.
func New(config query.Config) *API {
	return &API{protocol, config, operations(), required(), rules()}
}

// call is one request and its time.
type call struct {
	*query.Call
	now    time.Time
	decide func(action, resource string, keys []authz.Key) error
}

// operation is one of IAM's actions.
type operation struct {
	write    bool                                                  // whether it changes the directory
	resource func(c *call, tx *directory.Tx) string                // returns the ARN to authorize; nil: "*"
	keys     func(c *call, tx *directory.Tx) []authz.Key           // further condition keys; may be nil
	run      func(c *call, tx *directory.Tx) (result any, _ error) // only called if allowed
}

// AllowsUnsigned reports whether an action can be called without a signature.
// No IAM action can.
func (a *API) AllowsUnsigned(string) bool { return false }

// CheckRegion rejects regions other than us-east-1, where IAM is. An SDK with
// a custom endpoint signs for its own region instead, so the sandbox's region
// is accepted too.
func (a *API) CheckRegion(called, home string) error {
	if called != region && called != home {
		return query.WrongRegion()
	}
	return nil
}

// Has reports whether IAM has an action.
func (a *API) Has(action string) bool {
	_, known := a.operations[action]
	return known
}

// Serve decides a call and executes it. The result is nil for actions that
// return nothing.
func (a *API) Serve(ctx context.Context, in *query.Call) (result any, err error) {
	c, action := &call{Call: in}, in.Action
	op, known := a.operations[action]
	if !known {
		return nil, query.InvalidAction(action, c.Params.Get("Version"))
	}
	if session := c.Caller.Session; session != nil &&
		(session.Kind == directory.UserSession || session.Kind == directory.FederatedSession) {
		return nil, query.InvalidToken() // IAM rejects such sessions without MFA
	}
	if err := a.validate(c, action); err != nil {
		return nil, err
	}
	c.now = a.config.Now().UTC().Truncate(time.Second)
	c.decide = func(action, resource string, keys []authz.Key) error {
		question := c.Authz("iam:"+action, resource, c.Caller.Account, keys)
		question.Region = region
		if d := a.config.Authorizer.Decide(ctx, question); !d.Allowed() {
			return denied(question, d)
		}
		return nil
	}
	if err := a.authorize(c, action, op); err != nil {
		return nil, err
	}
	do := a.config.Directory.View
	if op.write {
		do = a.config.Directory.Update
	}
	err = do(func(tx *directory.Tx) error {
		result, err = op.run(c, tx)
		return err
	})
	return result, err
}

func (a *API) authorize(c *call, action string, op operation) error {
	resource, keys := "*", []authz.Key(nil)
	err := a.config.Directory.View(func(tx *directory.Tx) error {
		if op.resource != nil {
			resource = op.resource(c, tx)
			keys = resourceTags(tx, resource)
		}
		if op.keys != nil {
			keys = append(keys, op.keys(c, tx)...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.decide(action, resource, keys); err != nil {
		return err
	}
	// Creating a resource with tags also requires permission to tag it.
	if kind, creates := strings.CutPrefix(action, "Create"); creates && len(c.Params.Tags("Tags")) > 0 {
		return c.decide("Tag"+kind, resource, keys)
	}
	return nil
}

// resourceTags returns the condition keys of a resource's tags.
func resourceTags(tx *directory.Tx, arn string) []authz.Key {
	var tags []directory.Tag
	own := false // IAM's own key is for users and roles
	if user := tx.UserByARN(arn); user != nil {
		tags, own = user.Tags, true
	} else if role := tx.RoleByARN(arn); role != nil {
		tags, own = role.Tags, true
	} else if policy := tx.PolicyByARN(arn); policy != nil {
		tags = policy.Tags
	} else if provider := tx.ProviderByARN(arn); provider != nil {
		tags = provider.Tags
	} else if profile := tx.ProfileByARN(arn); profile != nil {
		tags = profile.Tags
	}
	var keys []authz.Key
	for _, tag := range tags {
		keys = append(keys, authz.K("aws:ResourceTag/"+tag.Key, tag.Value))
		if own {
			keys = append(keys, authz.K("iam:ResourceTag/"+tag.Key, tag.Value))
		}
	}
	return keys
}

func cut(s string) string { return clip.To(s, 200) }

// denied returns IAM's error for a denied call. It uses the same words for an
// explicit and an implicit deny, and doesn't repeat the resource. The log and
// the decisions have the details.
func denied(call *authz.Call, d iam.Decision) error {
	if d.Effect == iam.ExplicitDeny && d.Kind == iam.Identity {
		d.Effect = iam.ImplicitDeny
	}
	return awserror.New(
		http.StatusForbidden,
		"AccessDenied",
		"User: %s is not authorized to perform: %s%s",
		call.Caller.ARN,
		call.Action,
		authz.Because(call, d),
	)
}
