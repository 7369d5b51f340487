// Package node manages the list of the processes that serve one state. A node
// joins before it opens rows, records every five seconds, with the clock of the
// state database, that it is alive, and leaves when it ends. A node that wasn't
// seen for 20 seconds is lost.
//
//	Join    at start: it may refuse, with a reason that names the other node
//	Keep    until the service stops
//	Leave   at the end
package node

import (
	"context"
	"slices"
	"time"
)

// Times of a node's life.
const (
	Beat = 5 * time.Second    // how often a node is seen
	Lost = 20 * time.Second   // a node that wasn't seen for so long is lost
	kept = 7 * 24 * time.Hour // how long nodes are listed that have ended
	skew = 10 * time.Second   // how far a node's clock may be from the database's
	wait = 2 * time.Second    // time limit of one record
)

// Node is a process that serves the state, or did.
type Node struct {
	ID         string    `json:"id"`      // "node_…"
	Name       string    `json:"name"`    // of its machine
	Version    string    `json:"version"` // of the program
	Address    string    `json:"address"` // where it listens
	Rows       string    `json:"rows"`    // where its rows are: the machine and the folder
	Roles      []string  `json:"roles"`   // serve, load, schedule
	Loads      int       `json:"loads"`   // that it runs
	StartedAt  time.Time `json:"started_at"`
	SeenAt     time.Time `json:"seen_at"`
	DrainingAt time.Time `json:"draining_at,omitzero"` // zero: it isn't draining
	EndedAt    time.Time `json:"ended_at,omitzero"`    // zero: it has not ended
}

// State is the state of a node.
type State string

// The states of a node.
const (
	Live     State = "live"
	Draining State = "draining" // it finishes its work and claims no more loads
	Gone     State = "lost"     // it wasn't seen for 20 seconds
	Ended    State = "ended"
)

// Has reports whether the node has a role.
func (n *Node) Has(role string) bool { return slices.Contains(n.Roles, role) }

// Runs reports whether a node in this state is running.
func (s State) Runs() bool { return s == Live || s == Draining }

// StateAt returns the node's state at a time of the database's clock.
func (n *Node) StateAt(now time.Time) State {
	switch {
	case !n.EndedAt.IsZero():
		return Ended
	case now.Sub(n.SeenAt) >= Lost:
		return Gone
	case !n.DrainingAt.IsZero():
		return Draining
	default:
		return Live
	}
}

// Store stores nodes. Its times are those of the database's clock.
type Store interface {
	// JoinNode adds a node unless check refuses it. No other node can join
	// meanwhile.
	JoinNode(ctx context.Context, joining Node, check func(others []Node, now time.Time) error) error
	// SeeNode records that a node lives. It returns the time, and whether it drains.
	SeeNode(ctx context.Context, id string) (draining bool, now time.Time, err error)
	// LeaveNode records a node's end.
	LeaveNode(ctx context.Context, id string) error
	// Nodes returns all nodes, the newest first, and the time.
	Nodes(ctx context.Context) (all []Node, now time.Time, err error)
	// DrainNode starts or stops draining a node.
	DrainNode(ctx context.Context, id string, drain bool) error
	// PruneNodes deletes the nodes that were last seen this long ago.
	PruneNodes(ctx context.Context, age time.Duration) error
}
