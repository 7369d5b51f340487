package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// formerFor is how long the rows before a change of the schema can still be
// read, for readers that started with the previous schema.
const formerFor = time.Minute

// entry has a node's data about a dataset: its loads here, and its previous
// version.
type entry struct {
	id      string
	loading staged.Lock

	former      *snapshot // before the last change of the schema; guarded by Engine.mu
	formerUntil time.Time
}

// entry returns the entry of a dataset, and creates it if it doesn't exist.
func (e *Engine) entry(datasetID string) (*entry, error) {
	if err := staged.CheckID(datasetID); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, problem.New(problem.Unavailable, "The service is stopping.")
	}
	found := e.datasets[datasetID]
	if found == nil {
		found = &entry{id: datasetID, loading: staged.NewLock()}
		e.datasets[datasetID] = found
	}
	return found, nil
}

// snapshot is one version of a dataset. Only its pin changes.
type snapshot struct {
	manifest.Dataset        // without its segments
	table            string // empty if there are no rows
	at               time.Time
	pin              string
}

// has reports whether the rows have a schema's layout.
func (s *snapshot) has(layout int64) bool { return s.Layout == layout || s.Version == 0 }

// acquire returns the latest version of a dataset. It reads the state every time,
// so that every node sees every commit immediately.
func (e *Engine) acquire(ctx context.Context, datasetID string) (*snapshot, error) {
	at := e.config.Now()
	found, err := e.config.State.RowsDataset(ctx, datasetID)
	if err != nil {
		return nil, err
	}
	s := &snapshot{Dataset: found, at: at}
	s.Segments = nil
	if n := len(found.Segments); n > 1 {
		return nil, fmt.Errorf("dataset %s has %d tables", datasetID, n)
	} else if n == 1 {
		s.table = found.Segments[0].ID
	}
	return s, nil
}

// acquireAs returns the rows with a schema's layout: the latest ones, or those
// before the last change.
func (e *Engine) acquireAs(ctx context.Context, datasetID string, layout int64) (*snapshot, error) {
	d, err := e.entry(datasetID)
	if err != nil {
		return nil, err
	}
	s, err := e.acquire(ctx, datasetID)
	if err != nil || s.has(layout) {
		return s, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if d.former != nil && d.former.has(layout) && e.config.Now().Before(d.formerUntil) {
		former := *d.former // each read has its own pin
		former.at, former.pin = e.config.Now(), ""
		return &former, nil
	}
	return nil, engine.ErrStale
}

// keepFormer keeps the rows before a change for a while.
func (e *Engine) keepFormer(d *entry, s *snapshot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d.former, d.formerUntil = s, e.config.Now().Add(formerFor)
}

// next starts a change of the version.
func (s *snapshot) next(now time.Time) *manifest.Commit {
	next := s.Dataset
	next.Version++
	if s.Version == 0 { // a number that no earlier version of this ID had
		next.Version = now.UnixMicro()
	}
	return &manifest.Commit{From: s.Version, Dataset: next}
}

// lockKey returns the number of an advisory lock, as SQL.
func lockKey(kind, name string) string {
	sum := sha256.Sum256([]byte("windlass " + kind + " " + name))
	return strconv.FormatInt(int64(binary.BigEndian.Uint64(sum[:8])), 10) //nolint:gosec // any number is fine
}

// loadLock and writeLock return the locks of a dataset: one for loads, from Begin
// to Commit, and one for changing rows. They make a second one wait. The version
// in the state prevents it from overwriting the first.
func (e *Engine) loadLock(datasetID string) string {
	return lockKey("load", e.identity+" "+datasetID)
}

func (e *Engine) writeLock(datasetID string) string {
	return lockKey("write", e.identity+" "+datasetID)
}

// lockWrites waits, in a transaction, until nobody else changes rows of the
// dataset.
func (e *Engine) lockWrites(ctx context.Context, tx pgx.Tx, datasetID string) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock("+e.writeLock(datasetID)+")"); err != nil {
		return fmt.Errorf("waiting for another commit into %s: %w", datasetID, err)
	}
	return nil
}

// missing returns the error of a read whose table doesn't exist: it was replaced
// or dropped while the read waited, or it is lost.
func (e *Engine) missing(ctx context.Context, s *snapshot, cause error) error {
	last, err := e.acquire(ctx, s.ID)
	if err != nil || last.table != s.table {
		return errors.Join(err, engine.ErrStale)
	}
	return problem.Wrap(cause, problem.Unavailable, "The rows of dataset %s are missing from %s.", s.ID, e.place).
		WithHint("Restore the rows from a backup, or delete the dataset and load it again.")
}
