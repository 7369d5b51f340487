package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
)

// InsertView keeps a new view.
func (s *Store) InsertView(ctx context.Context, made dataset.Dataset) error {
	view, err := text(made.View)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := insertDataset(ctx, tx, &made, view); err != nil {
			return err
		}
		return insertViewTables(ctx, tx, &made)
	})
}

// insertViewTables keeps which tables a view names.
func insertViewTables(ctx context.Context, tx *sql.Tx, made *dataset.Dataset) error {
	for _, t := range made.View.Tables {
		_, err := tx.ExecContext(ctx, "INSERT INTO view_table (view, table_id) VALUES ($1, $2)", made.ID, t.ID)
		if err != nil {
			return explain(err, "tables of view %q", made.Name)
		}
	}
	return nil
}

// ListViews returns a page of a workspace's views, oldest first.
func (s *Store) ListViews(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[dataset.Dataset], error) {
	return s.listDatasets(ctx, workspace, listViews, request)
}

// ViewsOf returns the views that name a dataset or view, oldest first.
func (s *Store) ViewsOf(ctx context.Context, workspace, tableID string) ([]dataset.Dataset, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+datasetColumns+` FROM dataset
		WHERE workspace = $1 AND removed_at = 0 AND id IN (SELECT view FROM view_table WHERE table_id = $2)
		ORDER BY id`,
		workspace, tableID)
	found, err := collect(rows, err, scanDataset)
	return found, explain(err, "views of %s", tableID)
}

// SaveView replaces the view of this ID, whose Version is the one after the
// replaced one's, and the views whose statements name it. One that was changed
// since is a problem of code conflict.
func (s *Store) SaveView(ctx context.Context, changed dataset.Dataset, views ...dataset.Dataset) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := saveView(ctx, tx, &changed); err != nil {
			return err
		}
		for i := range views {
			if err := saveView(ctx, tx, &views[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveView(ctx context.Context, tx *sql.Tx, changed *dataset.Dataset) error {
	schema, err := text(changed.Schema)
	if err != nil {
		return err
	}
	view, err := text(changed.View)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(
		ctx,
		`UPDATE dataset SET name = $3, folded = $4, title = $5, description = $6, schema = $7,
		updated_at = $8, schema_version = $9, view = $10
		WHERE id = $1 AND workspace = $2 AND schema_version = $11 AND view <> ''`,
		changed.ID,
		changed.Workspace,
		changed.Name,
		strings.ToLower(changed.Name),
		changed.Title,
		changed.Description,
		schema,
		micros(changed.UpdatedAt),
		changed.Version,
		view,
		changed.Version-1,
	)
	if err != nil {
		return explain(err, "view %q", changed.Name)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(changedMeanwhile(changed), err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM view_table WHERE view = $1", changed.ID); err != nil {
		return explain(err, "tables of view %q", changed.Name)
	}
	return insertViewTables(ctx, tx, changed)
}

// RemoveView deletes a view.
func (s *Store) RemoveView(ctx context.Context, workspace, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM dataset WHERE workspace = $1 AND id = $2 AND view <> ''",
			workspace, id)
		return changed(result, err, "view %q", id)
	})
}
