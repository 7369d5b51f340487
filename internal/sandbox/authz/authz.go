// Package authz connects the sandbox to the policy engine: it gathers the
// caller's policies and the request's condition keys, evaluates them with
// package iam, and records the decisions.
package authz

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// Config configures an authorizer. Every field is required.
type Config struct {
	Directory *directory.Directory
	Logger    *slog.Logger
	Now       func() time.Time
}

// Authorizer decides calls. It is safe for concurrent use.
type Authorizer struct {
	config Config
	sealer sealer
	ring   ring
}

// New returns an authorizer.
func New(config Config) (*Authorizer, error) {
	sealer, err := newSealer()
	return &Authorizer{config: config, sealer: sealer}, err
}

// Call is one action that a caller requests. A request may have several: a
// copy reads its source and writes its target.
type Call struct {
	Caller          *directory.Caller
	Request         *http.Request // for the network's condition keys
	RequestID       string
	Region          string // of the endpoint that is called
	Action          string // "s3:GetObject"
	Resource        string // an ARN, or "*"
	ResourceAccount string
	Policy          *iam.Compiled // of the resource; may be nil
	Trust           *iam.Compiled // of the role, for the calls that assume one
	Keys            []Key         // of the service
}

// Key is a condition key with its values.
type Key struct {
	Name   string
	Values []string
}

// K returns a condition key.
func K(name string, values ...string) Key { return Key{name, values} }

// Decide decides one call and records the decision.
func (a *Authorizer) Decide(ctx context.Context, call *Call) iam.Decision {
	now := a.config.Now().UTC()
	q := a.question(call, now)
	decision := iam.Evaluate(q.policies, q.request)
	a.keep(ctx, now, call, q, decision)
	return decision
}

// Would returns the decision for a call without recording it.
func (a *Authorizer) Would(call *Call) iam.Decision {
	q := a.question(call, a.config.Now().UTC())
	return iam.Evaluate(q.policies, q.request)
}

// question is a call for the policy engine.
type question struct {
	policies   *iam.Policies
	request    *iam.Request
	guardrails directory.Guardrails
}

func (a *Authorizer) question(call *Call, now time.Time) question {
	q := question{
		policies: &iam.Policies{
			Identity: call.Caller.Identity, Boundary: call.Caller.Boundary, Session: call.Caller.Limits,
			Resource: call.Policy, Trust: call.Trust,
		},
		request: &iam.Request{
			Principal:       call.Caller.Principal,
			Action:          call.Action,
			Resource:        call.Resource,
			ResourceAccount: call.ResourceAccount,
		},
		guardrails: a.config.Directory.Guardrails(call.Caller.Account, call.ResourceAccount),
	}
	q.guardrails.Limit(q.policies)
	organizationKeys(&q.request.Context, &q.guardrails)
	fill(&q.request.Context, call, now)
	return q
}
