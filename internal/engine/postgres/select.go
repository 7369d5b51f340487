package postgres

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// Lookup reads the selected rows; see engine.Engine.
func (e *Engine) Lookup(ctx context.Context, selection engine.Selection) (engine.Rows, error) {
	if selection.DatasetID == "" {
		return nil, problem.New(problem.Invalid, "The selection has no dataset.")
	}
	s, err := e.acquireAs(ctx, selection.DatasetID, selection.Schema.Layout)
	if err != nil {
		return nil, err
	}
	r, err := e.lookup(ctx, s, selection)
	if err != nil {
		return nil, err
	}
	r.owner = true
	return r, nil
}

func (e *Engine) lookup(ctx context.Context, s *snapshot, selection engine.Selection) (*reader, error) {
	plan, err := parquetfile.NewPlan(&selection)
	if err != nil {
		return nil, err
	}
	if err := parquetfile.CheckReach(&selection); err != nil {
		return nil, err
	}
	from := source{snapshot: s, plan: plan}
	r := e.readerOf(ctx, from, from.byDate(&selection))
	r.skip, r.left, r.every = int64(selection.Offset), int64(selection.Limit), int64(max(selection.Every, 1))
	return r, nil
}

// byDate returns the phases of a selection: the rows with a date, then those without.
func (s *source) byDate(selection *engine.Selection) []phase {
	descending := selection.Order == engine.Descending
	seq, updated := s.plan.System()
	numbered := term{expr: colSeq, need: seq, descending: descending}
	prefix, _ := s.prefix(selection)
	if s.plan.Date() == updated {
		return []phase{{
			prefix: prefix,
			order:  []term{{expr: colUpdated, need: updated, descending: descending}, numbered}, rows: true,
		}}
	}
	date := s.expr(s.plan.Date())
	dated := term{expr: date, need: s.plan.Date(), descending: descending}
	if s.tupleEndsWithDate(selection) {
		dated = term{expr: colTuple, need: -1, descending: descending}
	}
	phases := []phase{{
		prefix: prefix, where: " AND " + date + " IS NOT NULL", order: []term{dated, numbered}, rows: true,
	}}
	if from, to := s.plan.Bounds(); from == nil && to == nil {
		phases = append(phases, phase{
			prefix: prefix, where: " AND " + date + " IS NULL", order: []term{numbered}, rows: true,
		})
	}
	return phases
}

// indexed reports whether the tuples of the rows are those of a schema's index.
func (s *source) indexed(schema *dataset.Schema) bool {
	parts := manifest.IndexOf(*schema)
	return s.Index == parts && parts != manifest.Index{}
}

// prefix returns the common prefix of the selected rows' tuples, and the number of
// index parts that it covers.
func (s *source) prefix(selection *engine.Selection) (prefix []byte, parts int) {
	key, subkey := s.plan.Parts()
	if key == nil || s.plan.None() || !s.indexed(&selection.Schema) {
		return nil, 0
	}
	prefix = appendPart(nil, key, 0)
	if parts = 1; subkey != nil {
		prefix, parts = appendPart(prefix, subkey, 0), 2
	}
	return prefix, parts
}

// writeRange writes an index range that includes all rows whose tuples begin with a
// prefix. The conditions exclude the other rows in it.
func writeRange(q *statement, prefix []byte) {
	if len(prefix) > 0 {
		q.text.WriteString(" AND _t >= " + q.bytesArg(prefix) + " AND _t < " + q.bytesArg(after(prefix)))
	}
}

// tupleEndsWithDate reports whether the index has the selected rows in the order of
// their dates.
func (s *source) tupleEndsWithDate(selection *engine.Selection) bool {
	index := selection.Schema.Index
	_, parts := s.prefix(selection)
	wanted := 1
	if index.Subkey != "" {
		wanted = 2
	}
	return parts == wanted && index.Date != "" && selection.DateColumn == index.Date
}

// Scan reads all rows of a dataset, in the order of its index, at most limit of them.
func (e *Engine) Scan(ctx context.Context, datasetID string, schema dataset.Schema, columns []string, limit int) (
	engine.Rows, error,
) {
	s, err := e.acquireAs(ctx, datasetID, schema.Layout)
	if err != nil {
		return nil, err
	}
	f, err := e.find(ctx, s, &engine.Search{
		Selection: engine.Selection{DatasetID: datasetID, Schema: schema, Columns: columns, Limit: limit},
	})
	if err != nil {
		return nil, err
	}
	f.owner = true
	return f, nil
}
