package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const datasetColumns = "id, workspace, name, folded, title, description, schema, created_at, updated_at, removed_at, schema_version, view"

// InsertDataset stores a new dataset.
func (s *Store) InsertDataset(ctx context.Context, made dataset.Dataset) error {
	return s.update(ctx, func(tx *sql.Tx) error { return insertAdopted(ctx, tx, &made) })
}

// InsertDatasetIn keeps a new dataset in the transaction that commits its first rows.
func (s *Store) InsertDatasetIn(ctx context.Context, tx engine.Tx, made dataset.Dataset) error {
	if within, ok := tx.(stateTx); ok {
		return insertAdopted(ctx, within.Tx, &made)
	}
	return s.InsertDataset(ctx, made)
}

func insertAdopted(ctx context.Context, tx *sql.Tx, made *dataset.Dataset) error {
	if err := insertDataset(ctx, tx, made, ""); err != nil {
		return err
	}
	return adoptFeeds(ctx, tx, made)
}

func insertDataset(ctx context.Context, tx *sql.Tx, made *dataset.Dataset, view string) error {
	schema, err := text(made.Schema)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO dataset ("+datasetColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)",
		made.ID, made.Workspace, made.Name, strings.ToLower(made.Name), made.Title, made.Description, schema,
		micros(made.CreatedAt), micros(made.UpdatedAt), micros(made.RemovedAt), view)
	return explainName(err, made.Kind(), made.Name)
}

// Dataset returns one dataset of a workspace that isn't removed, by its ID or by
// its name, ignoring case. It doesn't return views.
func (s *Store) Dataset(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error) {
	found, err := s.Readable(ctx, workspace, nameOrID)
	if err == nil && found.View != nil {
		return dataset.Dataset{}, problem.New(problem.NotFound, "There is no dataset %q.", nameOrID)
	}
	return found, err
}

// Readable is like Dataset, but also returns views.
func (s *Store) Readable(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+datasetColumns+
		" FROM dataset WHERE workspace = $1 AND (id = $2 OR folded = $3) AND removed_at = 0",
		workspace, nameOrID, strings.ToLower(nameOrID))
	found, err := scanDataset(row)
	return found, explain(err, "dataset %q", nameOrID)
}

// ListDatasets returns a page of a workspace's datasets, oldest first, without views.
func (s *Store) ListDatasets(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[dataset.Dataset], error) {
	return s.listDatasets(ctx, workspace, listTables, request)
}

// ListReadables returns a page of a workspace's datasets and, after them, views,
// oldest first.
func (s *Store) ListReadables(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[dataset.Dataset], error) {
	return s.listDatasets(ctx, workspace, listReadables, request)
}

// The queries of lists.
const (
	listReadables = "SELECT " + datasetColumns +
		" FROM dataset WHERE workspace = $1 AND id > $2 AND removed_at = 0 ORDER BY id LIMIT $3"
	listTables = "SELECT " + datasetColumns +
		" FROM dataset WHERE workspace = $1 AND id > $2 AND removed_at = 0 AND view = '' ORDER BY id LIMIT $3"
	listViews = "SELECT " + datasetColumns +
		" FROM dataset WHERE workspace = $1 AND id > $2 AND removed_at = 0 AND view <> '' ORDER BY id LIMIT $3"
)

func (s *Store) listDatasets(ctx context.Context, workspace, query string,
	request paging.Request,
) (paging.List[dataset.Dataset], error) {
	after, limit, err := request.Start("dataset")
	if err != nil {
		return paging.List[dataset.Dataset]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, query, workspace, after, limit+1)
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

// CountDatasets counts a workspace's datasets and views.
func (s *Store) CountDatasets(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM dataset WHERE workspace = $1 AND removed_at = 0",
		workspace).Scan(&n)
	return n, explain(err, "datasets of workspace %s", workspace)
}

// SaveDataset replaces the dataset with this ID, and the views whose statements
// name it, unless one of them was changed since.
func (s *Store) SaveDataset(ctx context.Context, changed dataset.Dataset, before time.Time,
	views ...dataset.Dataset,
) error {
	schema, err := text(changed.Schema)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		renamed, err := isRenamed(ctx, tx, &changed)
		if err != nil {
			return err
		}
		if err := renameDatasetOfSchedules(ctx, tx, changed.Workspace, changed.ID, changed.Name); err != nil {
			return err
		}
		if err := renameDatasetOfNotifications(ctx, tx, changed.Workspace, changed.ID, changed.Name); err != nil {
			return err
		}
		result, err := tx.ExecContext(
			ctx,
			`UPDATE dataset SET name = $3, folded = $4, title = $5, description = $6, schema = $7, updated_at = $8,
			schema_version = CASE WHEN schema = $7 THEN schema_version ELSE schema_version + 1 END
			WHERE id = $1 AND workspace = $2 AND updated_at = $9 AND removed_at = 0`,
			changed.ID,
			changed.Workspace,
			changed.Name,
			strings.ToLower(changed.Name),
			changed.Title,
			changed.Description,
			schema,
			micros(changed.UpdatedAt),
			micros(before),
		)
		if err != nil {
			return explainName(err, "dataset", changed.Name)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(changedMeanwhile(&changed), err)
		}
		if err := saveViewsOf(ctx, tx, &changed, renamed, views); err != nil {
			return err
		}
		return renameFeeds(ctx, tx, &changed)
	})
}

func scanDataset(row scanner) (dataset.Dataset, error) {
	var d dataset.Dataset
	var folded, schema, view string
	var created, updated, removed int64
	if err := row.Scan(&d.ID, &d.Workspace, &d.Name, &folded, &d.Title, &d.Description, &schema, &created, &updated,
		&removed, &d.Version, &view); err != nil {
		return dataset.Dataset{}, err
	}
	d.CreatedAt, d.UpdatedAt = moment(created), moment(updated)
	d.RemovedAt = moment(removed)
	if view != "" {
		d.View = &dataset.View{}
		if err := parse(view, d.View); err != nil {
			return d, err
		}
	}
	err := parse(schema, &d.Schema)
	return d, err
}

func changedMeanwhile(d *dataset.Dataset) error {
	return problem.New(problem.Conflict, "The %s %q was changed by somebody else.", d.Kind(), d.Name).
		WithHint("Read it again, then repeat the change.")
}
