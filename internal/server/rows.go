package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/problem"
)

// rowEngine has the methods that the service needs from a driver for rows.
type rowEngine interface {
	engine.Engine
	engine.Alterer
	Scan(ctx context.Context, datasetID string, schema dataset.Schema, columns []string, limit int) (engine.Rows, error)
}

// openRows opens what keeps rows: files in a folder, or tables of a database. Rows of
// an earlier release are refused: starting without them would show empty datasets.
func (s *Server) openRows(ctx context.Context) error {
	settings := &s.config.Settings
	if err := refuseOldRows(settings.Dir); err != nil {
		return err
	}
	if settings.RemoteRows() {
		tables, err := postgres.Open(ctx, postgres.Config{
			Address: settings.Rows, State: s.store, Now: s.config.Now, Logger: s.config.Logger,
			Connections: settings.RowConnections,
			Wrote:       func(took time.Duration) { s.metrics.Transaction("rows", took) }, Collect: settings.HasRole(config.RoleLoad),
			Node: s.node.ID(), Lost: s.node.Lost,
		})
		if err != nil {
			return err
		}
		s.rows, s.tables = tables, tables
		return nil
	}
	files, err := segment.Open(ctx, segment.Config{
		Dir: filepath.Join(settings.Dir, "rows"), State: s.store, Now: s.config.Now, Logger: s.config.Logger,
		Compacted:   s.metrics.Compacted,
		MemoryBytes: int64(settings.Memory), ReserveBytes: int64(settings.DiskReserve), Compact: true,
	})
	if err != nil {
		return err
	}
	s.rows, s.files = files, files
	return nil
}

// refuseOldRows returns an error if the folder has the rows of a release that
// stored them in a DuckDB file.
func refuseOldRows(dir string) error {
	old := filepath.Join(dir, "rows.duckdb")
	if _, err := os.Stat(old); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return problem.New(problem.Conflict, "%s has the rows of an earlier release, which this release can't read.", old).
		WithHint("To load all sources again, move the file to another folder and start. Rows that were uploaded are only in that file: " +
			"start the earlier release and download them first.")
}

// CheckRows reads every file with rows that the configured state names.
// The service may be running.
func CheckRows(ctx context.Context, settings config.Config) (checked segment.Checked, err error) {
	if settings.RemoteRows() {
		return checked, problem.New(problem.Invalid, "Rows are in PostgreSQL, so there are no files to check.").
			WithHint("Use PostgreSQL's own pg_amcheck; /readyz reports whether the rows belong to the state.")
	}
	state, err := openState(ctx, &settings)
	if err != nil {
		return segment.Checked{}, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	return segment.Check(ctx, filepath.Join(settings.Dir, "rows"), state)
}
