// Package access is the one door: every operation passes [Checker.Check],
// which decides and records before the work is done.
package access

import (
	"context"
	"time"
)

// Actor is who acts. It is an argument of every operation, never hidden in a
// context.
type Actor struct {
	Kind      Kind
	ID        string // token, member or component, as in "tok_…", "mem_…", "scheduler"
	Name      string // for people: the token's nickname, the member's e-mail address
	Workspace string // workspace ID the actor belongs to; empty only for System
	Scopes    []Scope
	Role      Role   // of a member; empty for all others
	RequestID string // empty outside a request
	Address   string // the client's IP address; empty outside a request
}

// Kind is the kind of actor.
type Kind string

// The kinds of actor.
const (
	Member      Kind = "member"      // a person signed in to the console
	Secret      Kind = "secret"      // a secret API token: everything in its workspace
	Publishable Kind = "publishable" // a publishable API token: reads what its scopes name
	Workload    Kind = "workload"    // a CI job or a person whose OIDC token a grant accepted
	System      Kind = "system"      // the service itself: schedules, re-verification, the demo's first steps
	Anonymous   Kind = "anonymous"   // nobody
)

// Role is what a member is in their workspace.
type Role string

// The roles. Owners and admins also decide who is a member; who is an owner,
// owners alone.
const (
	Owner Role = "owner"
	Admin Role = "admin"
	User  Role = "user"
)

// Scope is what a publishable token may do: an action on one dataset.
type Scope struct {
	Action  Action `json:"action"`  // such as "data.read"
	Dataset string `json:"dataset"` // dataset ID, or "*" for every dataset of the workspace
}

// Action names an operation as "kind.verb": "integration.create", "data.read".
type Action string

// Resource is what is acted upon.
type Resource struct {
	Workspace string // workspace ID
	Kind      string // "integration", "dataset", …
	ID        string // empty for a whole collection
}

// KindOwner is the kind of a member who is an owner, or is to be one.
const KindOwner = "owner"

// Decision is what was decided, for the audit.
type Decision struct {
	Time     time.Time
	Actor    Actor
	Action   Action
	Resource Resource
	Allowed  bool
	Reason   string // one sentence; names the rule that decided
}

// Recorder keeps decisions. It answers nil only when the entry is kept.
type Recorder interface {
	Record(ctx context.Context, decision Decision) error
}
