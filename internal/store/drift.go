package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
)

// SaveDrift stores the drift of loads that don't change the schema. It ignores
// drift that is already stored.
func (s *Store) SaveDrift(ctx context.Context, found []dataset.Drift) error {
	return s.update(ctx, func(tx *sql.Tx) error { return saveDrift(ctx, tx, found) })
}

func saveDrift(ctx context.Context, tx *sql.Tx, found []dataset.Drift) error {
	var fresh []dataset.Drift
	for i := range found {
		d := &found[i]
		facts, err := text(d.DriftFacts)
		if err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, `INSERT INTO dataset_drift (id, dataset, kind, column_name, load, facts,
			found_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (dataset, kind, column_name, load) DO NOTHING`,
			d.ID, d.DatasetID, string(d.Kind), d.Column, d.LoadID, facts, micros(d.At)))
		if err != nil {
			return explain(err, "drift of dataset %s", d.DatasetID)
		}
		if n > 0 {
			fresh = append(fresh, *d)
		}
	}
	if len(found) == 0 {
		return nil
	}
	if len(fresh) > 0 {
		if err := announceDrift(ctx, tx, fresh); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM dataset_drift WHERE dataset = $1 AND id <= (SELECT id FROM dataset_drift
		WHERE dataset = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`, found[0].DatasetID, dataset.KeptDrifts)
	return explain(err, "drift of dataset %s", found[0].DatasetID)
}

// ListDrift returns a page of a dataset's drift, newest first.
func (s *Store) ListDrift(ctx context.Context, datasetID string, request paging.Request) (
	paging.List[dataset.Drift], error,
) {
	after, limit, err := request.Start("drift")
	if err != nil {
		return paging.List[dataset.Drift]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, `SELECT id, dataset, load, facts, found_at FROM dataset_drift
		WHERE dataset = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, datasetID, newest(after), limit+1)
	found, err := collect(rows, err, func(row scanner) (dataset.Drift, error) {
		var d dataset.Drift
		var facts string
		var at int64
		if err := row.Scan(&d.ID, &d.DatasetID, &d.LoadID, &facts, &at); err != nil {
			return dataset.Drift{}, err
		}
		d.At = moment(at)
		return d, parse(facts, &d.DriftFacts)
	})
	return paging.Cut("drift", found, limit, func(d dataset.Drift) string { return d.ID }),
		explain(err, "drift of dataset %s", datasetID)
}
