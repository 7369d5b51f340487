package backup

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
)

// The kinds of states.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Contents is what a copy of a state names beside itself.
type Contents struct {
	Schema   int64
	Identity string // of the rows; empty when there are none
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
// what belongs to none.
type ChainHead struct {
	Workspace string `json:"workspace"`
	audit.Head
}

// State is the state that a backup is made of; *store.Store implements it.
type State interface {
	// Instance returns the ID of the state, which is id when it had none.
	Instance(ctx context.Context, id string) (string, error)
	// Copy writes the state, as it is at one moment, to a new file.
	Copy(ctx context.Context, file string) (Contents, error)
	PinRows(ctx context.Context, id string, until time.Time) error
	UnpinRows(ctx context.Context, id string, now time.Time) error
	BackedUp(ctx context.Context, at time.Time) error
}

// CopiedState is a state that came out of a backup.
type CopiedState interface {
	audit.Store
	audit.Appender
	// Restored ends sessions and what else must not live on, makes the state that of
	// another instance, and has every integration verified again.
	Restored(ctx context.Context, instance string, now time.Time) error
	Close() error
}

// Databases opens copies of states; package store has the functions.
type Databases struct {
	// Open opens a SQLite file or a database, and brings its schema up to this release.
	Open func(ctx context.Context, address string) (CopiedState, error)
	// Integrity returns the faults of a SQLite file.
	Integrity func(ctx context.Context, file string) (faults []string, err error)
	// Load puts an archive of pg_dump into an empty database.
	Load func(ctx context.Context, address, file string) error
	// Known returns the newest schema of this release.
	Known func() (int64, error)
}
