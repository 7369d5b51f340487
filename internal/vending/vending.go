// Package vending exchanges ID tokens of CI jobs for short-lived credentials
// to one prefix of a bucket. Members who are signed in get such credentials
// without a token.
//
//	read      parse the token               package idtoken
//	trust     find its provider             package provider
//	verify    key, signature, times         package jwks
//	grant     find the grant that accepts   package grant
//	scope     narrow the session policy
//	spend     count the exchange
//	assume    check access, assume the integration's role with its External ID
//	          in the name of the job, and record the result
//
// The first step that refuses ends the exchange. The caller gets the same
// error for every reason; the audit and [Service.Explain] have the reason.
// Windlass doesn't store vended credentials.
package vending

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Config configures a [Service]. All fields are required unless they say
// optional.
type Config struct {
	Checker      access.Checker
	Recorder     Recorder
	Store        Store
	Workspaces   Workspaces
	Keys         Keys
	Grants       Grants
	Providers    Providers
	Integrations Integrations
	Roles        Roles
	Revoker      Revoker // optional; without it, deny policies are returned but never put on roles
	// Shed counts a refused token that no provider verified, by the address
	// that sent it. Above its limit it returns an error with code rate_limited.
	Shed func(ctx context.Context, address string) error
	Log  Log // records refusals in the security log; optional
	// Observe counts requests for credentials: kind is of the provider, member or
	// unknown; outcome is granted, the step that refused, or error. Optional.
	Observe  func(kind, outcome string, took time.Duration)
	Endpoint string // of buckets whose integration has none; empty for AWS
	Now      func() time.Time
}

// Recorder records refusals and vended credentials in the audit.
// *[audit.Recorder] implements it.
type Recorder interface {
	Record(ctx context.Context, decision access.Decision) error
	Note(ctx context.Context, entry audit.Entry) error
}

// Log records security events. *[security.Log] implements it.
type Log interface {
	Record(ctx context.Context, event security.Event)
}

// Workspaces resolves the name or ID of a workspace to its ID.
type Workspaces interface {
	Resolve(ctx context.Context, nameOrID string) (workspaceID string, err error)
}

// Keys returns public keys of issuers.
type Keys interface {
	// Key returns the key with this ID from the set at an address. It fetches
	// the set at most once a minute. An unknown key is a [*idtoken.FaultError].
	Key(ctx context.Context, address, keyID string) (idtoken.Key, error)
}

// Grants revokes grants. *[grant.Service] implements it.
type Grants interface {
	Revoke(
		ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
	) (grant.Grant, error)
}

// Providers removes providers. *[provider.Service] implements it.
type Providers interface {
	Remove(
		ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
	) (provider.Provider, error)
}

// Integrations returns integrations.
type Integrations interface {
	// Vend returns an integration for vending; it must be verified.
	Vend(ctx context.Context, actor access.Actor, workspace, idOrName string) (integration.Integration, error)
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (integration.Integration, error)
	// Find returns an integration in any state, including removed ones, to
	// identify its role.
	Find(ctx context.Context, workspace, id string) (integration.Integration, error)
}

// Roles assumes roles. *[assume.Caller] implements it.
type Roles interface {
	Assume(ctx context.Context, request assume.Request) (assume.Session, error)
}

// Store stores providers, grants, exchanges and revocations. If something is
// missing, the error is a problem with code not_found.
type Store interface {
	// ProvidersOf returns the providers with this issuer in all workspaces,
	// without removed ones.
	ProvidersOf(ctx context.Context, issuer string) ([]provider.Provider, error)
	// GrantsOf returns the grants of a provider, without revoked ones.
	GrantsOf(ctx context.Context, workspace, providerID string) ([]grant.Grant, error)
	Grant(ctx context.Context, workspace, idOrName string) (grant.Grant, error)
	Provider(ctx context.Context, workspace, idOrName string) (provider.Provider, error)
	// SpendToken counts an exchange of a token, durably and across all nodes.
	// It returns [ErrSpent] when the token can't be exchanged again.
	SpendToken(ctx context.Context, spent Spent) error
	// TokenSpent returns how often a token has been exchanged.
	TokenSpent(ctx context.Context, workspace, fingerprint string) (int, error)
	RevocationStore
}

// Service vends credentials. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	return &Service{config: config}
}

// Presented is a token and the request that it arrived with.
type Presented struct {
	Token     secret.String
	RequestID string
	Address   string
}

// Request narrows the credentials. It never extends what the grant allows.
type Request struct {
	Workspace string         // name or ID; empty: the workspace whose provider accepts the token
	Grant     string         // name or ID; empty: the only grant that accepts the token
	Prefix    string         // within one of the grant's prefixes; empty: all of them
	Actions   []grant.Action // of the grant; none: all of them
	Duration  time.Duration  // zero: the longest that the grant allows
}

// Vended contains credentials and what they allow.
type Vended struct {
	Keys           object.Keys
	Workspace      string // ID
	Grant          grant.Grant
	Bucket         string
	Prefixes       []string // expanded and narrowed
	Actions        []grant.Action
	Region         string // empty when unknown
	Endpoint       string // empty for AWS
	SessionName    string
	SourceIdentity string
}

// vendor is the actor of vending itself.
var vendor = access.Actor{Kind: access.System, ID: access.Vending, Name: "vending"}
