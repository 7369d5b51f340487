package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/workspace"
)

// InsertWorkspace stores a new workspace.
func (s *Store) InsertWorkspace(ctx context.Context, made workspace.Workspace) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, $3)`,
			made.ID, made.Name, micros(made.CreatedAt))
		return explain(err, "workspace %s", made.Name)
	})
}

// Workspace returns a workspace by its ID.
func (s *Store) Workspace(ctx context.Context, id string) (workspace.Workspace, error) {
	row := s.reader.QueryRowContext(ctx, `SELECT id, name, created_at FROM workspace WHERE id = $1`, id)
	return scanWorkspace(row, id)
}

// WorkspaceNamed returns a workspace by its name, in lower case.
func (s *Store) WorkspaceNamed(ctx context.Context, name string) (workspace.Workspace, error) {
	row := s.reader.QueryRowContext(ctx, `SELECT id, name, created_at FROM workspace WHERE name = $1`, name)
	return scanWorkspace(row, name)
}

func scanWorkspace(row *sql.Row, asked string) (workspace.Workspace, error) {
	var w workspace.Workspace
	var created int64
	if err := row.Scan(&w.ID, &w.Name, &created); err != nil {
		return workspace.Workspace{}, explain(err, "workspace %s", asked)
	}
	w.CreatedAt = moment(created)
	return w, nil
}
