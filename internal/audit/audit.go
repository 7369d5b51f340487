// Package audit keeps what was decided and done, append-only. The entries of a
// workspace form a chain: each carries a hash over itself and the hash before
// it, so that none can be changed, dropped or put between others unseen.
//
//	Recorder  keeps entries; many at once share one commit
//	Service   lists, verifies and exports them
//	Chain     the hashes, for both
package audit

import (
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// Entry is one thing that was decided or done.
type Entry struct {
	// whose chain it is in; empty for what belongs to none, such as a failed sign-in
	Workspace string    `json:"workspace"`
	Seq       int64     `json:"seq,omitzero"` // from 1, without gaps
	Time      time.Time `json:"time"`         // UTC, microseconds
	Actor     Actor     `json:"actor"`
	Action    string    `json:"action"` // "integration.create"
	Resource  Resource  `json:"resource"`
	Outcome   Outcome   `json:"outcome"`
	Reason    string    `json:"reason"` // the rule that decided, or what came of it; one sentence
	RequestID string    `json:"request_id,omitempty"`
	Address   string    `json:"address,omitempty"` // the client's IP address
	// AWSRequestIDs are those of AWS's answers, for its support and CloudTrail.
	AWSRequestIDs []string `json:"aws_request_ids,omitempty"`
	// Detail is what else is worth keeping: a credential's hash and expiry,
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
	Done    Outcome = "done"    // what came of it, afterwards
)

// isRead reports whether the entry is of the many that only tell that data was
// read. They are kept apart, so that the others are found quickly.
func (e *Entry) isRead() bool {
	return e.Action == string(access.DataRead) && e.Outcome == Allowed
}

// entryOf is the entry of a decision. It goes into the chain of the actor's
// workspace, the service's own acts into that of the resource.
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
