package backup

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
)

// The kinds of states.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Contents has what a copied state refers to.
type Contents struct {
	Schema   int64
	Identity string // of the rows; empty if there are none
	Segments []SegmentFile
	Archives []audit.Archived
	Heads    []ChainHead
}

// SegmentFile is a file with rows.
type SegmentFile struct {
	Dataset, ID string
	Bytes       int64
}

// ChainHead is the end of a workspace's audit chain; the workspace is empty for
// entries without one.
type ChainHead struct {
	Workspace string `json:"workspace"`
	audit.Head
}

// State is the state to back up; *store.Store implements it.
type State interface {
	// Instance returns the ID of the state. If it has none, it gets id.
	Instance(ctx context.Context, id string) (string, error)
	// Copy writes a consistent copy of the state to a new file.
	Copy(ctx context.Context, file string) (Contents, error)
	PinRows(ctx context.Context, id string, until time.Time) error
	UnpinRows(ctx context.Context, id string, now time.Time) error
	BackedUp(ctx context.Context, at time.Time) error
}

// CopiedState is a state from a backup.
type CopiedState interface {
	audit.Store
	audit.Appender
	// Restored ends sessions and everything else that must not survive, assigns the
	// state to another instance, and makes every integration due for verification.
	Restored(ctx context.Context, instance string, now time.Time) error
	// Revoke revokes or removes what an action names, by its ID or name. If the state
	// doesn't have it, the error is a problem with code not_found.
	Revoke(ctx context.Context, workspace string, action access.Action, idOrName string, now time.Time) error
	Close() error
}

// Databases opens copies of states; package store has the functions.
type Databases struct {
	// Open opens a SQLite file or a database, and migrates its schema to this release.
	Open func(ctx context.Context, address string) (CopiedState, error)
	// Integrity returns the faults of a SQLite file.
	Integrity func(ctx context.Context, file string) (faults []string, err error)
	// Load restores an archive of pg_dump into an empty database.
	Load func(ctx context.Context, address, file string) error
	// Known returns the newest schema of this release.
	Known func() (int64, error)
}
