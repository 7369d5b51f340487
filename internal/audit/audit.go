// Package audit records what was decided and done, append-only. The entries of
// a workspace form a chain: each has a hash of itself and the previous hash,
// so that changing, removing or inserting entries is detected.
//
//	Recorder  stores entries; concurrent ones share a commit
//	Service   lists, verifies and exports them
//	Chain     the hashes, for both
package audit

import (
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// Entry is one thing that was decided or done.
type Entry struct {
	// workspace of its chain; empty for entries without one, such as a failed
	// sign-in
	Workspace string    `json:"workspace"`
	Seq       int64     `json:"seq,omitzero"` // from 1, without gaps
	Time      time.Time `json:"time"`         // UTC, microseconds
	Actor     Actor     `json:"actor"`
	Action    string    `json:"action"` // "integration.create"
	Resource  Resource  `json:"resource"`
	Outcome   Outcome   `json:"outcome"`
	Reason    string    `json:"reason"` // the rule that decided, or the result; one sentence
	RequestID string    `json:"request_id,omitempty"`
	Address   string    `json:"address,omitempty"` // the client's IP address
	// AWSRequestIDs has the request IDs of AWS's responses, for AWS's support
	// and CloudTrail.
	AWSRequestIDs []string `json:"aws_request_ids,omitempty"`
	// Detail has further facts, such as a credential's hash and expiry, but
	// never the credential.
	Detail map[string]string `json:"detail,omitempty"`
	Hash   string            `json:"hash,omitempty"` // 64 hexadecimal digits
}

// Actor is the actor of the action.
type Actor struct {
	Kind access.Kind `json:"kind"`
	ID   string      `json:"id,omitempty"`
	Name string      `json:"name,omitempty"`
}

// Resource is the resource of the action.
type Resource struct {
	Workspace string `json:"workspace,omitempty"`
	Kind      string `json:"kind"`
	ID        string `json:"id,omitempty"` // empty for a whole collection
}

// Outcome is the outcome of an entry.
type Outcome string

// The outcomes.
const (
	Allowed Outcome = "allowed" // decided, before it was done
	Denied  Outcome = "denied"  // decided, and not done
	Done    Outcome = "done"    // the result, afterwards
)

// isRead reports whether the entry only records a read of data. There are many
// of these. They are stored separately, so that the others are found quickly.
func (e *Entry) isRead() bool {
	return e.Action == string(access.DataRead) && e.Outcome == Allowed
}

// entryOf returns the entry of a decision. It belongs to the chain of the
// actor's workspace or, for the service's own actions, to that of the
// resource.
func entryOf(d access.Decision) Entry {
	e := Entry{
		Workspace: d.Actor.Workspace,
		Time:      d.Time,
		Actor:     Actor{Kind: d.Actor.Kind, ID: d.Actor.ID, Name: d.Actor.Name},
		Action:    string(d.Action),
		Resource:  Resource{Workspace: d.Resource.Workspace, Kind: d.Resource.Kind, ID: d.Resource.ID},
		Outcome:   Denied,
		Reason:    d.Reason,
		RequestID: d.Actor.RequestID,
		Address:   d.Actor.Address,
	}
	if d.Actor.Kind == access.System {
		e.Workspace = d.Resource.Workspace
	}
	if d.Allowed {
		e.Outcome = Allowed
	}
	return e
}
