package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// InsertView stores a new view.
func (s *Store) InsertView(ctx context.Context, made dataset.Dataset) error {
	view, err := text(made.View)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := insertDataset(ctx, tx, &made, view); err != nil {
			return err
		}
		if err := insertViewTables(ctx, tx, &made); err != nil {
			return err
		}
		return checkViewTables(ctx, tx, &made)
	})
}

// insertViewTables stores the tables that a view names.
func insertViewTables(ctx context.Context, tx *sql.Tx, made *dataset.Dataset) error {
	for _, t := range made.View.Tables {
		_, err := tx.ExecContext(ctx, "INSERT INTO view_table (view, table_id) VALUES ($1, $2)", made.ID, t.ID)
		if err != nil {
			return explain(err, "tables of view %q", made.Name)
		}
	}
	return nil
}

// checkViewTables returns an error if the view's tables no longer have the names in
// its statement, or if it would read itself. This happens if they were changed
// while the view was compiled.
func checkViewTables(ctx context.Context, tx *sql.Tx, made *dataset.Dataset) error {
	for _, t := range made.View.Tables {
		var n int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM dataset
			WHERE workspace = $1 AND id = $2 AND folded = $3 AND removed_at = 0`,
			made.Workspace, t.ID, strings.ToLower(t.Name)).Scan(&n)
		if err != nil {
			return explain(err, "tables of view %q", made.Name)
		}
		if n == 0 {
			return problem.New(problem.Conflict, "The table %s of the view %s was renamed or removed just now.", t.Name,
				made.Name).WithReason("view_broken").WithHint("Repeat the request; check the names in the SQL.")
		}
	}
	var loops int
	err := tx.QueryRowContext(ctx, `WITH RECURSIVE below (id) AS (
		SELECT table_id FROM view_table WHERE view = $1
		UNION SELECT t.table_id FROM view_table t JOIN below b ON t.view = b.id
	) SELECT count(*) FROM below WHERE id = $1`, made.ID).Scan(&loops)
	if err != nil {
		return explain(err, "tables of view %q", made.Name)
	}
	if loops > 0 {
		return problem.New(problem.Conflict, "The view %s would read itself: another view was changed just now.",
			made.Name).WithReason("view_cycle").WithHint("Repeat the request, which then shows the path.")
	}
	return nil
}

// checkViewsOf returns an error if a renamed dataset or view is named by a view
// that isn't among the known ones, because it was created meanwhile.
func checkViewsOf(ctx context.Context, tx *sql.Tx, d *dataset.Dataset, known []dataset.Dataset) error {
	rows, err := tx.QueryContext(ctx, `SELECT t.view FROM view_table t JOIN dataset d ON d.id = t.view
		WHERE t.table_id = $1 AND d.removed_at = 0`, d.ID)
	views, err := collect(rows, err, scanID)
	if err != nil {
		return explain(err, "views of %s", d.Name)
	}
	for _, id := range views {
		if !slices.ContainsFunc(known, func(k dataset.Dataset) bool { return k.ID == id }) {
			return changedMeanwhile(d)
		}
	}
	return nil
}

// isRenamed reports whether a dataset or view has another name so far.
func isRenamed(ctx context.Context, tx *sql.Tx, changed *dataset.Dataset) (bool, error) {
	var folded string
	err := tx.QueryRowContext(ctx, "SELECT folded FROM dataset WHERE id = $1 AND workspace = $2", changed.ID,
		changed.Workspace).Scan(&folded)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return folded != strings.ToLower(changed.Name), explain(err, "dataset %q", changed.Name)
}

// saveViewsOf saves the views that name a renamed dataset. Views without a statement
// don't change.
func saveViewsOf(ctx context.Context, tx *sql.Tx, changed *dataset.Dataset, renamed bool, views []dataset.Dataset,
) error {
	if renamed {
		if err := checkViewsOf(ctx, tx, changed, views); err != nil {
			return err
		}
	}
	for i := range views {
		if views[i].View == nil {
			continue
		}
		if err := saveView(ctx, tx, &views[i]); err != nil {
			return err
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

// SaveView replaces the view with this ID, whose version must be one less, and
// the views whose statements name it. If one of them was changed since, the
// error is a problem with code conflict.
func (s *Store) SaveView(ctx context.Context, changed dataset.Dataset, views ...dataset.Dataset) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		renamed, err := isRenamed(ctx, tx, &changed)
		if err != nil {
			return err
		}
		if err := saveView(ctx, tx, &changed); err != nil {
			return err
		}
		return saveViewsOf(ctx, tx, &changed, renamed, views)
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
		return explainName(err, "view", changed.Name)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(changedMeanwhile(changed), err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM view_table WHERE view = $1", changed.ID); err != nil {
		return explain(err, "tables of view %q", changed.Name)
	}
	if err := insertViewTables(ctx, tx, changed); err != nil {
		return err
	}
	return checkViewTables(ctx, tx, changed)
}

// RemoveView deletes a view.
func (s *Store) RemoveView(ctx context.Context, workspace, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM dataset WHERE workspace = $1 AND id = $2 AND view <> ''",
			workspace, id)
		return changed(result, err, "view %q", id)
	})
}
