package staged

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

// State stores manifests; *store.Store implements it.
type State interface {
	// RowsDataset returns the latest version of a dataset. Its version is 0
	// if it has no rows.
	RowsDataset(ctx context.Context, id string) (manifest.Dataset, error)
	// RowsDatasets returns the IDs of all datasets that have rows.
	RowsDatasets(ctx context.Context) ([]string, error)
	// CommitRows applies one change in one transaction. If the change doesn't
	// build on the latest version, it returns [manifest.ErrCrossed].
	CommitRows(ctx context.Context, c *manifest.Commit) error
	DropRows(ctx context.Context, datasetID string) error

	Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) ([]engine.LedgerEntry, error)
	History(ctx context.Context, sourceID, datasetID string, keys []string) ([]engine.LedgerEntry, error)
	Recorded(ctx context.Context, sourceID, datasetID string, objects []engine.ObjectVersion) (
		[]engine.LedgerEntry, error)
	RetireLedger(ctx context.Context, datasetID string) error
	ReinstateLedger(ctx context.Context, datasetID string) error
	RejectState

	// RowsIdentity returns the identity of the storage with the rows, and its
	// last location. Both are empty if there is none yet.
	RowsIdentity(ctx context.Context) (identity, folder string, err error)
	SaveRowsIdentity(ctx context.Context, identity, folder string, now time.Time) error
	// RowsPinned reports whether a backup prevents the deletion of files with rows.
	RowsPinned(ctx context.Context, now time.Time) (bool, error)
}
