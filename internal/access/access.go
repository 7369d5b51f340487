// Package access decides who may do what. Every operation passes
// [Checker.Check], which decides and records the decision before the work
// starts.
//
// A person acts with the role of their membership. A token acts with the
// current role of its maker, restricted by its scopes and its kind. matrix.go
// has the rules; docs/access.md lists them.
package access

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/origin"
)

// Actor is the person, token, workload or part of the service that acts. It is
// an argument of every operation, never hidden in a context.
type Actor struct {
	Kind Kind
	// of a person or personal token: the member; else the token or component: "mem_…", "tok_…",
	// "scheduler"
	ID        string
	Name      string  // of a person: their e-mail address; of a token: its name
	Workspace string  // workspace ID the actor belongs to; empty only for System and Anonymous
	Member    string  // the member who acts, or who made the token; empty for other kinds
	Role      Role    // the role that Member has now; empty for other kinds
	Operator  bool    // Member is an owner of the home workspace
	Fresh     bool    // of a person: they signed in within FreshFor, or just proved that it is them
	Token     string  // ID of the token that the request carried; empty in a session
	Scopes    []Scope // of a token; a personal token without scopes isn't narrowed
	// of a publishable token: the web pages that may use it; nil: none
	Pages *origin.Rules
	// of a publishable token: how long clients and caches may store what it reads
	CacheSeconds int
	Limits       Limits // of a token: how much it may use
	RequestID    string // empty outside a request
	Address      string // the client's IP address; empty outside a request
}

// Kind is the kind of actor.
type Kind string

// The kinds of actor.
const (
	Member      Kind = "member"      // a person in a session of the console or the command line
	Personal    Kind = "personal"    // a personal token, in its member's name
	Secret      Kind = "secret"      // a secret token
	Publishable Kind = "publishable" // a publishable token
	Workload    Kind = "workload"    // a CI job or a person whose OIDC token a grant accepted
	System      Kind = "system"      // a part of the service
	Anonymous   Kind = "anonymous"   // nobody
)

// HasToken reports whether actors of this kind act through a token.
func (k Kind) HasToken() bool { return k == Personal || k == Secret || k == Publishable }

// Action names an operation as "kind.verb": "integration.create", "data.read".
type Action string

// Resource is the thing that an action concerns.
type Resource struct {
	Workspace string // workspace ID; empty for the instance
	Kind      string // "integration", "dataset", …
	ID        string // empty for a whole collection

	// Of members and tokens only.
	Maker     string  // of a token: the member who made it; of a member: empty
	Role      Role    // of a member: their role, or the role a new member gets; of a token: its maker's role
	NewRole   Role    // of a member whose role changes: the role they get
	NewKind   Kind    // of a token to be created: its kind
	NewScopes []Scope // of a token to be created: its scopes; of one to be changed or adopted: the new scopes

	NewPassword bool // a member gets another password
}

// KindInstance is the kind of the whole service, across workspaces.
const KindInstance = "instance"

// KindCommand is the kind of a command that a person signs in as themselves.
const KindCommand = "command"

// Decision is the outcome of a check, for the audit.
type Decision struct {
	Time     time.Time
	Actor    Actor
	Action   Action
	Resource Resource
	Allowed  bool
	Reason   string // one sentence that names the rule
}

// Recorder stores decisions. It returns nil only when the entry is stored.
type Recorder interface {
	Record(ctx context.Context, decision Decision) error
}
