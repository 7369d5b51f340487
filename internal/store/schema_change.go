package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const schemaChangeColumns = "id, workspace, dataset, version, apply, operations, report, load, made_by, made_at"

// SaveSchemaChange changes a dataset's schema in the transaction that commits its
// rows: the schema, the evidence about the columns, the change itself, and the
// load with the rejected rows. If the dataset has another version of the schema,
// the error is a problem with code conflict.
func (s *Store) SaveSchemaChange(ctx context.Context, tx engine.Tx, saved *alter.Saved) error {
	if within, ok := tx.(stateTx); ok {
		return saveSchemaChange(ctx, within.Tx, saved)
	}
	return s.update(ctx, func(tx *sql.Tx) error { return saveSchemaChange(ctx, tx, saved) })
}

func saveSchemaChange(ctx context.Context, tx *sql.Tx, saved *alter.Saved) error {
	schema, err := text(saved.Schema)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `UPDATE dataset SET schema = $3, updated_at = $4, schema_version = $5
		WHERE id = $1 AND workspace = $2 AND schema_version = $6 AND removed_at = 0`,
		saved.DatasetID, saved.Workspace, schema, micros(saved.At), saved.Version, saved.From)
	if err != nil {
		return explain(err, "dataset %s", saved.DatasetID)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errOr(err, problem.New(problem.Conflict, "The schema of %s was changed by somebody else.",
			saved.Dataset).
			WithReason("version").WithHint("Read the dataset again, then repeat the change."))
	}
	if err := changeEvidence(ctx, tx, saved); err != nil {
		return err
	}
	if saved.LoadID != "" {
		if err := insertLoad(ctx, tx, rejectsOf(saved)); err != nil {
			return err
		}
	}
	if err := insertSchemaChange(ctx, tx, &saved.Change); err != nil {
		return err
	}
	return announceSchema(ctx, tx, saved)
}

func changeEvidence(ctx context.Context, tx *sql.Tx, saved *alter.Saved) error {
	var content []byte
	err := tx.QueryRowContext(ctx, "SELECT content FROM dataset_evidence WHERE dataset = $1", saved.DatasetID).
		Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		content, err = saved.Evidence(content)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE dataset_evidence SET content = $2 WHERE dataset = $1", saved.DatasetID,
			content)
	}
	return explain(err, "evidence of dataset %s", saved.DatasetID)
}

// rejectsOf returns the load that has the rejected rows of a change.
func rejectsOf(saved *alter.Saved) *load.Load {
	return &load.Load{
		ID: saved.LoadID, Kind: load.Change, Workspace: saved.Workspace, Dataset: saved.Dataset,
		DatasetID: saved.DatasetID, Duplicates: engine.Ignore, MaxRejected: -1, By: saved.By, State: load.Loaded,
		Outcome: load.Complete,
		Progress: load.Progress{
			Rejected: saved.Report.Rejected, NotKept: saved.NotKept, RejectedByReason: saved.ByReason,
			Duplicates: saved.Report.Duplicates,
		},
		Notes:     []string{"A schema change rejected the rows of this load."},
		CreatedAt: saved.At, StartedAt: saved.At, EndedAt: saved.At,
	}
}

func insertSchemaChange(ctx context.Context, tx *sql.Tx, made *alter.Change) error {
	operations, err := text(made.Operations)
	if err != nil {
		return err
	}
	report, err := text(made.Report)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO schema_change ("+schemaChangeColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		made.ID, made.Workspace, made.DatasetID, made.Version, string(made.Apply), operations, report, made.LoadID,
		made.By, micros(made.At))
	return explain(err, "change %s", made.ID)
}

// SchemaChanges returns a page of a dataset's changes, newest first.
func (s *Store) SchemaChanges(ctx context.Context, workspace, datasetID string,
	request paging.Request,
) (paging.List[alter.Change], error) {
	after, limit, err := request.Start("schema_change")
	if err != nil {
		return paging.List[alter.Change]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+schemaChangeColumns+` FROM schema_change
		WHERE workspace = $1 AND dataset = $2 AND id < $3 ORDER BY id DESC LIMIT $4`,
		workspace, datasetID, newest(after), limit+1)
	found, err := collect(rows, err, scanSchemaChange)
	return paging.Cut("schema_change", found, limit, func(c alter.Change) string { return c.ID }),
		explain(err, "changes of dataset %s", datasetID)
}

func scanSchemaChange(row scanner) (alter.Change, error) {
	var c alter.Change
	var operations, report string
	var at int64
	err := row.Scan(&c.ID, &c.Workspace, &c.DatasetID, &c.Version, &c.Apply, &operations, &report, &c.LoadID, &c.By,
		&at)
	if err != nil {
		return alter.Change{}, err
	}
	c.At = moment(at)
	return c, errors.Join(parse(operations, &c.Operations), parse(report, &c.Report))
}
