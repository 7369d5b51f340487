// Package vending exchanges ID tokens of CI jobs, and the word of members who
// are signed in, for short-lived credentials to one prefix of a bucket.
//
//	read      the token, strictly           package idtoken
//	trust     a provider of one workspace   package provider
//	verify    key, signature, clock         package jwks
//	grant     the one that lets it in       package grant
//	scope     the session policy, which only narrows
//	spend     the token, before anything is minted
//	record    that it is allowed
//	assume    the integration's role, with the External ID, in the job's name
//	record    what was vended
//
// The first step that says no ends it. Whoever brought the token is told the
// same whatever the step; the audit, and [Service.Explain], have the reason.
// Nothing that is vended is kept: what is revoked is not given out again.
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

// Config is what a [Service] needs. Every field without "optional" is required.
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
	Revoker      Revoker // optional: deny policies are printed, never put on a role
	// Shed counts a refused token that no provider vouches for, by the address
	// that sent it. Over its limit it returns an error of code rate_limited.
	Shed     func(ctx context.Context, address string) error
	Log      Log    // records refusals in the security log; optional
	Endpoint string // of buckets whose integration names none; empty for AWS
	Now      func() time.Time
}

// Recorder keeps refusals with their reason, and what was vended;
// *audit.Recorder fulfils it.
type Recorder interface {
	Record(ctx context.Context, decision access.Decision) error
	Note(ctx context.Context, entry audit.Entry) error
}

// Log records security events; *security.Log fulfils it.
type Log interface {
	Record(ctx context.Context, event security.Event)
}

// Workspaces finds a workspace by its name or ID.
type Workspaces interface {
	Resolve(ctx context.Context, nameOrID string) (workspaceID string, err error)
}

// Keys finds an issuer's public key.
type Keys interface {
	// Key gives the key with this ID of the set at an address, which is
	// fetched at most once a minute whatever is asked for. An unknown one is a
	// [*idtoken.FaultError].
	Key(ctx context.Context, address, keyID string) (idtoken.Key, error)
}

// Grants ends grants; *grant.Service fulfils it.
type Grants interface {
	Revoke(ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation) (grant.Grant, error)
}

// Providers ends providers; *provider.Service fulfils it.
type Providers interface {
	Remove(ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation) (provider.Provider, error)
}

// Integrations lets a verified integration be vended from.
type Integrations interface {
	Vend(ctx context.Context, actor access.Actor, workspace, idOrName string) (integration.Integration, error)
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (integration.Integration, error)
	// Find gives one for its role alone, whatever its state, the removed ones
	// too.
	Find(ctx context.Context, workspace, id string) (integration.Integration, error)
}

// Roles assumes roles; *assume.Caller fulfils it.
type Roles interface {
	Assume(ctx context.Context, request assume.Request) (assume.Session, error)
}

// Store keeps what vending must not forget. A missing thing is a problem of
// code not_found.
type Store interface {
	// ProvidersOf gives those of an issuer that are not removed, of every
	// workspace.
	ProvidersOf(ctx context.Context, issuer string) ([]provider.Provider, error)
	// GrantsOf gives those of a provider that are not revoked.
	GrantsOf(ctx context.Context, workspace, providerID string) ([]grant.Grant, error)
	Grant(ctx context.Context, workspace, idOrName string) (grant.Grant, error)
	Provider(ctx context.Context, workspace, idOrName string) (provider.Provider, error)
	// SpendToken counts an exchange of a token, for all nodes and for good,
	// and answers [ErrSpent] when it was exchanged as often as it may be.
	SpendToken(ctx context.Context, spent Spent) error
	// TokenSpent tells how often a token was exchanged.
	TokenSpent(ctx context.Context, workspace, fingerprint string) (int, error)
	RevocationStore
}

// Service vends. It may be used from many goroutines at once.
type Service struct{ config Config }

// New makes the service.
func New(config Config) *Service {
	return &Service{config: config}
}

// Presented is a token as it was brought, and from where.
type Presented struct {
	Token     secret.String
	RequestID string
	Address   string
}

// Ask is what is wanted. Each part can only make less of what the grant gives.
type Ask struct {
	Workspace string         // name or ID; empty: the one whose provider takes the token
	Grant     string         // name or ID; empty: the one that lets the token in
	Prefix    string         // inside one of the grant's; empty: all of them
	Actions   []grant.Action // of the grant's; none: all of them
	Duration  time.Duration  // zero: the grant's longest
}

// Vended is credentials and what they are good for.
type Vended struct {
	Keys           object.Keys
	Workspace      string // ID
	Grant          grant.Grant
	Bucket         string
	Prefixes       []string // expanded and narrowed
	Actions        []grant.Action
	Region         string // empty: to be learned
	Endpoint       string // empty: AWS
	SessionName    string
	SourceIdentity string
}

// vendor acts for vending itself.
var vendor = access.Actor{Kind: access.System, ID: access.Vending, Name: "vending"}
