package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

const rowsDatasetColumns = `dataset, version, columns, index_key, index_subkey, index_date, not_unique, next_seq, rows, bytes, updated, layout`

// RowsDataset returns the latest version of a dataset's rows. Its version is
// 0 if it has no rows.
func (s *Store) RowsDataset(ctx context.Context, id string) (found manifest.Dataset, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT "+rowsDatasetColumns+" FROM rows_dataset WHERE dataset = $1", id)
		all, err := collect(rows, err, scanRowsDataset)
		if err != nil || len(all) == 0 {
			found = manifest.Dataset{ID: id}
			return err
		}
		found = all[0]
		rows, err = tx.QueryContext(ctx, "SELECT "+rowsSegmentColumns+
			" FROM rows_segment WHERE dataset = $1 ORDER BY created_at, id", id)
		found.Segments, err = collect(rows, err, scanRowsSegment)
		return err
	})
	return found, explain(err, "rows of dataset %s", id)
}

// RowsDatasets returns the IDs of all datasets that have rows.
func (s *Store) RowsDatasets(ctx context.Context) ([]string, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT dataset FROM rows_dataset ORDER BY dataset")
	found, err := collect(rows, err, scanID)
	return found, explain(err, "datasets with rows")
}

// snapshot runs fn in a transaction that only reads, and sees one state of the
// database.
func (s *Store) snapshot(ctx context.Context, fn func(tx *sql.Tx) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if s.dialect == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	return transact(ctx, s.reader, options, fn)
}

func scanID(row scanner) (id string, err error) {
	err = row.Scan(&id)
	return id, err
}

func scanRowsDataset(row scanner) (manifest.Dataset, error) {
	var d manifest.Dataset
	var columns string
	var updated int64
	err := row.Scan(&d.ID, &d.Version, &columns, &d.Index.Key, &d.Index.Subkey, &d.Index.Date, &d.NotUnique, &d.NextSeq,
		&d.Rows, &d.Bytes, &updated, &d.Layout)
	if err != nil {
		return manifest.Dataset{}, err
	}
	d.Updated = moment(updated)
	return d, parse(columns, &d.Columns)
}

// saveRowsDataset writes a dataset's next version, if the one that it builds
// on is still the latest.
func saveRowsDataset(ctx context.Context, tx *sql.Tx, d *manifest.Dataset, from int64) error {
	columns, err := text(d.Columns)
	if err != nil {
		return err
	}
	query := `UPDATE rows_dataset SET version = $2, columns = $3, index_key = $4, index_subkey = $5, index_date = $6, not_unique = $7,
		next_seq = $8, rows = $9, bytes = $10, updated = $11, layout = $12 WHERE dataset = $1 AND version = $13`
	if from == 0 {
		query = "INSERT INTO rows_dataset (" + rowsDatasetColumns +
			`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (dataset) DO NOTHING`
	}
	values := []any{
		d.ID, d.Version, columns, d.Index.Key, d.Index.Subkey, d.Index.Date, flag(d.NotUnique), d.NextSeq, d.Rows,
		d.Bytes, micros(d.Updated), d.Layout,
	}
	if from != 0 {
		values = append(values, from)
	}
	result, err := tx.ExecContext(ctx, query, values...)
	if err != nil {
		return fmt.Errorf("writing the version of dataset %s: %w", d.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errOr(err, manifest.ErrCrossed)
	}
	return nil
}

// errOr returns err, or preset if err is nil.
func errOr(err, preset error) error {
	if err != nil {
		return err
	}
	return preset
}
