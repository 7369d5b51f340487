package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// Evidence returns the evidence from a dataset's values, or nil if there is
// none.
func (s *Store) Evidence(ctx context.Context, datasetID string) ([]byte, error) {
	var content []byte
	err := s.reader.QueryRowContext(ctx, "SELECT content FROM dataset_evidence WHERE dataset = $1", datasetID).
		Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return content, explain(err, "evidence of dataset %s", datasetID)
}

// SaveSchema changes a dataset's schema and evidence in the transaction that
// commits its rows. If someone has changed the schema since, the error is a
// problem with code conflict.
func (s *Store) SaveSchema(ctx context.Context, tx engine.Tx, change *dataset.SchemaChange) error {
	if within, ok := tx.(stateTx); ok {
		return saveSchema(ctx, within.Tx, change)
	}
	return s.update(ctx, func(tx *sql.Tx) error { return saveSchema(ctx, tx, change) })
}

func saveSchema(ctx context.Context, tx *sql.Tx, change *dataset.SchemaChange) error {
	var before string
	err := tx.QueryRowContext(ctx, "SELECT schema FROM dataset WHERE id = $1", change.DatasetID).Scan(&before)
	if err != nil {
		return explain(err, "dataset %s", change.DatasetID)
	}
	var current dataset.Schema
	if err := parse(before, &current); err != nil {
		return err
	}
	if !reflect.DeepEqual(current, change.Before) {
		return schemaChanged(change.DatasetID)
	}
	if !reflect.DeepEqual(current, change.After) {
		if err := replaceSchema(ctx, tx, change, before); err != nil {
			return err
		}
	}
	if err := saveDrift(ctx, tx, change.Drift); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO dataset_evidence (dataset, content) VALUES ($1, $2)
		ON CONFLICT (dataset) DO UPDATE SET content = excluded.content`, change.DatasetID, change.Evidence)
	return explain(err, "evidence of dataset %s", change.DatasetID)
}

func replaceSchema(ctx context.Context, tx *sql.Tx, change *dataset.SchemaChange, before string) error {
	after, err := text(change.After)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx,
		"UPDATE dataset SET schema = $2, updated_at = $3, schema_version = schema_version + 1 WHERE id = $1 AND schema = $4",
		change.DatasetID, after, micros(change.At), before)
	if err != nil {
		return explain(err, "dataset %s", change.DatasetID)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errOr(err, schemaChanged(change.DatasetID))
	}
	return nil
}

func schemaChanged(datasetID string) error {
	return problem.New(problem.Conflict, "The schema of dataset %s was changed during the load.", datasetID)
}
