package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const datasetColumns = "id, workspace, name, folded, title, description, schema, created_at, updated_at, removed_at, schema_version"

// InsertDataset keeps a new dataset.
func (s *Store) InsertDataset(ctx context.Context, made dataset.Dataset) error {
	schema, err := text(made.Schema)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO dataset ("+datasetColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
			made.ID, made.Workspace, made.Name, strings.ToLower(made.Name), made.Title, made.Description, schema,
			micros(made.CreatedAt), micros(made.UpdatedAt), micros(made.RemovedAt))
		if err != nil {
			return explain(err, "dataset %q", made.Name)
		}
		return adoptFeeds(ctx, tx, &made)
	})
}

// Dataset returns one dataset of a workspace that isn't removed, by its ID or by
// its name, whatever the case.
func (s *Store) Dataset(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+datasetColumns+
		" FROM dataset WHERE workspace = $1 AND (id = $2 OR folded = $3) AND removed_at = 0",
		workspace, nameOrID, strings.ToLower(nameOrID))
	found, err := scanDataset(row)
	return found, explain(err, "dataset %q", nameOrID)
}

// ListDatasets returns a page of a workspace's datasets, oldest first.
func (s *Store) ListDatasets(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[dataset.Dataset], error) {
	after, limit, err := request.Start("dataset")
	if err != nil {
		return paging.List[dataset.Dataset]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+datasetColumns+
		" FROM dataset WHERE workspace = $1 AND id > $2 AND removed_at = 0 ORDER BY id LIMIT $3", workspace, after,
		limit+1)
	if err != nil {
		return paging.List[dataset.Dataset]{}, explain(err, "datasets")
	}
	defer rows.Close()
	var found []dataset.Dataset
	for rows.Next() {
		d, err := scanDataset(rows)
		if err != nil {
			return paging.List[dataset.Dataset]{}, explain(err, "datasets")
		}
		found = append(found, d)
	}
	return paging.Cut("dataset", found, limit, func(d dataset.Dataset) string { return d.ID }),
		explain(rows.Err(), "datasets")
}

// CountDatasets counts a workspace's datasets.
func (s *Store) CountDatasets(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM dataset WHERE workspace = $1 AND removed_at = 0",
		workspace).Scan(&n)
	return n, explain(err, "datasets of workspace %s", workspace)
}

// SaveDataset replaces the dataset of this ID, unless it was changed since.
func (s *Store) SaveDataset(ctx context.Context, changed dataset.Dataset, before time.Time) error {
	schema, err := text(changed.Schema)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := renameDatasetOfSchedules(ctx, tx, changed.Workspace, changed.ID, changed.Name); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE dataset SET name = $3, folded = $4, title = $5, description = $6, schema = $7, updated_at = $8,
			schema_version = CASE WHEN schema = $7 THEN schema_version ELSE schema_version + 1 END
			WHERE id = $1 AND workspace = $2 AND updated_at = $9 AND removed_at = 0`,
			changed.ID, changed.Workspace, changed.Name, strings.ToLower(changed.Name), changed.Title,
			changed.Description, schema, micros(changed.UpdatedAt), micros(before))
		if err != nil {
			return explain(err, "dataset %q", changed.Name)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(problem.New(problem.Conflict, "The dataset %q was changed by somebody else.",
				changed.Name).WithHint("Read it again, and repeat the change."), err)
		}
		return renameFeeds(ctx, tx, &changed)
	})
}

func scanDataset(row scanner) (dataset.Dataset, error) {
	var d dataset.Dataset
	var folded, schema string
	var created, updated, removed int64
	if err := row.Scan(&d.ID, &d.Workspace, &d.Name, &folded, &d.Title, &d.Description, &schema, &created, &updated,
		&removed, &d.Version); err != nil {
		return dataset.Dataset{}, err
	}
	d.CreatedAt, d.UpdatedAt = moment(created), moment(updated)
	d.RemovedAt = moment(removed)
	err := parse(schema, &d.Schema)
	return d, err
}
